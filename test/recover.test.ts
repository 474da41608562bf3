/** A database that holds less than was committed to it: no start goes on with that in silence, and a person may. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../src/store/sqlite.ts';
import type { Store } from '../src/store/store.ts';
import { noting, opening } from './conformance/store-fixtures.ts';
import { realTocsin } from './support/cli.ts';
import { startEngine } from './support/engine.ts';

let root: string;
let data: string;

const open = (): Promise<Store> =>
  openSqliteStore({ directory: data, kind: 'sandbox', lock: true });

/** Four commits, of which the last two are in the log alone; the files are those of a process that was killed. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-recover-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  data = join(root, 'running');
  const store = await open();
  const first = opening('inc-1');
  await store.transact((tx) => tx.apply([first]));
  await store.checkpoint(0);
  const second = noting(first.state, 'Looking at the database.');
  await store.transact((tx) => tx.apply([second]));
  await store.transact((tx) => tx.apply([noting(second.state, 'It was the disk.')]));
  const left = join(root, 'left');
  cpSync(data, left, { recursive: true });
  await store.close();
  data = left;
});

async function run(...argv: readonly string[]): Promise<{ code: number; out: string }> {
  const { code, said } = await realTocsin([...argv, '--data', data]);
  return { code, out: said.replaceAll(data, 'DATA') };
}

const log = (): string => join(data, 'tocsin.db-wal');

test('what is whole is said to be, and nothing is changed', async () => {
  const marker = readFileSync(join(data, 'marker.json'));
  expect(await run('recover', '--accept')).toEqual({
    code: 0,
    out: 'Recovered all that is known: 4 commits. The database holds 4. ',
  });
  expect(readFileSync(join(data, 'marker.json'))).toEqual(marker);
});

test('less is named, refused by every start, and gone on with once a person says so', async () => {
  rmSync(log());
  const less = `Recovered 2 of 4 commits: the database in DATA holds 2 of the 4 commits that it held; missing are 2 events of incidents.`;
  const seen = await run('recover');
  expect(seen.code).toBe(1);
  expect(seen.out).toContain(less);
  expect(seen.out).toContain('Nothing was changed.');
  await expect(open()).rejects.toThrow('holds 2 of the 4 commits');
  expect((await run('recover', '--json')).out).toContain('"state": "less"');

  const accepted = await run('recover', '--accept');
  expect(accepted).toMatchObject({ code: 0 });
  expect(accepted.out).toContain(less);
  expect(accepted.out).toContain('The next start goes on with what is there');
  const store = await open();
  expect(store.recovered).toMatchObject({ commits: 2, accepted: { has: 2, had: 4 } });
  await store.close();
  // Until it stands in a signed checkpoint, and a start has had a minute to tell it, the next one tells it again.
  const again = await open();
  expect(again.recovered.accepted).toMatchObject({ has: 2, had: 4, how: 'as_found' });
  await again.checkpoint(0);
  await again.close();
  const third = await open();
  expect(third.recovered.accepted).toMatchObject({ has: 2, had: 4, how: 'as_found' });
  third.signing.sign(0);
  await third.checkpoint(0);
  await third.close();
  const last = await open();
  expect(last.recovered.accepted).toBeNull();
  await last.close();
});

test('a database that is gone is begun anew once a person says so', async () => {
  rmSync(join(data, 'tocsin.db'));
  rmSync(log());
  await expect(open()).rejects.toThrow('is gone or empty');
  expect((await run('recover', '--accept')).out).toContain('Recovered 0 of 4 commits');
  const store = await open();
  expect(store.recovered).toMatchObject({ commits: 0, accepted: { has: 0, had: 4 } });
  await store.close();
});

test('a log that goes with a newer database is set aside', async () => {
  const newer = readFileSync(log());
  const older = mkdtempSync(join(root, 'older-'));
  const first = await openSqliteStore({ directory: older, kind: 'sandbox', lock: true });
  await first.close();
  const marker = JSON.parse(readFileSync(join(data, 'marker.json'), 'utf8')) as {
    kept: { base: number };
  };
  expect(marker.kept.base).toBe(2);
  renameSync(join(older, 'tocsin.db'), join(data, 'tocsin.db'));
  const { out } = await run('recover', '--accept');
  expect(out).toContain('is older than the log tocsin.db-wal beside it');
  expect(out).toContain('Set aside: DATA/tocsin.db-wal.set-aside');
  expect(existsSync(log())).toBe(false);
  expect(readFileSync(`${log()}.set-aside`)).toEqual(newer);
  const store = await open();
  expect(store.recovered).toMatchObject({ commits: 1, accepted: { has: 1, had: 4 } });
  await store.close();
});

describe('a damaged database', () => {
  /** Far from its beginning, where rows are, and large enough for several pages of them. */
  beforeEach(async () => {
    const store = await open();
    let last = opening('inc-2');
    await store.transact((tx) => tx.apply([last]));
    for (let n = 0; n < 60; n += 1) {
      last = noting(last.state, `${n} `.repeat(200));
      await store.transact((tx) => tx.apply([last]));
    }
    await store.close();
  });

  const damagePage = (page: number): void => {
    const path = join(data, 'tocsin.db');
    const bytes = readFileSync(path);
    bytes.fill(7, page * 4096, page * 4096 + 200);
    writeFileSync(path, bytes);
  };
  /** A page in the middle of the events. */
  const pageOfEvents = (): number => {
    const at = readFileSync(join(data, 'tocsin.db')).lastIndexOf('30 30 30');
    return Math.floor(at / 4096);
  };

  test('is refused by every start, which says that recover copies what can be read', async () => {
    damagePage(pageOfEvents());
    await expect(open()).rejects.toThrow('is damaged: ');
    await expect(open()).rejects.toMatchObject({
      hint: expect.stringContaining('tocsin recover --accept') as string,
    });
    const { code, out } = await run('recover');
    expect(code).toBe(1);
    expect(out).toContain('A start is refused: the database in DATA is damaged');
  });

  test('is gone on with as far as it can be read, and stays beside the copy', async () => {
    damagePage(pageOfEvents());
    const { code, out } = await run('recover', '--accept');
    expect(code).toBe(0);
    expect(out).toContain('Set aside: DATA/tocsin.db.damaged');
    const store = await open();
    expect(store.recovered.accepted).toMatchObject({ how: 'copied', had: 66 });
    expect(await store.reads.timeline('inc-1')).toHaveLength(3);
    expect((await store.reads.incident('inc-2'))?.state?.title).toBe(
      (await store.reads.incident('inc-1'))?.state?.title,
    );
    const { links } = await store.reads.record('inc-2');
    const left = JSON.stringify(links);
    expect(['1 1 1', '30 30 30', '59 59 59'].map((text) => left.includes(text))).toEqual([
      true,
      false,
      true,
    ]);
    expect(links.length).toBeGreaterThan(40);
    await store.close();
    expect(existsSync(join(data, 'tocsin.db.damaged'))).toBe(true);
  });

  test('of which one row holds what it cannot goes on, and names the table', async () => {
    const db = new Database(join(data, 'tocsin.db'));
    db.pragma('ignore_check_constraints = ON');
    db.exec("UPDATE incidents SET is_open = 5 WHERE id = 'inc-2'");
    db.close();
    const store = await open();
    expect(store.spoilt()).toContainEqual({
      table: 'incidents',
      row: 'unknown',
      column: 'what it cannot hold',
    });
    await store.close();
  });

  test('of which an index alone is wrong is mended by the start, which names it', async () => {
    const db = new Database(join(data, 'tocsin.db'));
    db.unsafeMode();
    db.exec(
      'DROP INDEX incidents_open; CREATE INDEX incidents_open ON incidents (seq) WHERE seq < 0',
    );
    db.pragma('writable_schema = ON');
    db.exec(
      "UPDATE sqlite_schema SET sql = 'CREATE INDEX incidents_open ON incidents (seq) WHERE is_open = 1' WHERE name = 'incidents_open'",
    );
    db.close();
    const store = await open();
    expect(store.spoilt()).toEqual([
      {
        table: 'sqlite_schema',
        row: 'incidents_open',
        column: 'the index, which was made anew',
      },
    ]);
    const found = await store.reads.listIncidents({ open: true, limit: 9, before: null });
    expect(found.map(({ id }) => id)).toEqual(['inc-2', 'inc-1']);
    await store.close();
  });
});

test('nothing is accepted beside a server that runs', async () => {
  const store = await open();
  const marker = join(data, 'marker.json');
  const before = readFileSync(marker, 'utf8');
  // As if the running server had committed more than the database shows.
  const other = join(root, 'other');
  const another = await openSqliteStore({ directory: other, kind: 'sandbox', lock: true });
  await another.close();
  cpSync(join(other, 'marker.json'), marker);
  expect((await run('recover', '--accept')).out).toContain('another Tocsin already runs on DATA');
  writeFileSync(marker, before);
  await store.close();
});

test('a directory that is not there is said, and one without a marker', async () => {
  data = join(root, 'nowhere');
  expect((await run('recover')).out).toContain('there is no directory');
  data = root;
  writeFileSync(join(root, 'marker.json'), 'x');
  expect((await run('recover')).out).toContain('no marker.json that can be read');
});

test('12:00 a start after something was lost -> an incident says how much, and the on-call is rung', async () => {
  const engine = await startEngine({
    wrap: (store) => ({
      ...store,
      recovered: {
        ...store.recovered,
        accepted: { has: 2, had: 4, incidents: null, common: null, how: 'as_found' },
      },
    }),
  });
  onTestFinished(() => engine.end());
  await engine.settle();
  const [incident] = await engine.open();
  expect(incident?.title).toBe('The database has lost 2 of 4 commits');
  const [page] = engine.sent('trigger');
  expect(page?.order).toMatchObject({ urgency: 'high' });
});
