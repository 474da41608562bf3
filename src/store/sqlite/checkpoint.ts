/**
 * Moves what the write-ahead log holds into the database: once it is long, and once a minute, so that no more than a minute of
 * it lives in the log alone.
 *
 * The database may have to grow for it. Where the disk is full that takes the space which the ballast gave back, and a log that
 * could be moved in part alone goes on growing: then nothing fits any more, neither a decision nor a start. So it is moved
 * as a whole or not at all, and is never longer than half of the ballast has room for.
 */
import { statSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { type Ballast, freeBytes } from './ballast.ts';
import { type Connection, PAGE_BYTES } from './connection.ts';

/** Pages that are moved at once: the pause stays in the milliseconds. */
const LOG_PAGES_MAX = 2_000;
/** What a file system takes for itself when a file grows. */
const SPARE_BYTES = 65_536;

interface Checkpointed {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/** Whether the disk has room for all that the database must grow by. */
function isRoom(db: Database.Database): boolean {
  const pages = Number(db.pragma('page_count', { simple: true }));
  const growth = pages * PAGE_BYTES - statSync(db.name).size;
  return growth <= 0 || growth + SPARE_BYTES <= freeBytes(db.name);
}

/**
 * - `passive`: as much as goes without waiting for those who read;
 * - `truncate`: all of it, and the log is empty afterwards.
 * @returns whether `tocsin.db` holds everything without its log now
 */
export function checkpoint(db: Database.Database, how: 'passive' | 'truncate'): boolean {
  if (!isRoom(db)) return false;
  const [row] = db.pragma(`wal_checkpoint(${how.toUpperCase()})`) as readonly Checkpointed[];
  return row !== undefined && row.busy === 0 && row.log === row.checkpointed;
}

/** Whether so much stands in the log alone that it is to be moved. To be asked behind each commit. */
export function watchLog({ prepare }: Connection, ballast: Pick<Ballast, 'bytes'>): () => boolean {
  const ofBallast = Math.max(1, Math.floor(ballast.bytes / 2 / PAGE_BYTES));
  const pagesMax = ballast.bytes === 0 ? LOG_PAGES_MAX : Math.min(LOG_PAGES_MAX, ofBallast);
  const look = prepare<[], Checkpointed>('PRAGMA wal_checkpoint(NOOP)');
  return () => {
    const row = look.get();
    return row !== undefined && row.log - row.checkpointed >= pagesMax;
  };
}
