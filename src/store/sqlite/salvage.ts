/** Copies what can be read of a damaged database into a new one, row by row, from both ends of each table. */
import Database from 'better-sqlite3';
import { isDamage } from './damage.ts';
import { migrate, sqliteMigrations } from './migrate.ts';

type Row = Readonly<Record<string, unknown>>;

interface Table {
  readonly name: string;
  /** By which its rows are in order. */
  readonly key: readonly string[];
}

/** The tables of this release, each after those that it does not need. */
function tablesOf(db: Database.Database): readonly Table[] {
  const names = db
    .prepare<[], { readonly name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
    )
    .all();
  return names.map(({ name }) => {
    const columns = db.pragma(`table_info(${name})`) as readonly {
      readonly name: string;
      readonly pk: number;
    }[];
    const key = columns.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    return { name, key: key.map((column) => column.name) };
  });
}

/** The rows up to the first that cannot be read. */
function* readable(db: Database.Database, sql: string): Generator<Row> {
  try {
    yield* db.prepare<[], Row>(sql).iterate();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}

function copyTable(from: Database.Database, to: Database.Database, { name, key }: Table): void {
  const ordered = (way: 'ASC' | 'DESC'): string =>
    `SELECT * FROM ${name} NOT INDEXED ORDER BY ${key.map((column) => `${column} ${way}`).join(', ')}`;
  const columns = to.prepare(`SELECT * FROM ${name}`).columns();
  const put = to.prepare(
    `INSERT OR REPLACE INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const insert = (row: Row): void => {
    try {
      put.run(...columns.map((column) => row[column.name]));
    } catch (error) {
      // A value that its column cannot hold: the row is not as it was written.
      if (!(error instanceof Database.SqliteError)) throw error;
    }
  };
  for (const way of ['ASC', 'DESC'] as const)
    for (const row of readable(from, ordered(way))) insert(row);
}

/** Makes the new database. @throws SqliteError when nothing at all can be read */
export function salvage(path: string, newPath: string, directory: string): void {
  const from = new Database(path, { readonly: true, fileMustExist: true });
  const to = new Database(newPath);
  try {
    migrate(to, sqliteMigrations(), directory);
    to.transaction(() => {
      for (const table of tablesOf(to)) copyTable(from, to, table);
    })();
  } finally {
    from.close();
    to.close();
  }
}
