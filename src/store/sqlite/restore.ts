/**
 * Puts a backup in the place of the present data: looks at both first, and changes something only where a person accepts what
 * is given up. What was there stays beside it, under another name.
 */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { StoreUnavailable } from '../store.ts';
import { readCommitted } from './committed.ts';
import { type Beyond, beyondOf } from './beyond.ts';
import { openReader } from './connection.ts';
import { inspect, type Inspected } from './copy.ts';
import { archiveOf, databaseOf, prepareDirectory } from './directory.ts';
import { syncPath } from '../../lib/sync-path.ts';
import { whyNotWhole } from './archive-copies.ts';
import { takeLock } from './lock.ts';
import { type KeptData, type KnownCommitted, whatIsKept } from './loss.ts';
import type { Lost } from '../lost.ts';
import { openMarker } from './marker.ts';
import { OWN_KEYS, createRecords } from './records.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** What lies in the data directory, as far as it can be told. */
export interface Present {
  /** Null: nobody can tell. */
  readonly instance: string | null;
  readonly committed: Omit<KnownCommitted, 'instance' | 'head'> | null;
  /** What it holds that the backup does not; null: nobody can tell. */
  readonly beyond: Beyond | null;
  /** What is wrong with it, as a sentence; null: nothing. */
  readonly why: string | null;
}

export interface Restoration {
  readonly backup: Inspected;
  /** Null: there is none. */
  readonly present: Present | null;
  /** So many commits of so many are gone on with; null: nothing was accepted. */
  readonly accepted: Lost | null;
  /** Files that were given other names. */
  readonly setAside: readonly string[];
}

function missingBackup(from: string): StoreUnavailable {
  return new StoreUnavailable(
    `there is no backup at ${from}`,
    'name its folder, or the tocsin.db in it',
  );
}

/** The database of a backup, by its folder or by itself. */
function databaseOfBackup(from: string): string {
  const found = statSync(from, { throwIfNoEntry: false });
  const path = found?.isDirectory() === true ? databaseOf(from) : from;
  if (found === undefined || !existsSync(path)) throw missingBackup(from);
  return path;
}

type Found = Omit<Present, 'beyond'>;

/** Of a database without a marker. */
function readUnmarked(path: string): Found {
  const connection = openReader(path);
  try {
    const instance = createRecords(connection).meta(OWN_KEYS.instance);
    return { instance, committed: readCommitted(connection), why: null };
  } catch (error) {
    const why = `it cannot be read (${error instanceof Error ? error.message : String(error)})`;
    return { instance: null, committed: null, why };
  } finally {
    connection.db.close();
  }
}

function foundIn(kept: KeptData, path: string): Found | null {
  if (kept.kind === 'less')
    return { instance: kept.known.instance, committed: kept.known, why: kept.why };
  if (kept.kind === 'whole')
    return { instance: kept.marker.instance, committed: kept.committed, why: null };
  if (kept.kind === 'damaged' && kept.marker !== null)
    return { instance: kept.marker.instance, committed: kept.marker, why: kept.why };
  const isThere = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return isThere ? readUnmarked(path) : null;
}

/** @throws StoreUnavailable where the data is of another installation: two in one directory are never meant */
function assertSame(backup: Inspected, present: Found | null, directory: string): void {
  const other = present?.instance ?? backup.instance;
  if (other === backup.instance) return;
  throw new StoreUnavailable(
    `the data in ${directory} is of the installation ${other}, and the backup of ${backup.instance}`,
    'name an empty directory with --data, or the right backup',
  );
}

/** A name that nothing has yet, for what makes way. */
function freeName(path: string): string {
  const wanted = `${path}.before-restore`;
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? wanted : `${wanted}-${n}`;
    if (!existsSync(name)) return name;
  }
}

/** The log goes first: without it what is left is refused by a start, and with it alone as well. */
function makeWay(path: string): readonly string[] {
  rmSync(`${path}-shm`, { force: true });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) {
    rmSync(path, { force: true });
    rmSync(`${path}-wal`, { force: true });
    return [];
  }
  const name = freeName(path);
  const moves = [
    [`${path}-wal`, `${name}-wal`],
    [path, name],
  ] as const;
  const there = moves.filter(([from]) => existsSync(from));
  for (const [from, to] of there) renameSync(from, to);
  return there.map(([, to]) => to);
}

/**
 * What waited to be sent when the backup was made may have been sent since: it counts as being sent by a process that died,
 * so that pages are repeated under their keys and posts are looked for before they are.
 */
function doubtWhatWaits(path: string): void {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = DELETE');
    db.exec(
      "UPDATE outbox SET status = 'sending', lease_until = 0, held_by = NULL WHERE settled_at IS NULL",
    );
  } finally {
    db.close();
  }
}

/** A copy in the data directory, ready to take its place. */
async function bringIn(from: string, path: string, { committed }: Inspected): Promise<string> {
  const copy = `${path}.restoring`;
  try {
    copyFileSync(from, copy);
    chmodSync(copy, FILE_MODE);
    doubtWhatWaits(copy);
    syncPath(copy);
    const brought = await inspect(copy);
    if (brought.committed.head === committed.head) return copy;
    throw new Error(`the copy of ${from} is not what it was copied from`);
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
}

/**
 * Puts the files of the archive in place that are not there, or that cannot stand for what the database has moved into them. A
 * file that holds more is as good: what is in it does not change.
 * @returns the files that made way
 */
function bringArchives(
  folder: string,
  directory: string,
  { archives, instance }: Inspected,
): readonly string[] {
  const inBackup = (file: string): string => join(archiveOf(folder), file);
  const wanted = archives.filter(
    (row) => existsSync(inBackup(row.file)) && whyNotWhole(directory, row, instance) !== null,
  );
  if (wanted.length > 0) mkdirSync(archiveOf(directory), { recursive: true, mode: DIRECTORY_MODE });
  return wanted.flatMap(({ file }) => {
    const path = join(archiveOf(directory), file);
    const copy = `${path}.restoring`;
    copyFileSync(inBackup(file), copy);
    chmodSync(copy, FILE_MODE);
    syncPath(copy);
    const aside = existsSync(path) ? [freeName(path)] : [];
    for (const name of aside) renameSync(path, name);
    rmSync(`${path}-journal`, { force: true });
    renameSync(copy, path);
    syncPath(archiveOf(directory));
    return aside;
  });
}

/** Why the archive of a backup is not all that its database has moved there, as sentences. */
function archiveFlaws(folder: string, { archives, instance }: Inspected): readonly string[] {
  return archives.flatMap((row) => {
    const why = whyNotWhole(folder, row, instance);
    return why === null ? [] : [`archive/${row.file} of it (incidents: ${row.incidents}): ${why}`];
  });
}

interface Replaced {
  readonly directory: string;
  /** The database of the backup. */
  readonly from: string;
}

async function replace(
  { directory, from }: Replaced,
  backup: Inspected,
  present: Present | null,
): Promise<Pick<Restoration, 'accepted' | 'setAside'>> {
  const path = databaseOf(directory);
  const copy = await bringIn(from, path, backup);
  const { instance, committed } = backup;
  const had = Math.max(present?.committed?.commits ?? 0, committed.commits);
  const archives = bringArchives(dirname(from), directory, backup);
  const incidents = present?.committed?.incidents ?? null;
  const common = present?.beyond?.common ?? null;
  const accepted: Lost = { has: committed.commits, had, incidents, common, how: 'restored' };
  // Whenever this ends before the marker is written, a start finds less than that says, and is refused.
  const setAside = [...archives, ...makeWay(path)];
  renameSync(copy, path);
  syncPath(directory);
  openMarker(directory, { ...committed, instance, base: 0, isClosed: false, accepted }).close();
  return { accepted, setAside };
}

/**
 * Reads the backup as a whole and holds it against the present data; with `accept` it takes their place.
 * @param given folder of a backup, or the database in it
 * @throws StoreUnavailable when the backup cannot be used there, or a server runs there and something would be changed
 */
export async function restoreFiles(
  directory: string,
  given: string,
  options: { readonly accept: boolean },
): Promise<Restoration> {
  const from = databaseOfBackup(given);
  const path = databaseOf(directory);
  if (resolve(from) === resolve(path)) throw missingBackup(given);
  const inspected = await inspect(from);
  const flaws = [...inspected.flaws, ...archiveFlaws(dirname(from), inspected)];
  const backup = { ...inspected, flaws };
  const look = (): Present | null => {
    const found = existsSync(directory) ? foundIn(whatIsKept(directory, path), path) : null;
    assertSame(backup, found, directory);
    return found === null ? null : { ...found, beyond: beyondOf(directory, path, from) };
  };
  if (!options.accept) return { backup, present: look(), accepted: null, setAside: [] };
  prepareDirectory(directory, () => undefined);
  const unlock = takeLock(directory, null);
  try {
    const present = look();
    return { backup, present, ...(await replace({ directory, from }, backup, present)) };
  } finally {
    unlock();
  }
}
