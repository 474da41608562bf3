/** What a change does to the claims on addresses that ring, and what is believed of them. */
import { describe, expect, test } from 'vitest';
import { address, policy } from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Incident, Page, Ring } from '../../core/model/incident.ts';
import type { Ringing } from '../../core/model/lookups.ts';
import { encodeAddress, encodeComponent } from '../../core/model/keys.ts';
import type { PageRow } from '../../store/store.ts';
import { createClaims, ringClaims } from './claims.ts';

const ada = encodeAddress(address('pd', 'ada'));

const usual = new Story(policy()).answer;

function opened(): Incident {
  const s = new Story(policy());
  s.feed(observed());
  return s.incident;
}

function withPages(state: Incident, ...pages: readonly Page[]): Incident {
  return { ...state, pages: Object.fromEntries(pages.map((page) => [page.id, page])) };
}

describe('the claim on an address', () => {
  const first = opened();
  const [page] = Object.values(first.pages);
  if (page === undefined) throw new Error('nobody was rung');
  const closed: Page = { ...page, state: 'closed' };
  const atHome: Page = {
    ...page,
    rings: page.rings.map((ring) => ({ ...ring, address: address('pd', 'ada at home') })),
  };
  const newer: Page = { ...page, id: 'p2', requestedAt: page.requestedAt + 1 };

  test('is taken by a page that begins to ring, and released when it is closed', () => {
    expect(ringClaims(null, first).take?.map(({ key }) => key)).toEqual([ada]);
    const both = withPages(first, page, { ...atHome, id: 'p2' });
    expect(ringClaims(both, withPages(both, closed, { ...atHome, id: 'p2' })).release).toEqual([
      { kind: 'ring', key: ada },
    ]);
  });

  test('is given up with all others when the last page is closed, whatever its key was', () => {
    expect(ringClaims(first, withPages(first, closed)).release).toEqual([
      { kind: 'ring', key: null },
    ]);
  });

  test('passes from the pager that did not take the page to the one that did', () => {
    const rings = page.rings.map((ring) => ({ ...ring, status: 'pending' as const }));
    const [ring] = rings;
    if (ring === undefined) throw new Error('the page has no ring');
    const there = { ...ring, target: 'og', address: address('og', 'ada') };
    const claims = ringClaims(
      withPages(first, { ...page, rings }),
      withPages(first, { ...page, rings: [ring, there] }),
    );
    expect(claims.release).toEqual([{ kind: 'ring', key: ada }]);
    expect(claims.take?.map(({ key }) => key)).toEqual([encodeAddress(there.address)]);
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

/** Who rings by the address, when Ada's is claimed for a page of the states' incident. */
async function ringing(state: Incident | null, page: string, id = ada): Promise<Ringing | null> {
  const row = { kind: 'ring' as const, key: id, holder: 'inc-1', value: JSON.stringify({ page }) };
  const states = { prepare: () => Promise.resolve(), state: () => state };
  const claims = createClaims({
    tx: {
      claims: (keys) => Promise.resolve(keys.some(({ key }) => key === id) ? [row] : []),
      pagesBy: () => Promise.resolve([]),
    },
    states,
    onUnreadable: (what, error) => {
      throw new Error(what, { cause: error });
    },
  });
  return claims.answer(() => claims.lookups('inc-2', noLookups).ringAt(id));
}

describe('what rings by a claimed address', () => {
  const first = opened();
  const [page] = Object.values(first.pages);
  if (page === undefined) throw new Error('nobody was rung');

  const as = (status: Ring['status']): Incident =>
    withPages(first, { ...page, rings: page.rings.map((ring) => ({ ...ring, status })) });

  test('is what the state of the holder says, also that it joined a storm', async () => {
    const state = { ...first, parent: 'inc-9' };
    expect(await ringing(state, page.id)).toMatchObject({
      incident: 'inc-1',
      person: 'ada',
      key: page.rings[0]?.key,
      parent: 'inc-9',
      acknowledged: false,
    });
  });

  test('is answered where its person has answered', async () => {
    const s = new Story(policy());
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(await ringing(s.incident, page.id)).toMatchObject({ person: 'ada', acknowledged: true });
  });

  test.each<[string, Incident | null]>([
    ['the holder does not exist, or cannot be read', null],
    ['the page is closed', withPages(first, { ...page, state: 'closed' })],
    ['the page is not there', withPages(first)],
    [
      'somebody else has answered, and its person may be asleep',
      withPages(first, { ...page, state: 'acknowledged', acknowledgedBy: 'ben' }),
    ],
    ['its pager has lost it', as('lost')],
    ['its pager has refused it', as('failed')],
    ['it is recorded and not sent', as('withheld')],
    ['it is rung by a page of another incident itself', as('joined')],
  ])('is nothing where %s', async (_sentence, state) => {
    expect(await ringing(state, page.id)).toBeNull();
  });

  test('is the ring that its pager confirmed, where a later one is still under way', async () => {
    const rings = page.rings.flatMap((ring): readonly Ring[] => [
      ring,
      { ...ring, target: 'og', address: address('og', 'ada'), status: 'pending' },
    ]);
    expect(await ringing(withPages(first, { ...page, rings }), page.id)).toMatchObject({
      target: 'pd',
      status: 'confirmed',
    });
  });

  test('is nothing where the phone of the page rings by another address now', async () => {
    const s = new Story(policy());
    s.answer = (effect) => (effect.target === 'pd' ? null : usual(effect));
    s.feed(observed());
    s.advance(MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '1 Ada at og']);
    expect(await ringing(s.incident, page.id)).toBeNull();
    const atOpsgenie = encodeAddress(address('og', 'ada'));
    expect(await ringing(s.incident, page.id, atOpsgenie)).toMatchObject({ target: 'og' });
  });
});

test('what an incident of the turn says about a component is known to the next one', async () => {
  const s = new Story(policy());
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  const claims = createClaims({
    tx: { claims: () => Promise.resolve([]), pagesBy: () => Promise.resolve([]) },
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

test('how the pages of other incidents ended under a key is read from their states', async () => {
  const s = new Story(policy());
  s.feed(observed());
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  const [page] = Object.values(s.incident.pages);
  const [ring] = page?.rings ?? [];
  if (page === undefined || ring === undefined) throw new Error('nobody was rung');
  const row = (incident: string): PageRow => ({
    incident,
    page: page.id,
    target: ring.target,
    key: ring.key,
    since: START,
    ref: null,
    state: 'acknowledged',
    unconfirmed: false,
    awaitsAnswer: false,
    address: ring.address,
  });
  const read = new Map<string, Incident>();
  const claims = createClaims({
    tx: {
      claims: () => Promise.resolve([]),
      pagesBy: () => Promise.resolve([row('inc-1'), row('inc-2')]),
    },
    states: {
      prepare: (incidents) => {
        for (const id of incidents) read.set(id, { ...s.incident, id });
        return Promise.resolve();
      },
      state: (incident) => read.get(incident),
    },
    onUnreadable: () => undefined,
  });
  const ended = await claims.answer(() => claims.lookups('inc-2', noLookups).endedUnder(ring));
  expect(ended).toEqual(['ada']);
  expect([...read.keys()], 'one that asks about itself knows itself').toEqual(['inc-1']);
});
