/** Which addresses a change claims, and what is believed of them. */
import { describe, expect, test } from 'vitest';
import { address, policy } from '../../../test/support/policy.ts';
import { byPerson, MINUTE, observed, START, Story } from '../../../test/support/story.ts';
import { SELF } from '../../core/model/about-tocsin.ts';
import type { Incident, Page, Ring } from '../../core/model/incident.ts';
import { type AddressId, encodeAddress } from '../../core/model/keys.ts';
import type { Ringing } from '../../core/model/lookups.ts';
import type { PageRow } from '../../store/store.ts';
import { createRingClaims } from './ring-claims.ts';

const ada = encodeAddress(address('pd', 'ada'));

const usual = new Story(policy()).answer;

/** An incident that rings Ada. */
function opened(id = 'inc-1'): {
  readonly state: Incident;
  readonly page: Page;
  readonly ring: Ring;
} {
  const s = new Story(policy());
  s.feed(observed());
  const [page] = Object.values(s.incident.pages);
  const [ring] = page?.rings ?? [];
  if (page === undefined || ring === undefined) throw new Error('nobody was rung');
  return { state: { ...s.incident, id }, page, ring };
}

function withPages(state: Incident, ...pages: readonly Page[]): Incident {
  return { ...state, pages: Object.fromEntries(pages.map((page) => [page.id, page])) };
}

function rowsOf(state: Incident): readonly PageRow[] {
  return Object.values(state.pages).flatMap((page) =>
    page.rings.map(({ target, key, askedAt, address: at }) => ({
      incident: state.id,
      page: page.id,
      target,
      key,
      since: page.requestedAt,
      askedAt,
      ref: null,
      state: page.state,
      unconfirmed: false,
      awaitsAnswer: false,
      toldAt: null,
      unreachable: false,
      address: at,
    })),
  );
}

interface Stored {
  /** What the claim on Ada's address says; null: there is none. */
  readonly claim?: string | null;
  readonly states?: readonly Incident[];
  readonly onUnreadable?: (what: string) => void;
  /** Told how many pages are asked for. */
  readonly onPages?: (newest: number) => void;
}

function claimsOn({ claim = null, states = [], onUnreadable, onPages }: Stored) {
  const read = new Map<string, Incident | null>();
  return createRingClaims({
    tx: {
      claims: (keys) =>
        Promise.resolve(
          claim === null || !keys.some(({ key }) => key === ada)
            ? []
            : [{ kind: 'ring', key: ada, holder: 'inc-1', value: claim }],
        ),
      pages: (query) => {
        if (!('newest' in query)) throw new Error('all pages under a key may be very many');
        onPages?.(query.newest);
        const { target, key, state, newest } = query;
        const rows = states
          .flatMap(rowsOf)
          .filter((row) => row.target === target && row.key === key && row.state === state);
        return Promise.resolve(rows.toSorted((a, b) => b.since - a.since).slice(0, newest));
      },
    },
    states: {
      prepare: (incidents) => {
        for (const id of incidents) read.set(id, states.find((one) => one.id === id) ?? null);
        return Promise.resolve();
      },
      state: (id) => read.get(id),
    },
    onUnreadable: (what, error) => {
      if (onUnreadable === undefined) throw new Error(what, { cause: error });
      onUnreadable(what);
    },
  });
}

/** Asks until nothing is missing, as a decision is made again. */
async function answer<T>(claims: ReturnType<typeof createRingClaims>, ask: () => T): Promise<T> {
  for (;;) {
    for (const one of claims.missing) one.clear();
    const answered = ask();
    if (claims.missing.every(({ size }) => size === 0)) return answered;
    await claims.readMissing();
  }
}

const asClaim = (...keys: readonly Pick<Ring, 'target' | 'key'>[]): string =>
  JSON.stringify(keys.map(({ target, key }) => ({ target, key })));

describe('the claim on an address', () => {
  const { state, page, ring } = opened();
  const taken = async (
    before: Incident | null,
    after: Incident,
    claim: string | null = null,
  ): Promise<readonly (readonly [string, unknown])[]> =>
    (await claimsTaken(before, after, claim)).map(({ key, value }) => [
      key,
      JSON.parse(value ?? ''),
    ]);
  const claimsTaken = (before: Incident | null, after: Incident, claim: string | null) => {
    const claims = claimsOn({ claim });
    claims.changed(before, after);
    return claims.takenBy(before, after);
  };
  const { target, key } = ring;

  test('is taken by a page that begins to ring', async () => {
    expect(await taken(null, state)).toEqual([[ada, [{ target, key }]]]);
  });

  test('keeps what rings there already, and of that the newest four', async () => {
    const old = ['a', 'b', 'c', 'd'].map((one) => ({ target: 'pd', key: one }));
    expect(await taken(null, state, asClaim(...old))).toEqual([
      [ada, [{ target, key }, ...old.slice(0, 3)]],
    ]);
  });

  test('of a key that is there already is moved to the front', async () => {
    const other = { target: 'pd', key: 'other' };
    expect(await taken(null, state, asClaim(other, ring))).toEqual([
      [ada, [{ target, key }, other]],
    ]);
  });

  test('stays as it is when the page is answered or closed', async () => {
    const answered: Page = { ...page, state: 'acknowledged', acknowledgedBy: 'ada' };
    expect(await taken(state, withPages(state, answered))).toEqual([]);
    expect(await taken(state, withPages(state, { ...page, state: 'closed' }))).toEqual([]);
    expect(await taken(null, withPages(state, { ...page, state: 'closed' }))).toEqual([]);
  });

  test('says what was read of it, so that another writer is noticed', async () => {
    const was = async (claim: string | null) =>
      (await claimsTaken(null, state, claim)).map((one) => one.kind === 'ring' && one.was);
    expect(await was(null)).toEqual([null]);
    expect(await was(asClaim({ target: 'pd', key: 'old' }))).toEqual([
      asClaim({ target: 'pd', key: 'old' }),
    ]);
  });

  test('was, for the second incident of a turn, what the first one makes of it', async () => {
    const claims = claimsOn({ claim: null });
    const other = opened('inc-2').state;
    claims.changed(null, state);
    claims.changed(null, other);
    const [first] = await claims.takenBy(null, state);
    const [second] = await claims.takenBy(null, other);
    expect(second?.kind === 'ring' && second.was).toBe(first?.value);
  });

  test('that cannot be read is written over as it was', async () => {
    const claims = claimsOn({ claim: 'spoilt', onUnreadable: () => {} });
    claims.changed(null, state);
    expect(await claims.takenBy(null, state)).toMatchObject([{ was: 'spoilt' }]);
  });

  test('is taken at the next pager when that one is asked', async () => {
    const waiting: Ring = { ...ring, status: 'pending' };
    const there = { ...waiting, target: 'og', address: address('og', 'ada') };
    expect(
      await taken(
        withPages(state, { ...page, rings: [waiting] }),
        withPages(state, { ...page, rings: [waiting, there] }),
      ),
    ).toEqual([[encodeAddress(there.address), [{ target: 'og', key }]]]);
  });
});

async function ringing(
  states: readonly Incident[],
  claim: string,
  at: AddressId = ada,
): Promise<readonly Ringing[]> {
  const claims = claimsOn({ claim, states });
  return answer(claims, () => claims.lookups('inc-9').ringsAt(at));
}

describe('what rings by a claimed address', () => {
  const { state, page, ring } = opened();
  const claim = asClaim(ring);

  const as = (status: Ring['status']): Incident =>
    withPages(state, { ...page, rings: page.rings.map((one) => ({ ...one, status })) });

  test('is what the state of the incident says, also that it joined a storm', async () => {
    expect(await ringing([{ ...state, parent: 'inc-8' }], claim)).toMatchObject([
      { incident: 'inc-1', person: 'ada', key: ring.key, parent: 'inc-8', acknowledged: false },
    ]);
  });

  test('is answered where its person has answered', async () => {
    const s = new Story(policy());
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(await ringing([s.incident], claim)).toMatchObject([
      { person: 'ada', acknowledged: true },
    ]);
  });

  test.each<[string, readonly Incident[]]>([
    ['the incident does not exist, or cannot be read', []],
    ['the page is closed', [withPages(state, { ...page, state: 'closed' })]],
    [
      'somebody else has answered, and its person may be asleep',
      [withPages(state, { ...page, state: 'acknowledged', acknowledgedBy: 'ben' })],
    ],
    ['its pager has lost it', [as('lost')]],
    ['its pager has refused it', [as('failed')]],
    ['it is recorded and not sent', [as('withheld')]],
    ['the incident is resolved', [{ ...state, phase: 'resolved' }]],
    ['the incident is closed', [{ ...state, phase: 'closed' }]],
    ['it is a test', [{ ...state, kind: 'test' }]],
    ['it is about Tocsin itself', [{ ...state, routing: { ...state.routing, source: SELF } }]],
  ])('is nothing where %s', async (_sentence, states) => {
    expect(await ringing(states, claim)).toEqual([]);
  });

  test('is also an address of the vendor, unless somebody else’s answer has silenced it', async () => {
    const desk = { ...page, person: null, state: 'acknowledged' as const, acknowledgedBy: 'ben' };
    const answered = withPages(state, desk);
    expect(await ringing([answered], claim)).toMatchObject([{ person: null, acknowledged: true }]);
    const bens = { ...page, id: 'p2' as const, person: 'ben', rings: [] };
    const elsewhere = { ...answered, pages: { ...answered.pages, p2: bens } };
    expect(await ringing([elsewhere], claim)).toEqual([]);
  });

  test.each<[Ring['status'], Ringing['status']]>([
    ['joined', 'confirmed'],
    ['joining', 'pending'],
  ])('is also a page that has %s the ring of another incident', async (status, seen) => {
    expect(await ringing([as(status)], claim)).toMatchObject([{ status: seen }]);
  });

  test('has rung for as long as the ring that the page joined', async () => {
    const late = withPages(as('joined'), {
      ...page,
      requestedAt: START + 9 * MINUTE,
      rings: page.rings.map((one) => ({ ...one, status: 'joined' as const, at: START })),
    });
    expect(await ringing([late], claim)).toMatchObject([{ since: START }]);
  });

  test('has rung since the page was wanted first, whichever pager was asked later', async () => {
    const late = withPages(state, {
      ...page,
      rings: page.rings.map((one) => ({ ...one, at: START + MINUTE })),
    });
    expect(await ringing([late], claim)).toMatchObject([{ since: START, at: START + MINUTE }]);
  });

  test('is every ring there, the newest key first, whether or not one of them is over', async () => {
    const other = opened('inc-2');
    const under = (key: string): Incident =>
      withPages(other.state, { ...other.page, rings: [{ ...other.ring, key }] });
    const keys = asClaim({ target: 'pd', key: 'dead' }, { target: 'pd', key: 'newer' }, ring);
    const found = await ringing([state, under('newer')], keys);
    expect(found.map(({ incident }) => incident)).toEqual(['inc-2', 'inc-1']);
  });

  test('is under one key the four newest, the unanswered ones first', async () => {
    const pages = [1, 2, 3, 4, 5, 6].map((n) =>
      withPages(
        { ...state, id: `inc-${n}` },
        {
          ...page,
          requestedAt: START + n,
          ...(n === 6 ? { state: 'acknowledged' as const, acknowledgedBy: 'ada' } : {}),
        },
      ),
    );
    const found = await ringing(pages, claim);
    expect(found.map(({ incident }) => incident)).toEqual(['inc-5', 'inc-4', 'inc-3', 'inc-2']);
  });

  test('is not what the incident itself rings that asks', async () => {
    const claims = claimsOn({ claim, states: [state] });
    expect(await answer(claims, () => claims.lookups('inc-1').ringsAt(ada))).toEqual([]);
  });

  test('is the ring that its pager confirmed, where a later one is still under way', async () => {
    const rings = page.rings.flatMap((one): readonly Ring[] => [
      one,
      { ...one, target: 'og', address: address('og', 'ada'), status: 'pending' },
    ]);
    expect(await ringing([withPages(state, { ...page, rings })], claim)).toMatchObject([
      { target: 'pd', status: 'confirmed' },
    ]);
  });

  test('is nothing where the phone of the page rings by another address now', async () => {
    const s = new Story(policy());
    s.answer = (effect) => (effect.target === 'pd' ? null : usual(effect));
    s.feed(observed());
    s.advance(MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '1 Ada at og']);
    expect(await ringing([s.incident], claim)).toEqual([]);
  });

  test('is known within the turn, before anything of it is stored', async () => {
    const claims = claimsOn({ states: [state] });
    claims.changed(null, state);
    const found = await answer(claims, () => claims.lookups('inc-2').ringsAt(ada));
    expect(found).toMatchObject([{ incident: 'inc-1' }]);
  });

  test.each(['{', 'null', '"x"', '[null]', '[{"target":"pd"}]'])(
    'is nothing where %s is stored, and that is said',
    async (stored) => {
      const said: string[] = [];
      const claims = claimsOn({ claim: stored, onUnreadable: (what) => said.push(what) });
      expect(await answer(claims, () => claims.lookups('inc-2').ringsAt(ada))).toEqual([]);
      expect(said).toEqual([`the ring at ${ada}`]);
    },
  );
});

test('how the pages of other incidents ended under a key is read from their states', async () => {
  const s = new Story(policy());
  s.feed(observed());
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  const { ring } = opened();
  const states = ['inc-1', 'inc-2'].map((id) => ({ ...s.incident, id }));
  const claims = claimsOn({ states });
  expect(await answer(claims, () => claims.lookups('inc-2').endedUnder(ring))).toEqual(['ada']);
});

test('a page that the turn has changed counts as it is now, whatever is stored', async () => {
  const { state, page, ring } = opened();
  const claims = claimsOn({ states: [state] });
  claims.changed(state, withPages(state, { ...page, state: 'closed' }));
  const shared = await answer(claims, () => claims.lookups('inc-2').isShared(ring));
  expect(shared).toBe(false);
});

test('a page that was refused there holds the ring no more, although it is open', async () => {
  const { state, page, ring } = opened();
  const claims = claimsOn({ states: [state] });
  const rings = page.rings.map((one) => ({ ...one, status: 'failed' as const }));
  claims.changed(state, withPages(state, { ...page, rings }));
  expect(await answer(claims, () => claims.lookups('inc-2').isAwaited(ring))).toBe(false);
});

describe('of a thousand incidents that share a ring', () => {
  const { state, page, ring } = opened();
  const thousand = Array.from({ length: 1_000 }, (_, n) =>
    withPages({ ...state, id: `inc-${n}` }, { ...page, requestedAt: START + n }),
  );
  const closed = (one: Incident): Incident =>
    withPages(
      one,
      ...Object.values(one.pages).map((each) => ({ ...each, state: 'closed' as const })),
    );

  test('the newest are read', async () => {
    const asked: number[] = [];
    const claims = claimsOn({
      claim: asClaim(ring),
      states: thousand,
      onPages: (newest) => asked.push(newest),
    });
    const found = await answer(claims, () => claims.lookups('inc-x').ringsAt(ada));
    expect(found.map(({ incident }) => incident)).toEqual([
      'inc-999',
      'inc-998',
      'inc-997',
      'inc-996',
    ]);
    expect(await answer(claims, () => claims.lookups('inc-x').isShared(ring))).toBe(true);
    expect(asked).toEqual([32, 32]);
  });

  test('one that rings on is found, also when the turn has closed the newest', async () => {
    const claims = claimsOn({ states: thousand });
    for (const one of thousand.slice(1)) claims.changed(one, closed(one));
    expect(await answer(claims, () => claims.lookups('inc-x').isAwaited(ring))).toBe(true);
    expect(await answer(claims, () => claims.lookups('inc-0').isAwaited(ring))).toBe(false);
  });
});
