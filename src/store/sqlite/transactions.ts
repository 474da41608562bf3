/**
 * Runs transactions one after another and knows what the store can still do: `ok`, `refusing` deliveries because the
 * disk is full, or `broken` until a restart.
 */
import type { StoreCondition } from '../store.ts';
import { StoreUnavailable } from '../store.ts';
import type { Ballast } from './ballast.ts';
import type { Connection } from './connection.ts';
import { type Trouble, troubleOf } from './errors.ts';
import type { Committed, CommitCount } from './committed.ts';

/** Wraps the methods of one transaction: refuses when it is over, and remembers what went wrong inside. */
export type MethodGuard = <A extends readonly unknown[], R>(
  run: (...args: A) => R,
) => (...args: A) => Promise<R>;

export interface Transactions {
  /** One at a time, in the order asked for. @throws StoreUnavailable when the database cannot be written */
  run<T>(work: (guard: MethodGuard) => Promise<T>): Promise<T>;
  condition(): StoreCondition;
  /** Runs what touches the database and is no transaction, when none is open. Trouble is taken as that of one. */
  between(work: () => void): Promise<void>;
  /** Waits for what is queued, then refuses everything. */
  close(): Promise<void>;
}

export interface TransactionsOptions {
  readonly connection: Connection;
  readonly directory: string;
  readonly ballast: Pick<Ballast, 'free' | 'restore'>;
  readonly count: CommitCount;
  /** Something was committed, and this is all that is now. */
  readonly onCommit: (committed: Committed) => void;
  /** As the store is at the start; `ok` when absent. */
  readonly condition?: StoreCondition;
}

interface Open {
  readonly guard: MethodGuard;
  /** No method works after this. */
  end(): void;
  /** The first trouble a method met, even if the work swallowed it. */
  trouble(): Trouble | null;
}

function openGuard({ db }: Connection, directory: string): Open {
  let ended = false;
  let trouble: Trouble | null = null;
  return {
    guard:
      (run) =>
      // Async although SQLite is not: an error must become a rejection.
      async (...args) => {
        if (ended)
          throw new Error('the transaction is over: something used it after its work had ended');
        // SQLite itself rolls back on some errors; what came after would be committed on its own.
        if (!db.inTransaction) throw trouble?.error ?? new Error('the transaction was rolled back');
        try {
          return run(...args);
        } catch (error) {
          const found = troubleOf(error, directory);
          trouble ??= found;
          throw found?.error ?? error;
        }
      },
    end: () => {
      ended = true;
    },
    trouble: () => trouble,
  };
}

function closedError(): StoreUnavailable {
  return new StoreUnavailable(
    'the store is closed',
    'Tocsin is stopping; send it again to the next one',
    { isClosed: true },
  );
}

/** One after another, in the order asked for. */
function createTurns() {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    inTurn: <T>(work: () => T | Promise<T>): Promise<T> => {
      const result = tail.then(work);
      tail = result.catch(() => undefined);
      return result;
    },
    settled: () => tail,
  };
}

function createCondition(
  first: StoreCondition,
  { directory, ballast }: Pick<TransactionsOptions, 'directory' | 'ballast'>,
) {
  let current = first;
  return {
    troubleIn: (error: unknown): Trouble | null => troubleOf(error, directory),
    /** Remembers what it means for the store, and returns what the caller is to be told. */
    take: (trouble: Trouble): StoreUnavailable => {
      if (trouble.kind === 'full') {
        ballast.free();
        if (current.kind === 'ok') current = { kind: 'refusing', problem: trouble.error };
      }
      if (trouble.kind === 'broken') current = { kind: 'broken', problem: trouble.error };
      return trouble.error;
    },
    assertUsable: (): void => {
      if (current.kind === 'broken') throw current.problem;
    },
    now: (): StoreCondition => {
      if (current.kind === 'refusing' && ballast.restore()) current = { kind: 'ok' };
      return current;
    },
  };
}

export function createTransactions({
  connection,
  directory,
  ballast,
  count,
  onCommit,
  condition = { kind: 'ok' },
}: TransactionsOptions): Transactions {
  const { db } = connection;
  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  const rollback = connection.prepare('ROLLBACK');
  const { inTurn, settled } = createTurns();
  const state = createCondition(condition, { directory, ballast });
  const { take, troubleIn } = state;
  let closed = false;

  const rollBack = (): void => {
    try {
      if (db.inTransaction) rollback.run();
    } catch (error) {
      // What the work threw is the cause and is told; this only decides whether the store can go on.
      const trouble = troubleIn(error);
      if (trouble !== null) take(trouble);
    }
  };
  const runOne = async <T>(work: (guard: MethodGuard) => Promise<T>): Promise<T> => {
    if (closed) throw closedError();
    state.assertUsable();
    const open = openGuard(connection, directory);
    try {
      begin.run();
      count.begin();
      const value = await work(open.guard);
      open.end();
      const trouble = open.trouble();
      if (trouble !== null) throw trouble.error;
      const sealed = count.seal();
      commit.run();
      if (sealed !== null) onCommit(sealed);
      return value;
    } catch (error) {
      open.end();
      const trouble = open.trouble() ?? troubleIn(error);
      const told = trouble === null ? error : take(trouble);
      rollBack();
      throw told;
    }
  };
  return {
    run: (work) => inTurn(() => runOne(work)),
    between: (work) =>
      inTurn(() => {
        if (closed) return;
        state.assertUsable();
        try {
          work();
        } catch (error) {
          const trouble = troubleIn(error);
          throw trouble === null ? error : take(trouble);
        }
      }),
    condition: state.now,
    close: async () => {
      await settled();
      closed = true;
    },
  };
}
