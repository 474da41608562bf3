/** Sentences of the timeline in which one wrong word would mislead whoever reads them. */
import { expect, test } from 'vitest';
import type { EventBody } from '../core/model/event.ts';
import type { Ring } from '../core/model/incident.ts';
import { encodeEscalation, type AlarmKey, type EscalationKey } from '../core/model/keys.ts';
import { level } from '../../test/support/policy.ts';
import { actorText, describeEvent } from './describe.ts';

type Changed = Extract<EventBody, { type: 'SeverityChanged' }>;

test.each([
  ['start', null, 'Severity is L2: it looks bad.'],
  ['raise', 'L3', 'Severity raised to L2 from L3: it looks bad.'],
  ['lower', 'L1', 'Severity lowered to L2 from L1: it looks bad.'],
] as const)('the level that starts, rises or falls (%s)', (direction, from, sentence) => {
  const event: Changed = {
    type: 'SeverityChanged',
    from,
    to: 'L2',
    direction,
    cause: { kind: 'person' },
    level: level('L2', 1),
    because: 'it looks bad',
    where: null,
    spent: [],
  };
  expect(describeEvent(event)).toBe(sentence);
});

test.each([
  ['accepted', 'was accepted by the pager'],
  ['confirmed', 'was confirmed by the pager'],
  ['lost', 'was accepted, but the pager does not know it'],
  ['failed', 'could not be delivered'],
  ['withheld', 'was recorded and not sent'],
  ['closed', 'was closed at the pager'],
] as const)('what became of a page (%s)', (status: Ring['status'], words) => {
  const ring = {
    page: 'p1' as const,
    target: 'pd',
    key: 'k',
    status,
    ref: null,
    url: null,
    finds: 0,
    isSpokenOf: false,
    askedAt: 0,
    mayComeAgain: false,
    detail: '',
  };
  expect(describeEvent({ type: 'RingChanged', ...ring })).toBe(`Page p1 at pd ${words}.`);
});

test('who did it: a person, a machine, somebody at a vendor whom nobody knows here, a source, or Tocsin itself', () => {
  expect(actorText({ kind: 'person', id: 'ada', via: 'cli' })).toBe('ada via cli');
  expect(actorText({ kind: 'machine', id: 'bot', via: 'api' })).toBe('bot (machine) via api');
  expect(actorText({ kind: 'machine', id: 'bot', via: 'cli' })).toBe('bot (machine) via cli');
  expect(actorText({ kind: 'machine', id: 'Zoe', via: 'hooks' })).toBe(
    'Zoe (not in people) via hooks',
  );
  expect(actorText({ kind: 'source', id: 'prom' })).toBe('source prom');
  expect(actorText({ kind: 'tocsin' })).toBe('Tocsin');
});

const scribe = { kind: 'role', role: 'night_scribe' } as const;
const tier = { kind: 'next', trigger: 'no cause', number: 1 } as const;

test.each<[AlarmKey, string]>([
  [{ kind: 'escalation', escalation: scribe }, 'nobody answers as night scribe'],
  [
    { kind: 'escalation', escalation: { kind: 'service', service: null } },
    'nobody answers who is on call',
  ],
  [
    { kind: 'escalation', escalation: { kind: 'service', service: 'tills' } },
    'nobody answers who is on call for tills',
  ],
  [
    { kind: 'escalation', escalation: tier },
    'nobody answers from the next tier (trigger "no cause")',
  ],
  [{ kind: 'escalation', escalation: { kind: 'test' } }, 'nobody answers the test'],
  [{ kind: 'escalation', escalation: { kind: 'alarm', post: null } }, 'nobody answers the alarms'],
  [{ kind: 'page', page: 'p1' }, 'page p1 did not get through'],
  [{ kind: 'public', target: 'status' }, 'the public post on status'],
  [
    { kind: 'notify', notice: { level: 'SEV1', number: 2 } },
    'notice 2 of SEV1 has not reached everybody',
  ],
  [{ kind: 'audience', audience: 'press' }, 'no update has reached press'],
  [{ kind: 'trigger', trigger: 'no cause' }, 'trigger "no cause" found nobody to call'],
  [{ kind: 'nobody' }, 'no role leads to anybody'],
  [
    { kind: 'stuck', clock: { kind: 'escalation', escalation: scribe } },
    'could not be done: the next step for night scribe',
  ],
  [{ kind: 'removed', what: 'level', name: 'SEV1' }, 'level SEV1 is gone from the configuration'],
  [
    { kind: 'removed', what: 'role', name: 'night_scribe' },
    'role night scribe is gone from the configuration',
  ],
])('which alarm is over (%j)', (alarm, words) => {
  expect(describeEvent({ type: 'AlarmCleared', alarm, because: 'ada answered' })).toBe(
    `Alarm "${words}" cleared: ada answered.`,
  );
});

test('who is looked for because of an alarm, and which call of a trigger it is', () => {
  const looked = (key: EscalationKey): string =>
    describeEvent({
      type: 'NobodyToPage',
      escalation: encodeEscalation(key),
      step: 0,
      because: 'none',
    });
  expect(looked({ kind: 'alarm', post: null })).toBe(
    'Step 1 for the alarms leads to nobody: none.',
  );
  expect(looked({ kind: 'alarm', post: 'status' })).toBe(
    'Step 1 for the alarm about the public post on status leads to nobody: none.',
  );
  expect(looked({ ...tier, number: 2 })).toBe(
    'Step 1 for the next tier (trigger "no cause", call 2) leads to nobody: none.',
  );
});

test('a message that failed names its alarm in words', () => {
  const about = { kind: 'alarm', alarm: { kind: 'page', page: 'p1' } } as const;
  expect(describeEvent({ type: 'MessageFailed', about, reason: 'gone', hint: 'Look there.' })).toBe(
    'A message (alarm "page p1 did not get through") failed: gone. Look there.',
  );
});

test('a time is a day and a minute, in UTC', () => {
  expect(describeEvent({ type: 'SoakStarted', until: Date.UTC(2026, 10, 21, 18, 54, 7, 89) })).toBe(
    'All quiet; watched until 2026-11-21 18:54 UTC.',
  );
});

test('a page is acknowledged by whoever did, and silenced by the answer of another', () => {
  const by = { type: 'PageAcknowledged', page: 'p1', by: 'ben' } as const;
  expect(describeEvent({ ...by, via: 'pd' })).toBe('ben acknowledged page p1 via pd.');
  expect(describeEvent({ ...by, via: 'tocsin' })).toBe('Page p1 was silenced, since ben answered.');
});

test('what could not be done, and was at last', () => {
  const clock = { kind: 'declare' } as const;
  const what = 'the incident is declared, if an alert still fires';
  expect(describeEvent({ type: 'ClockStuck', clock, what, because: 'a fault', failures: 1 })).toBe(
    `Could not be done: ${what} (a fault). It is tried again.`,
  );
  expect(describeEvent({ type: 'ClockFreed', clock, what })).toBe(`Done at last: ${what}.`);
});
