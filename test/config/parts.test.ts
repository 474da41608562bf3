/** Targets whose adapters have some parts only: what is asked of them, and which others could. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineAdapter } from '../../src/contract/index.ts';
import type { Outcome, Registry } from '../../src/contract/index.ts';
import { formatProblems } from '../../src/config/load.ts';
import { loadTexts } from './load.ts';

const done = (): Promise<Outcome> => Promise.resolve({ verb: 'delivered', receipt: 'confirmed' });
const config = z.strictObject({});

const bell = defineAdapter({
  name: 'bell',
  config,
  contact: z.string(),
  pager: {
    address: z.strictObject({ tower: z.string() }),
    personAddress: (contact) => ({ tower: contact }),
    trigger: done,
    acknowledge: done,
    resolve: done,
  },
});
const diary = defineAdapter({
  name: 'diary',
  config,
  onCall: { whoIsOn: () => Promise.resolve({ ok: true, data: [] }) },
});
const crier = defineAdapter({
  name: 'crier',
  config,
  contact: z.string(),
  chatUser: String,
  chat: { post: done },
});
const registry: Registry = [bell, diary, crier];

const HOUSE = `
team: town
targets:
  bell: {type: bell, mode: live}
  spare: {type: bell, mode: live}
  diary: {type: diary, mode: live}
  crier: {type: crier, mode: live}
people: {una: {bell: east, spare: east, crier: una}}
severities: {fire: {urgency: high, page: {triage: [guard]}}}
automation: {ceiling: fire, alarms: {page: una}}
routes: [{default: true, team: town}]
on_call: una
`;

function report(text: string): string {
  const result = loadTexts({ 'a.yaml': `${HOUSE}${text}` }, { registry });
  return formatProblems(result.ok ? result.warnings : result.problems).replaceAll(
    /^a\.yaml:\d+:\d+ {2}/gm,
    '',
  );
}

const GUARD = 'roles: {guard: {page: una}}\n';

describe('a part that the adapter of a target lacks', () => {
  test.each([
    [
      'a schedule',
      'roles: {guard: {page: {via: crier, schedule: {name: Night, id: n}}}}',
      'roles.guard.page.via: target crier (crier) cannot tell who is on call. Targets that can: diary.\n',
    ],
    [
      'a page',
      'roles: {guard: {page: {via: diary, tower: west}}}',
      'roles.guard.page.via: target diary (diary) cannot page. Targets that can: bell, spare.\n',
    ],
    [
      'a post',
      `${GUARD}services: {gate: {components: {bell: [{name: G, id: g}]}}}`,
      'services.gate.components.bell: target bell (bell) cannot publish posts. No target of this file can publish posts.\n',
    ],
    [
      'a message',
      `${GUARD}chat: {via: bell, channel: x}`,
      'chat.via: target bell (bell) cannot chat. Targets that can: crier.\n',
    ],
    [
      'a room',
      `${GUARD}rooms: {via: crier}`,
      'rooms.via: target crier (crier) can chat but opens no rooms. Leave rooms out: updates go to the channels of the teams.\n',
    ],
  ])('is told for %s', (_what, text, problem) => {
    expect(report(text)).toBe(problem);
  });

  test('is no matter where the target is used for what it has', () => {
    expect(
      report(
        `roles: {guard: {page: {via: diary, schedule: {name: Night, id: n}}}}\nchat: {via: crier, channel: x}`,
      ),
    ).toBe('');
  });

  test('shows in what the policy says the target can', () => {
    const result = loadTexts({ 'a.yaml': `${HOUSE}${GUARD}` }, { registry });
    const targets = result.ok ? Object.entries(result.loaded.policy.targets) : [];
    expect(targets.map(([name, { can }]) => [name, can])).toEqual([
      ['bell', ['pager.trigger', 'pager.acknowledge', 'pager.resolve']],
      ['spare', ['pager.trigger', 'pager.acknowledge', 'pager.resolve']],
      ['diary', ['onCall.whoIsOn']],
      ['crier', ['chat.post']],
    ]);
  });
});

test('whoever has an address at one of two targets of a vendor is told which one lacks', () => {
  const people = HOUSE.replace('bell: east, spare: east', 'bell: east');
  const result = loadTexts({ 'a.yaml': `${people}${GUARD}` }, { registry });
  expect(formatProblems(result.ok ? result.warnings : [])).toContain(
    'people.una: bell is the only pager that rings una: when it fails, nothing can take over. Write spare: <contact> at people.una.',
  );
});

test('an id by which a vendor names two people is refused', () => {
  const twin = defineAdapter({ ...bell, contactIds: () => ['same'] });
  const people = HOUSE.replace(
    'una: {bell: east, spare: east, crier: una}',
    'una: {bell: east, spare: east}, ute: {bell: west, spare: west}',
  );
  const result = loadTexts({ 'a.yaml': `${people}${GUARD}` }, { registry: [twin, diary, crier] });
  expect(result.ok ? [] : result.problems.map((problem) => problem.message)).toEqual([
    'bell same belongs to una already',
  ]);
});
