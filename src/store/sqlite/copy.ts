/**
 * Copies a database as it is at one moment, while others write it, and looks through the copy. What is here takes as long as
 * the database is large: it runs in a thread of its own.
 */
import { closeSync, fdatasyncSync, openSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { verifyRecords } from '../chain.ts';
import { archivesOf, copyArchives } from './archive-copies.ts';
import type { ArchiveRow } from './archive-file.ts';
import type { ReadArchive } from './archive-reads.ts';
import { StoreUnavailable } from '../store.ts';
import { type Connection, openReader } from './connection.ts';
import { type Committed, readCommitted } from './committed.ts';
import { type Damage, damageIn } from './damage.ts';
import { databaseOf } from './directory.ts';
import { assertMigrated, sqliteMigrations } from './migrate.ts';
import { createReads } from './reads.ts';
import { OWN_KEYS, createRecords } from './records.ts';

/** Pages (4 KiB) that are copied at a stretch. */
const STEP_PAGES = 500;
const TOLD_MAX = 3;

/** What a database that stands alone, without a log, says of itself. */
export interface Inspected {
  /** Empty: it has none. */
  readonly instance: string;
  readonly kind: string;
  readonly committed: Committed;
  readonly incidents: number;
  readonly openIncidents: number;
  /** What it has moved to files of the archive. */
  readonly archives: readonly ArchiveRow[];
  readonly bytes: number;
  /** What is not as it was written, and does not keep anybody from going on with it: finished sentences. */
  readonly flaws: readonly string[];
}

function listed(found: readonly string[]): string {
  const more = found.length - TOLD_MAX;
  return `${found.slice(0, TOLD_MAX).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function flawsOf({ indexes, tables }: Damage): readonly string[] {
  return [
    ...(indexes.length === 0 ? [] : [`indexes do not match their tables: ${listed(indexes)}`]),
    ...(tables.length === 0 ? [] : [`rows hold what they cannot in: ${listed(tables)}`]),
  ];
}

/** It stands alone, and what was archived is not in it. */
const noArchive: ReadArchive = (file) => {
  throw new StoreUnavailable(`the archive ${file} is not looked at`, '', { isOfArchive: true });
};

async function inspectOpen(connection: Connection, path: string): Promise<Inspected> {
  const { db } = connection;
  const damage = damageIn(db);
  if (damage.rest.length > 0) throw new Error(`${path} is damaged: ${listed(damage.rest)}`);
  assertMigrated(db, sqliteMigrations(), path);
  const records = createRecords(connection);
  const { incidents, broken } = await verifyRecords(createReads(connection, noArchive), {
    isHereOnly: true,
  });
  const open = db
    .prepare<[], { readonly n: number }>('SELECT count(*) AS n FROM incidents WHERE is_open = 1')
    .get();
  const changed = broken.map(
    ({ incident, version, why }) => `${incident}, event ${version}: ${why}`,
  );
  return {
    instance: records.meta(OWN_KEYS.instance) ?? '',
    kind: records.meta(OWN_KEYS.kind) ?? '',
    committed: readCommitted(connection),
    incidents,
    openIncidents: open?.n ?? 0,
    archives: archivesOf(connection)(),
    bytes: statSync(path).size,
    flaws: [
      ...flawsOf(damage),
      ...(changed.length === 0 ? [] : [`the record is not as it was written: ${listed(changed)}`]),
    ],
  };
}

/**
 * Reads all of a database that nobody writes: its structure, its schema, the record of every incident.
 * @throws StoreUnavailable when it is not of this release, Error when its structure is damaged
 */
export async function inspect(path: string): Promise<Inspected> {
  const connection = openReader(path);
  try {
    return await inspectOpen(connection, path);
  } finally {
    connection.db.close();
  }
}

export interface CopyTask {
  /** The data directory. */
  readonly from: string;
  /** A folder with an empty file in the place of the database. */
  readonly to: string;
  /** The folder of the backup before, of which files that are the same are shared; null: there is none. */
  readonly previous: string | null;
}

/** Everything of one moment, whatever is committed meanwhile: a snapshot is held, so that the copy never begins anew. */
async function copySnapshot(task: CopyTask): Promise<Committed> {
  const to = databaseOf(task.to);
  const source = openReader(databaseOf(task.from));
  // What is written piles up no higher than a step: the disk has one queue, and a commit of the server waits in it.
  const file = openSync(to, 'r');
  try {
    source.db.exec('BEGIN');
    const committed = readCommitted(source);
    const pace = (): number => {
      fdatasyncSync(file);
      return STEP_PAGES;
    };
    await source.db.backup(to, { progress: pace });
    return committed;
  } finally {
    closeSync(file);
    source.db.close();
  }
}

/** A copy stands alone: it has no log, and needs none to be read. */
function standAlone(path: string): void {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = DELETE');
  } finally {
    db.close();
  }
}

/** Copies what is committed at this moment, and reads the copy as a whole. @throws Error when it is not what was there */
export async function copy(task: CopyTask): Promise<Inspected> {
  const committed = await copySnapshot(task);
  const to = databaseOf(task.to);
  standAlone(to);
  const made = await inspect(to);
  const { commits, head } = made.committed;
  // After the database: what moves from it to the archive meanwhile is in both, not in neither.
  const flaws = copyArchives(task, made.archives, made.instance);
  if (commits === committed.commits && head === committed.head)
    return { ...made, flaws: [...made.flaws, ...flaws] };
  throw new Error(`the copy holds ${commits} commits, and there were ${committed.commits}`);
}
