import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type Connection, openWriter } from './connection.ts';
import { createMovers } from './archive.ts';
import { mendIncidents } from './mend.ts';
import { migrate, sqliteMigrations } from './migrate.ts';
import { createReads } from './reads.ts';
import { createSweeps } from './retain.ts';
import { prepareTx } from './tx.ts';

let directory: string;
let connection: Connection;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-plans-'));
  connection = openWriter(join(directory, 'tocsin.db'), null);
  migrate(connection.db, sqliteMigrations(), directory);
  prepareTx(connection);
  createReads(connection, () => {
    throw new Error('nothing is read here');
  });
  createSweeps(connection);
  createMovers(connection);
});

afterAll(() => {
  connection.db.close();
  rmSync(directory, { recursive: true });
});

function planOf(sql: string): readonly string[] {
  const plan = connection.db.prepare<unknown[], { readonly detail: string }>(
    `EXPLAIN QUERY PLAN ${sql}`,
  );
  const byPlace = Array.from(sql.matchAll(/\?/g), () => null);
  const byName = Object.fromEntries(
    Array.from(sql.matchAll(/@(\w+)/g), ([, name]) => [name, null]),
  );
  const steps = plan.all(...byPlace, byName).map((step) => step.detail);
  // How a query inside finds its rows is a step of its own.
  return steps.filter((step) => !/^(SCAN|SEARCH) \(subquery-\d+\)/.test(step));
}

function find(text: string): string {
  const sql = connection.prepared.find((one) => one.includes(text));
  if (sql === undefined) throw new Error(`no statement has ${text}`);
  return sql;
}

/** Walks that are meant: over an index that holds only the rows asked for, in their order, or over a small table. */
const WALKS = [
  /^SCAN inbox_(ready|postponed)$/,
  /^SCAN outbox USING (COVERING )?INDEX outbox_(sending|ambiguous|dead)$/,
  /^SCAN incidents USING COVERING INDEX incidents_(open|lost)$/,
  /^SCAN incidents USING INDEX incidents_(storm|moving)$/,
  /^SCAN pages USING INDEX pages_unreachable$/,
  /^SCAN json_each/,
  /^SCAN CONSTANT ROW$/,
];

describe('every statement', () => {
  it('finds its rows by an index', () => {
    const walks = connection.prepared.flatMap((sql) =>
      planOf(sql)
        .filter((step) => step.startsWith('SCAN') && !WALKS.some((walk) => walk.test(step)))
        .map((step) => `${step}: ${sql}`),
    );
    expect(connection.prepared.length).toBeGreaterThan(60);
    expect(walks).toEqual([]);
  });

  it('hides its parameters from the planner, so that it is compiled once', () => {
    const queries = connection.prepared.filter((sql) => /^\s*SELECT/.test(sql));
    expect(queries.length).toBeGreaterThan(40);
    const bare = queries.filter((sql) =>
      /[?@]/.test(sql.replaceAll(/\+(\?|@\w+)|(\?|@\w+) \+ 0/g, '')),
    );
    expect(bare).toEqual([]);
  });

  it.each([
    ['a lease', 'SELECT seq FROM outbox WHERE lane', ['outbox_due']],
    ['a lease without some targets', 'target NOT IN', ['outbox_due']],
    ['what is due in a lane', 'ORDER BY due_at, seq LIMIT 1', ['outbox_due']],
    ['what is due in a lane after an instant', 'AND due_at > +@after', ['outbox_due']],
    ['rows that waited', 'not_before <= +?', ['inbox_waiting']],
  ])('%s reads nothing but its indexes', (_what, text, indexes) => {
    const plan = planOf(find(text)).filter((step) => !step.includes('json_each'));
    for (const index of indexes) expect(plan.join('\n')).toContain(`COVERING INDEX ${index}`);
    expect(
      plan.filter((step) => /^(SEARCH|SCAN)/.test(step) && !step.includes('COVERING')),
    ).toEqual([]);
  });

  it.each([
    ['an alert by its key', 'FROM alerts WHERE source = +? AND dedup_key = +?'],
    ['a claim by its key', 'FROM claims WHERE kind = +? AND key = +?'],
    ['the counts of an incident', 'FROM alert_counts WHERE incident = +?'],
  ])('%s is one look into the table, which is its own index', (_what, text) => {
    expect(planOf(find(text))).toEqual([expect.stringMatching(/^SEARCH \w+ USING PRIMARY KEY/)]);
  });

  it.each([
    ['alerts that are not heard of any more', 'heard_at <= +?', 'alerts_heard'],
    ['alerts of a sender’s group', 'AND sender_group = ?', 'alerts_group'],
  ])('%s are found by their index', (_what, text, index) => {
    expect(planOf(find(text))[0]).toContain(`INDEX ${index}`);
  });

  it('finds the pages that await an answer in an index of nothing else', () => {
    expect(planOf(find('pages.awaits_answer = 1'))[0]).toContain('INDEX pages_awaiting');
  });

  it.each([
    ['leases', 'target NOT IN'],
    ['inbox rows', 'FROM inbox_ready WHERE seq > +? ORDER BY seq'],
    ['timelines', 'FROM events'],
    ['lists of open incidents', 'is_open = 1 ORDER BY seq DESC'],
    ['alerts that are not heard of any more', 'heard_at <= +?'],
    ['incidents opened lately', 'is_alone = 1 AND opened_at > +?'],
    ['storms that are open', 'is_storm = 1 AND is_open = 1'],
    ['pages that await an answer', 'pages.awaits_answer = 1'],
  ])('reads %s in order, without sorting', (_what, text) => {
    expect(planOf(find(text)).join('\n')).not.toContain('TEMP B-TREE');
  });
});

test('a start looks only at what is open or owes something, by indexes that hold nothing else', () => {
  const from = connection.prepared.length;
  mendIncidents(connection, false);
  const [sql = ''] = connection.prepared
    .slice(from)
    .filter((one) => one.includes('UNION ALL SELECT id FROM incidents AS i WHERE is_awake = 1'));
  const walks = planOf(sql).filter((step) => step.startsWith('SCAN'));
  expect(walks).toEqual(['SCAN i USING INDEX incidents_open', 'SCAN i USING INDEX incidents_wake']);
});

describe('no SQL', () => {
  const folders = [
    new URL('.//', import.meta.url),
    new URL('../migrations/sqlite/', import.meta.url),
  ];
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(sql|ts)$/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => new URL(name, folder)),
  );

  it.each(files.map((file) => [file.pathname.split('/').slice(-2).join('/'), file] as const))(
    'in %s asks the database for the time or for chance',
    (_name, file) => {
      const text = readFileSync(file, 'utf8');
      expect(text).not.toMatch(
        /\b(now|random|randomblob|datetime|julianday|strftime|unixepoch)\s*\(|CURRENT_(TIME|DATE|TIMESTAMP)|'now'/i,
      );
    },
  );
});
