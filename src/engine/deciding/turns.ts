/**
 * One turn of the writer: a list of parts in one transaction. When a part throws, the transaction is rolled back and
 * every part runs again in a transaction of its own, so that only the culprit fails. A part must therefore change
 * nothing in memory before `afterCommit`.
 */
import type { Log } from '../../contract/adapter.ts';
import {
  type InboxPut,
  type InboxRow,
  type Store,
  StoreUnavailable,
  type Tx,
} from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { TurnAgain, type Workspace } from './workspace.ts';

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

export interface TurnOptions {
  readonly store: Pick<Store, 'transact'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'turns'>;
  readonly workspace: (tx: Tx, now: number) => Workspace;
  /** New rows of a committed turn that no part of it took. */
  readonly leftOver: (rows: readonly InboxRow[]) => void;
  /** Works for which the turn had no time, before all that came later. */
  readonly putOff: (works: readonly WorkPart[]) => void;
}

const AGAIN_MAX = 10;

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

export interface IntakePart extends Waiting<InboxPut> {
  readonly kind: 'intake';
  readonly row: InboxRow;
}

export interface WorkPart extends Waiting<unknown> {
  readonly kind: 'work';
  readonly work: (turn: Turn) => Promise<unknown>;
}

export interface StagePart {
  readonly kind: 'stage';
  readonly stage: Stage;
}

export type TurnPart = IntakePart | WorkPart | StagePart;

function fail(part: TurnPart, error: unknown): void {
  if (part.kind === 'stage') part.stage.failed(error);
  else part.reject(error);
}

interface OpenTurn extends Turn {
  fresh: readonly InboxRow[];
  readonly after: (() => void)[];
}

function openTurn(options: TurnOptions, tx: Tx): OpenTurn {
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

/** Works are begun for this long; what they have decided is written down behind so many, so that it counts. */
const WORK_MS = 10;
const FLUSH_EVERY = 8;

/** Returns the works for which there was no time; the first is always done. */
async function runWorks(parts: readonly WorkPart[], turn: OpenTurn): Promise<readonly WorkPart[]> {
  const endsAt = turn.elapsedMs() + WORK_MS;
  for (const [index, part] of parts.entries()) {
    if (index > 0 && turn.elapsedMs() >= endsAt) return parts.slice(index);
    const value = await part.work(turn);
    turn.afterCommit(() => part.resolve(value));
    if (index % FLUSH_EVERY === FLUSH_EVERY - 1) await turn.workspace.flush();
  }
  return [];
}

/** Returns the parts for which there was no time. */
async function runParts(parts: readonly TurnPart[], turn: OpenTurn): Promise<readonly WorkPart[]> {
  const intake = parts.filter((part) => part.kind === 'intake');
  if (intake.length > 0) await runIntake(intake, turn);
  const left = await runWorks(
    parts.filter((part) => part.kind === 'work'),
    turn,
  );
  for (const part of parts) if (part.kind === 'stage') await part.stage.run(turn);
  await turn.workspace.flush();
  return left;
}

/** One transaction for all the parts. Returns the new rows that no part took. */
async function commit(
  options: TurnOptions,
  parts: readonly TurnPart[],
): Promise<readonly InboxRow[]> {
  const { turn, left } = await options.store.transact(async (tx) => {
    const open = openTurn(options, tx);
    return { turn: open, left: await runParts(parts, open) };
  });
  if (left.length > 0) options.putOff(left);
  options.metrics.turns.observe(turn.elapsedMs() / 1000);
  for (const run of turn.after) {
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
function apart(parts: readonly TurnPart[]): readonly (readonly TurnPart[])[] {
  const intake = parts.filter((part) => part.kind === 'intake');
  const rest = parts.filter((part) => part.kind !== 'intake').map((part) => [part]);
  if (intake.length === parts.length) {
    const middle = Math.ceil(intake.length / 2);
    return [intake.slice(0, middle), intake.slice(middle)];
  }
  return intake.length === 0 ? rest : [intake, ...rest];
}

/** Commits, as often as a part asks for another try; returns what stood in the way in the end, or null. */
async function tryToCommit(
  options: TurnOptions,
  parts: readonly TurnPart[],
): Promise<{ readonly error: unknown } | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      options.leftOver(await commit(options, parts));
      return null;
    } catch (error) {
      if (!(error instanceof TurnAgain) || attempt >= AGAIN_MAX) return { error };
    }
  }
}

/** Runs the parts in one transaction or, when one of them throws, each in its own. Never throws. */
export async function runTurn(options: TurnOptions, parts: readonly TurnPart[]): Promise<void> {
  const failed = await tryToCommit(options, parts);
  if (failed === null) return;
  const { error } = failed;
  if (error instanceof StoreUnavailable || parts.length === 1) {
    options.log.error({ error, parts: parts.length }, 'a turn of the writer failed');
    for (const part of parts) fail(part, error);
    return;
  }
  options.log.warn(
    { error, parts: parts.length },
    'a turn of the writer is taken apart to find the part that failed',
  );
  for (const group of apart(parts)) await runTurn(options, group);
}
