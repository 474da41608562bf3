/** The log on a disk whose free space the test says. */
import type * as Fs from 'node:fs';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSqliteStore } from '../sqlite.ts';
import type { Store } from '../store.ts';
import { databaseOf } from './directory.ts';

const ROOM = 100_000_000;
const disk = vi.hoisted(() => ({ freeBytes: 0 }));
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof Fs>()),
  statfsSync: () => ({ bavail: disk.freeBytes, blocks: 1e12, bsize: 1 }),
}));

const BALLAST = 400_000;
const TEXT = 'x'.repeat(10_000);
let directory: string;
let store: Store;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-log-'));
  disk.freeBytes = ROOM;
  store = await start();
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

function start(): Promise<Store> {
  return openSqliteStore({ directory, kind: 'sandbox', lock: true, ballastBytes: BALLAST });
}

const sizes = (): { readonly database: number; readonly log: number } => ({
  database: statSync(databaseOf(directory)).size,
  log: statSync(`${databaseOf(directory)}-wal`, { throwIfNoEntry: false })?.size ?? 0,
});

async function write(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await store.transact((tx) => tx.setMeta(`text-${n}`, TEXT));
}

it('is moved once half of the ballast has room for no more of it', async () => {
  await write(100);
  expect(sizes().log).toBeLessThan(BALLAST);
  expect(sizes().database).toBeGreaterThan(100 * TEXT.length - BALLAST);
});

it('is not moved in part where the disk has no room for all of it', async () => {
  disk.freeBytes = 10_000;
  const before = sizes().database;
  await write(100);
  await store.checkpoint(0);
  expect(sizes()).toMatchObject({ database: before });
  disk.freeBytes = ROOM;
  await store.checkpoint(60_000);
  expect(sizes().database).toBeGreaterThan(100 * TEXT.length);
});

it('stays beside the database at a stop and at a start without room, and loses nothing', async () => {
  disk.freeBytes = 10_000;
  const before = sizes().database;
  await write(20);
  await store.close();
  expect(sizes().database).toBe(before);
  store = await start();
  expect(sizes().database).toBe(before);
  const text = await store.reads.meta('text-19');
  expect(text).toBe(TEXT);
});

it('is moved by a stop that has room, and nothing lies beside the database', async () => {
  await write(20);
  await store.close();
  expect(sizes().database).toBeGreaterThan(20 * TEXT.length);
  expect(sizes().log).toBe(0);
  store = await start();
});
