/** What the rows of a page say about the pagers at which it may ring. */
import { expect, test } from 'vitest';
import { policy } from '../../test/support/policy.ts';
import { noLookups, observed, ringing, ringsAt, START, Story } from '../../test/support/story.ts';
import { changedPageRows } from './page-rows.ts';

test('a page that is to ring with another incident may be echoed, and is asked about', () => {
  const s = new Story(policy());
  s.lookups = { ...noLookups, ...ringsAt(ringing({ status: 'pending', since: START })) };
  s.answer = () => null;
  s.feed(observed());
  expect(s.incident.pages['p1']?.rings[0]?.status).toBe('joining');
  expect(changedPageRows(null, s.incident, s.policy)).toMatchObject([
    { incident: 'inc-1', key: 'tocsin/test/inc-0/p1', unconfirmed: true, awaitsAnswer: true },
  ]);
});
