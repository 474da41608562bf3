import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqliteReads, openSqliteStore } from '../../src/store/sqlite.ts';
import { type StoreUnderTest, storeConformance } from './store.ts';

async function openIn(directory: string): Promise<StoreUnderTest> {
  const store = await openSqliteStore({ directory, kind: 'sandbox', lock: true });
  return {
    store,
    reopen: async () => {
      await store.close();
      return openIn(directory);
    },
    openReads: () => openSqliteReads(directory),
    tamper: async (sql) => {
      const db = new Database(join(directory, 'tocsin.db'));
      db.exec(sql);
      db.close();
    },
    dispose: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

storeConformance('SQLite', async () => openIn(await mkdtemp(join(tmpdir(), 'tocsin-store-'))));
