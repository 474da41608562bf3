/**
 * The process lock: one Tocsin per data directory. It is an open exclusive transaction on a database of its own, so the
 * kernel frees it whenever the process ends, SIGKILL included, and readers of the data are not shut out.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { writePrivate } from '../../lib/private-file.ts';
import { StoreUnavailable } from '../store.ts';
import { lockOf } from './directory.ts';

function holderOf(path: string): string {
  try {
    return ` (process ${readFileSync(path, 'utf8').trim()})`;
  } catch {
    return '';
  }
}

/**
 * Takes the lock of the directory and returns how to give it back.
 * @param pid process id told to whoever is refused; null: nothing is told
 * @throws StoreUnavailable when another process, or another store of this one, holds it
 */
export function takeLock(directory: string, pid: number | null): () => void {
  const holder = join(directory, 'lock.pid');
  let db: Database.Database | null = null;
  try {
    db = new Database(lockOf(directory), { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    rmSync(holder, { force: true });
    if (pid !== null) writePrivate(holder, `${pid}\n`);
    const held = db;
    return () => void held.close();
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      throw new StoreUnavailable(
        `another Tocsin${holderOf(holder)} already runs on ${directory}`,
        'stop it first, or name another directory with --data; commands that only read work beside it',
        { cause: error, isMisuse: true },
      );
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreUnavailable(
      `the lock of ${directory} cannot be taken (${why})`,
      'delete lock.db and lock.pid there, which hold nothing, and start Tocsin again; if it goes on, check the disk',
      { cause: error },
    );
  }
}
