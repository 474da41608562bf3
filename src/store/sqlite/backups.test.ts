/** Backups of a database that is written meanwhile, in real files. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { noting, opening, T0 } from '../../../test/conformance/store-fixtures.ts';
import type { Incident } from '../../core/model/incident.ts';
import { openSqliteStore } from '../sqlite.ts';
import type { Store } from '../store.ts';
import { pruned } from './backups.ts';
import { outcomeOf } from './beside.ts';
import { copy, inspect } from './copy.ts';

const disk = vi.hoisted(() => ({ freeBytes: 1e12 }));
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof Fs>()),
  statfsSync: () => ({ bavail: disk.freeBytes, blocks: 1e12, bsize: 1 }),
}));

const DAY = 86_400_000;
let root: string;
let data: string;
let to: string;
let store: Store;
let state: Incident;

const commit = async (text: string): Promise<void> => {
  const change = noting(state, text);
  await store.transact((tx) => tx.apply([change]));
  ({ state } = change);
};
const databaseIn = (folder: string): string => join(folder, 'tocsin.db');

beforeEach(async () => {
  disk.freeBytes = 1e12;
  root = mkdtempSync(join(tmpdir(), 'tocsin-backups-'));
  data = join(root, 'data');
  to = join(root, 'backups');
  mkdirSync(to);
  store = await openSqliteStore({
    directory: data,
    kind: 'sandbox',
    lock: true,
    random: (n) => new Uint8Array(n),
  });
  const first = opening('inc-1');
  await store.transact((tx) => tx.apply([first]));
  ({ state } = first);
});

afterEach(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

function tamper(sql: string): void {
  const db = new Database(databaseIn(data));
  db.exec(sql);
  db.close();
}

test('a backup holds all that was committed, stands alone, and is its owner’s alone', async () => {
  await commit('Looking at the database.');
  const made = await store.backups.make(to, T0);
  expect(made).toMatchObject({
    path: join(to, 'tocsin-00000000-20260115T090000Z'),
    commits: 3,
    incidents: 1,
    flaws: [],
  });
  expect(readdirSync(made.path)).toEqual(['tocsin.db']);
  expect(statSync(databaseIn(made.path)).mode & 0o777).toBe(0o600);
  expect(statSync(made.path).mode & 0o777).toBe(0o700);
  expect(await inspect(databaseIn(made.path))).toMatchObject({
    instance: '00000000',
    kind: 'sandbox',
    committed: { commits: 3, events: 2 },
    openIncidents: 1,
  });
});

test('what is committed while the copy is made does not make it begin anew, and is not in it', async () => {
  for (let n = 0; n < 60; n += 1) await commit(`${n} `.repeat(2_000));
  const making = store.backups.make(to, T0);
  let [during, isDone] = [0, false];
  const finished = making.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await commit('Still looking.');
    during += 1;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const made = await finished;
  expect(during).toBeGreaterThan(1);
  const { committed } = await inspect(databaseIn(made.path));
  expect(committed.commits).toBeGreaterThanOrEqual(62);
  expect(committed.commits).toBeLessThan(62 + during);
});

test('two at once are made one after the other', async () => {
  const both = await Promise.all([store.backups.make(to, T0), store.backups.make(to, T0 + 1_000)]);
  expect(readdirSync(to)).toEqual(both.map(({ path }) => path.slice(to.length + 1)));
});

test('what a killed process has left is cleared away, and nothing else is', async () => {
  const left = join(to, 'tocsin-00000000-20260114T090000Z.partial');
  const ofAnother = join(to, 'tocsin-11111111-20260114T090000Z.partial');
  mkdirSync(left);
  mkdirSync(ofAnother);
  writeFileSync(join(left, 'tocsin.db'), 'half a database');
  writeFileSync(join(to, 'notes.txt'), 'mine');
  await store.backups.make(to, T0);
  expect(readdirSync(to)).toEqual([
    'notes.txt',
    'tocsin-00000000-20260115T090000Z',
    'tocsin-11111111-20260114T090000Z.partial',
  ]);
});

test('a store that is closed meanwhile gives it up, and nothing is left of it', async () => {
  for (let n = 0; n < 60; n += 1) await commit(`${n} `.repeat(2_000));
  const making = store.backups.make(to, T0);
  const given = expect(making).rejects.toThrow('it was given up');
  while (readdirSync(to).length === 0) await new Promise<void>((go) => setImmediate(go));
  await store.close();
  await given;
  expect(readdirSync(to)).toEqual([]);
  store = await openSqliteStore({ directory: data, kind: 'sandbox', lock: true });
});

describe('a folder', () => {
  test('that is not there, is a file or cannot be reached is said, with what to do', async () => {
    const nowhere = join(root, 'nowhere');
    expect(store.backups.problemWith(nowhere)?.message).toBe(
      `backups cannot be made in ${nowhere}: it is not there`,
    );
    await expect(store.backups.make(nowhere, T0)).rejects.toMatchObject({
      hint: expect.stringContaining('make the folder') as string,
    });
    expect(store.backups.problemWith(databaseIn(data))?.message).toContain('is no folder');
    expect(store.backups.problemWith('backups')?.message).toContain('is no absolute path');
    expect(store.backups.problemWith(to)).toBeNull();
  });

  test('within the data directory is refused, also behind a link', () => {
    const link = join(root, 'link');
    symlinkSync(data, link);
    for (const inside of [data, link])
      expect(store.backups.problemWith(inside)?.message).toContain('lies in the data directory');
  });

  test('on a disk that is too full for it is said before anything is written', async () => {
    disk.freeBytes = 1_000;
    await expect(store.backups.make(to, T0)).rejects.toMatchObject({
      message: expect.stringContaining('does not fit') as string,
      hint: expect.stringContaining('keep fewer backups') as string,
    });
    expect(readdirSync(to)).toEqual([]);
  });

  test('on the disk of the data itself leaves room for deliveries there', async () => {
    const needed = statSync(databaseIn(data)).size + statSync(`${databaseIn(data)}-wal`).size;
    disk.freeBytes = needed + 20_000_000;
    await expect(store.backups.make(to, T0)).rejects.toMatchObject({
      message: expect.stringContaining('the data on the same disk need 48000000 bytes') as string,
    });
    disk.freeBytes = needed + 50_000_000;
    await expect(store.backups.make(to, T0)).resolves.toMatchObject({ flaws: [] });
  });

  test('whose name begins with dots is beside the data directory and no part of it', () => {
    const dots = join(root, '..backups');
    mkdirSync(dots);
    expect(store.backups.problemWith(dots)).toBeNull();
    const inside = join(data, '..backups');
    mkdirSync(inside);
    expect(store.backups.problemWith(inside)?.message).toContain('lies in the data directory');
  });
});

test('a disk that fills up meanwhile is told of as one', async () => {
  const full = new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
  writeFileSync(databaseIn(to), '');
  const spy = vi.spyOn(Database.prototype, 'backup').mockRejectedValue(full);
  expect(await outcomeOf(() => copy({ from: data, to, previous: null }))).toEqual({
    ok: false,
    what: 'database or disk is full',
    isFull: true,
  });
  spy.mockRestore();
});

describe('what is not as it was written', () => {
  test('a record that somebody has changed is copied, named and told of', async () => {
    tamper("UPDATE events SET event = replace(event, 'Checkout', 'Basket')");
    const first = await store.backups.make(to, T0);
    expect(first.flaws.join()).toContain('inc-1, event 1: was changed after it was written');
    const second = await store.backups.make(to, T0 + DAY);
    // The newest of them is enough: they come as often as it is tried.
    expect(readdirSync(to)).toEqual(['tocsin-00000000-20260116T090000Z.flawed']);
    expect(second.path.endsWith('.flawed')).toBe(true);
  });

  test('a copy of a damaged database is none, and nothing is left of it', async () => {
    for (let n = 0; n < 60; n += 1) await commit(`${n} `.repeat(2_000));
    await store.checkpoint(T0);
    const bytes = readFileSync(databaseIn(data));
    bytes.fill(7, 4096 * 20, 4096 * 20 + 200);
    writeFileSync(databaseIn(data), bytes);
    await expect(store.backups.make(to, T0)).rejects.toThrow('is damaged');
    expect(readdirSync(to)).toEqual([]);
  });
});

describe('old backups', () => {
  const made = (days: number, suffix = '') => ({ name: `${days}`, at: T0 - days * DAY, suffix });
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

  test('go once neither their number nor their age keeps them', () => {
    const all = [0, 1, 2, 10, 40, 50].map((days) => made(days));
    expect(names(pruned(all, { last: 2, forMs: 30 * DAY }, T0))).toEqual(['40', '50']);
    expect(names(pruned(all, { last: 5, forMs: 30 * DAY }, T0))).toEqual(['50']);
    expect(names(pruned(all, { last: 1, forMs: 5 * DAY }, T0))).toEqual(['10', '40', '50']);
  });

  test('never go with the newest good one, whatever is beside it', () => {
    const all = [made(1, '.flawed'), made(2, '.partial'), made(400)];
    expect(pruned(all, { last: 1, forMs: DAY }, T0)).toEqual([]);
    expect(pruned(all, { last: 0, forMs: DAY }, T0)).toEqual([]);
  });

  test('are deleted from the disk, and what Tocsin has not made stays', async () => {
    const old = await store.backups.make(to, T0 - 60 * DAY);
    const ofAnother = join(to, 'tocsin-11111111-20200101T000000Z');
    mkdirSync(ofAnother);
    await store.backups.make(to, T0);
    expect(await store.backups.prune(to, { last: 1, forMs: 30 * DAY }, T0)).toEqual([
      'tocsin-00000000-20251116T090000Z',
    ]);
    expect(existsSync(old.path)).toBe(false);
    expect(readdirSync(to)).toEqual([
      'tocsin-00000000-20260115T090000Z',
      'tocsin-11111111-20200101T000000Z',
    ]);
  });
});
