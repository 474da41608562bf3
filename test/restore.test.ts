/** A backup in the place of the data: seen first, accepted by a person, and told of by the next start. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { EffectId } from '../src/core/model/made-ids.ts';
import { sha256 } from '../src/lib/hash.ts';
import { openSqliteStore, restoreSqlite } from '../src/store/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { noting, opening, pageEffect, resolving, T0 } from './conformance/store-fixtures.ts';
import type { PageOrder } from '../src/contract/order.ts';
import { realTocsin } from './support/cli.ts';
import { alert, MINUTE, START, startEngine } from './support/engine.ts';

let root: string;
let data: string;
/** Three commits, made before the last two. */
let backup: string;

const open = (directory = data): Promise<Store> =>
  openSqliteStore({ directory, kind: 'sandbox', lock: true });

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-restore-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  data = join(root, 'data');
  const to = join(root, 'backups');
  mkdirSync(to);
  const store = await open();
  const first = opening('inc-1');
  await store.transact((tx) => tx.apply([first]));
  const second = noting(first.state, 'Looking at the database.', {
    effects: [pageEffect('e1' as EffectId)],
  });
  await store.transact((tx) => tx.apply([second]));
  backup = (await store.backups.make(to, T0)).path;
  await store.transact((tx) => tx.apply([noting(second.state, 'It was the disk.')]));
  await store.transact((tx) => tx.apply([opening('inc-2')]));
  await store.close();
});

async function run(...argv: readonly string[]): Promise<{ code: number; out: string }> {
  const { code, said } = await realTocsin([...argv, '--data', data]);
  return { code, out: said.replaceAll(data, 'DATA').replaceAll(backup, 'BACKUP') };
}

/** What a start goes by. Reading leaves an empty log beside it. */
const contentOf = (directory: string): readonly string[] =>
  ['tocsin.db', 'marker.json'].map((name) => sha256(readFileSync(join(directory, name), 'base64')));

test('what it holds and what would be given up is said, and nothing is changed', async () => {
  const before = contentOf(data);
  const { code, out } = await run('restore', backup);
  expect(code).toBe(0);
  expect(out).toContain(
    'BACKUP is whole: 3 commits, until 2026-01-15 09:00 UTC, with 1 incident (1 open), of a sandbox.',
  );
  expect(out).toContain(
    'The present data hold 5 commits, until 2026-01-15 09:00 UTC. What is not in the backup would be given up: 0 deliveries and requests and 2 events of incidents.',
  );
  expect(out).toContain('Nothing was changed.');
  expect(contentOf(data)).toEqual(before);
  const json = await run('restore', join(backup, 'tocsin.db'), '--json');
  expect(JSON.parse(json.out)).toMatchObject({
    backup: { commits: 3, events: 2, flaws: [] },
    present: { holding: { commits: 5 }, why: null },
    isAccepted: false,
  });
});

test('accepted, it takes the place of the data, which stay beside it; the next start knows', async () => {
  const { code, out } = await run('restore', backup, '--accept');
  expect(code).toBe(0);
  expect(out).toContain('Set aside: DATA/tocsin.db.before-restore');
  expect(out).toContain('Never let another copy of the same installation run');
  const store = await open();
  expect(store.recovered).toMatchObject({
    commits: 3,
    accepted: { has: 3, had: 5, incidents: 0, how: 'restored' },
  });
  expect(await store.reads.timeline('inc-1')).toHaveLength(2);
  expect(await store.reads.incident('inc-2')).toBeNull();
  await store.close();
  expect(statSync(join(data, 'tocsin.db')).mode & 0o777).toBe(0o600);
  const aside = new Database(join(data, 'tocsin.db.before-restore'), { readonly: true });
  expect(aside.prepare('SELECT count(*) AS n FROM incidents').get()).toEqual({ n: 2 });
  aside.close();
});

test('what waited to be sent may have been sent since: it is in doubt, and not sent as if it were new', async () => {
  await run('restore', backup, '--accept');
  const store = await open();
  const { rows } = await store.transact((tx) => tx.recoverSending(Number.MAX_SAFE_INTEGER));
  expect(rows.map(({ effect, status, ambiguous }) => [effect.id, status, ambiguous])).toEqual([
    ['e1', 'ambiguous', true],
  ]);
  await store.close();
});

test('a second one leaves what the first has set aside', async () => {
  await run('restore', backup, '--accept');
  await run('restore', backup, '--accept');
  const aside = readdirSync(data).filter((name) => /before-restore(-\d)?$/.test(name));
  expect(aside).toEqual(['tocsin.db.before-restore', 'tocsin.db.before-restore-2']);
});

test('into an empty directory, and one that is not there: it is the same installation', async () => {
  const was = await open();
  const instance = await was.reads.meta('instance');
  await was.close();
  data = join(root, 'elsewhere');
  expect((await run('restore', backup)).out).toContain('There is no database in DATA yet.');
  expect(existsSync(data)).toBe(false);
  await run('restore', backup, '--accept');
  expect(readdirSync(data).filter((name) => name.includes('before'))).toEqual([]);
  const store = await open();
  expect(await store.reads.meta('instance')).toBe(instance);
  expect(store.recovered.accepted).toMatchObject({ has: 3, had: 3, how: 'restored' });
  await store.close();
  await expect(openSqliteStore({ directory: data, kind: 'live', lock: true })).rejects.toThrow(
    'is stamped sandbox',
  );
});

test.each([
  ['damaged data', () => writeFileSync(join(data, 'tocsin.db'), 'no database at all')],
  ['data that are gone', () => rmSync(join(data, 'tocsin.db'))],
  ['data without a marker', () => rmSync(join(data, 'marker.json'))],
])('over %s', async (_what, spoil) => {
  spoil();
  await run('restore', backup);
  expect((await run('restore', backup, '--accept')).code).toBe(0);
  const store = await open();
  expect(store.recovered.accepted).toMatchObject({ has: 3, how: 'restored' });
  await store.close();
});

test('ended in the middle, what is left is refused by a start, and restored by another try', async () => {
  const before = readFileSync(join(data, 'marker.json'));
  await run('restore', backup, '--accept');
  const marker = readFileSync(join(data, 'marker.json'));
  const database = readFileSync(join(data, 'tocsin.db'));
  // The database has made way, and nothing has taken its place.
  rmSync(join(data, 'tocsin.db'));
  await expect(open()).rejects.toThrow('is gone or empty');
  // It has taken its place, and the marker is still that of before.
  writeFileSync(join(data, 'tocsin.db'), database);
  expect(marker.toString()).toContain('"had":5');
  writeFileSync(join(data, 'marker.json'), before);
  await expect(open()).rejects.toThrow('holds 3 of the 5 commits');
  expect((await run('restore', backup, '--accept')).code).toBe(0);
  await (await open()).close();
});

test('a damaged backup, one that is not there, and another installation are refused', async () => {
  const before = contentOf(data);
  const spoilt = join(root, 'spoilt.db');
  const bytes = readFileSync(join(backup, 'tocsin.db'));
  bytes.fill(7, 4096 * 5, 4096 * 5 + 300);
  writeFileSync(spoilt, bytes);
  expect(await run('restore', spoilt, '--accept')).toMatchObject({
    code: 1,
    out: expect.stringContaining('is damaged') as string,
  });
  expect((await run('restore', join(root, 'nothing'))).out).toContain('there is no backup at');
  expect((await run('restore', join(data, 'tocsin.db'), '--accept')).code).toBe(1);
  expect(contentOf(data)).toEqual(before);
  data = join(root, 'other');
  await (await open()).close();
  expect((await run('restore', backup, '--accept')).out).toContain('is of the installation');
});

test('a record that was changed before is told of', async () => {
  const db = new Database(join(backup, 'tocsin.db'));
  db.exec("UPDATE events SET event = replace(event, 'Looking', 'Sleeping')");
  db.close();
  const { out } = await run('restore', backup);
  expect(out).toContain('inc-1, event 2: was changed after it was written');
});

test('nothing is put in the place of data that a server runs on', async () => {
  const store = await open();
  expect(await run('restore', backup, '--accept')).toMatchObject({
    code: 1,
    out: expect.stringContaining('another Tocsin already runs on DATA') as string,
  });
  expect(await store.reads.incident('inc-2')).not.toBeNull();
  await store.close();
});

test('12:00 a start from a backup -> an incident says until when it goes, and the on-call is rung', async () => {
  const engine = await startEngine({
    wrap: (store) => ({
      ...store,
      recovered: {
        ...store.recovered,
        newestAt: START - 60 * MINUTE,
        accepted: { has: 3, had: 5, incidents: null, common: null, how: 'restored' },
      },
    }),
  });
  onTestFinished(() => engine.end());
  await engine.clock.advanceBy(MINUTE);
  const [incident] = await engine.open();
  expect(incident?.title).toBe(
    'The database was restored from a backup that ends at 2026-01-05 11:00 UTC',
  );
  expect(engine.sent('trigger')[0]?.order).toMatchObject({ urgency: 'high' });
});

describe('what is asked for after a restore', () => {
  test('12:00 inc-1, a backup, a second page and inc-2; restored, a new page and incident go by names that nobody had', async () => {
    const engine = await startEngine();
    onTestFinished(() => engine.end());
    const keys = (): readonly string[] =>
      engine.sent('trigger').map(({ order }) => (order as PageOrder).key);
    await engine.deliver('prom', [alert()]);
    await engine.clock.advanceBy(MINUTE);
    const to = mkdtempSync(join(tmpdir(), 'tocsin-backups-'));
    onTestFinished(() => rmSync(to, { recursive: true, force: true }));
    const { path } = await engine.store.backups.make(to, engine.clock.now());
    const kept = keys();
    await engine.deliver('prom', [alert({ dedupKey: 'till', labels: { service: 'till' } })]);
    await engine.clock.advanceBy(10 * MINUTE);
    const given = new Set(keys());
    expect(given.size, 'inc-1 has escalated, and inc-2 has rung').toBeGreaterThan(kept.length + 1);

    expect(engine.peek('SELECT incidents FROM committed')).toEqual([{ incidents: 2 }]);
    await engine.crash();
    await restoreSqlite(engine.directory, path, { accept: true });
    engine.calls.splice(0);
    await engine.restart();
    await engine.deliver('prom', [alert({ dedupKey: 'shop', labels: { service: 'till' } })]);
    await engine.clock.advanceBy(10 * MINUTE);
    const opened = (await engine.open()).map(({ id }) => id);
    expect(opened).toContain('inc-1');
    expect(opened).toContain('inc-2001');
    const again = keys().filter((key) => given.has(key) && !kept.includes(key));
    expect(again, 'keys under which something rings that nobody here knows of').toEqual([]);
    expect(keys().filter((key) => key.includes('/inc-1/p')).length).toBeGreaterThan(0);
  });
});

describe('what was archived', () => {
  const LATER = T0 + 100 * 86_400_000;
  const FILE = 'archive/2026.db';
  let first: string;

  /** inc-9 is in the archive, and inc-1 as well since the second backup. */
  beforeEach(async () => {
    const store = await open();
    const ninth = opening('inc-9');
    await store.transact((tx) => tx.apply([ninth]));
    await store.transact((tx) => tx.apply([resolving(ninth.state)]));
    expect(await store.archive(LATER)).toMatchObject({ moved: 1 });
    const to = join(root, 'backups');
    first = (await store.backups.make(to, T0 + 1_000)).path;
    backup = (await store.backups.make(to, T0 + 2_000)).path;
    await store.close();
  });

  test('is in each backup, and shared by those in which it is the same', async () => {
    expect(readdirSync(backup)).toEqual(['archive', 'tocsin.db']);
    const files = [first, backup].map((folder) => statSync(join(folder, FILE)));
    expect(files[0]?.ino).toBe(files[1]?.ino);
    expect((files[0]?.mode ?? 0) & 0o777).toBe(0o600);
    const db = new Database(join(data, FILE));
    db.exec("UPDATE archived SET alerts = '[ ]'");
    db.close();
    const store = await open();
    const third = await store.backups.make(join(root, 'backups'), T0 + 3_000);
    await store.close();
    expect(statSync(join(third.path, FILE)).ino).not.toBe(files[1]?.ino);
  });

  test('comes along to another machine', async () => {
    data = join(root, 'elsewhere');
    expect((await run('restore', backup, '--accept')).code).toBe(0);
    const store = await open();
    expect(await store.reads.timeline('inc-9')).toHaveLength(2);
    expect(store.archiveTroubles()).toEqual([]);
    await store.close();
  });

  test('comes back where it is gone or spoilt, and stays where it is whole', async () => {
    const whole = sha256(readFileSync(join(data, FILE), 'base64'));
    await run('restore', backup, '--accept');
    expect(readdirSync(join(data, 'archive'))).toEqual(['2026.db']);
    rmSync(join(data, FILE));
    await run('restore', backup, '--accept');
    expect(sha256(readFileSync(join(data, FILE), 'base64'))).toBe(whole);
    const db = new Database(join(data, FILE));
    db.exec("UPDATE events SET event = replace(event, 'Checkout', 'Basket')");
    db.close();
    const { out } = await run('restore', backup, '--accept');
    expect(out).toContain('Set aside: DATA/archive/2026.db.before-restore');
    expect(sha256(readFileSync(join(data, FILE), 'base64'))).toBe(whole);
  });

  test('that is gone from the data is no reason against a backup, which says so when it is restored', async () => {
    rmSync(join(data, 'archive'), { recursive: true });
    const store = await open();
    const made = await store.backups.make(join(root, 'backups'), T0 + 3_000);
    await store.close();
    expect(made.flaws).toEqual([]);
    expect((await run('restore', made.path)).out).toContain(
      'archive/2026.db of it (incidents: 1): it is not there',
    );
  });

  test('and was changed there is a flaw of the backup', async () => {
    const db = new Database(join(data, FILE));
    db.exec("UPDATE events SET event = replace(event, 'Checkout', 'Basket')");
    db.close();
    const store = await open();
    const made = await store.backups.make(join(root, 'backups'), T0 + 3_000);
    await store.close();
    expect(made.flaws).toEqual(['archive/2026.db: the record of inc-9 is not as it was written']);
  });
});
