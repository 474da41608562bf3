/** Sentences of the timeline in which one wrong word would mislead whoever reads them. */
import { expect, test } from 'vitest';
import type { EventBody } from '../core/event.ts';
import type { Ring } from '../core/incident.ts';
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
  const ring = { page: 'p1', target: 'pd', key: 'k', status, ref: null, finds: 0, detail: '' };
  expect(describeEvent({ type: 'RingChanged', ...ring })).toBe(`Page p1 at pd ${words}.`);
});

test('who did it: a person, a machine, a source, or Tocsin itself', () => {
  expect(actorText({ kind: 'person', id: 'ada', via: 'cli' })).toBe('ada via cli');
  expect(actorText({ kind: 'machine', id: 'bot', via: 'hooks' })).toBe('bot (machine) via hooks');
  expect(actorText({ kind: 'source', id: 'prom' })).toBe('source prom');
  expect(actorText({ kind: 'tocsin' })).toBe('Tocsin');
});
