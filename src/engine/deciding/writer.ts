/**
 * The one writer. All writes of an event-loop turn (intake, settlements, decisions, claims) share one transaction and
 * so one sync of the disk; what waits for it is answered after COMMIT. Nothing else in the process writes.
 */
import { type InboxPut, type InboxRow, StoreUnavailable } from '../../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import {
  type IntakePart,
  type TurnPart,
  runTurn,
  type Stage,
  type StagePart,
  type Turn,
  type TurnOptions,
  type WorkPart,
} from './turns.ts';

/** More than this waits for its commit: the sender is told to come back. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
  readonly retryAfterSeconds = 5;
}

export interface WriterOptions extends Omit<TurnOptions, 'leftOver' | 'putOff' | 'metrics'> {
  readonly metrics: Pick<Metrics, 'turns' | 'intakeQueue'>;
  /** Rows and bytes that may wait for their commit. */
  readonly limits?: { readonly rows: number; readonly bytes: number };
}

export interface Writer {
  /** Stores an inbox row. Resolves after COMMIT; rejects with `Overloaded` at once, with `StoreUnavailable` later. */
  intake(row: InboxRow): Promise<InboxPut>;
  /** Runs the work inside the next turn; the work may run again after a rollback. Resolves after COMMIT. */
  write<T>(work: (turn: Turn) => Promise<T>): Promise<T>;
  /** Makes sure a turn comes, for the stages. */
  runSoon(): void;
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
const INTAKE_BYTES_MAX = 4_000_000;
/** As many as a turn may have time for. */
const WORKS_MAX = 64;
/**
 * While deliveries press in, a turn begins only once a look at the sockets brings no further ones: a sync costs the same
 * for one row as for all that are already there. It never waits for what has not arrived.
 */
const GATHER_FROM_ROWS = 8;
const GATHER_LOOKS_MAX = 16;

interface Queue {
  readonly rows: IntakePart[];
  readonly works: WorkPart[];
  readonly stages: Stage[];
  /** Of the bodies in `rows`. */
  bytes: number;
}

/** What the next turn does: deliveries first, for their senders wait. */
function takeParts(queue: Queue): TurnPart[] {
  let bytes = 0;
  const end = queue.rows.findIndex((part, index) => {
    bytes += part.row.body.byteLength;
    return index === INTAKE_ROWS_MAX || (index > 0 && bytes > INTAKE_BYTES_MAX);
  });
  const intake = queue.rows.splice(0, end === -1 ? queue.rows.length : end);
  for (const part of intake) queue.bytes -= part.row.body.byteLength;
  const wanted = queue.stages.filter((stage) => stage.wants(intake.length));
  const stages = wanted.map((stage): StagePart => ({ kind: 'stage', stage }));
  return [...intake, ...queue.works.splice(0, WORKS_MAX), ...stages];
}

/** Runs `turn` in the next event-loop turn after each call of `schedule`; one at a time, calls in between share one. */
function createLoop(options: WriterOptions, queue: Queue, turn: () => Promise<void>) {
  let state: 'idle' | 'scheduled' | 'running' = 'idle';
  let again = false;
  let whenIdle: (() => void) | null = null;
  const arm = (): void => {
    state = 'scheduled';
    let looks = 0;
    let seen = GATHER_FROM_ROWS - 1;
    const look = (): void => {
      const rows = queue.rows.length;
      if (rows <= seen || rows >= INTAKE_ROWS_MAX || looks >= GATHER_LOOKS_MAX) return void flush();
      seen = rows;
      looks += 1;
      options.clock.soon(look);
    };
    options.clock.soon(look);
  };
  const flush = async (): Promise<void> => {
    state = 'running';
    again = false;
    await turn();
    state = 'idle';
    if (again) arm();
    else whenIdle?.();
  };
  return {
    schedule: (): void => {
      // While a turn runs, its end arms the next one.
      if (state === 'running') again = true;
      else if (state === 'idle') arm();
    },
    isIdle: () => state === 'idle',
    stop: (idle: () => void): void => {
      whenIdle = idle;
    },
    isStopped: () => whenIdle !== null,
  };
}

/** Builds the writer; it opens no transaction before there is something to write. */
export function createWriter(options: WriterOptions): Writer {
  const limits = options.limits ?? LIMITS;
  const queue: Queue = { rows: [], works: [], stages: [], bytes: 0 };
  const leftOver = (rows: readonly InboxRow[]): void => {
    if (rows.length > 0) for (const stage of queue.stages) stage.offer?.(rows);
  };
  const putOff = (works: readonly WorkPart[]): void => void queue.works.unshift(...works);
  const loop = createLoop(options, queue, async () => {
    options.metrics.intakeQueue.set(queue.rows.length);
    const parts = takeParts(queue);
    if (parts.length > 0) await runTurn({ ...options, leftOver, putOff }, parts);
    options.metrics.intakeQueue.set(queue.rows.length);
    if (queue.rows.length + queue.works.length > 0) loop.schedule();
  });
  const whyRefused = (row: InboxRow): Error | null => {
    if (loop.isStopped())
      return new StoreUnavailable('the server is stopping', 'send it again in a few seconds');
    const isFull =
      queue.rows.length >= limits.rows || queue.bytes + row.body.byteLength > limits.bytes;
    return isFull ? new Overloaded(`${queue.rows.length} deliveries wait to be stored`) : null;
  };
  return {
    intake: (row) => {
      const refused = whyRefused(row);
      if (refused !== null) return Promise.reject(refused);
      const { promise, resolve, reject } = Promise.withResolvers<InboxPut>();
      queue.bytes += row.body.byteLength;
      queue.rows.push({ kind: 'intake', row, resolve, reject });
      loop.schedule();
      return promise;
    },
    write: <T>(work: (turn: Turn) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        // The part keeps the value of its own work only, so the type survives the queue.
        queue.works.push({ kind: 'work', work, resolve: (value) => resolve(value as T), reject });
        loop.schedule();
      }),
    runSoon: loop.schedule,
    addStage: (stage) => void queue.stages.push(stage),
    queued: () => ({
      rows: queue.rows.length,
      works: queue.works.length,
      running: !loop.isIdle(),
    }),
    isStopped: loop.isStopped,
    stop: () =>
      new Promise((resolve) => {
        loop.stop(resolve);
        loop.schedule();
      }),
  };
}
