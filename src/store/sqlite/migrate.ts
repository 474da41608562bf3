/** Brings the schema up to date by numbered SQL files, each in a transaction of its own. */
import { readdirSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StoreUnavailable } from '../store.ts';

/** "tocs" in the file's header, so that a database of another program is recognised. */
const APPLICATION_ID = 0x74_6f_63_73;
/** Schemas before this one were never released; nothing reads them. */
const FIRST = 17;
const FOLDER = new URL('../migrations/sqlite/', import.meta.url);

export interface Migration {
  /** Counts without a gap; the database keeps it as `user_version`. */
  readonly version: number;
  readonly sql: string;
}

/** The migrations of this release, in order. */
export function sqliteMigrations(): readonly Migration[] {
  const files = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
  return files.map((name, index) => {
    const version = Number(name.slice(0, 4));
    if (version !== index + FIRST)
      throw new Error(`migration ${name} should be number ${index + FIRST}`);
    return { version, sql: readFileSync(new URL(name, FOLDER), 'utf8') };
  });
}

function numberOf(db: Database.Database, pragma: 'user_version' | 'application_id'): number {
  return Number(db.pragma(pragma, { simple: true }));
}

function tablesOf(db: Database.Database): readonly string[] {
  const tables = db.prepare<[], { readonly name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
  );
  return tables.all().map(({ name }) => name);
}

const CHANGED = 'something other than Tocsin has changed it: restore a backup';

function assertOurs(db: Database.Database, directory: string): void {
  if (tablesOf(db).length === 0) return;
  if (numberOf(db, 'application_id') !== APPLICATION_ID)
    throw new StoreUnavailable(
      `the database in ${directory} was not made by Tocsin`,
      'give Tocsin an empty directory with --data',
    );
  const version = numberOf(db, 'user_version');
  if (version <= 0)
    throw new StoreUnavailable(
      `the database in ${directory} holds what Tocsin stored and says that it is of schema ${version}, which there is not`,
      CHANGED,
    );
}

interface Made {
  /** The table that it is part of. */
  readonly of: string;
  readonly sql: string;
}

/** Everything that the database is made of, with how it was made. */
function madeOf(db: Database.Database): ReadonlyMap<string, Made> {
  const rows = db.prepare<[], Made & { readonly name: string }>(
    "SELECT name, tbl_name AS of, ifnull(sql, '') AS sql FROM sqlite_schema",
  );
  return new Map(rows.all().map(({ name, of, sql }) => [name, { of, sql }]));
}

/** Throws when a table or an index is gone, or is not as the migrations have made it. */
function assertWhole(
  db: Database.Database,
  migrations: readonly Migration[],
  directory: string,
): void {
  const fresh = new Database(':memory:');
  try {
    for (const { sql } of migrations) fresh.exec(sql);
    const found = madeOf(db);
    const wanted = [...madeOf(fresh)];
    const gone = wanted.filter(([name]) => !found.has(name));
    // Of a table that is gone its indexes need no word.
    const lost = gone
      .filter(([name, { of }]) => name === of || found.has(of))
      .map(([name]) => name);
    if (lost.length > 0)
      throw new StoreUnavailable(
        `the database in ${directory} has lost what it must hold: ${lost.join(', ')}`,
        CHANGED,
      );
    const other = wanted
      .filter(([name, { sql }]) => found.get(name)?.sql !== sql)
      .map(([name]) => name);
    if (other.length > 0)
      throw new StoreUnavailable(
        `the database in ${directory} is not made as Tocsin makes it: ${other.join(', ')}`,
        CHANGED,
      );
  } finally {
    fresh.close();
  }
}

function assertReadable(
  version: number,
  migrations: readonly Migration[],
  directory: string,
): void {
  const first = migrations[0]?.version ?? 0;
  const latest = migrations.at(-1)?.version ?? 0;
  if (version > 0 && version < first)
    throw new StoreUnavailable(
      `the database in ${directory} was made before the first release of Tocsin (schema ${version}, this one begins with ${first})`,
      'move that directory away and start with an empty one; what was open there can still be read with the Tocsin that made it',
    );
  if (version > latest)
    throw new StoreUnavailable(
      `the database in ${directory} was written by a newer Tocsin (schema ${version}, this one knows ${latest})`,
      'run that release or a newer one, or restore the backup made before the upgrade',
    );
}

/**
 * Runs what is missing and returns how many migrations that were.
 * @throws StoreUnavailable when the database is not ours, newer than this release, or older than the first one
 */
export function migrate(
  db: Database.Database,
  migrations: readonly Migration[],
  directory: string,
): number {
  assertOurs(db, directory);
  const from = numberOf(db, 'user_version');
  assertReadable(from, migrations, directory);
  const missing = migrations.filter(({ version }) => version > from);
  for (const { version, sql } of missing)
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version}`);
      db.pragma(`application_id = ${APPLICATION_ID}`);
    }).immediate();
  assertWhole(db, migrations, directory);
  return missing.length;
}

/** For readers, who cannot migrate. @throws StoreUnavailable when the schema is not exactly this release's */
export function assertMigrated(
  db: Database.Database,
  migrations: readonly Migration[],
  directory: string,
): void {
  assertOurs(db, directory);
  const version = numberOf(db, 'user_version');
  assertReadable(version, migrations, directory);
  const latest = migrations.at(-1)?.version ?? 0;
  if (version < latest)
    throw new StoreUnavailable(
      `the database in ${directory} is of an older release (schema ${version}, this one reads ${latest})`,
      'start `tocsin serve` of this release on it once: that brings it up to date',
    );
  assertWhole(db, migrations, directory);
}
