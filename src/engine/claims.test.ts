/** What a change does to the claims on addresses that ring. */
import { describe, expect, test } from 'vitest';
import { address, policy } from '../../test/support/policy.ts';
import { byPerson, declare, noLookups, observed, Story } from '../../test/support/story.ts';
import type { Incident, Page } from '../core/incident.ts';
import { encodeAddress, encodeComponent } from '../core/keys.ts';
import type { Tx } from '../store/store.ts';
import { createClaims, ringClaims } from './claims.ts';

const ada = encodeAddress(address('pd', 'ada'));

function ringing(): Incident {
  const s = new Story(policy());
  s.feed(observed());
  return s.incident;
}

function withPages(state: Incident, ...pages: readonly Page[]): Incident {
  return { ...state, pages: Object.fromEntries(pages.map((page) => [page.id, page])) };
}

describe('the claim on an address', () => {
  const first = ringing();
  const [page] = Object.values(first.pages);
  if (page === undefined) throw new Error('nobody was rung');
  const closed: Page = { ...page, state: 'closed' };
  const newer: Page = { ...page, id: 'p2', requestedAt: page.requestedAt + 1 };

  test('is taken by a page that begins to ring, and released when it is closed', () => {
    expect(ringClaims(null, first).take?.map(({ key }) => key)).toEqual([ada]);
    expect(ringClaims(first, withPages(first, closed)).release).toEqual([
      { kind: 'ring', key: ada },
    ]);
  });

  test('stays where an older page at the address is closed while a newer one rings there', () => {
    const both = withPages(first, page, newer);
    expect(ringClaims(both, withPages(both, closed, newer)).release).toEqual([]);
  });

  test('goes back to the older page where the newer one is closed', () => {
    const both = withPages(first, page, newer);
    const claims = ringClaims(both, withPages(both, page, { ...newer, state: 'closed' }));
    expect(claims.release).toEqual([]);
    expect(claims.take).toEqual([]);
    expect(
      claims.renew?.map(({ value }) => (JSON.parse(value ?? '') as { page: string }).page),
    ).toEqual([page.id]);
  });

  test('passes to the newer page where both change at once', () => {
    const claims = ringClaims(first, withPages(first, closed, newer));
    expect(claims.release).toEqual([]);
    expect(
      claims.take?.map(({ value }) => (JSON.parse(value ?? '') as { page: string }).page),
    ).toEqual(['p2']);
  });
});

describe('what the claim says', () => {
  const told = (before: Incident, after: Incident): unknown =>
    ringClaims(before, after).renew?.map(({ value }) => JSON.parse(value ?? 'null') as unknown);

  test('is that an incident which joins a storm rings as one of it', () => {
    const before = ringing();
    expect(told(before, { ...before, parent: 'inc-9' })).toMatchObject([
      { incident: before.id, person: 'ada', parent: 'inc-9' },
    ]);
  });

  test('is that somebody has answered', () => {
    const s = new Story(policy());
    s.feed(observed());
    const before = s.incident;
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(told(before, s.incident)).toMatchObject([{ person: 'ada', acknowledged: true }]);
  });
});

test('what an incident of the turn says about a component is known to the next one', async () => {
  const s = new Story(policy());
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  const claims = createClaims({
    tx: { claims: () => Promise.resolve([]) } as Pick<Tx, 'claims'> as Tx,
    policy: policy(),
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
