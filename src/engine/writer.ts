/**
 * The one writer. All writes of an event-loop turn (intake, settlements, decisions, claims) share one transaction and
 * so one sync of the disk; what waits for it is answered after COMMIT. Nothing else in the process writes.
 *
 * A turn is a list of parts. They run together; when one throws, the transaction is rolled back and every part runs
 * again in a transaction of its own, so that only the culprit fails. A part must therefore change nothing in memory
 * before `afterCommit`.
 */
import type { Log } from '../contract/adapter.ts';
import {
  type InboxPut,
  type InboxRow,
  type Store,
  StoreUnavailable,
  type Tx,
} from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Metrics } from './metrics.ts';
import { TurnAgain, type Workspace } from './workspace.ts';

/** More than this waits for its commit: the sender is told to come back. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
  readonly retryAfterSeconds = 5;
}

export interface Turn {
  readonly tx: Tx;
  /** Epoch ms, the same for everything in the turn. */
  readonly now: number;
  readonly workspace: Workspace;
  /** Rows that this turn's intake stored for the first time; whoever takes them must see to them. */
  takeFresh(): readonly InboxRow[];
  /** Runs once the turn is committed; not at all when it is rolled back. */
  afterCommit(run: () => void): void;
  /** Milliseconds since the turn began. */
  elapsedMs(): number;
}

/** A standing part of every turn that wants it. */
export interface Stage {
  readonly name: string;
  /** Whether the turn should include it. */
  wants(fresh: number): boolean;
  run(turn: Turn): Promise<void>;
  /** Rows that were committed in a turn in which nobody took them. */
  offer?(rows: readonly InboxRow[]): void;
  /** It threw although it was alone in its transaction, which is rolled back. */
  failed(error: unknown): void;
}

export interface WriterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly workspace: (tx: Tx, now: number) => Workspace;
  /** Rows and bytes that may wait for their commit. */
  readonly limits?: { readonly rows: number; readonly bytes: number };
  /** Called after each commit that wrote outbox rows or timers. */
  readonly committed?: (turn: { readonly workspace: Workspace; readonly now: number }) => void;
}

export interface Writer {
  /** Stores an inbox row. Resolves after COMMIT; rejects with `Overloaded` at once, with `StoreUnavailable` later. */
  intake(row: InboxRow): Promise<InboxPut>;
  /** Runs the work inside the next turn; the work may run again after a rollback. Resolves after COMMIT. */
  write<T>(work: (turn: Turn) => Promise<T>): Promise<T>;
  /** Makes sure a turn comes, for the stages. */
  poke(): void;
  addStage(stage: Stage): void;
  /** Rows and works that wait, and whether a turn is under way. */
  queued(): { readonly rows: number; readonly works: number; readonly running: boolean };
  /** Refuses further deliveries and resolves once nothing is queued or running. */
  stop(): Promise<void>;
  isStopped(): boolean;
}

const LIMITS = { rows: 10_000, bytes: 64_000_000 };
/** Of one turn: more would delay the answers of the rows that came first. */
const INTAKE_ROWS_MAX = 512;
const WORKS_MAX = 256;
const AGAIN_MAX = 10;

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

interface IntakePart extends Waiting<InboxPut> {
  readonly kind: 'intake';
  readonly row: InboxRow;
}

interface WorkPart extends Waiting<unknown> {
  readonly kind: 'work';
  readonly work: (turn: Turn) => Promise<unknown>;
}

interface StagePart {
  readonly kind: 'stage';
  readonly stage: Stage;
}

type Part = IntakePart | WorkPart | StagePart;

function fail(part: Part, error: unknown): void {
  if (part.kind === 'stage') part.stage.failed(error);
  else part.reject(error);
}

interface OpenTurn extends Turn {
  fresh: readonly InboxRow[];
  readonly after: (() => void)[];
}

function openTurn(options: WriterOptions, tx: Tx): OpenTurn {
  const { clock } = options;
  const now = clock.now();
  const started = clock.monotonic();
  const after: (() => void)[] = [];
  return {
    tx,
    now,
    workspace: options.workspace(tx, now),
    fresh: [],
    takeFresh() {
      const taken = this.fresh;
      this.fresh = [];
      return taken;
    },
    after,
    afterCommit: (run) => void after.push(run),
    elapsedMs: () => clock.monotonic() - started,
  };
}

async function runIntake(parts: readonly IntakePart[], turn: OpenTurn): Promise<void> {
  const puts = await turn.tx.putInbox(parts.map((part) => part.row));
  turn.fresh = parts.filter((_, i) => puts[i]?.duplicateOf === null).map((part) => part.row);
  turn.afterCommit(() => {
    for (const [i, part] of parts.entries()) {
      const put = puts[i];
      if (put === undefined) part.reject(new Error('the store did not answer for an inbox row'));
      else part.resolve(put);
    }
  });
}

async function runParts(parts: readonly Part[], turn: OpenTurn): Promise<void> {
  const intake = parts.filter((part) => part.kind === 'intake');
  if (intake.length > 0) await runIntake(intake, turn);
  for (const part of parts) {
    if (part.kind === 'work') {
      const value = await part.work(turn);
      turn.afterCommit(() => part.resolve(value));
    } else if (part.kind === 'stage') await part.stage.run(turn);
  }
  await turn.workspace.flush();
}

/** One transaction for all the parts. Returns the new rows that no part took. */
async function commit(
  options: WriterOptions,
  parts: readonly Part[],
): Promise<readonly InboxRow[]> {
  const turn = await options.store.transact(async (tx) => {
    const open = openTurn(options, tx);
    await runParts(parts, open);
    return open;
  });
  options.metrics.turns.observe(turn.elapsedMs() / 1000);
  const after = [
    () => options.committed?.({ workspace: turn.workspace, now: turn.now }),
    ...turn.after,
  ];
  for (const run of after) {
    try {
      run();
    } catch (error) {
      // The turn is committed: nothing may run again because a listener is broken.
      options.log.error({ error }, 'a listener to a commit threw; this is a bug');
    }
  }
  return turn.fresh;
}

/** Intake rows stay together until they are alone: their senders wait, and one bad row must not cost a sync each. */
function apart(parts: readonly Part[]): readonly (readonly Part[])[] {
  const intake = parts.filter((part) => part.kind === 'intake');
  const rest = parts.filter((part) => part.kind !== 'intake').map((part) => [part]);
  if (intake.length === parts.length) {
    const middle = Math.ceil(intake.length / 2);
    return [intake.slice(0, middle), intake.slice(middle)];
  }
  return intake.length === 0 ? rest : [intake, ...rest];
}

async function runIsolated(
  options: WriterOptions,
  parts: readonly Part[],
  left: (rows: readonly InboxRow[]) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      left(await commit(options, parts));
      return;
    } catch (error) {
      if (error instanceof TurnAgain && attempt < AGAIN_MAX) continue;
      if (error instanceof StoreUnavailable || parts.length === 1) {
        options.log.error({ error, parts: parts.length }, 'a turn of the writer failed');
        for (const part of parts) fail(part, error);
        return;
      }
      options.log.warn(
        { error, parts: parts.length },
        'a turn of the writer is taken apart to find the part that failed',
      );
      for (const group of apart(parts)) await runIsolated(options, group, left);
      return;
    }
  }
}

/** Builds the writer; it opens no transaction before there is something to write. */
export function createWriter(options: WriterOptions): Writer {
  const { clock, metrics } = options;
  const limits = options.limits ?? LIMITS;
  const stages: Stage[] = [];
  const rows: IntakePart[] = [];
  const works: WorkPart[] = [];
  let bytes = 0;
  let scheduled = false;
  let running = false;
  let again = false;
  let stopped: (() => void) | null = null;

  const takeParts = (): Part[] => {
    const intake = rows.splice(0, INTAKE_ROWS_MAX);
    for (const part of intake) bytes -= part.row.body.byteLength;
    const wanted = stages.filter((stage) => stage.wants(intake.length));
    return [
      ...intake,
      ...works.splice(0, WORKS_MAX),
      ...wanted.map((stage): StagePart => ({ kind: 'stage', stage })),
    ];
  };
  const arm = (): void => {
    scheduled = true;
    clock.soon(() => void flush());
  };
  /** While a turn runs, its end arms the next one. */
  const schedule = (): void => {
    if (running) again = true;
    else if (!scheduled) arm();
  };
  const offer = (left: readonly InboxRow[]): void => {
    if (left.length > 0) for (const stage of stages) stage.offer?.(left);
  };
  const flush = async (): Promise<void> => {
    scheduled = false;
    running = true;
    again = false;
    const parts = takeParts();
    if (parts.length > 0) await runIsolated(options, parts, offer);
    running = false;
    if (again || rows.length + works.length > 0) arm();
    else stopped?.();
  };
  return {
    intake: (row) => {
      if (stopped !== null)
        return Promise.reject(
          new StoreUnavailable('the server is stopping', 'send it again in a few seconds'),
        );
      if (rows.length >= limits.rows || bytes + row.body.byteLength > limits.bytes)
        return Promise.reject(new Overloaded(`${rows.length} deliveries wait to be stored`));
      return new Promise((resolve, reject) => {
        bytes += row.body.byteLength;
        rows.push({ kind: 'intake', row, resolve, reject });
        metrics.intakeQueue.set(rows.length);
        schedule();
      });
    },
    write: <T>(work: (turn: Turn) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        // The part keeps the value of its own work only, so the type survives the queue.
        works.push({ kind: 'work', work, resolve: (value) => resolve(value as T), reject });
        schedule();
      }),
    poke: schedule,
    addStage: (stage) => void stages.push(stage),
    queued: () => ({ rows: rows.length, works: works.length, running: running || scheduled }),
    isStopped: () => stopped !== null,
    stop: async () => {
      await new Promise<void>((resolve) => {
        stopped = resolve;
        schedule();
      });
    },
  };
}
