/** The one writer over a store that only counts. */
import { expect, test } from 'vitest';
import { createSteppedClock } from '../../sandbox/clock.ts';
import { type InboxRow, StoreUnavailable, type Tx } from '../../store/store.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { TurnAgain, type Workspace } from './workspace.ts';
import { createWriter, Overloaded, type WriterOptions } from './writer.ts';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Transactions that commit rows into a list, or not. */
function made(change: Partial<WriterOptions> = {}) {
  const clock = createSteppedClock({ start: 0 });
  const committed: string[][] = [];
  let broken: Error | null = null;
  const store = {
    transact: async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
      if (broken !== null) throw broken;
      const puts: string[] = [];
      const tx = {
        putInbox: async (rows: readonly InboxRow[]) => {
          if (rows.some((row) => row.id === 'bad')) throw new Error('a row that no store takes');
          puts.push(...rows.map((row) => row.id));
          return rows.map((row) => ({ id: row.id, duplicateOf: null }));
        },
      } as unknown as Tx;
      const value = await work(tx);
      committed.push(puts);
      return value;
    },
  };
  const workspace = { flush: async () => undefined, written: [] } as unknown as Workspace;
  const writer = createWriter({
    store,
    clock,
    log: silent,
    metrics: createMetrics(),
    workspace: () => workspace,
    ...change,
  } as WriterOptions);
  return { writer, clock, committed, breakDown: (error: Error | null) => (broken = error) };
}

function row(id: string, bytes = 1): InboxRow {
  return {
    id,
    origin: 'webhook',
    actor: { kind: 'source', id: 'prom' },
    source: 'prom',
    deliveryId: null,
    receivedAt: 0,
    headers: {},
    body: new Uint8Array(bytes),
    notBefore: 0,
    failures: 0,
  };
}

test('everything of one event-loop turn shares one transaction', async () => {
  const { writer, committed } = made();
  const order: string[] = [];
  const results = await Promise.all([
    writer.write(async () => order.push('work')),
    writer.intake(row('a')),
    writer.intake(row('b')),
    writer.write(async () => 'value'),
  ]);
  expect(committed).toEqual([['a', 'b']]);
  expect(results[1]).toEqual({ id: 'a', duplicateOf: null });
  expect(results[3]).toBe('value');
});

test('work that throws fails alone; the rest is committed without it', async () => {
  const { writer, committed } = made();
  const done = await Promise.allSettled([
    writer.intake(row('a')),
    writer.write(async () => Promise.reject(new Error('mine'))),
    writer.write(async () => 'theirs'),
  ]);
  expect(done.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
    { id: 'a', duplicateOf: null },
    'Error: mine',
    'theirs',
  ]);
  expect(committed.flat()).toEqual(['a']);
});

test('a row that the store refuses fails alone', async () => {
  const { writer, committed } = made();
  const ids = ['a', 'b', 'bad', 'c', 'd'];
  const done = await Promise.allSettled(ids.map((id) => writer.intake(row(id))));
  expect(done.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(committed.flat().toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

test('a store that cannot be written rejects everything, and the next turn works again', async () => {
  const { writer, breakDown } = made();
  breakDown(new StoreUnavailable('the disk is full', 'free some space'));
  const done = await Promise.allSettled([writer.intake(row('a')), writer.write(async () => 1)]);
  expect(
    done.map((one) => one.status === 'rejected' && (one.reason as StoreUnavailable).hint),
  ).toEqual(['free some space', 'free some space']);
  breakDown(null);
  expect(await writer.intake(row('a'))).toEqual({ id: 'a', duplicateOf: null });
});

test('a part that asks for it has its turn run again, and what it noted before is forgotten', async () => {
  const { writer } = made();
  const noted: string[] = [];
  let escalations = 0;
  await writer.write(async (turn) => {
    escalations += 1;
    const run = escalations;
    turn.afterCommit(() => noted.push(`run ${run}`));
    if (escalations < 3) throw new TurnAgain('somebody was faster');
  });
  expect(noted).toEqual(['run 3']);
});

test('nobody is answered before the commit: what was not committed was not accepted', async () => {
  const failing = {
    transact: async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
      const tx = {
        putInbox: async (rows: readonly InboxRow[]) =>
          rows.map(({ id }) => ({ id, duplicateOf: null })),
      } as unknown as Tx;
      await work(tx);
      throw new StoreUnavailable('the disk is full', 'free some space');
    },
  };
  const { writer } = made({ store: failing });
  const done = await Promise.allSettled([writer.intake(row('a')), writer.write(async () => 1)]);
  expect(done.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('ten thousand deliveries may wait for their commit, and no more', async () => {
  const { writer } = made();
  const waiting = Array.from({ length: 10_000 }, (_, i) => writer.intake(row(`r${i}`)));
  await expect(writer.intake(row('one more'))).rejects.toBeInstanceOf(Overloaded);
  expect(await Promise.all(waiting)).toHaveLength(10_000);
});

test('above its limits of rows and bytes it says that it is overloaded, at once', async () => {
  const { writer } = made({ limits: { rows: 2, bytes: 10 } });
  const first = [writer.intake(row('a')), writer.intake(row('b'))];
  await expect(writer.intake(row('c'))).rejects.toBeInstanceOf(Overloaded);
  await Promise.all(first);
  await expect(writer.intake(row('d', 11))).rejects.toBeInstanceOf(Overloaded);
  await expect(writer.intake(row('e', 10))).resolves.toMatchObject({ id: 'e' });
});

test('a listener that throws after the commit changes nothing for anybody', async () => {
  const { writer } = made();
  const done = await Promise.all([
    writer.write(async (turn) => {
      turn.afterCommit(() => {
        throw new Error('broken listener');
      });
      return 1;
    }),
    writer.write(async () => 2),
  ]);
  expect(done).toEqual([1, 2]);
});

test('stopped, it finishes what waits and takes no further deliveries', async () => {
  const { writer } = made();
  const waiting = writer.intake(row('a'));
  await writer.stop();
  expect(await waiting).toEqual({ id: 'a', duplicateOf: null });
  await expect(writer.intake(row('b'))).rejects.toBeInstanceOf(StoreUnavailable);
});
