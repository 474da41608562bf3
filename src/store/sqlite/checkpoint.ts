/** Moves what the write-ahead log holds into the database, so that no more than a minute of it lives in the log alone. */
import type Database from 'better-sqlite3';

interface Checkpointed {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * - `passive`: as much as goes without waiting for those who read;
 * - `truncate`: all of it, and the log is empty afterwards.
 * @returns whether `tocsin.db` holds everything without its log now
 */
export function checkpoint(db: Database.Database, how: 'passive' | 'truncate'): boolean {
  const [row] = db.pragma(`wal_checkpoint(${how.toUpperCase()})`) as readonly Checkpointed[];
  return row !== undefined && row.busy === 0 && row.log === row.checkpointed;
}
