/** Lookups of what incidents share, within one turn. */
import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, declare, noLookups, observed, Story } from '../../../test/support/story.ts';
import { encodeComponent } from '../../core/model/keys.ts';
import { createTurnClaims } from './claims.ts';

test('what an incident of the turn says about a component is known to the next one', async () => {
  const s = new Story(policy());
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  const claims = createTurnClaims({
    tx: {
      claims: () => Promise.resolve([]),
      pages: () => Promise.resolve([]),
      unsettled: () => Promise.resolve([]),
    },
    states: { prepare: () => Promise.resolve(), state: () => null },
    onUnreadable: (what) => {
      throw new Error(what);
    },
  });
  const { saidElsewhere } = claims.lookups('another', noLookups);
  const c1 = encodeComponent({ target: 'page', id: 'c1' });
  expect(await claims.answer(() => saidElsewhere(c1))).toEqual([]);
  claims.changed(null, s.incident);
  expect(await claims.answer(() => saidElsewhere(c1))).toMatchObject([
    { incident: s.incident.id, status: 'degraded_performance' },
  ]);
});
