/**
 * The files of the archive: one for each year in which incidents ended, `archive/2026.db` below the data directory. Each
 * is a whole database in one file, without a log beside it, so that an old year can be copied, taken away or put on
 * another disk as it is.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { isoOf } from '../../contract/instant.ts';
import type { Instant } from '../../core/model/alert.ts';
import { makePrivate, permit } from '../../lib/private-file.ts';
import { type ArchiveTrouble, StoreUnavailable } from '../store.ts';
import { archiveOf } from './directory.ts';

/** "toca" in the file's header, so that another database in its place is recognised. */
const APPLICATION_ID = 0x74_6f_63_61;
const SCHEMA = 2;
const SQL = new URL('../migrations/archive/0002-start.sql', import.meta.url);
const DIRECTORY_MODE = 0o700;
/** Only `show` and the thread that copies meet here, each for milliseconds. */
const READ_WAITS_MS = 50;
const WRITE_WAITS_MS = 5_000;
const FILE = /^\d{4,6}\.db$/;

/** The file for what ended at the instant: that of its year, UTC. */
export function archiveFileFor(endedAt: Instant): string {
  return `${isoOf(endedAt).slice(0, 4)}.db`;
}

function pathOf(directory: string, file: string): string {
  return join(archiveOf(directory), file);
}

/** Whether somebody has taken the file away on purpose, and said so by `2024.db.away` in its place. */
export function isTakenAway(directory: string, file: string): boolean {
  const path = pathOf(directory, file);
  return !existsSync(path) && existsSync(`${path}.away`);
}

/** Size of the file in bytes; null: there is none. */
export function archiveBytes(directory: string, file: string): number | null {
  return statSync(pathOf(directory, file), { throwIfNoEntry: false })?.size ?? null;
}

/** Size of all files of the archive, in bytes. */
export function allArchiveBytes(directory: string): number {
  const folder = archiveOf(directory);
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder).filter((name) => FILE.test(name));
  return files.reduce((sum, file) => sum + (archiveBytes(directory, file) ?? 0), 0);
}

/** What the file says of itself. */
export interface KeptThere {
  readonly instance: string;
  readonly incidents: number;
  readonly events: number;
}

const KEPT = 'SELECT instance, incidents, events FROM kept WHERE one = 1';

/** What the file says of itself; null: it is no file of an archive that this release can read. */
function keptIn(db: Database.Database): KeptThere | null {
  const isOurs = db.pragma('application_id', { simple: true }) === APPLICATION_ID;
  const isKnown = db.pragma('user_version', { simple: true }) === SCHEMA;
  return isOurs && isKnown ? (db.prepare<[], KeptThere>(KEPT).get() ?? null) : null;
}

/**
 * Opens the file for copying into it, made where there is none.
 * @param instance of the database that it belongs to
 * @throws StoreUnavailable when it is of another one; SqliteError when it cannot be written
 */
export function openArchiveWriter(
  directory: string,
  file: string,
  instance: string,
): Database.Database {
  const path = pathOf(directory, file);
  mkdirSync(archiveOf(directory), { recursive: true, mode: DIRECTORY_MODE });
  permit(archiveOf(directory), DIRECTORY_MODE);
  makePrivate(path);
  const db = new Database(path, { timeout: WRITE_WAITS_MS });
  try {
    // A journal and no log: between two commits the file is whole by itself.
    db.pragma('journal_mode = DELETE');
    // The directory as well: a file that a power cut takes away must not be one of which the database relies on.
    db.pragma('synchronous = EXTRA');
    db.pragma('fullfsync = ON');
    db.pragma('trusted_schema = OFF');
    if (db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined)
      db.transaction(() => {
        db.exec(readFileSync(SQL, 'utf8'));
        db.prepare('INSERT INTO kept VALUES (1, ?, 0, 0)').run(instance);
        db.pragma(`application_id = ${APPLICATION_ID}`);
        db.pragma(`user_version = ${SCHEMA}`);
      }).immediate();
    if (keptIn(db)?.instance !== instance)
      throw new StoreUnavailable(
        `${path} is no archive of this database`,
        'move that file away: nothing is archived into it',
      );
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A killed process has left a commit half done in the file: whoever only reads may not take that back. */
function takeBack(path: string): void {
  if (!existsSync(`${path}-journal`)) return;
  try {
    const db = new Database(path, { fileMustExist: true, timeout: 0 });
    db.pragma('user_version');
    db.close();
  } catch {
    // It is being written, or is not ours to write: reading tells what is wrong.
  }
}

/**
 * Opens the file for reading.
 * @param waitsMs for whoever writes into it
 * @throws SqliteError when it is not there or cannot be read
 */
export function openArchiveReader(
  directory: string,
  file: string,
  waitsMs = READ_WAITS_MS,
): Database.Database {
  // Where the folder is gone as well the driver throws an error of another kind.
  if (!existsSync(pathOf(directory, file)))
    throw new Database.SqliteError('unable to open database file', 'SQLITE_CANTOPEN');
  takeBack(pathOf(directory, file));
  return new Database(pathOf(directory, file), {
    readonly: true,
    fileMustExist: true,
    timeout: waitsMs,
  });
}

/** What the database knows of a file that it has filled. */
export interface ArchiveRow {
  readonly file: string;
  readonly incidents: number;
  readonly events: number;
  readonly bytes: number;
}

function whyLess(directory: string, known: ArchiveRow, instance: string): string | null {
  const bytes = archiveBytes(directory, known.file);
  if (bytes === null) return 'it is not there';
  // For writing, where that can be: what a killed process has left half done in it is taken back so.
  const db = new Database(pathOf(directory, known.file), { timeout: 0 });
  try {
    const kept = keptIn(db);
    if (kept === null) return 'it is no archive of this release';
    if (kept.instance !== instance) return 'it is the archive of another database';
    if (kept.incidents < known.incidents || kept.events < known.events)
      return `it holds ${kept.incidents} of ${known.incidents} incidents`;
    return bytes < known.bytes ? `it has ${bytes} of ${known.bytes} bytes` : null;
  } finally {
    db.close();
  }
}

/** Which files hold less than was moved into them, and why; looks at the size and the counts of each, not through it. */
export function archiveTroubles(
  directory: string,
  known: readonly ArchiveRow[],
  instance: string,
): readonly ArchiveTrouble[] {
  return known.flatMap((row) => {
    const trouble = (why: string): readonly ArchiveTrouble[] => [
      { file: row.file, incidents: row.incidents, why },
    ];
    try {
      const why = whyLess(directory, row, instance);
      return why === null ? [] : trouble(why);
    } catch (error) {
      // Being written it is there.
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return [];
      return trouble(
        `it cannot be read (${error instanceof Error ? error.message : String(error)})`,
      );
    }
  });
}
