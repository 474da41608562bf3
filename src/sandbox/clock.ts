/**
 * The stepped clock of demo, rehearsal and tests: time stands still until it is told to move, and then jumps from one
 * due moment to the next, each only when nothing is in flight. The one place besides src/engine/clock.ts that waits
 * for the real event loop: it has to let real sockets speak before it may move time.
 */
import type { Clock, Timer } from '../engine/clock.ts';
import { oneAtATime } from '../lib/one-at-a-time.ts';
import { sortableId } from '../lib/sortable-id.ts';

/** What the sandbox needs of any clock. */
export type SandboxClock = Pick<Clock, 'now' | 'after' | 'soon'>;

export interface SteppedClock extends Clock {
  /** Registers a source of work in flight: how many requests, rows or inputs it works on now. Time waits for zero. */
  busy(counter: () => number, label?: string): void;
  /** Moves to the instant (epoch ms), running what comes due on the way. An instant that has passed only settles. */
  advanceTo(instant: number): Promise<void>;
  /** Moves by so many milliseconds. */
  advanceBy(ms: number): Promise<void>;
  /**
   * Jumps from one due moment to the next until the predicate holds; it is asked when all is settled.
   * @param limit epoch ms that is never passed; false: reached, and the predicate does not hold
   */
  runUntil(predicate: () => boolean | Promise<boolean>, limit: number): Promise<boolean>;
  /** Waits until nothing is in flight; time stands still. Throws when that takes longer than `patienceMs` of real time. */
  settle(): Promise<void>;
  /** The next due instant, null when nothing is planned. */
  nextAt(): number | null;
}

export interface SteppedClockOptions {
  /** Epoch ms at which simulated time begins. */
  readonly start: number;
  /** Part of every id; 0 when absent. */
  readonly seed?: number;
  /** Real milliseconds after which work in flight counts as stuck; 30 000 when absent. */
  readonly patienceMs?: number;
}

/** Turns of the event loop without work; one may begin behind the loop's look at the sockets, so two are not enough. */
const QUIET_TURNS = 3;
/** Busy turns before settling naps between its looks, to leave the processor to those it waits for. */
const EAGER_TURNS = 200;
const NAP_MS = 1;
/** Callbacks at one instant after which time is taken to stand still for ever. */
const CALLBACKS_AN_INSTANT_MAX = 10_000;

/** A new stepped clock. Its callbacks at one instant run in the order in which they were planned. */
export function createSteppedClock(options: SteppedClockOptions): SteppedClock {
  const { start, patienceMs = 30_000 } = options;
  const plan = createPlan();
  const turns = turnCounter();
  const settler = createSettler(patienceMs);
  settler.watch('callbacks of the clock', turns.pending);
  const oneByOne = oneAtATime();
  const nextId = idSequence(options.seed ?? 0);
  let now = start;
  let isMoving = false;

  function after(delayMs: number, run: () => void): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('A delay must be a number of milliseconds.');
    const timer = plan.add(Math.ceil(now + Math.max(0, delayMs)), run);
    runDueSoon();
    return timer;
  }

  /** While time moves, `moveTo` runs what is due; otherwise nobody would, and "now" would wait for the next move. */
  function runDueSoon(): void {
    if (!isMoving && (plan.nextAt() ?? Number.POSITIVE_INFINITY) <= now) turns.soon(runDue);
  }

  function runDue(): void {
    for (let due = plan.take(now); due !== null; due = plan.take(now)) due.run();
  }

  async function moveTo(limit: number, isReached: () => Promise<boolean>): Promise<boolean> {
    const guard = stillness();
    while (!(await isReached())) {
      const next = plan.take(limit);
      if (next === null) {
        now = Math.max(now, limit);
        return isReached();
      }
      now = Math.max(now, next.at);
      guard(now);
      next.run();
      await settler.settle();
    }
    return true;
  }

  /** Moves are made one after the other, whoever asks: two at once would let time run over effects in flight. */
  function move(limit: () => number, isReached: () => Promise<boolean>): Promise<boolean> {
    return oneByOne(async () => {
      await settler.settle();
      isMoving = true;
      try {
        return await moveTo(limit(), isReached);
      } finally {
        isMoving = false;
        runDueSoon();
      }
    });
  }

  const never = (): Promise<boolean> => Promise.resolve(false);
  return {
    now: () => now,
    aheadMs: () => 0,
    notBefore: () => undefined,
    monotonic: () => now - start,
    after,
    soon: turns.soon,
    id: () => nextId(now),
    busy: (count, label = 'work') => settler.watch(label, count),
    advanceTo: async (instant) => void (await move(() => instant, never)),
    advanceBy: async (ms) => void (await move(() => now + ms, never)),
    runUntil: (predicate, limit) => move(() => limit, settled(predicate, settler.settle)),
    settle: settler.settle,
    nextAt: plan.nextAt,
  };
}

/** A predicate may ask over HTTP, or act: what it set going ends before time moves on. */
function settled(
  predicate: () => boolean | Promise<boolean>,
  settle: () => Promise<void>,
): () => Promise<boolean> {
  return async () => {
    const answer = predicate();
    if (typeof answer === 'boolean') return answer;
    const holds = await answer;
    await settle();
    return holds;
  };
}

interface Planned {
  readonly at: number;
  readonly run: () => void;
}

interface Plan {
  add(at: number, run: () => void): Timer;
  /** Takes out the first callback that is due by the limit. */
  take(limit: number): Planned | null;
  nextAt(): number | null;
}

/** Callbacks by instant, and within one instant in the order in which they were added. */
function createPlan(): Plan {
  const rows: Planned[] = [];
  return {
    add(at, run) {
      const row = { at, run };
      rows.splice(positionFor(at, rows), 0, row);
      return {
        cancel: () => {
          const place = rows.indexOf(row);
          if (place >= 0) rows.splice(place, 1);
        },
      };
    },
    take: (limit) =>
      (rows[0]?.at ?? Number.POSITIVE_INFINITY) <= limit ? (rows.shift() ?? null) : null,
    nextAt: () => rows[0]?.at ?? null,
  };
}

/** Behind everything planned for the instant or before. */
function positionFor(at: number, rows: readonly Planned[]): number {
  let low = 0;
  for (let high = rows.length; low < high;) {
    const middle = Math.floor((low + high) / 2);
    if ((rows[middle]?.at ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Callbacks handed to the real event loop and not run yet. */
function turnCounter(): { soon: (run: () => void) => void; pending: () => number } {
  let pending = 0;
  const soon = (run: () => void): void => {
    pending += 1;
    setImmediate(() => {
      pending -= 1;
      run();
    });
  };
  return { soon, pending: () => pending };
}

interface Counter {
  readonly label: string;
  readonly count: () => number;
}

interface Settler {
  watch(label: string, count: () => number): void;
  settle(): Promise<void>;
}

function createSettler(patienceMs: number): Settler {
  const counters: Counter[] = [];
  async function settle(): Promise<void> {
    const began = performance.now();
    let quiet = 0;
    for (let turn = 0; quiet < QUIET_TURNS; turn += 1) {
      await (quiet === 0 && turn > EAGER_TURNS ? nap() : nextTurn());
      quiet = counters.every(({ count }) => count() <= 0) ? quiet + 1 : 0;
      if (quiet === 0 && performance.now() - began > patienceMs)
        throw new Error(stuckMessage(counters, patienceMs));
    }
  }
  return { watch: (label, count) => void counters.push({ label, count }), settle };
}

const nextTurn = (): Promise<void> => new Promise((done) => void setImmediate(done));
const nap = (): Promise<void> => new Promise((done) => void setTimeout(done, NAP_MS));

function stuckMessage(counters: readonly Counter[], patienceMs: number): string {
  const open = counters
    .filter(({ count }) => count() > 0)
    .map(({ label, count }) => `${label} (${count()})`);
  return (
    `The stepped clock cannot move: after ${patienceMs} ms there is still work in flight: ${open.join(', ')}. ` +
    'Something never ended, or it waits for the clock and must not be counted.'
  );
}

/** Refuses a loop of callbacks that plan each other for the same instant: time would never move again. */
function stillness(): (now: number) => void {
  let instant = Number.NaN;
  let callbacks = 0;
  return (now) => {
    callbacks = now === instant ? callbacks + 1 : 0;
    instant = now;
    if (callbacks > CALLBACKS_AN_INSTANT_MAX)
      throw new Error(
        `The stepped clock stands still: more than ${CALLBACKS_AN_INSTANT_MAX} callbacks at ${now}.`,
      );
  };
}

/** Ids from a counter: the seed in the first 4 bytes, the running number in the last 6, so that they sort by creation. */
function idSequence(seed: number): (now: number) => string {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, seed);
  let made = 0;
  return (now) => {
    made += 1;
    view.setUint16(4, Math.floor(made / 2 ** 32));
    view.setUint32(6, made);
    return sortableId(now, bytes);
  };
}
