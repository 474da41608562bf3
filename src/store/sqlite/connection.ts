/** One SQLite connection with its pragmas. Says nothing about what is stored. */
import Database from 'better-sqlite3';
import { StoreUnavailable } from '../store.ts';
import { createSpoilt, type Spoilt } from './spoilt.ts';
import { emptyTally, type Tally } from './tally.ts';

/** The event loop stands still while SQLite waits for a lock, so it never waits longer. */
const BUSY_TIMEOUT_MS = 50;
/** A log that a burst blew up is cut back to this. */
const LOG_SIZE_MAX_BYTES = 64_000_000;
export const PAGE_BYTES = 4096;
const FULL = 2;

export interface Connection {
  readonly db: Database.Database;
  /**
   * Compiles a statement, once. SQLite compiles it again at every execution when the planner may have looked at the value
   * of a parameter (with ORDER BY, LIMIT, joins or partial indexes), which costs ten times the execution. So queries write
   * `= +?` and `LIMIT ? + 0`, which the planner does not look through; a test insists.
   */
  prepare<P extends unknown[] = [], R = unknown>(sql: string): Database.Statement<P, R>;
  /** The text of every prepared statement, so that a test can look at the query plans. */
  readonly prepared: readonly string[];
  /** Rows that were read over it and are not what was written. */
  readonly spoilt: Spoilt;
  /** What the transaction that is open adds to the count. */
  readonly tally: Tally;
}

function connection(db: Database.Database): Connection {
  const prepared: string[] = [];
  return {
    db,
    prepared,
    spoilt: createSpoilt(),
    tally: emptyTally(),
    prepare: <P extends unknown[] = [], R = unknown>(sql: string): Database.Statement<P, R> => {
      prepared.push(sql);
      return db.prepare<P, R>(sql);
    },
  };
}

/**
 * Opens the one connection that writes, creating the file when there is none.
 * @param bytesMax the database grows no larger than this; null: as large as the disk allows
 */
export function openWriter(path: string, bytesMax: number | null): Connection {
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    const mode = db.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal')
      throw new StoreUnavailable(
        `the file system of ${path} cannot hold a write-ahead log`,
        'put the data directory on a local disk, not on a network share',
      );
    db.pragma('synchronous = FULL');
    // On macOS an ordinary sync leaves the data in the drive's cache; elsewhere these two change nothing.
    db.pragma('fullfsync = ON');
    db.pragma('checkpoint_fullfsync = ON');
    // By itself it would move the log without asking whether the disk has room for that: see `checkpoint.ts`.
    db.pragma('wal_autocheckpoint = 0');
    db.pragma(`journal_size_limit = ${LOG_SIZE_MAX_BYTES}`);
    db.pragma('temp_store = MEMORY');
    db.pragma('trusted_schema = OFF');
    if (bytesMax !== null)
      db.pragma(`max_page_count = ${Math.max(1, Math.floor(bytesMax / PAGE_BYTES))}`);
    return connection(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a connection that only reads, beside the one that writes. Sees what is committed, never what is under way. */
export function openReader(path: string): Connection {
  return connection(
    new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS }),
  );
}

/**
 * Must run after the connection's first write: better-sqlite3 is built to lower `synchronous` to NORMAL in WAL mode, and
 * before the first write the pragma still reads FULL. Under NORMAL a power cut takes commits that were answered.
 */
export function assertDurable(db: Database.Database): void {
  const synchronous = db.pragma('synchronous', { simple: true });
  const mode = db.pragma('journal_mode', { simple: true });
  if (synchronous !== FULL || mode !== 'wal')
    throw new Error(
      `the database would lose commits in a power cut: synchronous is ${String(synchronous)} (must be ${FULL}), journal_mode ${String(mode)} (must be wal)`,
    );
}
