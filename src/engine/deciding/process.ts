/**
 * The decision loop: undecided inbox rows are decided in batches, inside the writer's turns. Fresh rows are handed over
 * in memory; what does not fit there, waits, or is left from before a restart is read from the store.
 *
 * A row over which the core throws three times is poison: a minimal path that uses neither the rules nor the incident's
 * state opens an incident and pages.
 */
import { keyText } from '../../core/model/key-text.ts';
import { SELF } from '../../core/model/about-tocsin.ts';
import type { Log } from '../../contract/adapter.ts';
import { type Disposition, type InboxRow, StoreUnavailable, type Tx } from '../../store/store.ts';
import { classifiedOnce } from './classified-once.ts';
import { type BatchResult, decideRows, type Deciders } from './decide-rows.ts';
import type { DecidedRow } from './row-result.ts';
import type { Setup } from '../setup.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { openMinimally } from './minimal.ts';
import { hourly } from './self-alert.ts';
import { type ParsedRow, parseRow } from './parsed.ts';
import type { Refusals } from './refusals.ts';
import { boundedRow } from './bounded.ts';
import { type Slicing, withSlice } from './slices.ts';
import {
  backlogOf,
  BATCH_ROWS_MAX,
  createPending,
  fill,
  keep,
  lookInStore,
  nextRows,
  type Pending,
  readRows,
  useStore,
} from './supply.ts';
import { type Rules, WORST } from './urgency.ts';
import { TurnAgain } from './workspace.ts';
import type { Stage, Turn } from './turns.ts';

export interface ProcessOptions extends Deciders {
  readonly setup: () => Setup;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Something falls due at the instant: the waker must come back then. */
  readonly noteDue: (at: number) => void;
  /** Makes the next turn come at once. */
  readonly runSoon: () => void;
}

export interface Process extends Stage {
  offer(rows: readonly InboxRow[]): void;
  /** Time has passed: rows that wait in the store may be due. */
  wake(now: number): void;
  /** The row's final disposition, once it is committed. `forget` when nobody waits for it any more. */
  whenDecided(row: string): { readonly done: Promise<Disposition>; forget(): void };
  /** Rows in memory that are not decided yet. */
  backlog(): number;
}

const FAILURES_MAX = 3;
const FAILURE_WAIT_MS = 1_000;
/** A turn begins no further batch after this long: intake and sends wait, and the batch that it is in takes time as well. */
const BUDGET_MS = 5;
/**
 * While deliveries press in, answering them comes first, and one large batch later costs much less than many small ones
 * now: an incident is read and written once a batch, however many of its alerts are in it. What may be the worst waits for
 * nothing.
 */
const PRESSED_FROM_ROWS = 16;
/** How long the oldest of them may wait for a whole batch: a page is late by no more, and only while all is busy. */
const PRESSED_WAIT_MS = 1_000;

function settleWaiters(pending: Pending, decided: readonly DecidedRow[]): void {
  for (const { row, disposition } of decided) {
    if (disposition.kind === 'undecided') continue;
    const waiting = pending.waiters.get(row.id);
    pending.waiters.delete(row.id);
    for (const resolve of waiting ?? []) resolve(disposition);
  }
}

function forgetWaiter(
  pending: Pending,
  row: string,
  waiter: (disposition: Disposition) => void,
): void {
  const left = (pending.waiters.get(row) ?? []).filter((one) => one !== waiter);
  if (left.length === 0) pending.waiters.delete(row);
  else pending.waiters.set(row, left);
}

/** Counts the failures and has the turn run again without these rows. */
function blame(
  pending: Pending,
  blamed: ReadonlyMap<string, unknown>,
  about: { readonly rows: readonly InboxRow[]; readonly options: ProcessOptions },
): TurnAgain {
  for (const row of about.rows) {
    if (!blamed.has(row.id)) continue;
    const error = blamed.get(row.id);
    const count = row.failures + 1;
    pending.failures.set(row.id, { count, error });
    about.options.metrics.poison.inc({ input: row.origin });
    about.options.log.error(
      { error, row: row.id, source: row.source, failures: count },
      'the core threw over an inbox row',
    );
  }
  return new TurnAgain(`the core threw over ${blamed.size} rows`);
}

function failedDisposition(
  failure: { readonly count: number; readonly error: unknown },
  now: number,
): Disposition {
  const why = `the decision failed: ${failure.error instanceof Error ? failure.error.message : String(failure.error)}`;
  return {
    kind: 'undecided',
    notBefore: failure.count === 1 ? now : now + FAILURE_WAIT_MS,
    failures: failure.count,
    why,
  };
}

function isOfCanary({ origin }: InboxRow): boolean {
  return origin === 'canary';
}

async function disposePoison(
  rows: readonly InboxRow[],
  turn: Turn,
  options: ProcessOptions,
): Promise<readonly DecidedRow[]> {
  // That canaries do not come through is told by whoever waits for them.
  const [canaries, others] = [rows.filter(isOfCanary), rows.filter((row) => !isOfCanary(row))];
  const bySource = Map.groupBy(others, (row) => row.source ?? SELF);
  const decided = canaries.map((row): DecidedRow => ({
    row,
    disposition: { kind: 'ignored', note: 'given up' },
  }));
  for (const same of bySource.values()) {
    const source = same[0]?.source ?? SELF;
    const incident = await openMinimally(turn, options.core, {
      // One per source and hour: what comes later may be something else.
      about: hourly(turn.now, (hour) => ({ kind: 'undecided', source, hour })),
      input: same[0]?.id ?? source,
      title: `Deliveries of ${source} could not be decided`,
      reason: `${same.length} stored inputs failed ${FAILURES_MAX} times inside the rules; read them with "tocsin show" and in the log.`,
    });
    const note = `failed ${FAILURES_MAX} times inside the rules; opened or joined by the minimal path`;
    for (const row of same) {
      const isRequest = row.origin === 'api' || row.origin === 'cli';
      const disposition: Disposition = isRequest
        ? {
            kind: 'refused',
            code: 'internal',
            message: `the decision failed; ${incident} was opened because of it`,
          }
        : { kind: 'decided', incidents: [incident], note, answer: null };
      decided.push({ row, disposition });
    }
  }
  return decided;
}

/**
 * Alerts find their incidents before anything of their batch is fed. A request may end the incident that they would join, so
 * a batch ends with it. A row that failed before is alone: the others must not fail with it again.
 */
function batchesOf(rows: readonly InboxRow[]): readonly (readonly InboxRow[])[] {
  const batches: InboxRow[][] = [];
  let batch: InboxRow[] = [];
  for (const row of rows.filter(({ failures }) => failures === 0)) {
    if (batch.length === 0) batches.push(batch);
    batch.push(row);
    if (row.origin === 'api' || row.origin === 'cli') batch = [];
  }
  return [...batches, ...rows.filter(({ failures }) => failures > 0).map((row) => [row])];
}

function incidentsOf(decided: readonly DecidedRow[]): readonly string[] {
  return decided.flatMap(({ disposition }) =>
    disposition.kind === 'decided' ? disposition.incidents : [],
  );
}

/** The rows that lead to an incident whose changes are refused again and again. */
function stuckRows(
  error: unknown,
  decided: readonly DecidedRow[],
  { isStuck }: Refusals,
): ReadonlyMap<string, unknown> {
  const rows = decided.filter((one) => incidentsOf([one]).some(isStuck));
  return new Map(rows.map(({ row }) => [row.id, error]));
}

/** Decides and writes one batch. What is thrown beyond any row's own part is the fault of a row that is alone. */
async function decideOrBlame(
  batch: readonly InboxRow[],
  turn: Turn,
  about: Deciders & {
    readonly parse: (row: InboxRow) => ParsedRow;
    readonly refusals: Refusals;
    readonly sliced: ReadonlyMap<string, Slicing>;
  },
): Promise<BatchResult> {
  try {
    const rows = batch.map((row) => ({
      parsed: about.parse(row),
      done: about.sliced.get(row.id)?.done ?? 0,
    }));
    const result = await decideRows(rows, turn, about);
    if (!result.ok) return result;
    try {
      await turn.workspace.flush();
    } catch (error) {
      if (!(error instanceof TurnAgain)) throw error;
      about.refusals.note(error);
      const all = result.sliced === null ? result.decided : [...result.decided, result.sliced];
      const blamed = stuckRows(error, all, about.refusals);
      if (blamed.size === 0) throw error;
      return { ok: false, blamed };
    }
    turn.afterCommit(() => {
      for (const incident of incidentsOf(result.decided)) about.refusals.forget(incident);
    });
    return result;
  } catch (error) {
    const [row, ...others] = batch;
    const isStore = error instanceof StoreUnavailable || error instanceof TurnAgain;
    if (isStore || row === undefined || others.length > 0) throw error;
    return { ok: false, blamed: new Map([[row.id, error]]) };
  }
}

interface Deciding {
  readonly options: ProcessOptions;
  readonly pending: Pending;
  /** Reads a row, once. */
  readonly parse: (row: InboxRow) => ParsedRow;
  /** The order in which what the row observes is decided. */
  readonly arrange: (parsed: ParsedRow) => void;
}

/** What a turn has decided so far. */
interface Went {
  readonly decided: DecidedRow[];
  readonly ids: Set<string>;
  /** Rows that are decided in part, before this turn or by it. */
  readonly sliced: Map<string, Slicing>;
}

/** What failed earlier in this very turn waits until the next. */
function failedNow(rows: readonly InboxRow[], { pending }: Deciding, now: number): DecidedRow[] {
  return rows.flatMap((row) => {
    const failure = pending.failures.get(row.id);
    return failure === undefined ? [] : [{ row, disposition: failedDisposition(failure, now) }];
  });
}

function note(went: Went, rows: readonly DecidedRow[]): void {
  for (const one of rows) {
    const before = went.sliced.get(one.row.id);
    const { disposition } = before === undefined ? one : withSlice(before, { ...before, ...one });
    went.decided.push({ ...one, disposition });
    went.ids.add(one.row.id);
    went.sliced.delete(one.row.id);
  }
}

/** Decides the rows in one or more batches. False: there was no time for all of them. */
async function decideBatches(
  rows: readonly InboxRow[],
  at: { readonly turn: Turn; readonly went: Went; readonly endsAt: number },
  { options, pending, parse }: Deciding,
): Promise<boolean> {
  const { turn, went, endsAt } = at;
  const { core, askKeys } = options;
  const { refusals } = pending;
  for (const [index, batch] of batchesOf(rows).entries()) {
    if (index > 0 && turn.elapsedMs() >= endsAt) return false;
    const how = { core, askKeys, parse, refusals, sliced: went.sliced };
    const result = await decideOrBlame(batch, turn, how);
    if (!result.ok) throw blame(pending, result.blamed, { rows: batch, options });
    note(went, result.decided);
    const { sliced } = result;
    if (sliced !== null)
      went.sliced.set(sliced.row.id, withSlice(went.sliced.get(sliced.row.id), sliced));
    if (result.decided.length < batch.length) return false;
  }
  return true;
}

/** Decides rows until there is no time, which it says by false: what failed, or fails for the third time, gets a disposition as well. */
async function decideSome(
  rows: readonly InboxRow[],
  at: { readonly turn: Turn; readonly went: Went; readonly endsAt: number },
  about: Deciding,
): Promise<boolean> {
  const { options, pending } = about;
  const { turn, went } = at;
  const blamedNow = rows.filter((row) => pending.failures.has(row.id));
  const poison = rows.filter((row) => row.failures >= FAILURES_MAX);
  const sound = rows.filter((row) => row.failures < FAILURES_MAX && !pending.failures.has(row.id));
  const isAll = await decideBatches(sound, at, about);
  if (poison.length > 0) note(went, await disposePoison(poison, turn, options));
  for (const { id } of blamedNow) went.sliced.delete(id);
  note(went, failedNow(blamedNow, about, turn.now));
  return isAll;
}

async function writeDispositions(
  tx: Tx,
  decided: readonly DecidedRow[],
  at: number,
): Promise<void> {
  const isForgotten = ({ row, disposition }: DecidedRow): boolean =>
    isOfCanary(row) && disposition.kind !== 'undecided';
  for (const one of decided.filter(isForgotten)) await tx.decidedCanary(one.row.id);
  const kept = decided.filter((one) => !isForgotten(one));
  if (kept.length > 0)
    await tx.dispose(kept.map(({ row, disposition }) => ({ id: row.id, disposition, at })));
}

function afterwards(
  decided: readonly DecidedRow[],
  options: ProcessOptions,
  pending: Pending,
): void {
  const counts = new Map<
    string,
    { readonly origin: string; readonly disposition: string; count: number }
  >();
  for (const { row, disposition, heldUntil } of decided) {
    pending.failures.delete(row.id);
    const waitsUntil = disposition.kind === 'undecided' ? disposition.notBefore : heldUntil;
    if (waitsUntil !== undefined) {
      pending.dueAt = Math.min(pending.dueAt, waitsUntil);
      options.noteDue(waitsUntil);
    }
    if (isOfCanary(row)) continue;
    const key = keyText(row.origin, disposition.kind);
    const known = counts.get(key) ?? {
      origin: row.origin,
      disposition: disposition.kind,
      count: 0,
    };
    known.count += 1;
    counts.set(key, known);
  }
  for (const { origin, disposition, count } of counts.values())
    options.metrics.decisions.inc({ origin, disposition }, count);
  settleWaiters(pending, decided);
}

/** Whether deciding can wait for more rows: only while they come, and not for long. */
function canWait(pending: Pending, fresh: readonly InboxRow[], now: number): boolean {
  const { waiting, store, cautious } = pending;
  if (store || cautious || fresh.length === 0 || waiting.hasUpTo(WORST)) return false;
  const count = backlogOf(pending);
  if (count < PRESSED_FROM_ROWS || count >= BATCH_ROWS_MAX) return false;
  return now - (waiting.oldestReceivedAt() ?? now) < PRESSED_WAIT_MS;
}

/** What the turn did, once it is committed. */
function committed(turn: Turn, went: Went, { options, pending }: Deciding): void {
  for (const id of went.ids) {
    pending.waiting.remove(id);
    pending.slicing.delete(id);
  }
  for (const [id, slicing] of went.sliced) pending.slicing.set(id, slicing);
  afterwards(went.decided, options, pending);
  if (pending.dueAt <= turn.now) {
    pending.dueAt = Number.POSITIVE_INFINITY;
    lookInStore(pending);
  }
  if (pending.store || backlogOf(pending) > 0) options.runSoon();
}

async function run(turn: Turn, about: Deciding): Promise<void> {
  const { pending, options } = about;
  const fresh = turn.takeFresh();
  const went: Went = { decided: [], ids: new Set(), sliced: new Map(pending.slicing) };
  await fill(pending, turn, fresh);
  const rules: Rules = { core: options.core, policy: turn.workspace.policy };
  const isEnough = readRows(pending, turn, { ...about, rules });
  const endsAt = turn.elapsedMs() + BUDGET_MS;
  let isMore = !isEnough && !canWait(pending, fresh, turn.now);
  while (isMore) {
    const rows = nextRows(pending, went.ids);
    if (rows.length === 0) break;
    const isAll = await decideSome(rows, { turn, went, endsAt }, about);
    // What failed is noted by this turn and met again by the next one only.
    isMore = isAll && turn.elapsedMs() < endsAt && !pending.cautious && pending.failures.size === 0;
  }
  await writeDispositions(turn.tx, went.decided, turn.now);
  turn.afterCommit(() => {
    if (went.decided.length + went.sliced.size > 0) pending.batches += 1;
    pending.cautious &&= went.decided.length === 0 && backlogOf(pending) > 0;
    committed(turn, went, about);
  });
}

/** Builds the stage. It belongs into the writer before the stage that leases, so that a page leaves with the same commit. */
export function createProcess(given: ProcessOptions): Process {
  const options = { ...given, core: classifiedOnce(given.core) };
  const pending = createPending();
  const parsed = new WeakMap<InboxRow, ParsedRow>();
  const parse = (row: InboxRow): ParsedRow => {
    const known = parsed.get(row) ?? boundedRow(parseRow(row, options.setup()));
    parsed.set(row, known);
    return known;
  };
  const about: Deciding = {
    options,
    pending,
    parse,
    arrange: (arranged) => void parsed.set(arranged.row, arranged),
  };
  const look = (): void => {
    pending.dueAt = Number.POSITIVE_INFINITY;
    lookInStore(pending);
    options.runSoon();
  };
  return {
    name: 'decide',
    wants: (fresh) => fresh > 0 || pending.store || backlogOf(pending) > 0,
    run: (turn) => run(turn, about),
    offer: (rows) => {
      keep(pending, rows);
      options.runSoon();
    },
    failed: (error) => {
      options.log.error(
        { error },
        'deciding failed in the store; rows stay undecided and are tried one by one',
      );
      pending.cautious = true;
      useStore(pending);
    },
    wake: (now) => {
      // While memory is busy the store is asked only for rows that are known to wait there.
      if (backlogOf(pending) === 0 || now >= pending.dueAt) look();
    },
    whenDecided: (row) => {
      const { promise, resolve } = Promise.withResolvers<Disposition>();
      pending.waiters.set(row, [...(pending.waiters.get(row) ?? []), resolve]);
      return { done: promise, forget: () => forgetWaiter(pending, row, resolve) };
    },
    backlog: () => backlogOf(pending),
  };
}
