/** What SQLite's failures mean to the caller: come back later, or stop and recover. Anything else is a bug of ours. */
import Database from 'better-sqlite3';
import { StoreUnavailable } from '../store.ts';

export type Trouble =
  | { readonly kind: 'full'; readonly error: StoreUnavailable }
  /** Nobody knows what reached the disk: only a restart, which recovers, makes it certain again. */
  | { readonly kind: 'broken'; readonly error: StoreUnavailable }
  | { readonly kind: 'unavailable'; readonly error: StoreUnavailable };

/** Codes with all their extensions (https://www.sqlite.org/rescode.html), by what to do about them. */
const BROKEN = [
  'SQLITE_IOERR',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_NOMEM',
  'SQLITE_PROTOCOL',
];
const BUSY = ['SQLITE_BUSY', 'SQLITE_LOCKED'];
const FORBIDDEN = ['SQLITE_READONLY', 'SQLITE_PERM', 'SQLITE_CANTOPEN', 'SQLITE_AUTH'];

function isOneOf(code: string, family: readonly string[]): boolean {
  return family.some((name) => code === name || code.startsWith(`${name}_`));
}

/** Reads an error that SQLite threw; null when it says nothing about the database (a constraint, a bug, not SQLite's). */
export function troubleOf(error: unknown, directory: string): Trouble | null {
  if (!(error instanceof Database.SqliteError)) return null;
  const { code } = error;
  const unavailable = (what: string, hint: string): StoreUnavailable =>
    new StoreUnavailable(`${what} (${code}: ${error.message})`, hint, { cause: error });
  if (code === 'SQLITE_FULL')
    return {
      kind: 'full',
      error: unavailable(
        `the disk of ${directory} is full`,
        `free space there; deliveries are refused until there is room, open incidents go on`,
      ),
    };
  if (isOneOf(code, BROKEN))
    return {
      kind: 'broken',
      error: unavailable(
        `the database in ${directory} failed to read or write`,
        `restart Tocsin, which recovers what was committed; if it fails again, check the disk and restore a backup`,
      ),
    };
  if (isOneOf(code, BUSY))
    return {
      kind: 'unavailable',
      error: unavailable(
        `another program holds the database in ${directory} locked`,
        `close it (a database shell, a backup that copies the files) and try again`,
      ),
    };
  if (isOneOf(code, FORBIDDEN))
    return {
      kind: 'unavailable',
      error: unavailable(
        `the database in ${directory} cannot be opened for writing`,
        `give the user that runs Tocsin write permission on the directory and its files, and mount it writable`,
      ),
    };
  return null;
}
