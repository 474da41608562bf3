/**
 * Called for two.
 *
 * A tram line stops at eight, and nobody answers. The boss is the only one who may command, stands in for the driver, and
 * is rung for the alarm as well: all by one phone. What the phone says of an answer is what the answer does: as nobody can be
 * both, it gives the role that the level names first, and the other one is looked for on.
 */
import { expect, test } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { trams, trusting } from './trams.ts';

const apart = (yaml: string): string =>
  trusting(yaml)
    .replace('commands: true}', 'commands: true, never_with: on-duty}')
    .replace('line-1: {on_call: driver,', 'line-1: {on_call: driver, fallback: boss,');

/** Declared by a person, and the public waits for an approval that nobody gives. */
const late = (yaml: string): string =>
  apart(yaml)
    .replaceAll('approval: none', 'approval: required')
    .replace(', speaker]}', ']}')
    .replace('severity: bad, trusted: true', 'severity: bad');

async function stopped(edit: (yaml: string) => string): Promise<Stage> {
  const stage = await trams(edit);
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  return stage;
}

interface Shown {
  readonly title: string;
  readonly body: string;
}

/** What the phone of somebody showed when it rang last. */
async function shown(stage: Stage, label: string): Promise<Shown> {
  const rows = await stage.app().reads.outboxOf('inc-1');
  const pages = rows.flatMap(({ effect }) =>
    effect.name === 'pager.trigger' && effect.address.label.includes(label)
      ? [{ title: effect.title, body: effect.body }]
      : [],
  );
  return pages.at(-1) ?? { title: '', body: '' };
}

test('the phone says which role the answer gives, and does not say that it takes none', async () => {
  const stage = await stopped(apart);
  await stage.at('26m');
  const { title, body } = await shown(stage, 'Boss');
  expect(title).toBe('[bad] LineStopped is firing');
  expect(body).toContain('You are needed as commander. You are needed as on-duty.');
  expect(body).toContain(
    'To acknowledge makes you on-duty, and not commander, which must be another person; the alarm rings nobody for 30 min by it unless something new comes up.',
  );
  expect(body).not.toContain('takes no role');
  expect(body).toContain('To take it on: `tocsin take inc-1 speaker`.');
});

test('so does the word beside what rings already, when the phone is wanted for the other one as well', async () => {
  const stage = await stopped(apart);
  await stage.at('26m');
  const notes = (await stage.app().reads.outboxOf('inc-1')).flatMap(({ effect }) =>
    effect.name === 'pager.note' ? [effect.body] : [],
  );
  expect(notes).toContainEqual(
    expect.stringMatching(
      /An answer here makes you on-duty, and not commander, which must be another person\.$/,
    ),
  );
  expect(notes.filter((text) => text.endsWith('An answer here is for all of it.'))).toEqual([]);
});

test('the answer gives the role that the level names first, and the other one is looked for on', async () => {
  const stage = await stopped(apart);
  await stage.at('26m');
  await stage.answer('boss');
  await stage.advance('1s');
  const { roles, escalations } = await stage.incident();
  expect(Object.entries(roles).map(([role, { person }]) => `${role} ${person}`)).toEqual([
    'on-duty boss',
  ]);
  expect(Object.values(escalations)).toContainEqual(
    expect.objectContaining({ key: { kind: 'role', role: 'commander' }, state: 'exhausted' }),
  );
  expect(stage.pages('acknowledged').map(({ address }) => address)).toEqual(['PBOSS01', 'PDRIVER']);
});

test('several roles that one person may have are all named', async () => {
  const stage = await stopped((yaml) => apart(yaml).replace(', never_with: on-duty', ''));
  await stage.at('26m');
  const { body } = await shown(stage, 'Boss');
  expect(body).toContain('To acknowledge makes you on-duty and commander; the alarm rings nobody');
});

test('whoever is rung for alarms alone reads ALARM, once what is wrong, and that it takes no role', async () => {
  const stage = await stopped((yaml) =>
    late(yaml)
      .replace('page: boss, chat', 'page: guard, chat')
      .replace('people:', 'people:\n  guard: {pagerduty: {name: Guard, id: PGUARD1}}'),
  );
  await stage.at('1m');
  await stage.act('herald', 'declare', {});
  await stage.at('40m');
  const { title, body } = await shown(stage, 'Guard');
  expect(title).toBe('ALARM [bad] LineStopped is firing');
  expect(body).toContain('nobody answers as commander');
  expect(body).toContain('the public post on page is late');
  expect(body.split('that takes no role')).toHaveLength(2);
  expect(body).toContain('`tocsin take inc-1 commander`');
});

test('a commander whose phone a pause held reads at the first ring what they are needed for', async () => {
  const stage = await trams(late);
  await stage.api('boss', 'POST /api/v1/pauses', { what: 'paging', for: '30m', why: 'a drill' });
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.at('2m');
  await stage.act('herald', 'declare', {});
  await stage.at('31m');
  const rings = stage.pages('rang').filter(({ address }) => address === 'PBOSS01');
  expect(rings.map(({ title }) => title)).toEqual(['[bad] LineStopped is firing']);
});
