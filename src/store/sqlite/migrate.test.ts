import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteReads, openSqliteStore } from '../sqlite.ts';
import { type Migration, migrate, sqliteMigrations } from './migrate.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-migrate-'));
  path = join(directory, 'tocsin.db');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function withDatabase<T>(use: (db: Database.Database) => T): T {
  const db = new Database(path);
  try {
    return use(db);
  } finally {
    db.close();
  }
}

function schemaOf(db: Database.Database): string {
  const rows = db.prepare<[], { readonly sql: string }>(
    'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name',
  );
  return `${rows
    .all()
    .map(({ sql }) => `${sql};`)
    .join('\n\n')}\n`;
}

const versionOf = (db: Database.Database): unknown => db.pragma('user_version', { simple: true });
const first = sqliteMigrations()[0]?.version ?? 0;
const latest = sqliteMigrations().at(-1)?.version ?? 0;

describe('migrations', () => {
  it('lead an empty database to the schema that is written down', async () => {
    const schema = withDatabase((db) => {
      expect(migrate(db, sqliteMigrations(), directory)).toBe(latest - first + 1);
      return schemaOf(db);
    });
    await expect(schema).toMatchFileSnapshot('../migrations/sqlite-schema.sql');
  });

  it('leave no index that makes SQLite compile statements again and again', () => {
    withDatabase((db) => {
      migrate(db, sqliteMigrations(), directory);
      expect(schemaOf(db)).not.toMatch(/CREATE [^;]*INDEX[^;]*\bNOT\s*NULL/i);
    });
  });

  it('run once', () => {
    withDatabase((db) => {
      migrate(db, sqliteMigrations(), directory);
      expect(migrate(db, sqliteMigrations(), directory)).toBe(0);
      expect(versionOf(db)).toBe(latest);
    });
  });

  it('run in order from wherever the database stands, and keep its rows', () => {
    const [first, second, third]: readonly Migration[] = [
      { version: 1, sql: "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept');" },
      { version: 2, sql: 'ALTER TABLE t ADD COLUMN b INTEGER;' },
      { version: 3, sql: 'UPDATE t SET b = 3;' },
    ];
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('three expected');
    withDatabase((db) => {
      expect(migrate(db, [first], directory)).toBe(1);
      expect(migrate(db, [first, second, third], directory)).toBe(2);
      expect(db.prepare('SELECT a, b FROM t').all()).toEqual([{ a: 'kept', b: 3 }]);
    });
  });

  it('that fail leave the database as it was before them', () => {
    const broken = { version: 2, sql: 'CREATE TABLE u (a); INSERT INTO nowhere VALUES (1);' };
    withDatabase((db) => {
      migrate(db, [{ version: 1, sql: 'CREATE TABLE t (a);' }], directory);
      expect(() => migrate(db, [{ version: 1, sql: '' }, broken], directory)).toThrow('nowhere');
      expect(versionOf(db)).toBe(1);
      expect(schemaOf(db)).toBe('CREATE TABLE t (a);\n');
    });
  });

  it('refuse a database of a newer release', async () => {
    await (await openSqliteStore({ directory, kind: 'sandbox', lock: false })).close();
    withDatabase((db) => db.pragma(`user_version = ${latest + 1}`));
    const newer = `written by a newer Tocsin (schema ${latest + 1}, this one knows ${latest})`;
    await expect(openSqliteStore({ directory, kind: 'sandbox', lock: false })).rejects.toThrow(
      newer,
    );
    await expect(openSqliteReads(directory)).rejects.toThrow(newer);
  });

  it('refuse a database that was made before the first release, and say what to do', async () => {
    withDatabase((db) => {
      migrate(db, sqliteMigrations(), directory);
      db.pragma('user_version = 1');
    });
    const old = {
      message: `the database in ${directory} was made before the first release of Tocsin (schema 1, this one begins with ${first})`,
      hint: expect.stringContaining('move that directory away'),
    };
    await expect(
      openSqliteStore({ directory, kind: 'sandbox', lock: false }),
    ).rejects.toMatchObject(old);
    await expect(openSqliteReads(directory)).rejects.toMatchObject(old);
  });

  it('refuse a database of another program', async () => {
    withDatabase((db) => db.exec('CREATE TABLE theirs (a)'));
    const foreign = 'was not made by Tocsin';
    await expect(openSqliteStore({ directory, kind: 'sandbox', lock: false })).rejects.toThrow(
      foreign,
    );
    await expect(openSqliteReads(directory)).rejects.toThrow(foreign);
    expect(withDatabase(schemaOf)).toBe('CREATE TABLE theirs (a);\n');
  });

  it.each([0, -1, -2_000_000])(
    'refuse a database that says it is of schema %d',
    async (version) => {
      withDatabase((db) => {
        migrate(db, sqliteMigrations(), directory);
        db.pragma(`user_version = ${version}`);
      });
      const changed = {
        message: `the database in ${directory} holds what Tocsin stored and says that it is of schema ${version}, which there is not`,
        hint: expect.stringContaining('restore a backup'),
      };
      await expect(
        openSqliteStore({ directory, kind: 'sandbox', lock: false }),
      ).rejects.toMatchObject(changed);
      await expect(openSqliteReads(directory)).rejects.toMatchObject(changed);
    },
  );

  it('refuse a database that has lost a table, and name it', async () => {
    await (await openSqliteStore({ directory, kind: 'sandbox', lock: false })).close();
    withDatabase((db) => db.exec('DROP TABLE claims; DROP TABLE pages'));
    const lost = {
      message: `the database in ${directory} has lost what it must hold: claims, pages`,
      hint: expect.stringContaining('restore a backup'),
    };
    await expect(
      openSqliteStore({ directory, kind: 'sandbox', lock: false }),
    ).rejects.toMatchObject(lost);
    await expect(openSqliteReads(directory)).rejects.toMatchObject(lost);
  });

  it('refuse a database whose table or index is not made as it was', async () => {
    await (await openSqliteStore({ directory, kind: 'sandbox', lock: false })).close();
    withDatabase((db) =>
      db.exec('DROP INDEX outbox_dead; ALTER TABLE pages RENAME COLUMN told_at TO told_ad'),
    );
    await expect(openSqliteStore({ directory, kind: 'sandbox', lock: false })).rejects.toThrow(
      'has lost what it must hold: outbox_dead',
    );
    withDatabase((db) => db.exec("CREATE INDEX outbox_dead ON outbox (seq) WHERE status = 'dead'"));
    await expect(openSqliteStore({ directory, kind: 'sandbox', lock: false })).rejects.toThrow(
      'is not made as Tocsin makes it: pages, pages_told',
    );
  });

  it('are not run by a reader, who says what to do instead', async () => {
    withDatabase((db) => db.exec('VACUUM'));
    await expect(openSqliteReads(directory)).rejects.toMatchObject({
      message: `the database in ${directory} is of an older release (schema 0, this one reads ${latest})`,
      hint: expect.stringContaining('tocsin serve'),
    });
  });
});
