/**
 * What every store must do, whatever it is built on. A store's own test file calls `storeConformance` with a way to open
 * a fresh one, to open the same data again as after a crash, to read it from beside, and to damage it behind its back.
 */
import type { PageId } from '../../src/core/model/made-ids.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventBody } from '../../src/core/model/event.ts';
import { fold } from '../../src/core/model/events.ts';
import { isOver, type Incident, type Phase } from '../../src/core/model/incident.ts';
import { checkChain } from '../../src/store/chain.ts';
import type {
  Change,
  ClaimKey,
  Disposition,
  HeardWord,
  OutboxRow,
  RingQuery,
  TakenRows,
  PageRow,
  Reads,
  Store,
  Tx,
} from '../../src/store/store.ts';
import {
  LEASE_MS,
  T0,
  alertRow,
  leaseAt,
  collecting,
  continuing,
  ids,
  inboxRow,
  noting,
  opening,
  pageEffect,
  pageRow,
  resolving,
  settlement,
  wakeAt,
} from './store-fixtures.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Opens the same data again, as the process that follows a crash does. */
  reopen(): Promise<StoreUnderTest>;
  /** Reads the same data over a connection that is not the store's. */
  openReads(): Promise<{ readonly reads: Reads; close(): Promise<void> }>;
  /** Runs one statement behind the store's back. */
  tamper(sql: string): Promise<void>;
  /** Gives back everything, the data included. */
  dispose(): Promise<void>;
}

const DECIDED: Disposition = {
  kind: 'decided',
  incidents: ['inc-1'],
  note: 'joined inc-1',
  answer: null,
};

type Shape = (under: { store(): Store; crash(): Promise<void>; current(): StoreUnderTest }) => void;

/** Runs the suite. @param open a store on fresh, empty data */
export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the store on ${name}`, () => {
    let under: StoreUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(async () => {
      await under.dispose();
    });
    const access = {
      store: () => under.store,
      current: () => under,
      crash: async () => {
        under = await under.reopen();
      },
    };
    describe('transactions', () => transactions(access));
    describe('the inbox', () => inbox(access));
    describe('alerts and groups', () => alerts(access));
    describe('decisions', () => decisions(access));
    describe('the chain of events', () => chain(access));
    describe('wake-ups', () => wakeUps(access));
    describe('claims', () => claims(access));
    describe('leases', () => leases(access));
    describe('streams', () => streams(access));
    describe('settlements', () => settlements(access));
    describe('after a crash', () => crashes(access));
    describe('rings', () => rings(access));
    describe('incidents for people', () => lists(access));
    describe('small durable values', () => values(access));
    describe('health', () => health(access));
    describe('retention', () => retention(access));
    describe('readers beside it', () => readers(access));
  });
}

/** Applies changes and expects that all of them were taken. */
async function apply(store: Store, ...changes: readonly Change[]): Promise<void> {
  const results = await store.transact((tx) => tx.apply(changes));
  expect(results).toEqual(changes.map(() => ({ ok: true })));
}

async function loaded(store: Store, id: string): Promise<Incident> {
  const row = await store.reads.incident(id);
  if (row === null || row.state === null) throw new Error(`${id} is not there`);
  return row.state;
}

async function takenRows(store: Store, now: number, limit: number) {
  const query = { now, limit, after: 0, isKnown: () => false };
  return (await store.transact((tx) => tx.takeInbox(query))).rows;
}

async function only(taken: Promise<TakenRows>): Promise<OutboxRow> {
  const { rows, parked } = await taken;
  expect(parked).toEqual([]);
  const [row, ...rest] = rows;
  expect(rest).toEqual([]);
  if (row === undefined) throw new Error('one row expected, none found');
  return row;
}

/** Takes over what nobody answers for any more and returns the effects' ids. */
async function recovered(store: Store, now: number): Promise<readonly string[]> {
  return ids((await store.transact((tx) => tx.recoverSending(now))).rows);
}

/** Leases whatever is due and returns the effects' ids. */
async function leased(
  store: Store,
  now: number,
  over: Parameters<typeof leaseAt>[1] = {},
): Promise<readonly string[]> {
  return ids((await store.transact((tx) => tx.lease(leaseAt(now, over)))).rows);
}

const transactions: Shape = ({ store }) => {
  it('keeps everything of a work that ends', async () => {
    const answer = await store().transact(async (tx) => {
      await tx.setMeta('a', '1');
      await tx.setMeta('b', '2');
      return 'done';
    });
    expect(answer).toBe('done');
    expect(await store().reads.meta('a')).toBe('1');
    expect(await store().reads.meta('b')).toBe('2');
  });

  it('keeps nothing of a work that throws, and passes its error on', async () => {
    const broken = new Error('no');
    const work = store().transact(async (tx) => {
      await tx.setMeta('a', '1');
      await tx.putInbox([inboxRow('r1')]);
      throw broken;
    });
    await expect(work).rejects.toBe(broken);
    expect(await store().reads.meta('a')).toBeNull();
    expect(await store().reads.inboxRow('r1')).toBeNull();
  });

  it('goes on after a work that threw', async () => {
    await expect(store().transact(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await store().transact((tx) => tx.setMeta('a', '1'));
    expect(await store().reads.meta('a')).toBe('1');
  });

  it('runs one work at a time, in the order asked for', async () => {
    const seen: string[] = [];
    const work = (name: string) => async (tx: Tx) => {
      seen.push(`${name} begins`);
      const before = await tx.meta('turn');
      await tx.setMeta('turn', name);
      await Promise.resolve();
      seen.push(`${name} ends after ${before ?? 'nobody'}`);
    };
    await Promise.all(['ada', 'ben', 'cleo'].map((name) => store().transact(work(name))));
    expect(seen).toEqual([
      'ada begins',
      'ada ends after nobody',
      'ben begins',
      'ben ends after ada',
      'cleo begins',
      'cleo ends after ben',
    ]);
  });

  it('refuses a method that is called when the work is over', async () => {
    let leaked: Tx | null = null;
    await store().transact(async (tx) => {
      leaked = tx;
    });
    const use = async (tx: Tx | null): Promise<void> => tx?.setMeta('a', '1');
    await expect(use(leaked)).rejects.toThrow('over');
    await expect(store().transact(() => use(leaked))).rejects.toThrow('over');
    expect(await store().reads.meta('a')).toBeNull();
  });

  it('reads within a work what the work wrote', async () => {
    await store().transact(async (tx) => {
      await tx.apply([
        opening('inc-1', { claims: collecting(['g']), effects: [pageEffect('inc-1/1/0')] }),
      ]);
      expect((await tx.incidents(['inc-1'])).map((row) => row.version)).toEqual([1]);
      expect(await tx.claims(groupsOf('g'))).toEqual([
        { kind: 'group', key: 'g', holder: 'inc-1', value: null },
      ]);
      expect(ids((await tx.lease(leaseAt(T0))).rows)).toEqual(['inc-1/1/0']);
    });
  });

  it('waits for what is queued when it closes, and refuses what comes later', async () => {
    const queued = store().transact((tx) => tx.setMeta('a', '1'));
    const closing = store().close();
    await expect(queued).resolves.toBeUndefined();
    await closing;
    await expect(store().transact((tx) => tx.meta('a'))).rejects.toThrow('closed');
  });

  it('is in order', () => {
    expect(store().condition()).toEqual({ kind: 'ok' });
  });
};

const inbox: Shape = ({ store }) => {
  const put = (...rows: Parameters<Tx['putInbox']>[0]) =>
    store().transact((tx) => tx.putInbox(rows));
  const taken = async (now: number, limit = 100): Promise<readonly string[]> =>
    (await takenRows(store(), now, limit)).map((row) => row.id);

  it('returns a row as it was put', async () => {
    const row = inboxRow('r1', {
      origin: 'api',
      actor: { kind: 'person', id: 'ada', via: 'cli' },
      source: null,
      deliveryId: 'token1:key',
      headers: { 'x-odd': 'äöü \u{1f514} "quoted"' },
      body: new Uint8Array([0, 255, 10, 13, 128]),
    });
    expect(await put(row)).toEqual([{ id: 'r1', duplicateOf: null }]);
    const [back] = await takenRows(store(), T0, 1);
    expect({ ...back, body: [...(back?.body ?? [])] }).toEqual({ ...row, body: [...row.body] });
  });

  it('gives fewer rows of large bodies at once, and at least one', async () => {
    const large = (id: string) => inboxRow(id, { body: new Uint8Array(5_000_000) });
    await put(large('r1'), large('r2'), inboxRow('r3'));
    expect(await taken(T0)).toEqual(['r1']);
    await put(inboxRow('r4', { body: new Uint8Array(1) }));
    expect(await taken(T0)).toEqual(['r1']);
  });

  it('goes on from where it was taken before, without what is known', async () => {
    const many = Array.from({ length: 5_000 }, (_, n) => inboxRow(`r${n}`));
    await put(...many, inboxRow('late', { notBefore: T0 }));
    const seen: string[] = [];
    let taken = { rows: [] as readonly { id: string }[], upTo: 0, isAll: false };
    while (!taken.isAll) {
      const { upTo } = taken;
      const isKnown = (id: string) => id.endsWith('7');
      taken = await store().transact((tx) =>
        tx.takeInbox({ now: T0, limit: 700, after: upTo, isKnown }),
      );
      seen.push(...taken.rows.map(({ id }) => id));
    }
    expect(seen).toEqual([...many.map(({ id }) => id).filter((id) => !id.endsWith('7')), 'late']);
  });

  it('keeps an empty body', async () => {
    await put(inboxRow('r1', { body: new Uint8Array() }));
    expect((await store().reads.inboxRow('r1'))?.row.body.byteLength).toBe(0);
  });

  it('names the first row of a delivery that comes again, in one batch or later', async () => {
    const again = (id: string) => inboxRow(id, { deliveryId: 'd1' });
    expect(await put(again('r1'), again('r2'))).toEqual([
      { id: 'r1', duplicateOf: null },
      { id: 'r2', duplicateOf: 'r1' },
    ]);
    expect(await put(again('r3'))).toEqual([{ id: 'r3', duplicateOf: 'r1' }]);
    await store().transact((tx) => tx.dispose([{ id: 'r1', disposition: DECIDED, at: T0 }]));
    expect(await put(again('r4'))).toEqual([{ id: 'r4', duplicateOf: 'r1' }]);
    expect(await taken(T0)).toEqual([]);
  });

  it.each([
    ['no delivery id, same body', { deliveryId: null }, { deliveryId: null }],
    [
      'the same id from two sources',
      { source: 'prom', deliveryId: 'd' },
      { source: 'other', deliveryId: 'd' },
    ],
    ['no source and no delivery id', { source: null }, { source: null }],
    [
      'the same id from a source and from none',
      { source: 'prom', deliveryId: 'd' },
      { source: null, deliveryId: 'd' },
    ],
  ])('takes for two deliveries: %s', async (_what, first, second) => {
    const puts = await put(inboxRow('r1', first), inboxRow('r2', second));
    expect(puts.map((one) => one.duplicateOf)).toEqual([null, null]);
  });

  it('recognises an idempotency key, which has no source', async () => {
    const keyed = (id: string) => inboxRow(id, { source: null, deliveryId: 'token1:abc' });
    expect((await put(keyed('r1'), keyed('r2'))).map((one) => one.duplicateOf)).toEqual([
      null,
      'r1',
    ]);
  });

  it('takes the same row twice for one', async () => {
    expect((await put(inboxRow('r1'), inboxRow('r1'))).map((one) => one.duplicateOf)).toEqual([
      null,
      'r1',
    ]);
    expect(await taken(T0)).toEqual(['r1']);
  });

  it('hands out undecided rows in the order they came, whatever their ids, at most as many as asked', async () => {
    await put(inboxRow('z'), inboxRow('a'), inboxRow('m'));
    expect(await taken(T0)).toEqual(['z', 'a', 'm']);
    expect(await taken(T0, 2)).toEqual(['z', 'a']);
    expect(await taken(T0, 0)).toEqual([]);
  });

  it('holds a row back until its time, and then in its old place', async () => {
    await put(
      inboxRow('r1', { notBefore: T0 + 30_000 }),
      inboxRow('r2'),
      inboxRow('r3', { notBefore: T0 + 10 }),
    );
    expect(await taken(T0)).toEqual(['r2']);
    expect(await taken(T0 + 10)).toEqual(['r2', 'r3']);
    expect(await taken(T0 + 30_000)).toEqual(['r1', 'r2', 'r3']);
    expect(await taken(T0 + 30_000, 1)).toEqual(['r1']);
  });

  it('hands a row out again when it stays undecided, with its failures and its new time', async () => {
    await put(inboxRow('r1'));
    const disposition: Disposition = {
      kind: 'undecided',
      notBefore: T0 + 500,
      failures: 2,
      why: 'decide threw',
    };
    await store().transact((tx) => tx.dispose([{ id: 'r1', disposition, at: T0 }]));
    expect(await taken(T0 + 499)).toEqual([]);
    const [row] = await takenRows(store(), T0 + 500, 1);
    expect(row).toMatchObject({ id: 'r1', failures: 2, notBefore: T0 + 500 });
    expect((await store().reads.inboxRow('r1'))?.disposition).toEqual(disposition);
  });

  it.each<Disposition>([
    DECIDED,
    { kind: 'decided', incidents: ['a', 'b'], note: 'two', answer: '{"id":"a"}' },
    { kind: 'suppressed', note: 'rule: noise' },
    { kind: 'ignored', note: 'a test ping' },
    { kind: 'refused', code: 'over', message: 'inc-1: it is resolved already' },
    { kind: 'unparsed', incident: 'inc-9', note: 'not JSON' },
  ])('never hands out again what is $kind', async (disposition) => {
    await put(inboxRow('r1'), inboxRow('r2', { notBefore: T0 }));
    await store().transact((tx) =>
      tx.dispose(['r1', 'r2'].map((id) => ({ id, disposition, at: T0 }))),
    );
    expect(await taken(T0 + 1)).toEqual([]);
    expect((await store().reads.inboxRow('r2'))?.disposition).toEqual(disposition);
  });

  it('disposes of a row exactly once', async () => {
    await put(inboxRow('r1'));
    const dispose = () =>
      store().transact((tx) => tx.dispose([{ id: 'r1', disposition: DECIDED, at: T0 }]));
    await dispose();
    await expect(dispose()).rejects.toThrow('r1 is decided already');
  });

  it('refuses to dispose of a row that is not there', async () => {
    await expect(
      store().transact((tx) => tx.dispose([{ id: 'r9', disposition: DECIDED, at: T0 }])),
    ).rejects.toThrow('r9 does not exist');
  });

  it('tells that a row was not looked at yet', async () => {
    await put(inboxRow('r1'));
    expect((await store().reads.inboxRow('r1'))?.disposition).toMatchObject({
      kind: 'undecided',
      notBefore: 0,
      failures: 0,
    });
    expect(await store().reads.inboxRow('r2')).toBeNull();
  });
};

const alerts: Shape = ({ store }) => {
  const find = (...dedupKeys: readonly string[]) =>
    store().transact((tx) =>
      tx.alerts(dedupKeys.map((dedupKey) => ({ source: 'prom', dedupKey }))),
    );
  const put = (...rows: Parameters<Tx['putAlerts']>[0]) =>
    store().transact((tx) => tx.putAlerts(rows));
  const counts = (...incidents: readonly string[]) =>
    store().transact((tx) => tx.alertCounts(incidents));

  it('returns the alerts that are known, as they were put, and says nothing of others', async () => {
    const row = alertRow('k1', { startsAt: null, labels: { a: 'ä"b', empty: '' } });
    await put(row, alertRow('k2'));
    expect(await find('k1', 'k9')).toEqual([row]);
    expect(await find()).toEqual([]);
  });

  it('keeps one row per source and key: the last word counts', async () => {
    await put(
      alertRow('k1'),
      alertRow('k1', { status: 'resolved', observedAt: T0 + 5, title: 'over' }),
    );
    await put(alertRow('k1', { status: 'firing', incident: 'inc-2' }));
    expect(await find('k1')).toEqual([alertRow('k1', { status: 'firing', incident: 'inc-2' })]);
    expect(
      await store().transact((tx) => tx.alerts([{ source: 'other', dedupKey: 'k1' }])),
    ).toEqual([]);
  });

  it('counts the distinct alerts of each incident, repeats once', async () => {
    await put(alertRow('k1'), alertRow('k2'), alertRow('k3', { incident: 'inc-2' }));
    await put(alertRow('k1'), alertRow('k2', { status: 'resolved' }));
    expect(await counts('inc-1', 'inc-2', 'inc-3')).toEqual({
      'inc-1': { firing: 1, stale: 0, held: 0, total: 2 },
      'inc-2': { firing: 1, stale: 0, held: 0, total: 1 },
      'inc-3': { firing: 0, stale: 0, held: 0, total: 0 },
    });
  });

  it('counts an alert where its last episode belongs', async () => {
    await put(
      alertRow('k1'),
      alertRow('k1', { status: 'resolved' }),
      alertRow('k1', { incident: 'inc-2' }),
    );
    expect(await counts('inc-1', 'inc-2')).toEqual({
      'inc-1': { firing: 0, stale: 0, held: 0, total: 0 },
      'inc-2': { firing: 1, stale: 0, held: 0, total: 1 },
    });
  });

  it('counts as its rows do, through any history', async () => {
    for (let i = 0; i < 60; i += 1)
      await put(
        alertRow(`k${(i * 7) % 11}`, {
          status: (['resolved', 'firing', 'firing', 'stale'] as const)[i % 4] ?? 'firing',
          held: i % 5 === 0 ? `row-${i}` : null,
          incident: `inc-${(i * 5) % 4}`,
        }),
      );
    for (const incident of ['inc-0', 'inc-1', 'inc-2', 'inc-3']) {
      const rows = await store().reads.alertsOf(incident, 100);
      expect((await counts(incident))[incident]).toEqual({
        firing: rows.filter((row) => row.status === 'firing').length,
        stale: rows.filter((row) => row.status === 'stale').length,
        held: rows.filter((row) => row.held !== null).length,
        total: rows.length,
      });
    }
  });

  it('forgets the counts of a turn that was rolled back', async () => {
    await expect(
      store().transact(async (tx) => {
        await tx.putAlerts([alertRow('k1')]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await counts('inc-1')).toEqual({ 'inc-1': { firing: 0, stale: 0, held: 0, total: 0 } });
  });

  it('finds the alerts that fire and were not heard of since an instant, the longest first', async () => {
    await put(alertRow('k1', { heardAt: T0 + 30 }));
    await put(alertRow('k2', { heardAt: T0 + 10 }));
    await put(alertRow('k3', { heardAt: T0, status: 'resolved' }));
    await put(alertRow('k4', { heardAt: T0, source: 'other' }));
    await put(alertRow('k5', { heardAt: T0 + 31 }));
    const unheard = (limit: number) =>
      store().transact((tx) => tx.unheardAlerts({ source: 'prom', since: T0 + 30, limit }));
    expect((await unheard(9)).map(({ dedupKey }) => dedupKey)).toEqual(['k2', 'k1']);
    expect(await unheard(1)).toHaveLength(1);
    const query = { source: 'prom', since: T0 + 30, limit: 1, keysBegin: 'k1' };
    const some = await store().transact((tx) => tx.unheardAlerts(query));
    expect(some.map(({ dedupKey }) => dedupKey)).toEqual(['k1']);
  });

  it('finds those of one incident', async () => {
    await put(alertRow('k1', { heardAt: T0 + 30 }));
    await put(alertRow('k2', { heardAt: T0 + 10, incident: 'inc-2' }));
    await put(alertRow('k3', { heardAt: T0 + 20, incident: 'inc-2' }));
    await put(alertRow('k4', { heardAt: T0, incident: 'inc-2', source: 'other' }));
    await put(alertRow('k5', { heardAt: T0, incident: 'inc-2', status: 'resolved' }));
    await put(alertRow('k6', { heardAt: T0 + 31, incident: 'inc-2' }));
    const query = { source: 'prom', since: T0 + 30, incident: 'inc-2' };
    const found = (limit: number) =>
      store().transact((tx) => tx.unheardAlerts({ ...query, limit }));
    expect((await found(9)).map(({ dedupKey }) => dedupKey)).toEqual(['k2', 'k3']);
    expect(await found(1)).toHaveLength(1);
  });

  it('counts what fires of a sender’s group as heard of, and nothing else', async () => {
    await put(alertRow('k1', { group: 'g' }));
    await put(alertRow('k2', { group: 'g', status: 'stale' }));
    await put(alertRow('k3', { group: 'other' }));
    await store().transact((tx) => tx.hearGroup({ source: 'prom', group: 'g' }, T0 + 50));
    const rows = await store().reads.alertsOf('inc-1', 9);
    expect(rows.map(({ dedupKey, heardAt }) => [dedupKey, heardAt - T0])).toEqual([
      ['k1', 50],
      ['k3', 0],
      ['k2', 0],
    ]);
  });

  it('lists the alerts of an incident, the firing ones first', async () => {
    await put(
      alertRow('a', { status: 'resolved' }),
      alertRow('b'),
      alertRow('c'),
      alertRow('d', { incident: 'inc-2' }),
    );
    const keys = async (limit: number) =>
      (await store().reads.alertsOf('inc-1', limit)).map((row) => row.dedupKey);
    expect(await keys(10)).toEqual(['b', 'c', 'a']);
    expect(await keys(1)).toEqual(['b']);
  });

  it('finds the open incident of a group key, and none once it collects no more', async () => {
    const groups = () => store().transact((tx) => tx.claims(groupsOf('g1', 'g2')));
    await apply(store(), opening('inc-1', { claims: collecting(['g1']) }));
    expect(await groups()).toEqual([{ kind: 'group', key: 'g1', holder: 'inc-1', value: null }]);
    await apply(
      store(),
      resolving(await loaded(store(), 'inc-1'), { claims: collecting([], true) }),
    );
    expect(await groups()).toEqual([]);
  });
};

const groupsOf = (...keys: readonly string[]): readonly ClaimKey[] =>
  keys.map((key) => ({ kind: 'group', key }));

const decisions: Shape = ({ store }) => {
  it('writes events, state, wake-up, effects, rings and the group together', async () => {
    const wake = wakeAt(T0 + 5);
    const change = opening('inc-1', {
      claims: collecting(['g1']),
      effects: [pageEffect('inc-1/1/0')],
      wake,
      pages: [pageRow()],
    });
    await apply(store(), change);
    const { reads } = store();
    expect(await reads.incident('inc-1')).toEqual({
      id: 'inc-1',
      version: 1,
      source: 'prom',
      state: change.state,
      wake,
      archive: null,
    });
    expect((await reads.timeline('inc-1')).map((link) => link.event)).toEqual(change.events);
    expect(ids(await reads.outboxOf('inc-1'))).toEqual(['inc-1/1/0']);
    expect(await store().transact((tx) => tx.pages({ target: 'pd', keys: ['inc-1-key'] }))).toEqual(
      [pageRow()],
    );
  });

  it('caches the state that the events fold to', async () => {
    await apply(store(), opening('inc-1'));
    const bodies: readonly Exclude<EventBody, { type: 'IncidentOpened' }>[] = [
      { type: 'NoteAdded', text: 'looking' },
      { type: 'FlagSet', flag: 'data_integrity', configured: { public: 'allowed' } },
      { type: 'PhaseChanged', from: 'triage', to: 'identified', text: null },
    ];
    await apply(store(), continuing(await loaded(store(), 'inc-1'), bodies));
    const events = (await store().reads.timeline('inc-1')).map((link) => link.event);
    expect(events.map((one) => one.version)).toEqual([1, 2, 3, 4]);
    expect(await loaded(store(), 'inc-1')).toEqual(fold(events));
  });

  it('refuses the second of two decisions made at the same version, whole', async () => {
    await apply(store(), opening('inc-1'));
    const state = await loaded(store(), 'inc-1');
    await apply(store(), noting(state, 'first'));
    const late = noting(state, 'second', {
      effects: [pageEffect('inc-1/2/0')],
      wake: wakeAt(T0),
      pages: [pageRow()],
      claims: collecting(['g1']),
    });
    expect(await store().transact((tx) => tx.apply([late]))).toEqual([
      { ok: false, conflict: 'version' },
    ]);
    expect((await store().reads.timeline('inc-1')).map((link) => link.event)).not.toContainEqual(
      late.events[0],
    );
    expect(await store().reads.outboxOf('inc-1')).toEqual([]);
    expect((await store().reads.incident('inc-1'))?.wake).toBeNull();
    expect(await store().transact((tx) => tx.claims(groupsOf('g1')))).toEqual([]);
    expect(await store().transact((tx) => tx.pages({ target: 'pd', unconfirmedSince: 0 }))).toEqual(
      [],
    );
  });

  it('refuses to open an incident that is there, and to continue one that is not', async () => {
    await apply(store(), opening('inc-1'));
    const missing = noting(opening('inc-2').state, 'hello?');
    const results = await store().transact((tx) => tx.apply([opening('inc-1'), missing]));
    expect(results).toEqual([
      { ok: false, conflict: 'version' },
      { ok: false, conflict: 'version' },
    ]);
  });

  it('keeps the other changes of a batch when one is refused', async () => {
    await apply(store(), opening('inc-1'));
    const results = await store().transact((tx) =>
      tx.apply([
        opening('inc-0'),
        opening('inc-1'),
        opening('inc-2', { effects: [pageEffect('inc-2/1/0')] }),
      ]),
    );
    expect(results.map((result) => result.ok)).toEqual([true, false, true]);
    expect(await store().transact((tx) => tx.incidents(['inc-0', 'inc-1', 'inc-2']))).toHaveLength(
      3,
    );
    expect(await leased(store(), T0)).toEqual(['inc-2/1/0']);
  });

  it('lets one of two incidents have a group: the loser of the race is told and leaves no trace', async () => {
    const race = await store().transact((tx) =>
      tx.apply([
        opening('inc-1', { claims: collecting(['g']) }),
        opening('inc-2', { claims: collecting(['g']), effects: [pageEffect('inc-2/1/0')] }),
      ]),
    );
    expect(race).toEqual([{ ok: true }, { ok: false, conflict: 'claim_taken' }]);
    expect(await store().reads.incident('inc-2')).toBeNull();
    expect(await store().reads.timeline('inc-2')).toEqual([]);
    expect(await leased(store(), T0)).toEqual([]);
    const later = await store().transact((tx) =>
      tx.apply([opening('inc-3', { claims: collecting(['g']) })]),
    );
    expect(later).toEqual([{ ok: false, conflict: 'claim_taken' }]);
  });

  it('lets an incident open the group that it has, and others once it gave it up', async () => {
    await apply(store(), opening('inc-1', { claims: collecting(['g']) }));
    await apply(
      store(),
      noting(await loaded(store(), 'inc-1'), 'again', { claims: collecting(['g']) }),
    );
    await apply(
      store(),
      resolving(await loaded(store(), 'inc-1'), { claims: collecting([], true) }),
    );
    await apply(store(), opening('inc-2', { claims: collecting(['g']) }));
    const reopened = await store().transact(async (tx) => {
      const [row] = await tx.incidents(['inc-1']);
      const state = row?.state ?? null;
      if (state === null) throw new Error('inc-1 is gone');
      return tx.apply([
        continuing(state, [{ type: 'IncidentReopened', reason: 'again', waiting: [] }], {
          claims: collecting(['g']),
        }),
      ]);
    });
    expect(reopened).toEqual([{ ok: false, conflict: 'claim_taken' }]);
  });

  it('gives up and takes a group in one change', async () => {
    await apply(store(), opening('inc-1', { claims: collecting(['g1']) }));
    await apply(
      store(),
      noting(await loaded(store(), 'inc-1'), 'moves', { claims: collecting(['g2'], true) }),
    );
    expect(await store().transact((tx) => tx.claims(groupsOf('g1', 'g2')))).toEqual([
      { kind: 'group', key: 'g2', holder: 'inc-1', value: null },
    ]);
  });

  it('throws away the turn in which an effect id comes up twice, rather than one of the two effects', async () => {
    const twice = opening('inc-1', {
      effects: [pageEffect('inc-1/1/0'), pageEffect('inc-1/1/0', { target: 'og' })],
    });
    await expect(store().transact((tx) => tx.apply([twice]))).rejects.toThrow();
    expect(await store().reads.incident('inc-1')).toBeNull();
  });

  it('refuses a change whose events, version and state do not fit together', async () => {
    const good = opening('inc-1');
    const bad: readonly Change[] = [
      { ...good, state: { ...good.state, version: 2 } },
      { ...good, events: [] },
      { ...good, subject: { kind: 'incident', id: 'inc-2' } },
      { ...good, expectedVersion: 3, state: { ...good.state, version: 4 } },
    ];
    for (const change of bad)
      await expect(store().transact((tx) => tx.apply([change]))).rejects.toThrow();
    expect(await store().reads.incident('inc-1')).toBeNull();
  });

  it('returns incidents in the order asked for, without those that are not there', async () => {
    await apply(store(), opening('inc-1'), opening('inc-2'));
    const rows = await store().transact((tx) => tx.incidents(['inc-2', 'inc-9', 'inc-1']));
    expect(rows.map((row) => row.id)).toEqual(['inc-2', 'inc-1']);
  });

  const gathered = {
    type: 'StormGathered',
    over: 'prom',
    children: ['inc-4'],
    services: [],
  } as const;
  const openedLately = (since: number, limit: number) =>
    store().transact((tx) => tx.openedLately({ since, limit }));

  it('tells which incidents that stand for themselves opened lately, newest first', async () => {
    await apply(
      store(),
      opening('inc-1', { at: T0 }),
      opening('inc-2', { at: T0 + 1, routing: { source: 'dd', service: null } }),
      opening('inc-3', { at: T0 + 1 }),
    );
    await apply(store(), resolving(await loaded(store(), 'inc-2')));
    const newest = { incident: 'inc-3', source: 'prom', service: 'checkout', open: true };
    expect(await openedLately(T0, 10)).toEqual({
      parent: null,
      alone: [newest, { incident: 'inc-2', source: 'dd', service: null, open: false }],
    });
    expect((await openedLately(T0 - 1, 10)).alone).toHaveLength(3);
    expect((await openedLately(T0 - 1, 1)).alone).toEqual([newest]);
  });

  it('counts no test of a phone, nothing about Tocsin, no storm and nothing that one has gathered', async () => {
    await apply(
      store(),
      opening('inc-1', { kind: 'test' }),
      opening('inc-2', { routing: { source: 'tocsin' } }),
      opening('inc-3'),
      opening('inc-4'),
    );
    await apply(
      store(),
      continuing(await loaded(store(), 'inc-4'), [{ type: 'ParentJoined', parent: 'inc-3' }]),
      continuing(await loaded(store(), 'inc-3'), [gathered]),
    );
    expect((await openedLately(0, 10)).alone).toEqual([]);
  });

  it('knows the newest open parent of a storm, however old it is and whatever opened since', async () => {
    await apply(
      store(),
      ...[1, 2, 3].map((n) => opening(`inc-${n}`, { at: T0 + n })),
      ...[4, 5].map((n) => opening(`inc-${n}`, { at: T0 + 1_000 * n })),
    );
    for (const id of ['inc-1', 'inc-2', 'inc-3'])
      await apply(store(), continuing(await loaded(store(), id), [gathered]));
    await apply(store(), resolving(await loaded(store(), 'inc-3')));
    const { parent } = await openedLately(T0 + 86_400_000, 1);
    expect(parent).toEqual({ incident: 'inc-2', openedAt: T0 + 2 });
  });
};

const chain: Shape = ({ store, current }) => {
  const check = async () =>
    checkChain(
      await store().reads.timeline('inc-1'),
      (await store().reads.incident('inc-1'))?.version ?? 0,
    );
  const grow = async (): Promise<void> => {
    await apply(store(), opening('inc-1'), opening('inc-2'));
    for (const text of ['one', 'two', 'three'])
      await apply(store(), noting(await loaded(store(), 'inc-1'), text));
    await apply(
      store(),
      continuing(await loaded(store(), 'inc-1'), [
        { type: 'NoteAdded', text: 'four' },
        { type: 'NoteAdded', text: 'five' },
      ]),
    );
  };

  it('is intact over several changes', async () => {
    await grow();
    expect(await check()).toEqual({ intact: true });
  });

  it.each([
    [
      'an event was edited',
      "UPDATE events SET event = replace(event, 'two', 'two!') WHERE subject = 'inc-1'",
      3,
    ],
    ['an event was removed', "DELETE FROM events WHERE subject = 'inc-1' AND version = 3", 3],
    [
      'the first event was removed',
      "DELETE FROM events WHERE subject = 'inc-1' AND version = 1",
      1,
    ],
    ['the last event was removed', "DELETE FROM events WHERE subject = 'inc-1' AND version = 6", 6],
    [
      'two events changed places',
      "UPDATE events SET version = CASE version WHEN 2 THEN -3 ELSE -2 END WHERE subject = 'inc-1' AND version IN (2, 3)",
      1,
    ],
    [
      'a hash was replaced',
      "UPDATE events SET hash = 'aa' WHERE subject = 'inc-1' AND version = 4",
      4,
    ],
    [
      'an event and its hash come from another incident',
      "UPDATE events SET event = (SELECT event FROM events WHERE subject = 'inc-2'), hash = (SELECT hash FROM events WHERE subject = 'inc-2') WHERE subject = 'inc-1' AND version = 2",
      2,
    ],
  ])('shows that %s', async (_what, sql, version) => {
    await grow();
    await current().tamper(sql);
    expect(await check()).toMatchObject({ intact: false, version });
  });

  it('shows that two events changed places, with versions and hashes in order', async () => {
    await grow();
    const swapped = [...(await store().reads.timeline('inc-1'))];
    const [second, third] = [swapped[1], swapped[2]];
    if (second === undefined || third === undefined) throw new Error('too short');
    swapped[1] = { ...second, event: { ...third.event, version: 2 } };
    swapped[2] = { ...third, event: { ...second.event, version: 3 } };
    expect(checkChain(swapped, 6)).toMatchObject({ intact: false, version: 2 });
  });

  it('does not write over an event that exists, even when the cached version says it should', async () => {
    await grow();
    const state = { ...(await loaded(store(), 'inc-1')), version: 1 };
    await current().tamper("UPDATE incidents SET version = 1 WHERE id = 'inc-1'");
    const change = noting(state, 'history rewritten', { effects: [pageEffect('inc-1/2/0')] });
    const results = await store().transact((tx) => tx.apply([change, opening('inc-3')]));
    expect(results).toEqual([{ ok: false, conflict: 'version' }, { ok: true }]);
    expect(await store().reads.outboxOf('inc-1')).toEqual([]);
  });

  it('takes back the first event of a change whose second one exists', async () => {
    await grow();
    const state = { ...(await loaded(store(), 'inc-1')), version: 1 };
    await current().tamper("UPDATE incidents SET version = 1 WHERE id = 'inc-1'");
    await current().tamper("DELETE FROM events WHERE subject = 'inc-1' AND version = 2");
    const change = continuing(state, [
      { type: 'NoteAdded', text: 'fits the gap' },
      { type: 'NoteAdded', text: 'does not' },
    ]);
    const results = await store().transact((tx) => tx.apply([change]));
    expect(results).toEqual([{ ok: false, conflict: 'version' }]);
    expect((await store().reads.timeline('inc-1')).map((link) => link.event.version)).toEqual([
      1, 3, 4, 5, 6,
    ]);
  });
};

const wakeUps: Shape = ({ store }) => {
  const due = async (now: number, limit = 10) =>
    store().transact((tx) => tx.dueIncidents(now, limit));
  const stale = async (basis: string, limit = 10) =>
    (await store().transact((tx) => tx.staleIncidents(basis, limit))).toSorted();

  it('come when their instant has come: the worst level first, then the one that waited longest', async () => {
    await apply(
      store(),
      opening('inc-1', { wake: wakeAt(T0, { rank: 2 }) }),
      opening('inc-2', { wake: wakeAt(T0 - 5, { rank: 2 }) }),
      opening('inc-3', { wake: wakeAt(T0, { rank: 0 }) }),
      opening('inc-4', { wake: wakeAt(T0 + 1, { rank: 0 }) }),
      opening('inc-5'),
    );
    expect(await due(T0)).toEqual(['inc-3', 'inc-2', 'inc-1']);
    expect(await due(T0, 1)).toEqual(['inc-3']);
    expect(await due(T0), 'they stand until they are moved').toHaveLength(3);
    expect(await due(T0 + 1)).toContain('inc-4');
  });

  it('move with each change of their incident', async () => {
    await apply(store(), opening('inc-1', { wake: wakeAt(T0) }));
    const later = wakeAt(T0 + 60_000, { rank: 0, basis: 'p2' });
    await apply(store(), noting(await loaded(store(), 'inc-1'), 'looking', { wake: later }));
    expect(await due(T0)).toEqual([]);
    expect((await store().reads.incident('inc-1'))?.wake).toEqual(later);
    await apply(store(), noting(await loaded(store(), 'inc-1'), 'over', { wake: null }));
    expect(await due(T0 + 60_000)).toEqual([]);
  });

  it('move without a change of their incident', async () => {
    await apply(
      store(),
      opening('inc-1', { wake: wakeAt(T0) }),
      opening('inc-2', { wake: wakeAt(T0) }),
    );
    await store().transact((tx) =>
      tx.rearm([
        { incident: 'inc-1', wake: wakeAt(T0 + 9) },
        { incident: 'inc-2', wake: null },
      ]),
    );
    expect(await due(T0)).toEqual([]);
    expect(await due(T0 + 9)).toEqual(['inc-1']);
    expect((await store().reads.incident('inc-1'))?.version).toBe(1);
  });

  it('are found when they were derived from another basis, a slice at a time', async () => {
    await apply(
      store(),
      opening('inc-1', { wake: wakeAt(T0, { basis: 'p1' }) }),
      opening('inc-2', { wake: wakeAt(T0, { basis: 'p2' }) }),
      opening('inc-3', { wake: wakeAt(T0, { basis: 'p3' }) }),
      opening('inc-4'),
    );
    expect(await stale('p2')).toEqual(['inc-1', 'inc-3', 'inc-4']);
    expect(await stale('p2', 1)).toHaveLength(1);
    expect(await stale('p9')).toEqual(['inc-1', 'inc-2', 'inc-3', 'inc-4']);
  });

  it('are found where an open incident has none, and missed by none that is over', async () => {
    await apply(
      store(),
      opening('inc-1', { wake: wakeAt(T0, { basis: 'p1' }) }),
      opening('inc-2', { wake: null }),
      opening('inc-3', { wake: wakeAt(T0, { basis: 'p1' }) }),
    );
    await apply(store(), resolving(await loaded(store(), 'inc-3'), { wake: null }));
    expect(await stale('p1')).toEqual(['inc-2']);
    expect(await stale('p1', 0)).toEqual([]);
  });
};

/** One incident with these effects. */
async function outbox(store: Store, ...effects: Change['effects']): Promise<void> {
  await apply(store, opening('inc-1', { effects }));
}

/** Effects in streams of their own. */
function apart(...numbers: readonly number[]) {
  return numbers.map((n) => pageEffect(`inc-1/1/${n}`, { stream: `s${n}` }));
}

const leases: Shape = ({ store }) => {
  it('hand a due row out once, as sending, with attempt, fence and lease', async () => {
    await outbox(store(), pageEffect('inc-1/1/0', { dueAt: T0 - 3 }));
    const row = await only(store().transact((tx) => tx.lease(leaseAt(T0))));
    expect(row).toMatchObject({
      effect: pageEffect('inc-1/1/0', { dueAt: T0 - 3 }),
      status: 'sending',
      attempt: 1,
      fence: 1,
      firstDueAt: T0 - 3,
      dueAt: T0 - 3,
      leaseUntil: T0 + LEASE_MS,
      ambiguous: false,
      lastOutcome: null,
    });
    expect(await leased(store(), T0 + LEASE_MS * 10)).toEqual([]);
  });

  it('never hand one row to two who ask at the same time', async () => {
    await outbox(store(), ...apart(0, 1, 2, 3, 4, 5, 6, 7));
    const all = await Promise.all(
      Array.from({ length: 8 }, () => leased(store(), T0, { slots: { page: 2 } })),
    );
    expect(all.flat()).toHaveLength(8);
    expect(new Set(all.flat()).size).toBe(8);
  });

  it('take no row before it is due', async () => {
    await outbox(store(), pageEffect('inc-1/1/0', { dueAt: T0 + 1 }));
    expect(await leased(store(), T0)).toEqual([]);
    expect(await leased(store(), T0 + 1)).toEqual(['inc-1/1/0']);
  });

  it('take the longest due first, and no more than there are free slots in the lane', async () => {
    const [a, b, c] = apart(0, 1, 2);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three expected');
    await outbox(store(), { ...a, dueAt: T0 }, { ...b, dueAt: T0 - 20 }, { ...c, dueAt: T0 - 10 });
    expect(await leased(store(), T0, { slots: { page: 2 } })).toEqual([b.id, c.id]);
    expect(await leased(store(), T0, { slots: { page: 2 } })).toEqual([a.id]);
  });

  it('take the worst first of what is due, however long the rest waits, and of one rank the longest due', async () => {
    const ranks = [7, 1, 0, 9, 1, 0];
    const waiting = apart(...ranks.keys()).map((effect, index) => ({
      ...effect,
      rank: ranks[index] ?? 0,
      dueAt: T0 - index,
    }));
    const later = { ...pageEffect('inc-1/1/6', { stream: 'later' }), dueAt: T0 + 1 };
    await outbox(store(), ...waiting, later);
    const [a, b, c, d, e, f] = waiting.map(({ id }) => id);
    expect(await leased(store(), T0, { slots: { page: 3 } })).toEqual([f, c, e]);
    expect(await leased(store(), T0, { slots: { page: 9 } })).toEqual([b, d, a]);
  });

  it.each([[{}], [{ page: 0 }], [{ page: -1 }], [{ internal: 5 }]])(
    'take nothing with slots %o',
    async (slots) => {
      await outbox(store(), pageEffect('inc-1/1/0'));
      expect(await leased(store(), T0, { slots })).toEqual([]);
    },
  );

  it('count each lane for itself', async () => {
    const [a, b, c] = apart(0, 1, 2);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three expected');
    await outbox(store(), a, { ...b, lane: 'public' }, { ...c, lane: 'internal' });
    expect(new Set(await leased(store(), T0, { slots: { page: 1, public: 1 } }))).toEqual(
      new Set([a.id, b.id]),
    );
  });

  it('leave out targets that must not be called', async () => {
    const [a, b, c] = apart(0, 1, 2);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three expected');
    await outbox(store(), a, { ...b, target: 'og' }, { ...c, target: 'it\'s "odd"' });
    expect(await leased(store(), T0, { except: ['pd', 'it\'s "odd"'] })).toEqual([b.id]);
    expect(await leased(store(), T0)).toEqual([a.id, c.id]);
  });

  it('find rows behind any number of rows of a target that is left out', async () => {
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    await outbox(
      store(),
      ...apart(...numbers),
      pageEffect('inc-1/1/50', { target: 'og', stream: 'og' }),
    );
    expect(await leased(store(), T0, { except: ['pd'], slots: { page: 1 } })).toEqual([
      'inc-1/1/50',
    ]);
  });

  it('take a row at once that was woken, and leave a row alone that is due already', async () => {
    await outbox(
      store(),
      pageEffect('inc-1/1/0', { dueAt: T0 + 60_000 }),
      pageEffect('inc-1/1/1', { stream: 's1', dueAt: T0 - 7 }),
    );
    await store().transact((tx) => tx.wake({ ids: ['inc-1/1/0', 'inc-1/1/1', 'nobody'] }, T0));
    const { rows } = await store().transact((tx) => tx.lease(leaseAt(T0)));
    expect(rows.map((row) => [row.effect.id, row.dueAt, row.firstDueAt])).toEqual([
      ['inc-1/1/1', T0 - 7, T0 - 7],
      ['inc-1/1/0', T0, T0 + 60_000],
    ]);
  });

  it('take a row at once whose pause has ended early, and no other', async () => {
    const held = [null, 'paging', 'public'] as const;
    await outbox(store(), ...held.map((_, n) => pageEffect(`inc-1/1/${n}`, { stream: `s${n}` })));
    const { rows } = await store().transact((tx) => tx.lease(leaseAt(T0)));
    const later = { status: 'pending', dueAt: T0 + 60_000 } as const;
    await store().transact(async (tx) => {
      await tx.settle(
        rows.map(({ effect, fence }, n) =>
          settlement(effect.id, fence, { ...later, heldBy: held[n] ?? null }),
        ),
      );
      await tx.wake({ heldBy: 'paging' }, T0 + 1);
    });
    expect(await leased(store(), T0 + 1)).toEqual(['inc-1/1/1']);
  });

  it('take what waits of the pages of a target at once, and nothing of what is held or of others', async () => {
    const rows = [
      pageEffect('inc-1/1/0', { stream: 's0' }),
      pageEffect('inc-1/1/1', { stream: 's1' }),
      pageEffect('inc-1/1/2', { stream: 's2', target: 'og' }),
      pageEffect('inc-1/1/3', { stream: 's3', lane: 'housekeeping' }),
    ];
    await outbox(store(), ...rows);
    const { rows: taken } = await store().transact((tx) => tx.lease(leaseAt(T0)));
    const later = { status: 'pending', dueAt: T0 + 60_000 } as const;
    await store().transact(async (tx) => {
      await tx.settle(
        taken.map(({ effect, fence }) =>
          settlement(effect.id, fence, {
            ...later,
            heldBy: effect.id === 'inc-1/1/1' ? 'paging' : null,
          }),
        ),
      );
      await tx.wake({ pagesAt: 'pd' }, T0 + 1);
    });
    expect(await leased(store(), T0 + 1)).toEqual(['inc-1/1/0']);
  });

  it('tell which rows of an incident wait or are being sent, until they are settled', async () => {
    await outbox(
      store(),
      pageEffect('inc-1/1/0', { stream: 's0' }),
      pageEffect('inc-1/1/1', { stream: 's1', dueAt: T0 + 1 }),
      pageEffect('inc-2/1/0', { stream: 's2', incident: 'inc-2' }),
    );
    const unsettled = async (): Promise<readonly string[]> =>
      (await store().transact((tx) => tx.unsettled('inc-1'))).map(
        ({ effect, status }) => `${effect.id} ${status}`,
      );
    expect(await unsettled()).toEqual(['inc-1/1/0 pending', 'inc-1/1/1 pending']);
    const { rows } = await store().transact((tx) => tx.lease(leaseAt(T0)));
    expect(await unsettled()).toEqual(['inc-1/1/0 sending', 'inc-1/1/1 pending']);
    await store().transact((tx) =>
      tx.settle(rows.map(({ effect, fence }) => settlement(effect.id, fence, {}))),
    );
    expect(await unsettled()).toEqual(['inc-1/1/1 pending']);
  });

  it('know a row no more as held once it was tried again', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    for (const heldBy of ['paging', null] as const)
      await store().transact(async (tx) => {
        const [row] = (await tx.lease(leaseAt(T0))).rows;
        const again = { status: 'pending', dueAt: heldBy === null ? T0 + 60_000 : T0 } as const;
        await tx.settle([settlement('inc-1/1/0', row?.fence ?? 0, { ...again, heldBy })]);
      });
    await store().transact((tx) => tx.wake({ heldBy: 'paging' }, T0 + 1));
    expect(await leased(store(), T0 + 1)).toEqual([]);
  });
};

const streams: Shape = ({ store }) => {
  const [first, second, third] = [0, 1, 2].map((n) =>
    pageEffect(`inc-1/1/${n}`, { stream: 'pd|k' }),
  );
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('three expected');

  it('give out one row at a time, in the order of arrival, even when a later one is due earlier', async () => {
    await outbox(store(), first, { ...second, dueAt: T0 - 100 }, third);
    for (const expected of [first.id, second.id, third.id]) {
      const row = await only(store().transact((tx) => tx.lease(leaseAt(T0))));
      expect(row.effect.id).toBe(expected);
      expect(await leased(store(), T0)).toEqual([]);
      await store().transact((tx) => tx.settle([settlement(row.effect.id, row.fence)]));
    }
  });

  it.each(['done', 'dead', 'superseded'] as const)(
    'go on when the row before is %s',
    async (status) => {
      await outbox(store(), first, second);
      const row = await only(store().transact((tx) => tx.lease(leaseAt(T0))));
      await store().transact((tx) => tx.settle([settlement(first.id, row.fence, { status })]));
      expect(await leased(store(), T0)).toEqual([second.id]);
    },
  );

  it.each(['pending', 'ambiguous'] as const)('wait while the row before is %s', async (status) => {
    await outbox(store(), first, second);
    const row = await only(store().transact((tx) => tx.lease(leaseAt(T0))));
    await store().transact((tx) =>
      tx.settle([settlement(first.id, row.fence, { status, dueAt: T0 + 30_000 })]),
    );
    expect(await leased(store(), T0 + 29_999)).toEqual([]);
    expect(await leased(store(), T0 + 30_000)).toEqual([first.id]);
  });

  it('wait for an earlier row in another lane', async () => {
    await outbox(store(), { ...first, lane: 'internal' }, second);
    expect(await leased(store(), T0, { slots: { page: 5 } })).toEqual([]);
  });

  it('that are stuck hold nobody else', async () => {
    const others = [3, 4].map((n) => pageEffect(`inc-1/1/${n}`, { stream: `other${n}` }));
    await outbox(store(), first, second, third, ...others);
    expect(await leased(store(), T0, { slots: { page: 1 } })).toEqual([first.id]);
    expect(await leased(store(), T0, { slots: { page: 2 } })).toEqual(others.map((one) => one.id));
  });

  it('of another incident are the same stream when the vendor key is the same', async () => {
    await apply(
      store(),
      opening('inc-1', { effects: [pageEffect('inc-1/1/0', { stream: 'pd|shared' })] }),
      opening('inc-2', { effects: [pageEffect('inc-2/1/0', { stream: 'pd|shared' })] }),
    );
    expect(await leased(store(), T0)).toEqual(['inc-1/1/0']);
  });
};

const settlements: Shape = ({ store }) => {
  const settle = (...rows: Parameters<Tx['settle']>[0]) =>
    store().transact((tx) => tx.settle(rows));
  const leaseOne = (now = T0) => only(store().transact((tx) => tx.lease(leaseAt(now))));
  const shown = async () => {
    const [row, ...rest] = await store().reads.outboxOf('inc-1');
    expect(rest).toEqual([]);
    if (row === undefined) throw new Error('one row expected, none found');
    return row;
  };

  it('end a row, with what came back', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    const { fence } = await leaseOne();
    expect(await settle(settlement('inc-1/1/0', fence, { outcome: 'accepted as abc' }))).toEqual([
      true,
    ]);
    expect(await shown()).toMatchObject({
      status: 'done',
      attempt: 1,
      dueAt: T0,
      lastOutcome: 'accepted as abc',
    });
  });

  it('say why the target refuses all, until it is refused no more', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    const again = { status: 'pending', dueAt: T0 } as const;
    const { fence, refused } = await leaseOne();
    await settle(settlement('inc-1/1/0', fence, { ...again, refused: 'unauthorized' }));
    const denied = await leaseOne();
    await settle(settlement('inc-1/1/0', denied.fence, again));
    expect([refused, denied.refused, (await leaseOne()).refused]).toEqual([
      null,
      'unauthorized',
      null,
    ]);
  });

  it('make a row due again, and the next lease is the next attempt', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    const { fence } = await leaseOne();
    await settle(
      settlement('inc-1/1/0', fence, { status: 'pending', dueAt: T0 + 2_000, outcome: '503' }),
    );
    expect(await leased(store(), T0 + 1_999)).toEqual([]);
    expect(await leaseOne(T0 + 2_000)).toMatchObject({
      attempt: 2,
      fence: 2,
      firstDueAt: T0,
      dueAt: T0 + 2_000,
      lastOutcome: '503',
      ambiguous: false,
    });
  });

  it('remember that an attempt ended without an answer, through later attempts', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    await settle(
      settlement('inc-1/1/0', (await leaseOne()).fence, { status: 'ambiguous', dueAt: T0 + 1 }),
    );
    expect(await shown()).toMatchObject({ status: 'ambiguous', ambiguous: true });
    const again = await leaseOne(T0 + 1);
    expect(again).toMatchObject({ status: 'sending', ambiguous: true });
    await settle(
      settlement('inc-1/1/0', again.fence, { status: 'pending', dueAt: T0 + 2, outcome: '503' }),
    );
    expect(await leaseOne(T0 + 2)).toMatchObject({ ambiguous: true });
  });

  it('of an older fence change nothing', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    const slow = await leaseOne();
    await store().transact((tx) => tx.recoverSending(slow.leaseUntil));
    const fast = await leaseOne(slow.leaseUntil);
    expect(fast.fence).toBeGreaterThan(slow.fence);
    expect(await settle(settlement('inc-1/1/0', slow.fence, { outcome: 'too late' }))).toEqual([
      false,
    ]);
    expect(await shown()).toMatchObject({ status: 'sending', fence: fast.fence });
    expect(await settle(settlement('inc-1/1/0', fast.fence))).toEqual([true]);
  });

  it('are taken once', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    const { fence } = await leaseOne();
    const again = settlement('inc-1/1/0', fence, { status: 'pending', dueAt: T0 + 50 });
    expect(await settle(settlement('inc-1/1/0', fence), again)).toEqual([true, false]);
    expect(await leased(store(), T0 + 100)).toEqual([]);
  });

  it('do not reach a row that waits for its next attempt', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    const { fence } = await leaseOne();
    await settle(settlement('inc-1/1/0', fence, { status: 'pending', dueAt: T0 + 50 }));
    expect(await settle(settlement('inc-1/1/0', fence))).toEqual([false]);
    expect((await shown()).status).toBe('pending');
  });

  it('may clear up a row that is ambiguous', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    const { fence } = await leaseOne();
    await settle(settlement('inc-1/1/0', fence, { status: 'ambiguous', dueAt: T0 + 50 }));
    expect(await settle(settlement('inc-1/1/0', fence, { outcome: 'found there' }))).toEqual([
      true,
    ]);
    expect((await shown()).status).toBe('done');
  });

  it('of a row that is not there, or was never leased, are refused', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    expect(await settle(settlement('nobody', 1), settlement('inc-1/1/0', 0))).toEqual([
      false,
      false,
    ]);
    expect((await shown()).status).toBe('pending');
  });
};

const crashes: Shape = ({ store, crash }) => {
  it('what was committed is there and what was not is not', async () => {
    await store().transact((tx) => tx.putInbox([inboxRow('r1')]));
    await expect(
      store().transact(async (tx) => {
        await tx.putInbox([inboxRow('r2')]);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    await crash();
    expect((await takenRows(store(), T0, 9)).map((row) => row.id)).toEqual(['r1']);
  });

  it('between commit and send: the row goes out as if nothing had happened', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    await crash();
    expect(await recovered(store(), Infinity)).toEqual([]);
    expect(await leased(store(), T0)).toEqual(['inc-1/1/0']);
  });

  it('while sending: the row is ambiguous, its stream waits for it, and its sender is fenced off', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'), pageEffect('inc-1/1/1'));
    const before = await only(store().transact((tx) => tx.lease(leaseAt(T0))));
    await crash();
    expect(await leased(store(), T0)).toEqual([]);
    const row = await only(store().transact((tx) => tx.recoverSending(Infinity)));
    expect(row).toMatchObject({
      effect: { id: 'inc-1/1/0' },
      status: 'ambiguous',
      ambiguous: true,
      attempt: 1,
    });
    expect(
      await store().transact((tx) => tx.settle([settlement('inc-1/1/0', before.fence)])),
    ).toEqual([false]);
    const again = await only(store().transact((tx) => tx.lease(leaseAt(T0))));
    expect(again).toMatchObject({ effect: { id: 'inc-1/1/0' }, attempt: 2, ambiguous: true });
  });

  it('whoever recovers a row may settle it', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    await leased(store(), T0);
    await crash();
    const { fence } = await only(store().transact((tx) => tx.recoverSending(Infinity)));
    expect(await store().transact((tx) => tx.settle([settlement('inc-1/1/0', fence)]))).toEqual([
      true,
    ]);
  });

  it('wake-ups and numbers are as before', async () => {
    await apply(store(), opening('inc-1', { wake: wakeAt(T0) }));
    const first = await store().transact((tx) => tx.nextIncidentNumber());
    await crash();
    expect(await store().transact((tx) => tx.dueIncidents(T0, 9))).toEqual(['inc-1']);
    expect(await store().transact((tx) => tx.nextIncidentNumber())).toBeGreaterThan(first);
  });

  it('only leases that ended are taken over, in order of arrival', async () => {
    await outbox(store(), ...apart(0, 1, 2));
    await leased(store(), T0, { slots: { page: 2 } });
    await leased(store(), T0 + 10, { slots: { page: 1 } });
    expect(await recovered(store(), T0 + LEASE_MS - 1)).toEqual([]);
    expect(await recovered(store(), T0 + LEASE_MS)).toEqual(['inc-1/1/0', 'inc-1/1/1']);
    expect(await recovered(store(), Infinity)).toEqual(['inc-1/1/2']);
  });
};

const claims: Shape = ({ store }) => {
  const held = async (kind: ClaimKey['kind'], key: string) =>
    (await store().transact((tx) => tx.claims([{ kind, key }])))[0] ?? null;
  const claims = (change: Partial<Change['claims']>): Change['claims'] => ({
    take: [],
    release: [],
    ...change,
  });
  const ring = (key: string, value: string, was: string | null = null) =>
    ({ kind: 'ring', key, value, was }) as const;
  const ringAt = (key: string, value: string) => ({ kind: 'ring', key, value }) as const;

  it('are found by kind and key', async () => {
    await apply(store(), opening('inc-1', { claims: claims({ take: [ring('a', '1')] }) }));
    expect(await held('ring', 'a')).toEqual({ ...ringAt('a', '1'), holder: 'inc-1' });
    expect(await held('group', 'a')).toBeNull();
    expect(await held('ring', 'b')).toBeNull();
  });

  it('of an address go to whoever rings it last; what another has taken is not released', async () => {
    await apply(
      store(),
      opening('inc-1', { claims: claims({ take: [ring('a', '1')] }) }),
      opening('inc-2', { claims: claims({ take: [ring('a', '2', '1')] }) }),
    );
    expect(await held('ring', 'a')).toMatchObject({ holder: 'inc-2', value: '2' });
    const late = claims({
      release: [
        { kind: 'ring', key: 'a' },
        { kind: 'ring', key: null },
      ],
    });
    await apply(store(), noting(await loaded(store(), 'inc-1'), 'late', { claims: late }));
    expect(await held('ring', 'a')).toMatchObject({ holder: 'inc-2', value: '2' });
    const over = claims({ release: [{ kind: 'ring', key: 'a' }] });
    await apply(store(), noting(await loaded(store(), 'inc-2'), 'over', { claims: over }));
    expect(await held('ring', 'a')).toBeNull();
  });

  it('of an address are refused to a decision that has not seen the row as it is', async () => {
    await apply(store(), opening('inc-1', { claims: claims({ take: [ring('a', '1')] }) }));
    const unseen = await store().transact((tx) =>
      tx.apply([
        opening('inc-2', { claims: claims({ take: [ring('a', '2')] }) }),
        opening('inc-3', { claims: claims({ take: [ring('a', '3', '2')] }) }),
        opening('inc-4', { claims: claims({ take: [ring('b', '4', '1')] }) }),
      ]),
    );
    const refused = { ok: false, conflict: 'claim_taken' };
    expect(unseen).toEqual([refused, refused, refused]);
    expect(await held('ring', 'a')).toMatchObject({ holder: 'inc-1', value: '1' });
    expect(await store().reads.incident('inc-2')).toBeNull();
  });

  it('of a component are each subject’s own: none takes or releases what another says', async () => {
    const component = (value: string) => ({ kind: 'component', key: 'c', value }) as const;
    const all = (): Promise<readonly unknown[]> =>
      store().transact((tx) => tx.claims([{ kind: 'component', key: 'c' }]));
    await apply(
      store(),
      opening('inc-1', { claims: claims({ take: [component('1')] }) }),
      opening('inc-2', { claims: claims({ take: [component('2')] }) }),
    );
    const both = [
      { ...component('1'), holder: 'inc-1' },
      { ...component('2'), holder: 'inc-2' },
    ];
    expect(await all()).toEqual(both);
    const again = claims({ take: [component('3')] });
    await apply(store(), noting(await loaded(store(), 'inc-1'), 'again', { claims: again }));
    expect(await all()).toEqual([{ ...component('3'), holder: 'inc-1' }, both[1]]);
    const over = claims({ release: [{ kind: 'component', key: 'c' }] });
    await apply(store(), noting(await loaded(store(), 'inc-1'), 'over', { claims: over }));
    expect(await all()).toEqual([both[1]]);
  });

  it('are undone with their transaction', async () => {
    await expect(
      store().transact(async (tx) => {
        await tx.apply([opening('inc-1', { claims: claims({ take: [ring('a', '1')] }) })]);
        throw new Error('not to be');
      }),
    ).rejects.toThrow('not to be');
    expect(await held('ring', 'a')).toBeNull();
  });
};

const rings: Shape = ({ store }) => {
  const pages = (query: RingQuery) => store().transact((tx) => tx.pages(query));

  it('are found by the key that we gave and by the reference that the vendor gave, at their target', async () => {
    const one = pageRow({ ref: 'PD1', unconfirmed: true });
    await apply(store(), opening('inc-1', { pages: [one, pageRow({ page: 'p2', key: 'k2' })] }));
    expect(await pages({ target: 'pd', keys: ['inc-1-key'] })).toEqual([one]);
    expect(await pages({ target: 'pd', ref: 'PD1' })).toEqual([one]);
    expect(await pages({ target: 'pd', keys: ['unknown', 'inc-1-key'] })).toEqual([one]);
    expect(await pages({ target: 'og', keys: ['inc-1-key'] })).toEqual([]);
    expect(await pages({ target: 'og', ref: 'PD1' })).toEqual([]);
    expect(await pages({ target: 'pd', ref: 'PD9' })).toEqual([]);
  });

  it('are found in every incident that shares the key', async () => {
    const shared = (incident: string, since: number) => pageRow({ incident, key: 'shared', since });
    await apply(
      store(),
      opening('inc-1', { pages: [shared('inc-1', T0 + 5)] }),
      opening('inc-2', { pages: [shared('inc-2', T0)] }),
    );
    expect((await pages({ target: 'pd', keys: ['shared'] })).map((row) => row.incident)).toEqual([
      'inc-2',
      'inc-1',
    ]);
  });

  it('are found, the newest of a state first, without the others under the key', async () => {
    const rings = [1, 2, 3, 4].map((n) =>
      pageRow({ page: `p${n}`, key: 'k', since: T0 + n, state: n === 4 ? 'closed' : 'open' }),
    );
    await apply(store(), opening('inc-1', { pages: rings }));
    const newest = async (state: 'open' | 'acknowledged' | 'closed', count: number) =>
      (await pages({ target: 'pd', key: 'k', state, newest: count })).map(({ page }) => page);
    expect(await newest('open', 2)).toEqual(['p3', 'p2']);
    expect(await newest('open', 9)).toEqual(['p3', 'p2', 'p1']);
    expect(await newest('closed', 9)).toEqual(['p4']);
    expect(await newest('acknowledged', 9)).toEqual([]);
  });

  const unconfirmed = (target: string, unconfirmedSince = 0) =>
    store().transact((tx) => tx.pages({ target, unconfirmedSince }));

  it('are updated in place', async () => {
    await apply(store(), opening('inc-1', { pages: [pageRow({ unconfirmed: true })] }));
    expect(await unconfirmed('pd')).toMatchObject([{ key: 'inc-1-key', unconfirmed: true }]);
    const now = pageRow({ ref: 'PD1', state: 'acknowledged' });
    await apply(store(), noting(await loaded(store(), 'inc-1'), 'acknowledged', { pages: [now] }));
    expect(await pages({ target: 'pd', keys: ['inc-1-key'] })).toEqual([now]);
    expect(await unconfirmed('pd')).toEqual([]);
    expect(await unconfirmed('og')).toEqual([]);
  });

  it('and of each object of a vendor it is known what was heard last, of its answer and of its end', async () => {
    const object = { account: 'pd', ref: 'Q1' };
    const hear = (word: HeardWord) => store().transact((tx) => tx.hear(object, word));
    const last = (more: object = {}) =>
      store().transact((tx) => tx.heardOf({ ...object, ...more }));
    expect(await last()).toEqual([]);
    await hear({ about: 'answer', says: true, at: T0 + 5 });
    await hear({ about: 'end', says: false, at: T0 });
    await hear({ about: 'answer', says: false, at: T0 + 9 });
    expect(await last()).toEqual([
      { about: 'answer', says: false, at: T0 + 9 },
      { about: 'end', says: false, at: T0 },
    ]);
    expect(await last({ ref: 'Q2' })).toEqual([]);
    expect(await last({ account: 'og' })).toEqual([]);
  });

  it('that are unconfirmed are found, the one asked for last first, closed ones for a time', async () => {
    const row = (page: PageId, over: Partial<PageRow>) =>
      pageRow({ page, key: page, unconfirmed: true, ...over });
    const pages = [
      row('p1', { askedAt: T0 }),
      row('p2', { askedAt: T0 + 5, state: 'closed' }),
      row('p3', { askedAt: T0 + 6, state: 'closed' }),
      row('p4', { askedAt: T0 + 7, unconfirmed: false }),
    ];
    await apply(store(), opening('inc-1', { pages }));
    expect((await unconfirmed('pd', T0 + 5)).map(({ page }) => page)).toEqual(['p3', 'p1']);
  });

  it('that nobody is wanted by and that may come late are read, the one asked for last first, as many as asked for', async () => {
    const row = (page: PageId, over: Partial<PageRow>) =>
      pageRow({ page, key: page, state: 'closed', unconfirmed: true, ...over });
    const [p1, p2, ...others] = [
      row('p1', { askedAt: T0 + 6 }),
      row('p2', { askedAt: T0 + 7, state: 'acknowledged' }),
      row('p3', { askedAt: T0 + 8, state: 'open' }),
      row('p4', { askedAt: T0 + 9, unconfirmed: false }),
      row('p5', { askedAt: T0 + 9, target: 'og' }),
      row('p6', { askedAt: T0 + 5 }),
    ];
    const pages = [p1, p2, ...others].filter((one) => one !== undefined);
    await apply(store(), opening('inc-1', { pages }), opening('inc-2'));
    await apply(store(), resolving(await loaded(store(), 'inc-1')));
    const late = (limit: number) => store().reads.lateRings({ target: 'pd', since: T0 + 5, limit });
    expect(await late(10)).toEqual([p2, p1]);
    expect(await late(1)).toEqual([p2]);
  });

  it('whose pager was told after an instant are read, the last one first, as many as asked for', async () => {
    const row = (page: PageId, over: Partial<PageRow>) =>
      pageRow({ page, key: page, state: 'closed', ...over });
    const pages = [
      row('p1', { toldAt: T0 + 6 }),
      row('p2', { toldAt: T0 + 7 }),
      row('p3', {}),
      row('p4', { toldAt: T0 + 9, target: 'og' }),
      row('p5', { toldAt: T0 + 5 }),
    ];
    await apply(store(), opening('inc-1', { pages }));
    const told = (limit: number) => store().reads.toldRings({ target: 'pd', since: T0 + 5, limit });
    expect(await told(10)).toEqual([pages[1], pages[0]]);
    expect(await told(1)).toEqual([pages[1]]);
  });

  const openPages = (query: Partial<Parameters<Reads['openPages']>[0]> = {}) =>
    store().reads.openPages({ target: 'pd', after: null, limit: 10, ...query });

  it('that await an answer are read by target, the rings of one key together, as many as asked for', async () => {
    const row = (incident: string, key: string, over: Partial<PageRow> = {}) =>
      pageRow({ incident, key, ...over });
    const answered = { state: 'acknowledged', awaitsAnswer: false } as const;
    await apply(
      store(),
      opening('inc-1', {
        pages: [row('inc-1', 'k2'), row('inc-1', 'k9', { page: 'p2', ...answered })],
      }),
      opening('inc-2', { pages: [row('inc-2', 'k1'), row('inc-2', 'k1', { target: 'og' })] }),
      opening('inc-3', { pages: [row('inc-3', 'k1', { ref: 'PD3' })] }),
    );
    const [first, second, third] = [
      row('inc-2', 'k1'),
      row('inc-3', 'k1', { ref: 'PD3' }),
      row('inc-1', 'k2'),
    ];
    expect(await openPages()).toEqual([first, second, third]);
    expect(await openPages({ limit: 2 })).toEqual([first, second]);
    expect(await openPages({ after: first, limit: 1 })).toEqual([second]);
    expect(await openPages({ after: second })).toEqual([third]);
    expect(await openPages({ after: third })).toEqual([]);
    expect(await openPages({ target: 'chat' })).toEqual([]);
  });

  it('await nothing once they are answered, or their incident is over', async () => {
    const two = [pageRow(), pageRow({ page: 'p2', key: 'k2' })];
    await apply(
      store(),
      opening('inc-1', { pages: two }),
      opening('inc-2', { pages: [pageRow({ incident: 'inc-2', key: 'k3' })] }),
    );
    await apply(
      store(),
      noting(await loaded(store(), 'inc-1'), 'answered', {
        pages: [pageRow({ awaitsAnswer: false })],
      }),
      resolving(await loaded(store(), 'inc-2')),
    );
    expect(await openPages()).toEqual([two[1]]);
  });
};

const lists: Shape = ({ store }) => {
  const listed = async (query: Partial<Parameters<Reads['listIncidents']>[0]>) =>
    (await store().reads.listIncidents({ open: null, limit: 10, before: null, ...query })).map(
      (row) => row.id,
    );

  it('show the newest first, a page at a time', async () => {
    await apply(store(), ...['c', 'a', 'b', 'd'].map((id) => opening(id)));
    expect(await listed({})).toEqual(['d', 'b', 'a', 'c']);
    expect(await listed({ limit: 2 })).toEqual(['d', 'b']);
    expect(await listed({ limit: 2, before: 'b' })).toEqual(['a', 'c']);
    expect(await listed({ before: 'c' })).toEqual([]);
    expect(await listed({ before: 'unknown' })).toEqual([]);
    expect(await listed({ limit: 0 })).toEqual([]);
  });

  it('separate what is open from what is over', async () => {
    await apply(store(), opening('a'), opening('b'), opening('c'));
    await apply(store(), resolving(await loaded(store(), 'b')));
    expect(await listed({ open: true })).toEqual(['c', 'a']);
    expect(await listed({ open: false })).toEqual(['b']);
    await apply(
      store(),
      continuing(await loaded(store(), 'b'), [
        { type: 'IncidentReopened', reason: 'again', waiting: [] },
      ]),
    );
    expect(await listed({ open: true })).toEqual(['c', 'b', 'a']);
  });

  it.each<Phase>(['triage', 'investigating', 'identified', 'monitoring', 'resolved', 'closed'])(
    'call an incident in phase %s open as the core does',
    async (phase) => {
      const change = opening('a');
      const state = { ...change.state, phase };
      await apply(store(), { ...change, state });
      expect(await listed({ open: true })).toEqual(isOver(state) ? [] : ['a']);
    },
  );

  it('find an incident by its id or by a prefix that only one has', async () => {
    await apply(store(), opening('inc-1'), opening('inc-12'), opening('inc-2'), opening('inc%'));
    const found = async (id: string) => (await store().reads.incident(id))?.id ?? null;
    expect(await found('inc-1')).toBe('inc-1');
    expect(await found('inc-12')).toBe('inc-12');
    expect(await found('inc-2')).toBe('inc-2');
    expect(await found('inc%')).toBe('inc%');
    expect(await found('inc-')).toBeNull();
    expect(await found('')).toBeNull();
    expect(await found('x')).toBeNull();
    expect(await found('INC-2')).toBeNull();
  });

  it('show what was sent', async () => {
    await outbox(store(), pageEffect('inc-1/1/0'));
    expect(ids(await store().reads.outboxOf('inc-1'))).toEqual(['inc-1/1/0']);
    expect(await store().reads.outboxOf('inc-9')).toEqual([]);
    expect(await store().reads.timeline('inc-9')).toEqual([]);
  });
};

const values: Shape = ({ store }) => {
  it('are set, replaced and deleted', async () => {
    await store().transact((tx) => tx.setMeta('pause:public', '{"until":1}'));
    await store().transact((tx) => tx.setMeta('pause:public', ''));
    expect(await store().transact((tx) => tx.meta('pause:public'))).toBe('');
    await store().transact((tx) => tx.setMeta('pause:public', null));
    expect(await store().transact((tx) => tx.meta('pause:public'))).toBeNull();
  });

  it.each(['instance', 'kind'])('cannot replace the %s of the database', async (key) => {
    const before = await store().reads.meta(key);
    await expect(store().transact((tx) => tx.setMeta(key, 'x'))).rejects.toThrow(key);
    await expect(store().transact((tx) => tx.setMeta(key, null))).rejects.toThrow(key);
    expect(await store().reads.meta(key)).toBe(before);
  });

  it('hold an instance of eight random characters', async () => {
    expect(await store().reads.meta('instance')).toMatch(/^[0-9a-z]{8}$/);
  });

  it('number incidents from 1 without a repeat', async () => {
    const next = () => store().transact((tx) => tx.nextIncidentNumber());
    const numbers = [await next(), ...(await Promise.all([next(), next(), next()]))];
    expect(numbers[0]).toBe(1);
    expect(new Set(numbers).size).toBe(4);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers);
  });

  it('take the newest number back, and no other', async () => {
    const next = () => store().transact((tx) => tx.nextIncidentNumber());
    const giveBack = (number: number) => store().transact((tx) => tx.returnIncidentNumber(number));
    const [first, second] = [await next(), await next()];
    await giveBack(first);
    expect(await next(), 'the second is in use').toBe(second + 1);
    await giveBack(second + 1);
    expect(await next()).toBe(second + 1);
  });

  it('are listed by the beginning of their keys', async () => {
    await store().transact(async (tx) => {
      await tx.setMeta('token:b', '2');
      await tx.setMeta('token:a', '1');
      await tx.setMeta('tokens', 'other');
    });
    expect(await store().reads.metas('token:')).toEqual([
      { key: 'token:a', value: '1' },
      { key: 'token:b', value: '2' },
    ]);
    expect(await store().reads.metas('nothing:')).toEqual([]);
  });
};

const health: Shape = ({ store }) => {
  const QUIET = {
    undecided: 0,
    held: 0,
    oldestDueMs: 0,
    oldestPageMs: 0,
    oldestTurnMs: 0,
    ambiguous: 0,
    dead: 0,
    openIncidents: 0,
    unreachable: [],
  };

  it('of an empty store is quiet and nothing falls due', async () => {
    expect(await store().reads.health(T0)).toEqual(QUIET);
    expect(await store().reads.nextDueAt(T0)).toBeNull();
  });

  it('counts what is held apart from what is undecided', async () => {
    await store().transact((tx) =>
      tx.putInbox([
        inboxRow('r1', { origin: 'held', notBefore: T0 + 30 }),
        inboxRow('r2', { notBefore: T0 + 30 }),
      ]),
    );
    expect(await store().reads.health(T0)).toMatchObject({ undecided: 1, held: 1 });
  });

  it('counts what is undecided, ready or waiting, and when it falls due', async () => {
    await store().transact((tx) => tx.putInbox([inboxRow('r1', { notBefore: T0 + 30 })]));
    expect(await store().reads.nextDueAt(T0)).toBe(T0 + 30);
    await store().transact((tx) => tx.putInbox([inboxRow('r2')]));
    expect((await store().reads.health(T0)).undecided).toBe(2);
    expect(await store().reads.nextDueAt(T0)).toBe(T0 + 30);
    await store().transact((tx) =>
      tx.dispose(['r1', 'r2'].map((id) => ({ id, disposition: DECIDED, at: T0 }))),
    );
    expect((await store().reads.health(T0)).undecided).toBe(0);
    expect(await store().reads.nextDueAt(T0)).toBeNull();
  });

  const asleep = () => store().transact((tx) => tx.rearm([{ incident: 'inc-1', wake: null }]));

  it('tells how late the oldest row or wake-up is, also while it is being sent', async () => {
    const effects = [pageEffect('inc-1/1/0', { dueAt: T0 + 5 })];
    await apply(store(), opening('inc-1', { effects, wake: wakeAt(T0 + 3) }));
    expect((await store().reads.health(T0)).oldestDueMs).toBe(0);
    expect(await store().reads.health(T0 + 1_000)).toMatchObject({
      oldestDueMs: 997,
      oldestTurnMs: 997,
    });
    await asleep();
    expect(await store().reads.health(T0 + 1_000)).toMatchObject({
      oldestDueMs: 995,
      oldestPageMs: 995,
      oldestTurnMs: 0,
    });
    await leased(store(), T0 + 5);
    expect((await store().reads.health(T0 + 1_000)).oldestDueMs).toBe(995);
    expect((await store().reads.health(T0 + 1_000)).oldestPageMs).toBe(995);
  });

  it('counts a message that is being sent for no page', async () => {
    const effects = [pageEffect('inc-1/1/0', { lane: 'internal', dueAt: T0 + 5 })];
    await apply(store(), opening('inc-1', { effects, wake: wakeAt(T0 + 3) }));
    await asleep();
    await leased(store(), T0 + 5);
    expect(await store().reads.health(T0 + 1_000)).toMatchObject({
      oldestDueMs: 995,
      oldestPageMs: 0,
    });
  });

  it('counts what is ambiguous, dead and open', async () => {
    await apply(store(), opening('inc-1', { effects: apart(0, 1, 2) }), opening('inc-2'));
    await leased(store(), T0);
    await store().transact((tx) =>
      tx.settle([
        settlement('inc-1/1/0', 1, { status: 'ambiguous', dueAt: T0 + 1 }),
        settlement('inc-1/1/1', 1, { status: 'dead' }),
        settlement('inc-1/1/2', 1, { status: 'superseded' }),
      ]),
    );
    await apply(store(), resolving(await loaded(store(), 'inc-2')));
    expect(await store().reads.health(T0)).toEqual({
      ...QUIET,
      ambiguous: 1,
      dead: 1,
      openIncidents: 1,
    });
  });

  it('names each page once that no pager accepts, however many were asked, until one does', async () => {
    const lost = { unreachable: true, since: T0 - 5 };
    const rows = [pageRow({ ...lost, target: 'pd' }), pageRow({ ...lost, target: 'og' })];
    await apply(store(), opening('inc-1', { pages: [...rows, pageRow({ page: 'p9' })] }));
    const { unreachable } = await store().reads.health(T0);
    const { incident, page } = pageRow();
    expect(unreachable).toEqual([{ incident, page, since: T0 - 5 }]);
    await apply(store(), {
      ...resolving(await loaded(store(), 'inc-1')),
      pages: rows.map((row) => ({ ...row, unreachable: false })),
    });
    expect((await store().reads.health(T0)).unreachable).toEqual([]);
  });

  it('knows the next moment at which something may happen', async () => {
    const effects = [
      pageEffect('inc-1/1/0', { dueAt: T0 + 500 }),
      pageEffect('inc-1/1/1', { dueAt: T0 + 100 }),
      pageEffect('inc-1/1/2', { dueAt: T0 + 900, stream: 'other', lane: 'public' }),
    ];
    await apply(store(), opening('inc-1', { effects, wake: wakeAt(T0 + 700) }));
    const next = (after: number) => store().reads.nextDueAt(T0 + after);
    // inc-1/1/1 waits for the row before it, which may be gone by then.
    expect([await next(0), await next(100), await next(500)]).toEqual([
      T0 + 100,
      T0 + 500,
      T0 + 700,
    ]);
    await leased(store(), T0 + 500);
    expect(await next(100)).toBe(T0 + 700);
    await asleep();
    expect(await next(100)).toBe(T0 + 900);
    await leased(store(), T0 + 900);
    // Nothing is left but two leases, of which the first ends first.
    expect(await next(100)).toBe(T0 + 500 + LEASE_MS);
    expect(await next(500 + LEASE_MS)).toBe(T0 + 900 + LEASE_MS);
  });
};

const retention: Shape = ({ store }) => {
  it('deletes what is decided and settled before the instant, and nothing else', async () => {
    await store().transact(async (tx) => {
      await tx.putInbox([inboxRow('old', { deliveryId: 'd1' }), inboxRow('new'), inboxRow('open')]);
      await tx.dispose([
        { id: 'old', disposition: DECIDED, at: T0 },
        { id: 'new', disposition: DECIDED, at: T0 + 10 },
      ]);
    });
    await outbox(store(), ...apart(0, 1, 2));
    await leased(store(), T0, { slots: { page: 2 } });
    await store().transact((tx) =>
      tx.settle([
        settlement('inc-1/1/0', 1, { at: T0 }),
        settlement('inc-1/1/1', 1, { at: T0 + 10 }),
      ]),
    );
    expect(await store().retain(T0 + 10)).toBe(2);
    expect(await store().reads.inboxRow('old')).toBeNull();
    expect(await store().reads.inboxRow('new')).not.toBeNull();
    expect((await takenRows(store(), T0, 9)).map((row) => row.id)).toEqual(['open']);
    expect(ids(await store().reads.outboxOf('inc-1'))).toEqual(['inc-1/1/1', 'inc-1/1/2']);
    expect(await store().reads.timeline('inc-1')).toHaveLength(1);
    expect(await store().retain(T0 + 10)).toBe(0);
  });

  it('deletes resolved alerts of incidents that are over, and the counts follow', async () => {
    await apply(store(), opening('inc-1'), opening('inc-2'));
    await store().transact((tx) =>
      tx.putAlerts([
        alertRow('a', { status: 'resolved' }),
        alertRow('b', { status: 'resolved', observedAt: T0 + 10 }),
        alertRow('c'),
        alertRow('d', { status: 'resolved', incident: 'inc-2' }),
      ]),
    );
    expect(await store().retain(T0 + 1)).toBe(0);
    await apply(store(), resolving(await loaded(store(), 'inc-1')));
    expect(await store().retain(T0 + 1)).toBe(1);
    const left = await store().reads.alertsOf('inc-1', 9);
    expect(left.map((row) => row.dedupKey)).toEqual(['c', 'b']);
    expect(await store().transact((tx) => tx.alertCounts(['inc-1', 'inc-2']))).toEqual({
      'inc-1': { firing: 1, stale: 0, held: 0, total: 2 },
      'inc-2': { firing: 0, stale: 0, held: 0, total: 1 },
    });
  });

  it('forgets what was heard of a vendor’s object long ago, however many there are', async () => {
    const of = (n: number) => ({ account: 'pd', ref: `Q${n}` });
    await store().transact(async (tx) => {
      for (let n = 0; n < 600; n += 1) {
        await tx.hear(of(n), { about: 'answer', says: true, at: T0 });
        await tx.hear(of(n), { about: 'end', says: true, at: T0 + (n === 7 ? 10 : 0) });
      }
    });
    expect(await store().retain(T0 + 1)).toBe(1_199);
    const left = (n: number) => store().transact((tx) => tx.heardOf(of(n)));
    expect(await left(599)).toEqual([]);
    expect(await left(7)).toEqual([{ about: 'end', says: true, at: T0 + 10 }]);
  });

  it('goes through many rows and lets other work through in between', async () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => inboxRow(`r${n}`));
    await store().transact(async (tx) => {
      await tx.putInbox(rows);
      await tx.dispose(rows.map(({ id }) => ({ id, disposition: DECIDED, at: T0 })));
    });
    const order: string[] = [];
    const retained = store()
      .retain(T0 + 1)
      .then((n) => order.push(`retained ${n}`));
    await store().transact(async (tx) => tx.putInbox([inboxRow('live')]));
    order.push('live');
    await retained;
    expect(order).toEqual(['live', 'retained 5000']);
    expect((await takenRows(store(), T0, 9)).map((row) => row.id)).toEqual(['live']);
  });

  it('forgets a delivery id with its row', async () => {
    await store().transact(async (tx) => {
      await tx.putInbox([inboxRow('r1', { deliveryId: 'd' })]);
      await tx.dispose([{ id: 'r1', disposition: DECIDED, at: T0 }]);
    });
    await store().retain(T0 + 1);
    expect(
      await store().transact((tx) => tx.putInbox([inboxRow('r2', { deliveryId: 'd' })])),
    ).toEqual([{ id: 'r2', duplicateOf: null }]);
  });
};

const readers: Shape = ({ store, current }) => {
  it('see what is committed and never what is under way', async () => {
    const beside = await current().openReads();
    try {
      await store().transact(async (tx) => {
        await tx.apply([opening('inc-1')]);
        expect(await beside.reads.incident('inc-1')).toBeNull();
        expect(await store().reads.incident('inc-1')).toBeNull();
      });
      expect((await beside.reads.incident('inc-1'))?.version).toBe(1);
    } finally {
      await beside.close();
    }
  });

  it('neither wait for the writer nor hold it up', async () => {
    const readersBeside = await Promise.all([current().openReads(), current().openReads()]);
    try {
      for (let n = 0; n < 20; n += 1) {
        await apply(store(), opening(`inc-${n}`));
        const lengths = await Promise.all(
          readersBeside.map(
            async ({ reads }) =>
              (await reads.listIncidents({ open: true, limit: 100, before: null })).length,
          ),
        );
        expect(lengths).toEqual([n + 1, n + 1]);
      }
    } finally {
      for (const reader of readersBeside) await reader.close();
    }
  });

  it('go on when the server ends', async () => {
    await apply(store(), opening('inc-1'));
    const beside = await current().openReads();
    try {
      await store().close();
      expect((await beside.reads.incident('inc-1'))?.id).toBe('inc-1');
    } finally {
      await beside.close();
    }
  });
};
