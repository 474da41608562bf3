import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SqliteOptions, openSqliteReads, openSqliteStore } from './sqlite.ts';
import { assertDurable, openWriter } from './sqlite/connection.ts';
import { leaseAt, opening, pageEffect, T0 } from '../../test/conformance/store-fixtures.ts';
import type { Store, StoreUnavailable } from './store.ts';

let directory: string;
let children: ChildProcess[];
let stores: Store[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-sqlite-'));
  children = [];
  stores = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const store of stores) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(over: Partial<SqliteOptions> = {}): Promise<Store> {
  const store = await openSqliteStore({ directory, kind: 'sandbox', lock: true, ...over });
  stores.push(store);
  return store;
}

/** Runs a module in a process of its own, under a shell that may set limits; `store` is open in it. */
function inChild(body: string, limits = ':'): ChildProcess {
  const options = { directory, kind: 'sandbox', lock: true };
  const source = `
    import { openSqliteStore } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)};
    const say = (line) => process.stdout.write(line + '\\n');
    try {
      const store = await openSqliteStore({ ...${JSON.stringify(options)}, pid: process.pid });
      ${body}
    } catch (error) {
      say(JSON.stringify({ name: error.name, message: error.message, hint: error.hint }));
    }`;
  const child = spawn(
    'sh',
    ['-c', `${limits}; exec "$0" --input-type=module -e "$1"`, process.execPath, source],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  return child;
}

/** The lines a child prints, as they come. */
async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  if (child.stdout === null) throw new Error('the child has no output');
  yield* createInterface({ input: child.stdout });
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of linesOf(child)) return line;
  throw new Error('the child printed nothing');
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const STAY = "say('open'); process.stdin.resume(); await new Promise(() => {});";

async function refusal(opening: Promise<unknown>): Promise<StoreUnavailable> {
  return opening.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: StoreUnavailable) => error,
  );
}

describe('durability', () => {
  it('keeps synchronous at FULL after the first write, where the driver would lower it', async () => {
    const writer = openWriter(join(directory, 'a.db'), null);
    writer.db.exec('CREATE TABLE t (a)');
    expect(() => assertDurable(writer.db)).not.toThrow();
    writer.db.close();
  });

  it('would notice a driver that lowers it: the pragma alone tells the truth only after a write', () => {
    const db = new Database(join(directory, 'a.db'));
    db.pragma('journal_mode = WAL');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    db.exec('CREATE TABLE t (a)');
    expect(() => assertDurable(db)).toThrow('synchronous is 1');
    db.close();
  });

  it('loses nothing that was committed, however often the process is killed', async () => {
    for (let round = 0; round < 3; round += 1) {
      const child = inChild(`for (let n = 0; ; n += 1) {
        await store.transact((tx) => tx.setMeta('n' + ${round} + ':' + n, 'x'.repeat(500)));
        say(String(n));
      }`);
      let last = -1;
      for await (const line of linesOf(child)) {
        last = Number(line);
        if (last === 40) await kill(child);
      }
      expect(last).toBeGreaterThanOrEqual(40);
      const { reads, close } = await openSqliteReads(directory);
      for (let n = 0; n <= last; n += 1)
        expect(await reads.meta(`n${round}:${n}`)).toHaveLength(500);
      await close();
    }
    const db = new Database(join(directory, 'tocsin.db'));
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });
});

describe('a message whose stream has lost what stood before it', () => {
  it('waits for that no more after a start', async () => {
    const lease = (store: Store) => store.transact((tx) => tx.lease(leaseAt(T0)));
    const before = await open();
    const [first, second] = [pageEffect('inc-1/1/0'), pageEffect('inc-1/1/1')];
    const change = opening('inc-1', { effects: [first, second] });
    await before.transact((tx) => tx.apply([change]));
    await before.close();
    const db = new Database(join(directory, 'tocsin.db'));
    expect(db.prepare('SELECT is_behind FROM outbox ORDER BY seq').pluck().all()).toEqual([0, 1]);
    db.prepare('DELETE FROM outbox WHERE id = ?').run(first.id);
    db.close();
    const { rows } = await lease(await open());
    expect(rows.map(({ effect }) => effect.id)).toEqual([second.id]);
  });
});

describe('the process lock', () => {
  it('refuses a second process, and says who has it and what to do', async () => {
    await open({ pid: 4711 });
    const refused = await firstLine(inChild(STAY));
    expect(JSON.parse(refused)).toEqual({
      name: 'StoreUnavailable',
      message: `another Tocsin (process 4711) already runs on ${directory}`,
      hint: 'stop it first, or name another directory with --data; commands that only read work beside it',
    });
  });

  it('is free again when its process is killed', async () => {
    const child = inChild(STAY);
    expect(await firstLine(child)).toBe('open');
    expect((await refusal(open())).message).toContain(`process ${child.pid}`);
    await kill(child);
    const store = await open();
    await store.transact((tx) => tx.setMeta('a', '1'));
    expect(await store.reads.meta('a')).toBe('1');
  });

  it('is free again when the store is closed, or was not opened after all', async () => {
    await (await open()).close();
    expect((await refusal(open({ kind: 'live', ballastBytes: 0 }))).message).toContain(
      'stamped sandbox',
    );
    await expect(open()).resolves.toBeDefined();
  });

  it('refuses a second store of the same process', async () => {
    await open();
    expect((await refusal(open())).message).toBe(`another Tocsin already runs on ${directory}`);
  });

  it('does not shut out readers', async () => {
    const child = inChild(`await store.transact((tx) => tx.setMeta('a', '1')); ${STAY}`);
    expect(await firstLine(child)).toBe('open');
    const { reads, close } = await openSqliteReads(directory);
    expect(await reads.meta('a')).toBe('1');
    await close();
  });
});

describe('opening', () => {
  it.each([
    ['live', 'sandbox', 'a sandbox takes an empty directory'],
    ['sandbox', 'live', 'a rehearsal made it'],
  ] as const)('refuses a %s database as %s', async (made, asked, hint) => {
    await (await open({ kind: made, ballastBytes: 0 })).close();
    const error = await refusal(open({ kind: asked, ballastBytes: 0 }));
    expect(error.message).toBe(
      `the database in ${directory} is stamped ${made} and cannot be used as ${asked}`,
    );
    expect(error.hint).toContain(hint);
  });

  it('mints the instance once, from the randomness it is given', async () => {
    const store = await open({ random: () => new Uint8Array([0, 1, 31, 32, 255, 10, 17, 18]) });
    expect(await store.reads.meta('instance')).toBe('01z0zahj');
    await store.close();
    expect(await (await open()).reads.meta('instance')).toBe('01z0zahj');
  });

  it('gives each database an instance of its own', async () => {
    const first = await (await open()).reads.meta('instance');
    const second = await (
      await open({ directory: join(directory, 'other') })
    ).reads.meta('instance');
    expect(first).not.toBe(second);
  });

  it('makes the directory, which nobody else may read', async () => {
    const made = join(directory, 'a', 'b');
    await open({ directory: made });
    expect(statSync(made).mode & 0o777).toBe(0o700);
    expect(statSync(join(made, 'tocsin.db')).mode & 0o077).toBe(0);
  });

  it('says so when the directory cannot be made', async () => {
    writeFileSync(join(directory, 'file'), '');
    const error = await refusal(open({ directory: join(directory, 'file', 'data') }));
    expect(error.message).toContain('cannot be written');
    expect(error.hint).toContain('--data');
  });

  it('refuses a file that is no database', async () => {
    writeFileSync(
      join(directory, 'tocsin.db'),
      'not a database, but long enough to be looked at as one'.repeat(99),
    );
    expect((await refusal(open())).message).toContain('is damaged: file is not a database');
  });

  it('keeps a ballast of 16 MB beside a live database unless it is told another size', async () => {
    await (await open({ kind: 'live' })).close();
    expect(statSync(join(directory, 'ballast')).size).toBe(16_000_000);
  });

  it('keeps a ballast beside a live database and none beside a rehearsal', async () => {
    await (
      await open({ kind: 'live', directory: join(directory, 'live'), ballastBytes: 5_000_000 })
    ).close();
    await (await open({ directory: join(directory, 'sandbox') })).close();
    expect(statSync(join(directory, 'live', 'ballast')).size).toBe(5_000_000);
    expect(existsSync(join(directory, 'sandbox', 'ballast'))).toBe(false);
  });
});

describe('reading without a server', () => {
  it('says so when there is no database', async () => {
    const error = await refusal(openSqliteReads(directory));
    expect(error.message).toBe(`there is no database in ${directory}`);
    expect(error.hint).toContain('--data');
    expect(existsSync(join(directory, 'tocsin.db'))).toBe(false);
  });

  it('shows what the last server left', async () => {
    const store = await open();
    await store.transact((tx) => tx.setMeta('a', '1'));
    await store.close();
    const { reads, close } = await openSqliteReads(directory);
    expect(await reads.meta('a')).toBe('1');
    await close();
  });
});

describe('a full disk', () => {
  const fill = (store: Store, key: string) =>
    store.transact((tx) => tx.setMeta(key, 'x'.repeat(400_000)));

  it('refuses the work whole, keeps reading, and says what to do', async () => {
    const store = await open({ bytesMax: 1_000_000, ballastBytes: Number.MAX_SAFE_INTEGER });
    await fill(store, 'a');
    const error = await refusal(
      store.transact(async (tx) => {
        await tx.setMeta('small', '1');
        await tx.setMeta('b', 'x'.repeat(900_000));
      }),
    );
    expect(error).toMatchObject({ name: 'StoreUnavailable' });
    expect(error.message).toContain('is full (SQLITE_FULL');
    expect(error.hint).toContain('free space');
    expect(await store.reads.meta('small')).toBeNull();
    expect(await store.reads.meta('a')).toHaveLength(400_000);
    expect(store.condition()).toEqual({ kind: 'refusing', problem: error });
  });

  it('does not let a work that swallows the error commit the rest', async () => {
    const store = await open({ bytesMax: 1_000_000 });
    const work = store.transact(async (tx) => {
      await tx.setMeta('before', '1');
      await expect(tx.setMeta('b', 'x'.repeat(2_000_000))).rejects.toThrow('is full');
      await tx.setMeta('after', '1').catch(() => undefined);
    });
    await expect(work).rejects.toThrow('is full');
    expect(await store.reads.meta('before')).toBeNull();
    expect(await store.reads.meta('after')).toBeNull();
  });

  it('is over once there is room: writes go on, deliveries are taken, the ballast is back', async () => {
    const store = await open({ bytesMax: 1_040_000, ballastBytes: 100_000 });
    await fill(store, 'a');
    await expect(fill(store, 'b')).resolves.toBeUndefined();
    await expect(fill(store, 'c')).rejects.toThrow('is full');
    expect(statSync(join(directory, 'ballast')).size).toBe(0);
    await store.transact((tx) => tx.setMeta('a', null));
    expect(store.condition()).toEqual({ kind: 'ok' });
    expect(statSync(join(directory, 'ballast')).size).toBe(100_000);
    await expect(fill(store, 'c')).resolves.toBeUndefined();
  });
});

describe('a disk that fails', () => {
  it('breaks the store until a restart, which finds what was committed', async () => {
    // A file size limit makes the kernel refuse writes in the middle of a transaction, as a dying disk does.
    const child = inChild(
      `let n = 0;
      try {
        for (; ; n += 1) await store.transact((tx) => tx.setMeta('k' + n, 'x'.repeat(50_000)));
      } catch (error) {
        const again = await store.transact((tx) => tx.meta('k0')).catch((next) => next === error);
        say(JSON.stringify({ n, name: error.name, message: error.message, hint: error.hint, kind: store.condition().kind, again }));
      }`,
      'ulimit -f 6000',
    );
    const failed: unknown = JSON.parse(await firstLine(child));
    expect(failed).toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringContaining('SQLITE_IOERR'),
      hint: expect.stringContaining('restart Tocsin'),
      kind: 'broken',
      again: true,
    });
    await kill(child);
    const { n } = failed as { readonly n: number };
    const store = await open();
    for (let k = 0; k < n; k += 1) expect(await store.reads.meta(`k${k}`)).toHaveLength(50_000);
    await expect(store.transact((tx) => tx.setMeta('k', '1'))).resolves.toBeUndefined();
  });
});

describe('a database that somebody else holds', () => {
  it('is unavailable while it lasts, and works again afterwards', async () => {
    const store = await open();
    const shell = new Database(join(directory, 'tocsin.db'));
    shell.exec('BEGIN IMMEDIATE');
    const error = await refusal(store.transact((tx) => tx.setMeta('a', '1')));
    expect(error.message).toContain('SQLITE_BUSY');
    expect(error.hint).toContain('database shell');
    expect(store.condition()).toEqual({ kind: 'ok' });
    shell.close();
    await store.transact((tx) => tx.setMeta('a', '1'));
    expect(await store.reads.meta('a')).toBe('1');
  });

  it('does not hold up the event loop longer than 100 ms', () => {
    const source = readFileSync(new URL('./sqlite/connection.ts', import.meta.url), 'utf8');
    const timeout = /const BUSY_TIMEOUT_MS = (\d+);/.exec(source)?.[1];
    expect(Number(timeout)).toBeLessThanOrEqual(100);
    const writer = openWriter(join(directory, 'a.db'), null);
    expect(writer.db.pragma('busy_timeout', { simple: true })).toBe(Number(timeout));
    writer.db.close();
  });
});
