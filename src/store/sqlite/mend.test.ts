/** What a start mends of a database that is too large to be looked through. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noting, opening, resolving } from '../../../test/conformance/store-fixtures.ts';
import { openSqliteStore } from '../sqlite.ts';
import { type Connection, openWriter } from './connection.ts';
import { mendIncidents } from './mend.ts';

let directory: string;
let connection: Connection;

/** Five incidents, of which the second is over. */
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-mend-'));
  const store = await openSqliteStore({ directory, kind: 'sandbox', lock: true });
  for (let number = 1; number <= 5; number += 1) {
    await store.transact((tx) => tx.nextIncidentNumber());
    const first = opening(`inc-${number}`);
    const then = number === 2 ? resolving(first.state) : noting(first.state, 'a note');
    await store.transact((tx) => tx.apply([first, then]));
  }
  await store.close();
  connection = openWriter(join(directory, 'tocsin.db'), null);
});

afterEach(() => {
  connection.db.close();
  rmSync(directory, { recursive: true, force: true });
});

const spoil = (sql: string): void => void connection.db.exec(sql);
const versions = (): readonly unknown[] =>
  connection.db.prepare('SELECT id, version FROM incidents ORDER BY id').raw().all();
const WHOLE = [1, 2, 3, 4, 5].map((number) => [`inc-${number}`, 2]);

test.each([
  [
    'the row of one that is open ends otherwise',
    "UPDATE incidents SET head = 'x', version = 1 WHERE id = 'inc-3'",
  ],
  ['a row in the middle is gone', "DELETE FROM incidents WHERE id = 'inc-3'"],
  ['the newest row is gone', "DELETE FROM incidents WHERE id = 'inc-5'"],
  [
    'the row of one that is open has another name',
    "UPDATE incidents SET id = 'inc-77' WHERE id = 'inc-3'",
  ],
])('%s: it is written anew, and told of', (_what, sql) => {
  spoil(sql);
  mendIncidents(connection, false);
  expect(versions()).toEqual(WHOLE);
  expect(connection.spoilt.rows()).not.toEqual([]);
});

test('nothing is wrong: nothing is told of', () => {
  mendIncidents(connection, false);
  expect(connection.spoilt.rows()).toEqual([]);
});

test('the row of one that is over ends otherwise: that is for `verify` and backups to tell', () => {
  spoil("UPDATE incidents SET head = 'x' WHERE id = 'inc-2'");
  mendIncidents(connection, false);
  expect(connection.spoilt.rows()).toEqual([]);
  mendIncidents(connection, true);
  expect(connection.spoilt.rows()).toMatchObject([{ row: 'inc-2' }]);
});
