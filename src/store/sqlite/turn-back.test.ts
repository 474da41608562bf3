/** Instants of rows when time is turned back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Connection, openWriter } from './connection.ts';
import { migrate, sqliteMigrations } from './migrate.ts';
import { INSTANTS, turnRowsBack } from './turn-back.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-05-05T12:00:00Z');
let directory: string;
let connection: Connection;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-turn-'));
  connection = openWriter(join(directory, 'tocsin.db'), null);
  migrate(connection.db, sqliteMigrations(), directory);
});
afterEach(() => {
  connection.db.close();
  rmSync(directory, { recursive: true });
});

test('every column that holds an instant is known', () => {
  const columns = connection.db
    .prepare<[], { readonly name: string }>(
      `SELECT t.name || '.' || c.name AS name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
       WHERE t.type = 'table' AND (c.name LIKE '%\\_at' ESCAPE '\\' OR c.name IN ('at', 'since', 'not_before', 'lease_until'))
       ORDER BY 1`,
    )
    .all()
    .map(({ name }) => name);
  const known = Object.entries(INSTANTS).flatMap(([table, names]) =>
    names.map((name) => `${table}.${name}`),
  );
  expect(columns).toEqual(known.toSorted());
});

test('rows and durable values count from earlier, but not what is configured or who may do what', () => {
  const { db } = connection;
  const later = NOON + HOUR;
  const put = db.prepare('INSERT INTO meta VALUES (?, ?)');
  put.run('pauses', JSON.stringify({ pauses: { paging: { until: later } } }));
  put.run('polled', String(later));
  put.run('config:1', JSON.stringify({ starts: later }));
  put.run('token:1', JSON.stringify({ expiresAt: later }));
  put.run('spoilt', '{');
  db.prepare("INSERT INTO heard VALUES ('a', 'b', 'end', 1, ?)").run(later);
  db.prepare("INSERT INTO heard VALUES ('a', 'c', 'end', 1, ?)").run(NOON);
  turnRowsBack(connection, { after: NOON, byMs: 3 * HOUR });
  expect(db.prepare('SELECT key, value FROM meta ORDER BY key').raw().all()).toEqual([
    ['config:1', JSON.stringify({ starts: later })],
    ['pauses', JSON.stringify({ pauses: { paging: { until: later - 3 * HOUR } } })],
    ['polled', String(later - 3 * HOUR)],
    ['spoilt', '{'],
    ['token:1', JSON.stringify({ expiresAt: later })],
  ]);
  expect(db.prepare('SELECT at FROM heard ORDER BY ref').pluck().all()).toEqual([
    later - 3 * HOUR,
    NOON,
  ]);
});
