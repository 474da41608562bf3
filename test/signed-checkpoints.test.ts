/** Signed checkpoints outside the database: what somebody has changed who could change every byte of it, but has not the key. */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { linkHash, CHAIN_START } from '../src/store/chain.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';
import { encodeTree, treeOf } from '../src/store/sqlite/tree.ts';
import type { Store } from '../src/store/store.ts';
import { noting, opening, resolving, T0 } from './conformance/store-fixtures.ts';
import { realTocsin } from './support/cli.ts';
import { alert, MINUTE, startEngine } from './support/engine.ts';
import { openApiServer } from './support/http.ts';

const DAY = 86_400_000;
let root: string;
let data: string;
let key: string;
let file: string;

const open = (more: { checkpoints?: string } = {}): Promise<Store> =>
  openSqliteStore({ directory: data, kind: 'sandbox', lock: true, ...more });

/** inc-1 with three events, inc-2 with one, inc-3 with two; signed for after the first two, four and six events. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-signed-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  data = join(root, 'data');
  const store = await open();
  const first = opening('inc-1');
  const second = noting(first.state, 'Looking at the database.');
  await store.transact((tx) => tx.apply([first]));
  await store.transact((tx) => tx.apply([second]));
  store.signing.sign(T0);
  await store.transact((tx) => tx.apply([noting(second.state, 'It was the disk.')]));
  await store.transact((tx) => tx.apply([opening('inc-2')]));
  store.signing.sign(T0 + 10 * MINUTE);
  const third = opening('inc-3');
  await store.transact((tx) => tx.apply([third]));
  await store.transact((tx) => tx.apply([resolving(third.state)]));
  store.signing.sign(T0 + 20 * MINUTE);
  ({ key, file } = store.signing.head());
  await store.close();
});

async function run(...argv: readonly string[]): Promise<{ code: number; out: string }> {
  const env = { TOCSIN_URL: 'http://127.0.0.1:9', TOCSIN_TOKEN: 'x' };
  const { code, said } = await realTocsin([...argv, '--data', data], { env });
  return { code, out: said.replaceAll(root, 'ROOT') };
}

const verify = () => run('verify', '--key', key);

/** Changes the database and makes everything in it fit again: chains, rows, counts and the tree. */
function forge(sql: string): void {
  const db = new Database(join(data, 'tocsin.db'));
  db.exec(sql);
  interface Row {
    readonly subject: string;
    readonly version: number;
    readonly event: string;
  }
  const rows = db.prepare<[], Row>('SELECT * FROM events ORDER BY subject, version').all();
  const heads = new Map<string, string>();
  for (const { subject, version, event } of rows) {
    const previous = heads.get(subject) ?? CHAIN_START;
    const hash = linkHash(previous, event);
    heads.set(subject, hash);
    db.prepare('UPDATE events SET previous = ?, hash = ? WHERE subject = ? AND version = ?').run(
      previous,
      hash,
      subject,
      version,
    );
    db.prepare('UPDATE incidents SET version = ?, head = ? WHERE id = ?').run(
      version,
      hash,
      subject,
    );
  }
  const left = db
    .prepare<[], { readonly hash: string }>('SELECT hash FROM events ORDER BY seq')
    .all()
    .map(({ hash }) => hash);
  db.prepare('UPDATE committed SET tree = ?, events = ?').run(
    encodeTree(treeOf(left)),
    left.length,
  );
  db.close();
}

function rewriteLines(change: (lines: readonly string[]) => readonly string[]): void {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  writeFileSync(file, `${change(lines).join('\n')}\n`);
}

test('what nobody touched is whole, and the lines say what they stand for', async () => {
  expect(await verify()).toEqual({
    code: 0,
    out: `The record is whole: 3 incidents, 6 events. 3 signed checkpoints in ${file.replace(root, 'ROOT')}, the last of 2026-01-15 09:20 UTC, for 6 of 6 events. `,
  });
  expect((await run('verify')).out).toContain(`signed by ${key}: compare that`);
  const shown = await run('checkpoint');
  expect(shown.out).toContain(`Public key: ${key}`);
  expect(shown.out).toContain('of 2026-01-15 09:20 UTC and stands for 6 events.');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(data, 'checkpoint-key.pem')).mode & 0o777).toBe(0o600);
});

describe.each([
  [
    'an event was written anew, with all that follows from it',
    "UPDATE events SET event = replace(event, 'disk', 'cat')",
    'checkpoint 2 of 2026-01-15T09:10:00Z stands for other 4 events than there are',
  ],
  [
    'the end of an incident was removed, and the row says so too',
    "DELETE FROM events WHERE subject = 'inc-3' AND version = 2",
    'checkpoint 3 of 2026-01-15T09:20:00Z stands for 6 events, and there are fewer',
  ],
  [
    'an incident was removed as a whole',
    "DELETE FROM events WHERE subject = 'inc-2'; DELETE FROM incidents WHERE id = 'inc-2'",
    'checkpoint 2 of 2026-01-15T09:10:00Z stands for other 4 events than there are',
  ],
  [
    'all was removed but the first incident',
    "DELETE FROM events WHERE subject <> 'inc-1'; DELETE FROM incidents WHERE id <> 'inc-1'",
    'checkpoint 3 of 2026-01-15T09:20:00Z stands for 6 events, and there are fewer',
  ],
])('where %s', (_what, sql, said) => {
  test('the record alone shows nothing, and the checkpoints do', async () => {
    forge(sql);
    const { code, out } = await verify();
    expect(code).toBe(1);
    expect(out).toContain(said);
    expect(out).not.toMatch(/inc-\d, event/);
    rmSync(file);
    expect((await run('verify')).code).toBe(0);
  });
});

test('an incident that was removed without the counts shows without any checkpoint', async () => {
  const db = new Database(join(data, 'tocsin.db'));
  db.exec("DELETE FROM events WHERE subject = 'inc-2'; DELETE FROM incidents WHERE id = 'inc-2'");
  db.close();
  rmSync(file);
  expect(await run('verify')).toMatchObject({
    code: 1,
    out: expect.stringContaining('All events: there are 5 events, and 6 were counted') as string,
  });
});

describe('the file of checkpoints', () => {
  test.each([
    [
      'a line was changed',
      (lines: readonly string[]) =>
        lines.map((line) => line.replace('"deliveries":0', '"deliveries":9')),
      'was changed after it was signed',
    ],
    [
      'a line in the middle was removed',
      (lines: readonly string[]) => lines.filter((_, n) => n !== 1),
      'does not follow the line before it',
    ],
    [
      'the first line was removed',
      (lines: readonly string[]) => lines.slice(1),
      'is not the first: lines before it are gone',
    ],
    [
      'a line is no line',
      (lines: readonly string[]) => ['{}', ...lines],
      'checkpoint 1 cannot be read',
    ],
  ])('in which %s', async (_what, change, said) => {
    rewriteLines(change);
    const { code, out } = await verify();
    expect(code).toBe(1);
    expect(out).toContain(said);
  });

  test('that another key has signed is not that of the one who keeps the first', async () => {
    rmSync(file);
    rmSync(join(data, 'checkpoint-key.pem'));
    forge("DELETE FROM events WHERE subject = 'inc-2'; DELETE FROM incidents WHERE id = 'inc-2'");
    const db = new Database(join(data, 'tocsin.db'));
    rmSync(join(data, 'marker.json'));
    db.close();
    const store = await open();
    store.signing.sign(T0 + 30 * MINUTE);
    await store.close();
    expect((await run('verify')).code).toBe(0);
    expect((await verify()).out).toContain('was signed by another key');
  });

  test('whose last line was cut off by a power cut goes on behind the last whole one', async () => {
    appendFileSync(file, '{"half":');
    const store = await open();
    const change = opening('inc-4');
    await store.transact((tx) => tx.apply([change]));
    expect(store.signing.sign(T0 + 30 * MINUTE)).toMatchObject({ events: 7 });
    await store.close();
    expect((await verify()).out).toContain('4 signed checkpoints');
  });

  test('lies where it is configured, and a copy kept elsewhere is held against the data as well', async () => {
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    cpSync(file, join(elsewhere, 'kept.jsonl'));
    forge("DELETE FROM events WHERE subject = 'inc-3'; DELETE FROM incidents WHERE id = 'inc-3'");
    rewriteLines((lines) => lines.slice(0, 2));
    expect((await verify()).code).toBe(0);
    const held = await run('verify', '--key', key, '--checkpoints', join(elsewhere, 'kept.jsonl'));
    expect(held.out).toContain('stands for 6 events, and there are fewer');
    expect((await run('verify', '--checkpoints', elsewhere)).out).toContain(
      'there are no checkpoints',
    );
  });
});

test('history that goes back without anybody having accepted that shows, also after a start', async () => {
  forge("DELETE FROM events WHERE subject = 'inc-3'; DELETE FROM incidents WHERE id = 'inc-3'");
  rmSync(join(data, 'marker.json'));
  const store = await open();
  await store.transact((tx) => tx.apply([opening('inc-4'), opening('inc-5'), opening('inc-6')]));
  store.signing.sign(T0 + DAY);
  await store.close();
  expect((await verify()).out).toContain('checkpoint 3 of 2026-01-15T09:20:00Z stands for other 6');
});

test('what a person gave up for a backup is told, and is no fault', async () => {
  const to = join(root, 'backups');
  mkdirSync(to);
  let store = await open();
  const { path } = await store.backups.make(to, T0);
  await store.transact((tx) => tx.apply([opening('inc-4')]));
  store.signing.sign(T0 + 30 * MINUTE);
  await store.close();
  await run('restore', path, '--accept');
  expect((await verify()).out).toContain('stands for 7 events, and there are fewer');
  store = await open();
  // As a server does, which tells of it before it signs.
  await store.transact((tx) => tx.apply([opening('inc-7'), opening('inc-8')]));
  store.signing.sign(T0 + 40 * MINUTE);
  await store.transact((tx) => tx.apply([opening('inc-5'), opening('inc-6')]));
  store.signing.sign(T0 + 50 * MINUTE);
  await store.close();
  const { code, out } = await verify();
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain('2026-01-15T09:40:00Z: a backup was restored, with');
  expect(out).toContain('1 events that were signed for before are not part of it');
  forge("DELETE FROM events WHERE subject = 'inc-2'; DELETE FROM incidents WHERE id = 'inc-2'");
  expect((await verify()).code).toBe(1);
});

test('what was archived counts as before, and what is missing there cannot be compared', async () => {
  const store = await open();
  expect(await store.archive(T0 + 100 * DAY)).toMatchObject({ moved: 1 });
  await store.transact((tx) => tx.apply([opening('inc-4')]));
  store.signing.sign(T0 + 100 * DAY);
  await store.close();
  expect(await verify()).toMatchObject({
    code: 0,
    out: expect.stringContaining('for 7 of 7 events') as string,
  });
  rmSync(join(data, 'archive'), { recursive: true });
  const { code, out } = await verify();
  expect(code).toBe(1);
  expect(out).toContain('cannot be compared as long as files of the archive are missing: 2026.db');
});

test('a backup of a history that somebody had gone on without is told, and no fault', async () => {
  const to = join(root, 'backups');
  mkdirSync(to);
  let store = await open();
  const { path } = await store.backups.make(to, T0);
  await store.close();
  // The six events are gone; others take their places, and are signed for.
  rmSync(join(data, 'tocsin.db'));
  await run('recover', '--accept');
  store = await open();
  await store.transact((tx) => tx.apply([opening('inc-7'), opening('inc-8')]));
  await store.transact((tx) =>
    tx.putInbox([
      {
        id: 'd1',
        origin: 'webhook',
        actor: { kind: 'tocsin' },
        source: 'prom',
        deliveryId: null,
        receivedAt: T0,
        headers: {},
        body: new Uint8Array([1]),
        notBefore: 0,
        failures: 0,
      },
    ]),
  );
  store.signing.sign(T0 + 30 * MINUTE);
  await store.close();
  expect((await run('restore', path)).out).toContain(
    'What is not in the backup would be given up: 1 delivery or request and 2 events of incidents.',
  );
  await run('restore', path, '--accept');
  store = await open();
  store.signing.sign(T0 + 40 * MINUTE);
  await store.close();
  const { code, out } = await verify();
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain('2 events that were signed for before are not part of it');
  // What follows is held against what there is, as ever.
  forge("DELETE FROM events WHERE subject = 'inc-3'; DELETE FROM incidents WHERE id = 'inc-3'");
  expect((await verify()).code).toBe(1);
});

test('what was copied from a damaged database is counted anew', async () => {
  const store = await open();
  let last = opening('inc-9');
  await store.transact((tx) => tx.apply([last]));
  for (let n = 0; n < 60; n += 1) {
    last = noting(last.state, `${n} `.repeat(200));
    await store.transact((tx) => tx.apply([last]));
  }
  await store.close();
  const path = join(data, 'tocsin.db');
  const bytes = readFileSync(path);
  const page = Math.floor(bytes.lastIndexOf('30 30 30') / 4096);
  bytes.fill(7, page * 4096, page * 4096 + 200);
  writeFileSync(path, bytes);
  await run('recover', '--accept');
  const again = await open();
  again.signing.sign(T0 + DAY);
  await again.transact((tx) => tx.apply([opening('inc-10')]));
  again.signing.sign(T0 + 2 * DAY);
  await again.close();
  const { out } = await verify();
  expect(out).toContain('somebody went on with less');
  expect(out).not.toMatch(/checkpoint \d|All events/);
});

describe('a server', () => {
  test('12:00 it starts -> a line; 12:10 nothing new -> none; an alert -> one ten minutes later; it ends -> one', async () => {
    const h = await startEngine();
    const signed = () =>
      h.logs
        .filter(({ message }) => message === 'a checkpoint was signed')
        .map(({ fields }) => (fields as { checkpoint: { at: string; events: number } }).checkpoint);
    await h.clock.advanceBy(MINUTE);
    expect(signed()).toHaveLength(1);
    await h.clock.advanceBy(15 * MINUTE);
    expect(signed()).toHaveLength(1);
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(11 * MINUTE);
    expect(signed()).toHaveLength(2);
    expect(signed()[1]?.events).toBeGreaterThan(0);
    await h.deliver('prom', [alert({ dedupKey: 'another', title: 'Another' })]);
    await h.settle();
    await h.engine.stop();
    expect(signed()).toHaveLength(3);
    await h.end();
  });

  test('that cannot write them says so once, and goes on', async () => {
    const h = await startEngine({
      wrap: (store) => ({
        ...store,
        signing: {
          ...store.signing,
          sign: () => {
            throw new Error('the folder is gone');
          },
        },
      }),
    });
    await h.clock.advanceBy(25 * MINUTE);
    const said = h.logs.filter(({ message }) => message === 'no checkpoint can be signed');
    expect(said).toHaveLength(1);
    await h.end();
  });

  test('hands the newest and its key to whoever may read', async () => {
    const api = await openApiServer();
    await api.h.clock.advanceBy(MINUTE);
    expect(await api.ask('/api/v1/checkpoint')).toMatchObject({
      status: 200,
      json: { key: expect.stringMatching(/^[\w-]{43}$/) as string, checkpoint: { events: 0 } },
    });
    await api.end();
  });
});

test('a folder that cannot be written is said with what to do', async () => {
  const store = await open({ checkpoints: join(root, 'nowhere') });
  expect(() => store.signing.sign(T0)).toThrow('signed checkpoints cannot be written in');
  await store.close();
});
