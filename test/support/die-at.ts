/**
 * Preloaded into a real server (`node --import`): ends the process by SIGKILL at a named point of its work with the
 * database, so that the production code needs no switch for it.
 *
 * To stand between two commits that the server makes as one, the first statement of the later one fails once: the turn
 * is then taken apart, its earlier part is committed alone, and the process dies when the later part is tried again.
 */
import Database from 'better-sqlite3';

/** Where the process dies, and over which effect (`pager.trigger`, `statusPage.publish`). */
export interface DieAt {
  readonly point: 'inbox committed' | 'decision committed' | 'sending committed' | 'before settle';
  readonly about: string;
}

/** Name of the environment variable that carries a `DieAt` as JSON. */
export const DIE_AT = 'TOCSIN_TEST_DIE_AT';

type Escalation = (...args: readonly unknown[]) => unknown;

function isLease(sql: string): boolean {
  return sql.startsWith("UPDATE outbox SET status = 'sending'");
}

function isSettle(sql: string): boolean {
  return sql.startsWith('UPDATE outbox SET status = ?');
}

function isEvent(sql: string): boolean {
  return sql.startsWith('INSERT INTO events');
}

/** A signal to oneself is carried out before the call returns. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable: the process is dead');
}

function leasedId(row: unknown, about: string): string | null {
  if (typeof row !== 'object' || row === null || !('effect' in row)) return null;
  const effect = JSON.parse(String(row.effect)) as { readonly id: string; readonly name: string };
  return effect.name === about ? effect.id : null;
}

/** Around the execution of each statement; the plan's memory is in the closure. */
function around(
  plan: DieAt,
): (sql: string, args: readonly unknown[], run: () => unknown) => unknown {
  let hasFailed = false;
  let leased: string | null = null;
  const failThenDie = (): void => {
    if (hasFailed) die();
    hasFailed = true;
    throw new Error('a test makes this statement fail once');
  };
  return (sql, args, run) => {
    if (plan.point === 'inbox committed' && isEvent(sql)) failThenDie();
    if (plan.point === 'decision committed' && isLease(sql)) failThenDie();
    if (plan.point === 'before settle' && isSettle(sql) && args.includes(leased)) die();
    const result = run();
    if (isLease(sql)) leased ??= leasedId(result, plan.about);
    if (plan.point === 'sending committed' && sql === 'COMMIT' && leased !== null) die();
    return result;
  };
}

function install(plan: DieAt): void {
  const execute = around(plan);
  const prepare = Database.prototype.prepare;
  Database.prototype.prepare = function prepareWatched(this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql);
    for (const method of ['run', 'get'] as const) {
      const real = (statement[method] as Escalation).bind(statement);
      Object.defineProperty(statement, method, {
        value: (...args: readonly unknown[]) => execute(sql, args, () => real(...args)),
      });
    }
    return statement;
  } as typeof prepare;
}

const given = process.env[DIE_AT];
if (given !== undefined) install(JSON.parse(given) as DieAt);
