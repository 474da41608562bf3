/**
 * Whether a database holds all that was committed to it, by the marker beside it or, where there is none that can be read, by
 * the newest signed checkpoint there, which is minutes behind. Looked at before anything opens it for
 * writing: SQLite deletes the log of a database that is gone, and writes over what it has dropped of one that is spoilt.
 */
import { linkSync, rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { instantOf } from '../../contract/instant.ts';
import { countOf } from '../../lib/count.ts';
import { newestCheckpoints } from '../checkpoint-file.ts';
import { StoreUnavailable } from '../store.ts';
import { type Connection, openReader } from './connection.ts';
import { databaseAloneOf } from './directory.ts';
import { type Damage, NO_DAMAGE, damageAtStart, isDamage } from './damage.ts';
import { type Committed, readCommitted } from './committed.ts';
import type { Lost } from '../lost.ts';
import { type Marker, readMarker } from './marker.ts';
import { OWN_KEYS, createRecords } from './records.ts';

export type KeptData =
  /** There is no marker that could be read, nor a checkpoint that says more: nobody knows what was committed. */
  | { readonly kind: 'unknown'; readonly isSpoilt: boolean; readonly damage: Damage }
  | {
      readonly kind: 'whole';
      readonly marker: Marker;
      readonly committed: Committed;
      /** What goes on all the same. */
      readonly damage: Damage;
    }
  /** It cannot be read as a whole. */
  | { readonly kind: 'damaged'; readonly marker: Marker | null; readonly why: string }
  | {
      readonly kind: 'less';
      readonly known: KnownCommitted;
      readonly lost: Lost;
      /** What is missing, as a sentence. */
      readonly why: string;
      /** What the database says of itself; null: it holds nothing at all. */
      readonly found: FoundDatabase | null;
      /** The log does not belong to the database that it lies beside. */
      readonly isForeignLog: boolean;
    };

/** What is known of what was committed. */
export interface KnownCommitted extends Omit<Committed, 'head' | 'incidents'> {
  /** Of the database. */
  readonly instance: string;
  /** Null: a checkpoint does not tell. */
  readonly head: string | null;
  readonly incidents: number | null;
}

export interface FoundDatabase {
  readonly instance: string | null;
  readonly committed: Committed;
}

interface Looked {
  readonly found: ReturnType<typeof readFound>;
  readonly damage: Damage;
}

/** Of a database that holds nothing. */
export const NOTHING_COMMITTED: Committed = {
  commits: 0,
  deliveries: 0,
  events: 0,
  incidents: 0,
  head: '',
  newestAt: 0,
};

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** `other`: it has tables, and not those, or not such, by which it could be told. */
function readFound(connection: Connection): FoundDatabase | 'other' | null {
  const { db } = connection;
  const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (isEmpty) return null;
  try {
    const instance = createRecords(connection).meta(OWN_KEYS.instance);
    return { instance, committed: readCommitted(connection) };
  } catch (error) {
    const isUnknown = error instanceof Database.SqliteError && error.code === 'SQLITE_ERROR';
    if (isUnknown) return 'other';
    throw error;
  }
}

/** What the database says of itself. */
function look(path: string): Looked {
  if (sizeOf(path) === 0) return { found: null, damage: NO_DAMAGE };
  const connection = openReader(path);
  try {
    const damage = damageAtStart(connection.db, path);
    return { found: damage.rest.length > 0 ? null : readFound(connection), damage };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { found: null, damage: { ...NO_DAMAGE, rest: [error.message] } };
  } finally {
    connection.db.close();
  }
}

/** What `tocsin.db` says without its log; null: that cannot be told. */
function readWithoutLog(directory: string, path: string): FoundDatabase | null {
  // Under another name it has no log. A hard link, for a copy would take as long as the database is large.
  const alone = databaseAloneOf(directory);
  const names = [alone, `${alone}-wal`, `${alone}-shm`];
  const remove = (): void => names.forEach((name) => rmSync(name, { force: true }));
  try {
    remove();
    linkSync(path, alone);
    const connection = openReader(alone);
    try {
      const found = readFound(connection);
      return found === 'other' ? null : found;
    } finally {
      connection.db.close();
    }
  } catch {
    // A file system without hard links, or a file that a crash left in the middle of a checkpoint.
    return null;
  } finally {
    remove();
  }
}

const DAMAGE_TOLD_MAX = 3;

function whyDamaged({ rest }: Damage, directory: string): string {
  const told = rest.slice(0, DAMAGE_TOLD_MAX).join('; ');
  const more = rest.length - DAMAGE_TOLD_MAX;
  return `the database in ${directory} is damaged: ${told}${more > 0 ? `; and ${more} more` : ''}`;
}

function missing(known: KnownCommitted, committed: Committed): string {
  const parts = [
    [known.deliveries - committed.deliveries, 'delivery or request', 'deliveries and requests'],
    [known.events - committed.events, 'event of incidents', 'events of incidents'],
  ] as const;
  const told = parts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => countOf(count, one, many));
  return told.length === 0 ? '' : `; missing are ${told.join(' and ')}`;
}

function whyLess(
  known: KnownCommitted,
  found: FoundDatabase | null,
  directory: string,
): string | null {
  if (known.commits === 0) return null;
  if (found === null)
    return `the database in ${directory} is gone or empty, and held ${countOf(known.commits, 'commit')} with ${countOf(known.deliveries, 'delivery or request', 'deliveries and requests')}`;
  const { committed, instance } = found;
  if (instance !== known.instance)
    return `the database in ${directory} is another one: ${instance ?? 'without a name'} instead of ${known.instance}`;
  const isOther =
    known.head !== null && committed.commits === known.commits && committed.head !== known.head;
  if (committed.commits < known.commits || isOther)
    return `the database in ${directory} holds ${isOther ? 'others than' : `${committed.commits} of`} the ${known.commits} commits that it held${missing(known, committed)}`;
  return null;
}

/** The newest checkpoint in the directory; of the installation, where it is known which one. Null: there is none. */
function signedIn(directory: string, instance: string | null): KnownCommitted | null {
  const all = newestCheckpoints(directory).filter(
    (one) => instance === null || one.instance === instance,
  );
  const last = all.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1);
  if (last === undefined) return null;
  const { commits, deliveries, events, at } = last;
  const counts = { commits, deliveries, events, newestAt: instantOf(at) ?? 0 };
  return { ...counts, head: null, incidents: null, instance: last.instance };
}

interface TooOld {
  readonly has: number;
  readonly why: string;
}

/** An older file that was put below the log of a newer one: SQLite takes the two for one database. */
function tooOld(marker: Marker, directory: string, path: string): TooOld | null {
  if (sizeOf(`${path}-wal`) === 0) return null;
  const alone = readWithoutLog(directory, path);
  if (alone === null) return null;
  const isOlder = alone.instance !== marker.instance || alone.committed.commits < marker.base;
  if (!isOlder) return null;
  const has = alone.committed.commits;
  return {
    has,
    why: `tocsin.db in ${directory} is older than the log tocsin.db-wal beside it: it holds ${has} commits, and the log goes on from ${marker.base}`,
  };
}

/** Compares the database with its marker, reading only. */
export function whatIsKept(directory: string, path: string): KeptData {
  const read = readMarker(directory);
  const marker = read.kind === 'kept' ? read.value : null;
  const older = marker === null || sizeOf(path) === 0 ? null : tooOld(marker, directory, path);
  const { found, damage } = look(path);
  // What an older database makes of a newer log reads as damage as well.
  if (damage.rest.length > 0 && older === null)
    return { kind: 'damaged', marker, why: whyDamaged(damage, directory) };
  const unknown = { kind: 'unknown', isSpoilt: read.kind === 'spoilt', damage } as const;
  // What is no database of this release is refused by its schema.
  if (found === 'other') return unknown;
  const known = marker ?? signedIn(directory, found?.instance ?? null);
  if (known === null) return unknown;
  const why = older?.why ?? whyLess(known, found, directory);
  const committed = found?.committed ?? NOTHING_COMMITTED;
  if (why === null) return marker === null ? unknown : { kind: 'whole', marker, committed, damage };
  const has = Math.min(older?.has ?? committed.commits, known.commits);
  const { commits: had, incidents } = known;
  const lost = { has, had, incidents, common: null, how: 'as_found' } as const;
  return { kind: 'less', known, lost, why, found, isForeignLog: older !== null };
}

/** @throws StoreUnavailable when the database is damaged or holds less than was committed to it, with what to do */
export function assertNothingLost(
  directory: string,
  path: string,
): Extract<KeptData, { kind: 'whole' | 'unknown' }> {
  const kept = whatIsKept(directory, path);
  if (kept.kind === 'whole' || kept.kind === 'unknown') return kept;
  throw new StoreUnavailable(
    kept.why,
    kept.kind === 'less'
      ? `look for the files that belong there (tocsin.db, tocsin.db-wal) or restore a backup (\`tocsin restore\`); to go on with what is there, run \`tocsin recover --accept --data ${directory}\``
      : `restore a backup (\`tocsin restore\`) and check the disk; to go on with what can be read, run \`tocsin recover --accept --data ${directory}\``,
  );
}
