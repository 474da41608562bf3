/** A start over files that hold less than was committed: it is refused, and says what is missing. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../sqlite.ts';
import { type Store, StoreUnavailable } from '../store.ts';

let root: string;
let data: string;
let store: Store | null;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-loss-'));
  data = join(root, 'data');
  store = null;
});
afterEach(async () => {
  await store?.close();
  rmSync(root, { recursive: true });
});

const at = (name: string): string => join(data, name);

async function start(): Promise<Store> {
  store = await openSqliteStore({ directory: data, kind: 'sandbox', lock: true });
  return store;
}

async function stop(): Promise<void> {
  await store?.close();
  store = null;
}

/** One commit. */
async function take(delivery: string): Promise<void> {
  await store?.transact((tx) =>
    tx.putInbox([
      {
        id: delivery,
        origin: 'webhook',
        actor: { kind: 'tocsin' },
        source: 'prometheus',
        deliveryId: null,
        receivedAt: 1_000,
        headers: {},
        body: new Uint8Array([1]),
        notBefore: 0,
        failures: 0,
      },
    ]),
  );
}

/** The files as a process leaves them that is killed now. */
async function kill(): Promise<void> {
  const left = join(root, 'left');
  cpSync(data, left, { recursive: true });
  await stop();
  rmSync(data, { recursive: true });
  renameSync(left, data);
}

async function refusal(): Promise<StoreUnavailable> {
  const error: unknown = await start().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof StoreUnavailable) return error;
  throw new Error('the start was not refused', { cause: error });
}

/** What is stored after all. */
async function deliveries(...ids: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const id of ids) if ((await store?.reads.inboxRow(id)) != null) found.push(id);
  return found;
}

describe('a start after a crash', () => {
  beforeEach(async () => {
    await start();
    await take('a');
    await take('b');
  });

  it('recovers all that was committed, and says how much that is', async () => {
    await kill();
    const { recovered } = await start();
    expect(recovered).toMatchObject({ commits: 3, known: 3, isClosed: false, newestAt: 1_000 });
    expect(await deliveries('a', 'b')).toEqual(['a', 'b']);
  });

  it('takes what was committed after the marker was written last for no loss', async () => {
    const marker = readFileSync(at('marker.json'));
    await take('c');
    await kill();
    writeFileSync(at('marker.json'), marker);
    expect((await start()).recovered).toMatchObject({ commits: 4, known: 3 });
  });

  it('is refused where the log is gone', async () => {
    await kill();
    rmSync(at('tocsin.db-wal'));
    const { message, hint } = await refusal();
    expect(message).toContain('holds 1 of the 3 commits that it held');
    expect(message).toContain('missing are 2 deliveries and requests');
    expect(hint).toContain('tocsin recover --accept');
  });

  it('is refused where one bit of the log is flipped, and where its end is cut off', async () => {
    await kill();
    const log = readFileSync(at('tocsin.db-wal'));
    const flipped = Buffer.from(log);
    flipped[log.length - 100] = (flipped[log.length - 100] ?? 0) ^ 1;
    writeFileSync(at('tocsin.db-wal'), flipped);
    expect((await refusal()).message).toContain('holds 2 of the 3 commits');
    writeFileSync(at('tocsin.db-wal'), log);
    truncateSync(at('tocsin.db-wal'), log.length - 100);
    expect((await refusal()).message).toContain('holds 2 of the 3 commits');
  });

  it('leaves the files as they are where it is refused', async () => {
    await kill();
    const log = readFileSync(at('tocsin.db-wal'));
    renameSync(at('tocsin.db'), join(root, 'away'));
    expect((await refusal()).message).toContain('is gone or empty');
    expect((await refusal()).message).toContain('held 3 commits with 2 deliveries');
    renameSync(join(root, 'away'), at('tocsin.db'));
    writeFileSync(at('tocsin.db-wal'), log);
    await start();
    expect(await deliveries('a', 'b')).toEqual(['a', 'b']);
  });

  it('is refused where an older database lies under the newer log', async () => {
    await store?.checkpoint(1_000);
    copyFileSync(at('tocsin.db'), join(root, 'older'));
    await take('c');
    await store?.checkpoint(1_000);
    await take('d');
    await kill();
    copyFileSync(join(root, 'older'), at('tocsin.db'));
    expect((await refusal()).message).toContain(
      'is older than the log tocsin.db-wal beside it: it holds 3 commits, and the log goes on from 4',
    );
    expect(readdirSync(data).filter((name) => name.includes('alone'))).toEqual([]);
  });
});

describe('a start after an ordinary end', () => {
  beforeEach(async () => {
    await start();
    await take('a');
  });

  it('finds everything in the database, the log empty, and the end in order', async () => {
    await stop();
    expect(existsSync(at('tocsin.db-wal'))).toBe(false);
    expect((await start()).recovered).toMatchObject({ commits: 2, known: 2, isClosed: true });
  });

  it('is refused where the database was removed, cut, or is that of another installation', async () => {
    await stop();
    const whole = readFileSync(at('tocsin.db'));
    rmSync(at('tocsin.db'));
    expect((await refusal()).message).toContain('is gone or empty');
    writeFileSync(at('tocsin.db'), '');
    expect((await refusal()).message).toContain('is gone or empty');
    writeFileSync(at('tocsin.db'), whole.subarray(0, whole.length / 2));
    expect((await refusal()).hint).toContain('restore a backup');
    const other = join(root, 'other');
    const another = await openSqliteStore({ directory: other, kind: 'sandbox', lock: true });
    await another.close();
    copyFileSync(join(other, 'tocsin.db'), at('tocsin.db'));
    expect((await refusal()).message).toContain('is another one');
  });

  it('is refused where an older copy has taken the place of the database', async () => {
    await stop();
    copyFileSync(at('tocsin.db'), join(root, 'older'));
    await start();
    await take('b');
    await stop();
    copyFileSync(join(root, 'older'), at('tocsin.db'));
    expect((await refusal()).message).toContain('holds 2 of the 4 commits');
  });

  it('goes on without a marker, and says where it could not be read', async () => {
    await stop();
    const marker = readFileSync(at('marker.json'), 'utf8');
    writeFileSync(at('marker.json'), marker.replace('"commits":2', '"commits":9'));
    expect((await start()).recovered).toMatchObject({ known: null, isMarkerSpoilt: true });
    await stop();
    rmSync(at('marker.json'));
    expect((await start()).recovered).toMatchObject({ known: null, isMarkerSpoilt: false });
  });
});

describe('a start without a marker', () => {
  beforeEach(async () => {
    await start();
    for (const name of ['d1', 'd2', 'd3']) await take(name);
    store?.signing.sign(60_000);
    cpSync(data, join(root, 'killed'), { recursive: true });
    await take('d4');
    await stop();
    rmSync(at('marker.json'));
  });

  it('is refused where the database is gone as well, by the newest signed checkpoint', async () => {
    rmSync(at('tocsin.db'));
    expect((await refusal()).message).toContain(
      'is gone or empty, and held 4 commits with 3 deliveries and requests',
    );
    writeFileSync(at('marker.json'), 'spoilt');
    expect((await refusal()).message).toContain('is gone or empty');
  });

  it('is refused where the log is gone in which most was', async () => {
    data = join(root, 'killed');
    rmSync(at('marker.json'));
    rmSync(at('tocsin.db-wal'));
    const { message, hint } = await refusal();
    expect(message).toContain('of the 4 commits that it held; missing are 3 deliveries');
    expect(hint).toContain('tocsin recover --accept');
  });

  it('goes on with what came after the checkpoint, and where the checkpoint is of another installation', async () => {
    expect((await start()).recovered).toMatchObject({ commits: 5, known: null });
    await stop();
    const [file = ''] = readdirSync(data).filter((name) => name.startsWith('checkpoints-'));
    const other = readFileSync(at(file), 'utf8')
      .replaceAll(/"instance":"[^"]+"/g, '"instance":"other"')
      .replaceAll('"commits":4', '"commits":99');
    writeFileSync(at('checkpoints-other.jsonl'), other);
    rmSync(at('marker.json'));
    expect((await start()).recovered).toMatchObject({ known: null, accepted: null });
  });
});

describe('the marker', () => {
  it('is there from the first start on, readable for its owner alone, and knows the first start', async () => {
    const { recovered } = await start();
    expect(recovered).toMatchObject({ commits: 0, known: null, isClosed: true });
    expect(statSync(at('marker.json')).mode & 0o077).toBe(0);
    expect(statSync(at('marker.json')).size).toBe(512);
  });

  it('counts no commit that changed nothing', async () => {
    await start();
    const before = readFileSync(at('marker.json'), 'utf8');
    await store?.transact((tx) =>
      tx.takeInbox({ now: 0, limit: 10, after: 0, isKnown: () => false }),
    );
    expect(readFileSync(at('marker.json'), 'utf8')).toBe(before);
  });

  it('counts no event of a change that was undone', async () => {
    await start();
    await store
      ?.transact(async (tx) => {
        await tx.setMeta('a', 'b');
        throw new Error('undone');
      })
      .catch(() => undefined);
    await take('a');
    await kill();
    expect((await start()).recovered).toMatchObject({ commits: 2, known: 2 });
  });
});
