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
import { type BatchResult, decideRows, type Deciders } from './decide-rows.ts';
import type { DecidedRow } from './row-result.ts';
import type { Setup } from '../setup.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { openMinimally } from './minimal.ts';
import { hourly } from './self-alert.ts';
import { type ParsedRow, parseRow } from './parsed.ts';
import type { Refusals } from './refusals.ts';
import { afterSlice, isHeavy, isSliced, nextSlice, type Slicing, slicingOf } from './slices.ts';
import {
  consumed,
  createPending,
  keep,
  nextRows,
  openSupply,
  type Pending,
  useStore,
} from './supply.ts';
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
/** A turn decides for this long at most, so that intake and sends are not kept waiting. */
const BUDGET_MS = 5;
/**
 * While deliveries press in, answering them comes first, and one large batch later costs much less than many small ones
 * now: an incident is read and written once a batch, however many of its alerts are in it.
 */
const PRESSED_FROM_ROWS = 16;
/** How many rows may wait for that, and how long the oldest: a page is late by no more, and only while all is busy. */
const PRESSED_ROWS_MAX = 4_096;
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

async function disposePoison(
  rows: readonly InboxRow[],
  turn: Turn,
  options: ProcessOptions,
): Promise<readonly DecidedRow[]> {
  const bySource = Map.groupBy(rows, (row) => row.source ?? SELF);
  const decided: DecidedRow[] = [];
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
    readonly isSlice: boolean;
  },
): Promise<BatchResult> {
  try {
    const result = await decideRows(batch.map(about.parse), turn, about);
    if (!result.ok) return result;
    try {
      await turn.workspace.flush();
    } catch (error) {
      if (!(error instanceof TurnAgain)) throw error;
      about.refusals.note(error);
      const blamed = stuckRows(error, result.decided, about.refusals);
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
}

/** What failed earlier in this very turn waits until the next. */
function failedNow(rows: readonly InboxRow[], { pending }: Deciding, now: number): DecidedRow[] {
  return rows.flatMap((row) => {
    const failure = pending.failures.get(row.id);
    return failure === undefined ? [] : [{ row, disposition: failedDisposition(failure, now) }];
  });
}

/** Decides the next slice of a row. */
async function decideSlice(slicing: Slicing, turn: Turn, about: Deciding): Promise<Slicing> {
  const { options, pending } = about;
  const { row } = slicing;
  const slice = nextSlice(slicing);
  const { core, askKeys } = options;
  const { refusals } = pending;
  const how = { core, askKeys, parse: () => slice, refusals, isSlice: true };
  const result = await decideOrBlame([row], turn, how);
  if (!result.ok) throw blame(pending, result.blamed, { rows: [row], options });
  const disposition = result.decided[0]?.disposition;
  if (disposition === undefined) throw new Error(`nothing became of the inbox row ${row.id}`);
  return afterSlice(slicing, { count: slice.observations.length - result.left, disposition });
}

/** Decides the rows in one or more batches; every row gets a disposition. */
async function decideBatch(
  rows: readonly InboxRow[],
  turn: Turn,
  about: Deciding,
): Promise<readonly DecidedRow[]> {
  const { options, pending, parse } = about;
  const blamedNow = rows.filter((row) => pending.failures.has(row.id));
  const poison = rows.filter((row) => row.failures >= FAILURES_MAX);
  const sound = rows.filter((row) => row.failures < FAILURES_MAX && !pending.failures.has(row.id));
  const decided: DecidedRow[] = [];
  for (const batch of batchesOf(sound)) {
    const result = await decideOrBlame(batch, turn, {
      core: options.core,
      askKeys: options.askKeys,
      parse,
      refusals: pending.refusals,
      isSlice: false,
    });
    if (!result.ok) throw blame(pending, result.blamed, { rows: batch, options });
    decided.push(...result.decided);
  }
  if (poison.length > 0) decided.push(...(await disposePoison(poison, turn, options)));
  return [...decided, ...failedNow(blamedNow, about, turn.now)];
}

async function writeDispositions(
  tx: Tx,
  decided: readonly DecidedRow[],
  at: number,
): Promise<void> {
  if (decided.length > 0)
    await tx.dispose(decided.map(({ row, disposition }) => ({ id: row.id, disposition, at })));
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

/** Whether deciding can wait for the next turn, or for more rows: only while they come, and not for long. */
function canWait(pending: Pending, fresh: readonly InboxRow[], now: number): boolean {
  if (pending.store || pending.cautious || fresh.length === 0) return false;
  // Its sender is answered before it is read.
  if (pending.rows.length === 0 && fresh.some(isHeavy)) return true;
  const waiting = pending.rows.length + fresh.length;
  if (waiting < PRESSED_FROM_ROWS || waiting >= PRESSED_ROWS_MAX) return false;
  return now - ((pending.rows[0] ?? fresh[0])?.receivedAt ?? now) < PRESSED_WAIT_MS;
}

/** What the turn did, once it is committed. */
function committed(turn: Turn, all: readonly DecidedRow[], about: Deciding): void {
  const { options, pending } = about;
  afterwards(all, options, pending);
  if (pending.dueAt <= turn.now) lookInStore(about);
  const isMore = pending.store || pending.rows.length > 0 || pending.slicing !== null;
  if (isMore) options.runSoon();
}

function lookInStore({ pending, options }: Deciding): void {
  pending.dueAt = Number.POSITIVE_INFINITY;
  useStore(pending);
  options.runSoon();
}

/** What was decided, and the row that is not yet decided to its end. */
interface Went {
  readonly slicing: Slicing | null;
  readonly decided: readonly DecidedRow[];
}

/** One slice more of a row, and nothing else: other rows come later. */
async function goOn(slicing: Slicing, turn: Turn, about: Deciding): Promise<Went> {
  const { row } = slicing;
  const failed = failedNow([row], about, turn.now);
  if (failed.length > 0) return { slicing: null, decided: failed };
  const next = await decideSlice(slicing, turn, about);
  if (!isSliced(next) || next.disposition === null) return { slicing: next, decided: [] };
  return { slicing: null, decided: [{ row, disposition: next.disposition }] };
}

/** Rows that fit into one batch, or the first slice of one that is too large. */
async function begin(rows: readonly InboxRow[], turn: Turn, about: Deciding): Promise<Went> {
  const [first] = rows;
  const isSound = first !== undefined && first.failures < FAILURES_MAX;
  const many = isSound ? slicingOf(first, about.parse(first)) : null;
  if (many === null) return { slicing: null, decided: await decideBatch(rows, turn, about) };
  // Reading it was enough for one turn.
  return isHeavy(many.row) ? { slicing: many, decided: [] } : goOn(many, turn, about);
}

async function runSlice(turn: Turn, slicing: Slicing, about: Deciding): Promise<void> {
  const { pending } = about;
  const fresh = turn.takeFresh();
  const went = await goOn(slicing, turn, about);
  await writeDispositions(turn.tx, went.decided, turn.now);
  turn.afterCommit(() => {
    pending.slicing = went.slicing;
    keep(pending, fresh);
    committed(turn, went.decided, about);
  });
}

async function runBatches(turn: Turn, about: Deciding): Promise<void> {
  const { pending, options } = about;
  const fresh = turn.takeFresh();
  if (canWait(pending, fresh, turn.now)) {
    turn.afterCommit(() => {
      keep(pending, fresh);
      options.runSoon();
    });
    return;
  }
  const endsAt = turn.elapsedMs() + BUDGET_MS;
  const supply = openSupply(pending, fresh);
  const all: DecidedRow[] = [];
  let slicing: Slicing | null = null;
  do {
    const rows = await nextRows(supply, turn, about.parse);
    if (rows.length === 0) break;
    const went = await begin(rows, turn, about);
    await writeDispositions(turn.tx, went.decided, turn.now);
    all.push(...went.decided);
    slicing = went.slicing;
    // What failed is noted by this turn and met again by the next one only.
  } while (
    slicing === null &&
    turn.elapsedMs() < endsAt &&
    !pending.cautious &&
    pending.failures.size === 0
  );
  turn.afterCommit(() => {
    pending.slicing = slicing;
    consumed(pending, supply, fresh);
    committed(turn, all, about);
  });
}

/** Builds the stage. It belongs into the writer before the stage that leases, so that a page leaves with the same commit. */
export function createProcess(options: ProcessOptions): Process {
  const pending = createPending();
  const parsed = new WeakMap<InboxRow, ParsedRow>();
  const parse = (row: InboxRow): ParsedRow => {
    const known = parsed.get(row) ?? parseRow(row, options.setup());
    parsed.set(row, known);
    return known;
  };
  const about: Deciding = { options, pending, parse };
  return {
    name: 'decide',
    wants: (fresh) =>
      fresh > 0 || pending.store || pending.rows.length > 0 || pending.slicing !== null,
    run: (turn) =>
      pending.slicing === null ? runBatches(turn, about) : runSlice(turn, pending.slicing, about),
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
      if (pending.rows.length === 0 || now >= pending.dueAt) lookInStore(about);
    },
    whenDecided: (row) => {
      const { promise, resolve } = Promise.withResolvers<Disposition>();
      pending.waiters.set(row, [...(pending.waiters.get(row) ?? []), resolve]);
      return { done: promise, forget: () => forgetWaiter(pending, row, resolve) };
    },
    backlog: () => pending.rows.length + (pending.slicing === null ? 0 : 1),
  };
}
