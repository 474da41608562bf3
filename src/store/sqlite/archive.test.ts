/** The archive: what moves, what stays, what is read from there, and a process that dies at each step of a move. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  T0,
  alertRow,
  continuing,
  noting,
  opening,
  pageEffect,
  pageRow,
  resolving,
  settlement,
  leaseAt,
} from '../../../test/conformance/store-fixtures.ts';
import { DIE_IN_MOVE, type DieInMove } from '../../../test/support/die-in-move.ts';
import { verifyRecords } from '../chain.ts';
import { type Copied, createMovers, moveAll } from './archive.ts';
import { type Connection, openWriter } from './connection.ts';
import { openSqliteReads, openSqliteStore } from '../sqlite.ts';
import type { Change, Store } from '../store.ts';

const DAY = 86_400_000;
const NEW_YEAR = 1_767_225_600_000;
const LATER = T0 + 100 * DAY;

let directory: string;
let stores: Store[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-archive-'));
  stores = [];
});

afterEach(async () => {
  for (const store of stores) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(): Promise<Store> {
  const store = await openSqliteStore({ directory, kind: 'sandbox', lock: true });
  stores.push(store);
  return store;
}

async function close(store: Store): Promise<void> {
  stores = stores.filter((one) => one !== store);
  await store.close();
}

async function apply(store: Store, ...changes: readonly Change[]): Promise<void> {
  const results = await store.transact((tx) => tx.apply(changes));
  expect(results).toEqual(changes.map(() => ({ ok: true })));
}

async function resolve(store: Store, id: string, over: Partial<Change> = {}): Promise<void> {
  const row = await store.reads.incident(id);
  if (row?.state == null) throw new Error(`${id} is not there`);
  await apply(store, resolving(row.state, over));
}

/** An incident with a page that was sent, an alert, and its end. */
async function over(store: Store, id: string): Promise<void> {
  const effect = pageEffect(`${id}/1/0`);
  await apply(
    store,
    opening(id, { effects: [effect], pages: [pageRow({ incident: id, key: `${id}-key` })] }),
  );
  await store.transact((tx) => tx.lease(leaseAt(T0, { slots: { page: 9 } })));
  await store.transact((tx) => tx.settle([settlement(`${id}/1/0`, 1, { at: T0 })]));
  await store.transact((tx) =>
    tx.putAlerts([alertRow(`${id}-alert`, { incident: id, status: 'resolved' })]),
  );
  await resolve(store, id);
}

/** All that `show` reads of it. */
async function known(store: Store, id: string) {
  const { reads } = store;
  const row = await reads.incident(id);
  return {
    state: row?.state,
    version: row?.version,
    timeline: await reads.timeline(id),
    outbox: await reads.outboxOf(id),
    alerts: await reads.alertsOf(id, 9),
  };
}

/** Rows of the incident that the database itself holds. */
function rowsHere(id: string): number {
  const db = new Database(join(directory, 'tocsin.db'), { readonly: true });
  try {
    const count = (sql: string) => db.prepare<[string], { n: number }>(sql).get(id)?.n ?? 0;
    return (
      count('SELECT count(*) AS n FROM events WHERE subject = ?') +
      count('SELECT count(*) AS n FROM outbox WHERE incident = ?')
    );
  } finally {
    db.close();
  }
}

const fileOf = (name: string): string => join(directory, 'archive', name);

describe('an incident that was over for long', () => {
  it('moves with all that is read of it, and is read as before', async () => {
    const store = await open();
    await over(store, 'inc-1');
    const before = await known(store, 'inc-1');
    expect(before.outbox).toHaveLength(1);
    expect(before.alerts).toHaveLength(1);
    expect(await store.archive(LATER)).toEqual({ moved: 1, left: 0, isDiskShort: false });
    expect(rowsHere('inc-1')).toBe(0);
    expect(await known(store, 'inc-1')).toEqual(before);
    expect((await store.reads.incident('inc-1'))?.archive).toBe('2026.db');
    expect((await store.reads.incident('inc-'))?.id).toBe('inc-1');
    expect(await verifyRecords(store.reads)).toEqual({ incidents: 1, events: 2, broken: [] });
  });

  it('stays in lists, in its place', async () => {
    const store = await open();
    for (const id of ['inc-1', 'inc-2', 'inc-3']) await apply(store, opening(id));
    await resolve(store, 'inc-2');
    await store.archive(LATER);
    const list = (open: boolean | null, before: string | null = null) =>
      store.reads.listIncidents({ open, limit: 9, before });
    expect((await list(null)).map(({ id, state }) => [id, state?.phase])).toEqual([
      ['inc-3', 'triage'],
      ['inc-2', 'resolved'],
      ['inc-1', 'triage'],
    ]);
    expect((await list(false)).map(({ id }) => id)).toEqual(['inc-2']);
    expect((await list(null, 'inc-2')).map(({ id }) => id)).toEqual(['inc-1']);
  });

  it('goes to the file of the year in which it ended', async () => {
    const store = await open();
    await apply(store, opening('inc-1', { at: NEW_YEAR - DAY }), opening('inc-2'));
    const row = await store.reads.incident('inc-1');
    if (row?.state == null) throw new Error('inc-1 is not there');
    const ended = resolving(row.state);
    const at = NEW_YEAR - 1;
    await apply(store, {
      ...ended,
      events: ended.events.map((event) => ({ ...event, at })),
      state: { ...ended.state, lastEventAt: at },
    });
    await resolve(store, 'inc-2');
    expect(await store.archive(LATER)).toMatchObject({ moved: 2 });
    const files = ['inc-1', 'inc-2'].map(async (id) => (await store.reads.incident(id))?.archive);
    expect(await Promise.all(files)).toEqual(['2025.db', '2026.db']);
    expect(statSync(fileOf('2025.db')).mode & 0o777).toBe(0o600);
  });

  it('is still known by the keys and references of its rings', async () => {
    const store = await open();
    await over(store, 'inc-1');
    await store.archive(LATER);
    const found = await store.transact((tx) => tx.pages({ target: 'pd', keys: ['inc-1-key'] }));
    expect(found.map(({ incident }) => incident)).toEqual(['inc-1']);
    const [row] = await store.transact((tx) => tx.incidents(['inc-1']));
    expect(row).toMatchObject({ archive: '2026.db', state: null, wake: null });
  });

  it('does not change any more: an event for it is refused', async () => {
    const store = await open();
    await over(store, 'inc-1');
    const row = await store.reads.incident('inc-1');
    await store.archive(LATER);
    if (row?.state == null) throw new Error('inc-1 is not there');
    const change = noting({ ...row.state, version: 1 }, 'late');
    expect(await store.transact((tx) => tx.apply([change]))).toEqual([
      { ok: false, conflict: 'version' },
    ]);
    const next = noting(row.state, 'late');
    await expect(store.transact((tx) => tx.apply([next]))).resolves.toEqual([
      { ok: false, conflict: 'version' },
    ]);
  });

  it('costs a line of the database and leaves the rest of its space to others', async () => {
    const store = await open();
    for (let n = 1; n <= 40; n += 1) await over(store, `inc-${n}`);
    const before = store.sizes();
    expect(before.incidents).toEqual({ open: 0, closed: 40, archived: 0 });
    expect(before.rows).toEqual({ events: 80, inbox: 0, outbox: 40 });
    expect(await store.archive(LATER)).toMatchObject({ moved: 40 });
    const after = store.sizes();
    expect(after.incidents).toEqual({ open: 0, closed: 0, archived: 40 });
    expect(after.rows).toEqual({ events: 0, inbox: 0, outbox: 0 });
    expect(after.bytes.unused).toBeGreaterThan(before.bytes.unused);
    expect(after.bytes.archive).toBe(statSync(fileOf('2026.db')).size);
    expect(await verifyRecords(store.reads)).toMatchObject({ incidents: 40, broken: [] });
  });
});

describe('it stays', () => {
  it.each<[string, (store: Store) => Promise<void>]>([
    ['is open', (store) => apply(store, opening('inc-1'))],
    [
      'owes something yet',
      async (store) => {
        await apply(store, opening('inc-1'));
        await resolve(store, 'inc-1', { wake: { rank: 1, at: LATER * 2, basis: 'p1' } });
      },
    ],
    [
      'has something on its way out',
      async (store) => {
        await apply(store, opening('inc-1', { effects: [pageEffect('inc-1/1/0')] }));
        await resolve(store, 'inc-1');
      },
    ],
    [
      'still says something of a component',
      async (store) => {
        const take = [{ kind: 'component' as const, key: 'api', value: 'x' }];
        await apply(store, opening('inc-1', { claims: { take, release: [] } }));
        await resolve(store, 'inc-1');
      },
    ],
    [
      'belongs to a storm that goes on',
      async (store) => {
        await apply(store, opening('inc-1'), opening('inc-2'));
        const row = await store.reads.incident('inc-1');
        if (row?.state == null) throw new Error('inc-1 is not there');
        const ended = resolving(row.state);
        await apply(store, { ...ended, state: { ...ended.state, parent: 'inc-2' } });
      },
    ],
  ])('while it %s', async (_what, make) => {
    const store = await open();
    await make(store);
    expect((await store.archive(LATER)).moved).toBe(0);
    expect((await store.reads.incident('inc-1'))?.archive).toBeNull();
    expect(await store.reads.timeline('inc-1')).not.toEqual([]);
  });

  it('while its last event is younger than asked for', async () => {
    const store = await open();
    await over(store, 'inc-1');
    expect(await store.archive(T0 + 2)).toMatchObject({ moved: 0 });
    expect(await store.archive(T0 + 3)).toMatchObject({ moved: 1 });
  });

  it('where its record is not as it was written, for `verify` to show', async () => {
    const store = await open();
    await over(store, 'inc-1');
    await over(store, 'inc-2');
    const db = new Database(join(directory, 'tocsin.db'));
    db.exec("UPDATE events SET event = replace(event, 'failing', 'fine') WHERE subject = 'inc-1'");
    db.close();
    expect(await store.archive(LATER)).toEqual({ moved: 1, left: 1, isDiskShort: false });
    expect((await store.reads.incident('inc-1'))?.archive).toBeNull();
    const { broken } = await verifyRecords(store.reads);
    expect(broken.map(({ incident }) => incident)).toEqual(['inc-1']);
  });

  it('where an order of it cannot be read, which would be left out and deleted', async () => {
    const store = await open();
    await over(store, 'inc-1');
    const db = new Database(join(directory, 'tocsin.db'));
    db.exec("UPDATE outbox SET effect = '{' WHERE incident = 'inc-1'");
    expect(await store.archive(LATER)).toEqual({ moved: 0, left: 1, isDiskShort: false });
    expect(db.prepare('SELECT count(*) AS n FROM outbox').get()).toEqual({ n: 1 });
    db.close();
  });
});

it('leaves nothing of what it counted, once its alerts are swept', async () => {
  const store = await open();
  await over(store, 'inc-1');
  await over(store, 'inc-2');
  await store.archive(LATER);
  await apply(store, opening('inc-3'));
  await store.retain(LATER);
  const db = new Database(join(directory, 'tocsin.db'), { readonly: true });
  expect(db.prepare('SELECT incident FROM alert_counts').all()).toEqual([]);
  db.close();
});

describe('a copy of what has changed since', () => {
  async function opened(): Promise<Connection> {
    const store = await open();
    await over(store, 'inc-1');
    await close(store);
    return openWriter(join(directory, 'tocsin.db'), null);
  }

  it.each<[string, Partial<Copied>]>([
    ['of an earlier version', { version: 1 }],
    ['with another end', { head: 'another' }],
    ['that was not whole', { isWhole: false }],
  ])('%s takes nothing away', async (_what, change) => {
    const connection = await opened();
    try {
      const { head } = connection.db
        .prepare<[], { head: string }>("SELECT head FROM incidents WHERE id = 'inc-1'")
        .get() ?? { head: '' };
      const copied = { id: 'inc-1', version: 2, head, file: '2026.db', bytes: 1, isWhole: true };
      const mover = createMovers(connection)();
      expect(mover.move([{ ...copied, related: [], ...change }])).toBe(0);
      expect(mover.drop()).toBe(false);
      expect(rowsHere('inc-1')).toBe(3);
      expect(mover.move([{ ...copied, related: [] }])).toBe(1);
    } finally {
      connection.db.close();
    }
  });
});

describe('a disk without room', () => {
  it('gets nothing more to hold: what is to move stays, and that is said', async () => {
    const store = await open();
    await over(store, 'inc-1');
    await close(store);
    const connection = openWriter(join(directory, 'tocsin.db'), null);
    try {
      const moved = await moveAll(LATER, {
        mover: createMovers(connection)(),
        copier: () => {
          throw new Error('nothing is copied');
        },
        inTurn: async (work) => work(),
        hasRoom: () => false,
        rest: async () => undefined,
      });
      expect(moved).toEqual({ moved: 0, left: 0, isDiskShort: true });
    } finally {
      connection.db.close();
    }
  });
});

describe('others go on meanwhile', () => {
  it('between two portions, and a rest is taken after each', async () => {
    const store = await open();
    for (let n = 1; n <= 120; n += 1) {
      const first = opening(`inc-${n}`);
      await apply(store, first, resolving(first.state));
    }
    let rests = 0;
    const order: string[] = [];
    const archived = store
      .archive(LATER, async () => void (rests += 1))
      .then(() => order.push('archived'));
    await store.transact((tx) => tx.setMeta('a', '1'));
    order.push('written');
    await archived;
    expect(order).toEqual(['written', 'archived']);
    expect(rests).toBeGreaterThanOrEqual(2);
  });

  it('deletes a long record some hundred rows at a time', async () => {
    const store = await open();
    await apply(store, opening('inc-1'));
    const row = await store.reads.incident('inc-1');
    if (row?.state == null) throw new Error('inc-1 is not there');
    const notes = Array.from({ length: 1_700 }, (_, n) => ({
      type: 'NoteAdded' as const,
      text: `note ${n}`,
    }));
    await apply(store, continuing(row.state, notes));
    await resolve(store, 'inc-1');
    let rests = 0;
    await store.archive(LATER, async () => void (rests += 1));
    expect(rests).toBeGreaterThanOrEqual(4);
    expect(rowsHere('inc-1')).toBe(0);
    expect(await store.reads.timeline('inc-1')).toHaveLength(1_702);
  });
});

/** Where the process dies, in the order of the steps. */
const STEPS: readonly (readonly [string, DieInMove])[] = [
  [
    'the file is open and nothing is copied',
    { thread: 'copier', when: 'before', sql: 'INSERT OR REPLACE INTO archived', time: 1 },
  ],
  [
    'half of a portion is copied',
    { thread: 'copier', when: 'after', sql: 'INSERT INTO events', time: 3 },
  ],
  [
    'the copy is written and not committed',
    { thread: 'copier', when: 'before', sql: 'COMMIT', time: 1 },
  ],
  ['the copy is committed', { thread: 'copier', when: 'after', sql: 'COMMIT', time: 1 }],
  [
    'one of two is said to be elsewhere, and that is not committed',
    { thread: 'main', when: 'after', sql: 'INSERT INTO incidents (seq', time: 1 },
  ],
  [
    'both are said to be elsewhere, and nothing is deleted',
    {
      thread: 'main',
      when: 'after',
      sql: 'COMMIT',
      time: 1,
      behind: 'INSERT INTO incidents (seq',
    },
  ],
  ['rows are being deleted', { thread: 'main', when: 'after', sql: 'DELETE FROM events', time: 1 }],
  [
    'all is deleted',
    {
      thread: 'main',
      when: 'after',
      sql: 'COMMIT',
      time: 1,
      behind: 'UPDATE incidents SET is_moving = 0',
    },
  ],
];

describe('the process dies when', () => {
  async function moveUntilDead(plan: DieInMove): Promise<void> {
    const source = `
      import { openSqliteStore } from ${JSON.stringify(new URL('../sqlite.ts', import.meta.url).href)};
      const store = await openSqliteStore(${JSON.stringify({ directory, kind: 'sandbox', lock: true })});
      await store.archive(${LATER});`;
    const preload = new URL('../../../test/support/die-in-move.ts', import.meta.url).href;
    const script = join(directory, 'tocsin.db-move.mjs');
    writeFileSync(script, source);
    const child = spawn(process.execPath, ['--import', preload, script], {
      stdio: 'inherit',
      env: { ...process.env, [DIE_IN_MOVE]: JSON.stringify(plan) },
    });
    await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
  }

  it.each(STEPS)('%s: nothing is missing, and the next move ends it', async (_what, plan) => {
    const first = await open();
    await over(first, 'inc-0');
    await first.archive(LATER);
    await over(first, 'inc-1');
    await over(first, 'inc-2');
    const ids = ['inc-0', 'inc-1', 'inc-2'];
    const before = await Promise.all(ids.map((id) => known(first, id)));
    await close(first);
    await moveUntilDead(plan);

    // Beside no server, as a person looks at it after the crash.
    const beside = await openSqliteReads(directory);
    expect(await verifyRecords(beside.reads)).toEqual({ incidents: 3, events: 6, broken: [] });
    const shown = ids.map(async (id) => (await beside.reads.incident(id))?.state?.phase);
    expect(await Promise.all(shown)).toEqual(['resolved', 'resolved', 'resolved']);
    await beside.close();
    const next = await open();
    expect(next.archiveTroubles()).toEqual([]);
    expect(await Promise.all(ids.map((id) => known(next, id)))).toEqual(before);
    expect(await verifyRecords(next.reads)).toEqual({ incidents: 3, events: 6, broken: [] });

    await next.archive(LATER);
    expect(await Promise.all(ids.map((id) => known(next, id)))).toEqual(before);
    expect(ids.map(rowsHere)).toEqual([0, 0, 0]);
    expect(next.sizes().incidents).toEqual({ open: 0, closed: 0, archived: 3 });
    const kept = new Database(fileOf('2026.db'), { readonly: true });
    expect(kept.prepare('SELECT incidents, events FROM kept').get()).toEqual({
      incidents: 3,
      events: 6,
    });
    kept.close();
    expect(next.archiveTroubles()).toEqual([]);
  });

  it('the first file is being made: the next move makes it', async () => {
    const first = await open();
    await over(first, 'inc-1');
    await close(first);
    const plan = { thread: 'copier', when: 'before', sql: 'INSERT INTO kept', time: 1 } as const;
    await moveUntilDead(plan);
    const next = await open();
    expect(next.archiveTroubles()).toEqual([]);
    expect(await next.archive(LATER)).toMatchObject({ moved: 1 });
    expect((await next.reads.incident('inc-1'))?.state?.phase).toBe('resolved');
  });
});

describe('a file of the archive', () => {
  async function archived(): Promise<Store> {
    const store = await open();
    for (let n = 1; n <= 30; n += 1) await over(store, `inc-${n}`);
    await apply(store, opening('inc-99'));
    await store.archive(LATER);
    await close(store);
    return open();
  }

  const damages: readonly (readonly [string, string, () => void])[] = [
    ['is gone', 'it is not there', () => renameSync(fileOf('2026.db'), join(directory, 'away'))],
    [
      'was cut',
      'malformed',
      () => truncateSync(fileOf('2026.db'), statSync(fileOf('2026.db')).size - 8_192),
    ],
    [
      'is another file',
      'it is no archive of this release',
      () => {
        const db = new Database(join(directory, 'other.db'));
        db.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(1000000))');
        db.close();
        copyFileSync(join(directory, 'other.db'), fileOf('2026.db'));
      },
    ],
  ];

  it.each(damages)(
    'that %s is told of; everything else goes on, also the start',
    async (_what, why, damage) => {
      await close(await archived());
      damage();
      const store = await open();
      expect(store.archiveTroubles()).toEqual([
        { file: '2026.db', incidents: 30, why: expect.stringContaining(why) as string },
      ]);
      const list = await store.reads.listIncidents({ open: null, limit: 2, before: null });
      expect(list.map(({ id }) => id)).toEqual(['inc-99', 'inc-30']);
      await apply(store, opening('inc-100'));
      const { broken } = await verifyRecords(store.reads);
      expect(broken).not.toEqual([]);
      expect(store.condition()).toEqual({ kind: 'ok' });
    },
  );

  it('that is gone: what was in it is named, with what to do', async () => {
    const store = await archived();
    renameSync(fileOf('2026.db'), join(directory, 'away'));
    await expect(store.reads.incident('inc-7')).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: 'the archive 2026.db is not there',
      hint: expect.stringContaining('put archive/2026.db back') as string,
    });
    renameSync(join(directory, 'away'), fileOf('2026.db'));
    expect((await store.reads.incident('inc-7'))?.state?.phase).toBe('resolved');
  });

  it('that somebody took away on purpose, with a word in its place, is told of no more', async () => {
    const store = await archived();
    renameSync(fileOf('2026.db'), join(directory, 'away'));
    expect(store.archiveTroubles()).toHaveLength(1);
    writeFileSync(fileOf('2026.db.away'), '');
    expect(store.archiveTroubles()).toEqual([]);
    await expect(store.reads.incident('inc-7')).rejects.toThrow('is not there');
    copyFileSync(join(directory, 'away'), fileOf('2026.db'));
    truncateSync(fileOf('2026.db'), 4_096);
    expect(store.archiveTroubles()).toHaveLength(1);
  });

  it('that holds less than before is told of, in incidents', async () => {
    const store = await open();
    await over(store, 'inc-1');
    await store.archive(LATER);
    copyFileSync(fileOf('2026.db'), join(directory, 'backup'));
    await over(store, 'inc-2');
    await store.archive(LATER);
    copyFileSync(join(directory, 'backup'), fileOf('2026.db'));
    expect(store.archiveTroubles()).toEqual([
      { file: '2026.db', incidents: 2, why: 'it holds 1 of 2 incidents' },
    ]);
  });

  it('of another database is left alone: nothing is moved into it', async () => {
    const store = await archived();
    await over(store, 'inc-50');
    const db = new Database(fileOf('2026.db'));
    db.exec("UPDATE kept SET instance = 'another'");
    db.close();
    await expect(store.archive(LATER)).rejects.toThrow('is no archive of this database');
    expect((await store.reads.incident('inc-50'))?.archive).toBeNull();
  });

  it('is not there where nothing was archived', async () => {
    const store = await open();
    await store.archive(LATER);
    expect(existsSync(join(directory, 'archive'))).toBe(false);
    expect(store.archiveTroubles()).toEqual([]);
  });
});
