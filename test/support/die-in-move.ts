/**
 * Preloaded into a process that archives (`node --import`), and so into its thread that copies: ends the process by SIGKILL
 * at a named statement, so that the production code needs no switch for it.
 */
import { isMainThread } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** A statement by its beginning, in the thread that copies or in the main one, before or after it has run for the n-th time. */
export interface DieInMove {
  readonly thread: 'main' | 'copier';
  readonly when: 'before' | 'after';
  readonly sql: string;
  readonly time: number;
  /** Counts only from when this statement has run. */
  readonly behind?: string;
}

/** Name of the environment variable that carries a `DieInMove` as JSON. */
export const DIE_IN_MOVE = 'TOCSIN_TEST_DIE_IN_MOVE';

type Run = (...args: readonly unknown[]) => unknown;

function install({ when, sql: wanted, time, behind }: DieInMove): void {
  let isCounting = behind === undefined;
  let runs = 0;
  const prepare = Database.prototype.prepare;
  Database.prototype.prepare = function prepareWatched(this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql);
    const text = sql.trimStart();
    const isWanted = text.startsWith(wanted);
    const isBehind = behind !== undefined && text.startsWith(behind);
    if (!isWanted && !isBehind) return statement;
    const real = (statement.run as Run).bind(statement);
    const die = (at: DieInMove['when']): void => {
      if (isWanted && at === when && runs === time) process.kill(process.pid, 'SIGKILL');
    };
    Object.defineProperty(statement, 'run', {
      value: (...args: readonly unknown[]) => {
        if (isWanted && isCounting) runs += 1;
        die('before');
        const result = real(...args);
        die('after');
        if (isBehind) isCounting = true;
        return result;
      },
    });
    return statement;
  } as typeof prepare;
}

const given = process.env[DIE_IN_MOVE];
if (given !== undefined) {
  const plan = JSON.parse(given) as DieInMove;
  if ((plan.thread === 'main') === isMainThread) install(plan);
}
