/** A start on a disk that is full: what the ballast keeps free is given back, so that open incidents go on. */
import type * as Fs from 'node:fs';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Lock from './sqlite/lock.ts';
import { openSqliteStore } from './sqlite.ts';
import type { Store, StoreUnavailable } from './store.ts';

/** The first write of a start needs space: without any on the disk it takes what the ballast gives back. */
const disk = vi.hoisted(() => ({
  freeBytes: 0,
  /** Full of something else. */
  isHopeless: false,
  error: (): Error => new Error(),
}));
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof Fs>()),
  statfsSync: () => ({ bavail: disk.freeBytes, blocks: 1e12, bsize: 1 }),
}));
vi.mock('./sqlite/lock.ts', async (original) => {
  const { takeLock } = await original<typeof Lock>();
  return {
    takeLock: (...given: Parameters<typeof takeLock>) => {
      const isFull =
        disk.freeBytes === 0 && (disk.isHopeless || sizeOf(join(given[0], 'ballast')) > 0);
      if (isFull) throw disk.error();
      return takeLock(...given);
    },
  };
});

const BALLAST = 100_000;
const ROOM = 100_000_000;
let directory: string;
let store: Store | null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-full-'));
  store = null;
  disk.isHopeless = false;
  disk.error = () => new Database.SqliteError('database or disk is full', 'SQLITE_FULL');
});
afterEach(async () => {
  await store?.close();
  rmSync(directory, { recursive: true });
});

async function start(ballastBytes = BALLAST): Promise<Store> {
  store = await openSqliteStore({ directory, kind: 'sandbox', lock: true, ballastBytes });
  return store;
}

/** The disk fills up while no server runs. */
async function fillWhileStopped(): Promise<void> {
  disk.freeBytes = ROOM;
  await (await start()).close();
  store = null;
  expect(sizeOf(join(directory, 'ballast'))).toBe(BALLAST);
  disk.freeBytes = 0;
}

describe('a start on a full disk', () => {
  it.each([
    ['SQLite says so', new Database.SqliteError('database or disk is full', 'SQLITE_FULL')],
    ['a file cannot be written', Object.assign(new Error('no space'), { code: 'ENOSPC' })],
    [
      'SQLite cannot grow a file',
      new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_SHMSIZE'),
    ],
  ])('frees the ballast where %s, and goes on with what is open', async (_how, error) => {
    await fillWhileStopped();
    disk.error = () => error;
    const started = await start();
    expect(sizeOf(join(directory, 'ballast'))).toBe(0);
    await started.transact((tx) => tx.setMeta('a', '1'));
    expect(await started.reads.meta('a')).toBe('1');
  });

  it('takes no delivery before there is room, and then the ballast is back', async () => {
    await fillWhileStopped();
    const started = await start();
    const condition = started.condition();
    expect(condition).toMatchObject({ kind: 'refusing' });
    const { problem } = condition as { problem: StoreUnavailable };
    expect(problem.message).toMatch(/is full: .*the ballast/);
    expect(problem.hint).toContain('deliveries are refused until there is room');
    disk.freeBytes = ROOM;
    expect(started.condition()).toEqual({ kind: 'ok' });
    expect(sizeOf(join(directory, 'ballast'))).toBe(BALLAST);
  });

  it('takes none after another start either: the space is still owed', async () => {
    await fillWhileStopped();
    await (await start()).close();
    disk.freeBytes = 10_000;
    expect((await start()).condition()).toMatchObject({ kind: 'refusing' });
  });

  it('fails where there is nothing to give back, and says what helps', async () => {
    await fillWhileStopped();
    disk.isHopeless = true;
    const error = await start().then(
      () => new Error('it started'),
      (thrown: unknown) => thrown as StoreUnavailable,
    );
    expect(error.message).toContain('is full');
    expect(error).toMatchObject({ hint: expect.stringContaining('start Tocsin again') });
  });

  it('does not touch the ballast for another reason', async () => {
    await fillWhileStopped();
    disk.error = () => new Error('something else');
    await expect(start()).rejects.toThrow('something else');
    expect(sizeOf(join(directory, 'ballast'))).toBe(BALLAST);
  });

  it('that never had room for a ballast takes deliveries as long as they fit', async () => {
    disk.freeBytes = 10_000;
    expect((await start()).condition()).toEqual({ kind: 'ok' });
    await store?.close();
    expect((await start()).condition()).toEqual({ kind: 'ok' });
  });
});
