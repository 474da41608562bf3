/** What a change does to the addresses that ring: a decision elsewhere goes by what it leaves behind. */
import { expect, test } from 'vitest';
import { policy } from '../../test/support/policy.ts';
import { byPerson, observed, Story } from '../../test/support/story.ts';
import type { Incident } from '../core/incident.ts';
import { ringClaims } from './claims.ts';

function ringing(): Incident {
  const s = new Story(policy());
  s.feed(observed());
  return s.incident;
}

test('a ring is taken as its incident opens, and nothing is said of it while nothing changes', () => {
  const after = ringing();
  expect(ringClaims(null, after)).toMatchObject({ take: [{ kind: 'ring' }], renew: [] });
  expect(ringClaims(after, { ...after, title: 'another' })).toEqual({
    take: [],
    renew: [],
    release: [],
  });
});

test('the rings of an incident that joins a storm are known as the storm’s', () => {
  const before = ringing();
  const { take, renew, release } = ringClaims(before, { ...before, parent: 'inc-9' });
  expect([take, release]).toEqual([[], []]);
  expect(renew.map(({ value }) => JSON.parse(value ?? 'null') as unknown)).toMatchObject([
    { incident: before.id, person: 'ada', parent: 'inc-9' },
  ]);
});

test('a ring that somebody answered is known as answered', () => {
  const s = new Story(policy());
  s.feed(observed());
  const before = s.incident;
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  const { renew } = ringClaims(before, s.incident);
  expect(renew.map(({ value }) => JSON.parse(value ?? 'null') as unknown)).toMatchObject([
    { person: 'ada', acknowledged: true },
  ]);
});
