/** The record of an incident that somebody changed afterwards: `verify` and `timeline` say so, and where. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite.ts';
import { noting, opening } from './conformance/store-fixtures.ts';
import { realTocsin } from './support/cli.ts';

let data: string;

/** inc-1 with three events and inc-2 with one. */
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'tocsin-verify-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const store = await openSqliteStore({ directory: data, kind: 'sandbox', lock: true });
  const first = opening('inc-1');
  const second = noting(first.state, 'Looking at the database.');
  const third = noting(second.state, 'It was the disk.');
  for (const change of [first, second, third, opening('inc-2')])
    expect(await store.transact((tx) => tx.apply([change]))).toEqual([{ ok: true }]);
  await store.close();
});

function tamper(sql: string): void {
  const db = new Database(join(data, 'tocsin.db'));
  db.exec(sql);
  db.close();
}

async function run(...argv: readonly string[]): Promise<{ code: number; out: string }> {
  const env = { TOCSIN_URL: 'http://127.0.0.1:9' };
  const { code, said } = await realTocsin([...argv, '--data', data], { env });
  return { code, out: said };
}

test('a record that nobody touched is whole', async () => {
  expect(await run('verify')).toEqual({
    code: 0,
    out: expect.stringContaining('The record is whole: 2 incidents, 4 events. ') as string,
  });
  const { out } = await run('timeline', '1');
  expect(out).toContain('Looking at the database.');
  expect(out).toContain('The record is whole: 3 events.');
});

const EVENT = "UPDATE events SET event = replace(event, 'disk', 'cat') WHERE subject = 'inc-1'";
const ONE = "subject = 'inc-1' AND version";

describe.each([
  ['an event was edited', EVENT, 'inc-1, event 3: was changed after it was written'],
  [
    'an event cannot be read',
    `UPDATE events SET event = '{' WHERE ${ONE} = 2`,
    'inc-1, event 2: cannot be read',
  ],
  [
    'an event was taken out',
    `DELETE FROM events WHERE ${ONE} = 2`,
    'inc-1, event 2: expected version 2, found 3',
  ],
  [
    'the last event was taken out',
    `DELETE FROM events WHERE ${ONE} = 3`,
    'inc-1, event 3: the incident is at version 3, the events end at 2',
  ],
  [
    'the end was taken out, and the row says so too',
    `DELETE FROM events WHERE ${ONE} = 3; UPDATE incidents SET version = 2 WHERE id = 'inc-1'`,
    'inc-1, event 2: is not the one with which the incident ended',
  ],
])('a record in which %s', (_what, sql, said) => {
  beforeEach(() => tamper(sql));

  test('fails verify, which says where', async () => {
    const { code, out } = await run('verify');
    expect(code).toBe(1);
    expect(out).toContain(said);
    expect(out).toContain('The record of 1 incident is not as it was written');
    expect(out).not.toContain('inc-2,');
  });

  test('is shown as far as it can be read, with a line that says so', async () => {
    const { code, out } = await run('timeline', '1');
    expect(code).toBe(0);
    expect(out).toContain('Checkout is failing');
    expect(out).toContain('THE RECORD IS NOT AS IT WAS WRITTEN');
    expect(out).toContain(said.slice('inc-1, '.length));
  });

  test('is told to a program as well', async () => {
    const { code, out } = await run('verify', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ incidents: 2, broken: [{ incident: 'inc-1' }] });
  });
});

test('an incident whose row was removed is missed', async () => {
  tamper("DELETE FROM incidents WHERE id = 'inc-2'");
  const { code, out } = await run('verify');
  expect(code).toBe(1);
  expect(out).toContain('inc-2, event 1: the incident was removed, its events are left');
});

test('an incident all of whose events were removed is missed', async () => {
  tamper("DELETE FROM events WHERE subject = 'inc-2'");
  const { code, out } = await run('verify');
  expect(code).toBe(1);
  expect(out).toContain('inc-2, event 1: the incident is at version 1, the events end at 0');
});
