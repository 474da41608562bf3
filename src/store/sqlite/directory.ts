/**
 * The data directory: what lies in it, and that nobody but its owner may look into it. Alerts hold names, hosts,
 * sometimes secrets.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivate, permit } from '../../lib/private-file.ts';
import { isCheckpointFile } from '../checkpoint-file.ts';
import { StoreUnavailable } from '../store.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const OF_OTHERS = 0o077;
const STICKY = 0o1000;

const DATABASE = 'tocsin.db';
/** Another name of the database, for a moment. */
const ALONE = 'tocsin.alone.db';
const ARCHIVE = 'archive';
const LOCK = 'lock.db';
/** SQLite gives the files that it makes beside a database the permissions of the database. */
const MADE_FIRST = [DATABASE, LOCK];
const FILES: readonly string[] = [
  ...MADE_FIRST,
  `${DATABASE}-wal`,
  `${DATABASE}-shm`,
  `${DATABASE}-journal`,
  `${LOCK}-journal`,
  'lock.pid',
  'marker.json',
  'ballast',
  'first-token',
  'troubles.json',
  'checkpoint-key.pem',
];

/** The database of a data directory. */
export function databaseOf(directory: string): string {
  return join(directory, DATABASE);
}

/** Another name of the database, by which it has no log. */
export function databaseAloneOf(directory: string): string {
  return join(directory, ALONE);
}

/** The folder of what was moved out of the database. */
export function archiveOf(directory: string): string {
  return join(directory, ARCHIVE);
}

/** The database of which the lock is held. */
export function lockOf(directory: string): string {
  return join(directory, LOCK);
}

/** What `recover` has set aside bears the name of the database as well. */
function isFileOfOurs(name: string): boolean {
  return (
    name === ARCHIVE ||
    isCheckpointFile(name) ||
    FILES.includes(name) ||
    name.startsWith(ALONE) ||
    name.startsWith(`${DATABASE}.`) ||
    name.startsWith(`${DATABASE}-`)
  );
}

/** Whether it is there for Tocsin alone: then others have no business in it. A folder such as /tmp is not ours to close. */
function isOurs(directory: string): boolean {
  const isShared = (statSync(directory).mode & STICKY) !== 0;
  return !isShared && readdirSync(directory).every((name) => isFileOfOurs(name));
}

/** A text: why others may look into it. */
function close(directory: string): string | null {
  if ((statSync(directory).mode & OF_OTHERS) === 0) return null;
  return isOurs(directory) ? permit(directory, DIRECTORY_MODE) : 'other files lie in it';
}

/**
 * Makes the directory and its databases where there are none, and narrows the permissions of what is there.
 * @param warn told of what others may read all the same
 * @throws StoreUnavailable when it cannot be written
 */
export function prepareDirectory(directory: string, warn: (what: string) => void): void {
  const told = (path: string, mode: number, why: string | null): void => {
    if (why !== null)
      warn(
        `other users of this machine may look into ${path} (${why}): run chmod ${mode.toString(8)} ${path}`,
      );
  };
  try {
    const isNew = mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE }) !== undefined;
    const why = isNew ? permit(directory, DIRECTORY_MODE) : close(directory);
    told(directory, DIRECTORY_MODE, why);
    for (const name of MADE_FIRST) makePrivate(join(directory, name));
    for (const name of FILES) {
      const path = join(directory, name);
      told(path, FILE_MODE, permit(path, FILE_MODE));
    }
  } catch (error) {
    throw new StoreUnavailable(
      `the data directory ${directory} cannot be written (${error instanceof Error ? error.message : String(error)})`,
      'create it and give it to the user that runs Tocsin, or choose another with --data',
      { cause: error },
    );
  }
}
