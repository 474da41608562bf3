/**
 * The only place that knows the time, waits, or invents ids. Everything else is handed a `Clock`, which is what makes
 * the stepped clock and the simulator possible. It is also the only place that knows of a wall clock that is set back:
 * what everybody else is told never is.
 */
import { randomBytes } from 'node:crypto';
import { sortableId } from '../lib/sortable-id.ts';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Epoch milliseconds: the wall clock's, and never less than before. */
  now(): number;
  /**
   * Milliseconds by which `now` is ahead of the wall clock, which was set back; 0: it is not. It goes on as monotonic time
   * does until the wall clock has caught up, or a person has accepted the wall clock's time.
   */
  aheadMs(): number;
  /** `now` is no less than that instant from here on: the newest one that anything stored tells of. */
  notBefore(instant: number): void;
  /** Milliseconds that never jump, for durations and send deadlines. */
  monotonic(): number;
  /** Runs the callback once after the delay (at most 60 s are armed at a time; longer waits are split). */
  after(delayMs: number, run: () => void): Timer;
  /** Runs the callback in the next event-loop turn. */
  soon(run: () => void): void;
  /** A new id: 10 characters of time and 16 random ones (Crockford base32), sortable by creation. */
  id(): string;
}

/**
 * Smaller steps back are none: time stands still until the wall clock has caught up. Time servers make such, and so do
 * clocks that drift apart; nothing that is owed is late by as much.
 */
const STEP_MS = 5_000;

/**
 * Time that never goes back, of two clocks that may. It follows the wall clock forward at once; set back, it goes on with
 * the monotonic one.
 */
export function holdForward(
  source: Pick<Clock, 'now' | 'monotonic'>,
): Pick<Clock, 'now' | 'aheadMs' | 'notBefore'> {
  /** With fractions: asked a thousand times a second, time would stand still without. */
  let told = Number.NEGATIVE_INFINITY;
  let toldAt = source.monotonic();
  const now = (): number => {
    const wall = source.now();
    const monotonic = source.monotonic();
    const goesOn = told + (monotonic - toldAt);
    told = goesOn - wall > STEP_MS ? goesOn : Math.max(told, wall);
    toldAt = monotonic;
    return Math.floor(told);
  };
  return {
    now,
    aheadMs: () => {
      const ahead = now() - source.now();
      return ahead > STEP_MS ? ahead : 0;
    },
    notBefore: (instant) => {
      told = Math.max(now(), instant);
    },
  };
}

const ID_BYTES = 10;
/** Asking for randomness costs more than making the id of it, so it is asked for this many ids at once. */
const IDS_AHEAD = 256;

function randomIds(): () => Uint8Array {
  let pool: Uint8Array = new Uint8Array();
  let used = 0;
  return () => {
    if (used >= pool.length) {
      pool = randomBytes(ID_BYTES * IDS_AHEAD);
      used = 0;
    }
    used += ID_BYTES;
    return pool.subarray(used - ID_BYTES, used);
  };
}

/** A timer above 2^31-1 ms fires at once in Node and timers do not advance in a suspended machine: never arm more. */
const ARM_MAX_MS = 60_000;

/** The machine's clocks and timers. */
export function systemClock(): Clock {
  const after = (delayMs: number, run: () => void): Timer => {
    let remaining = Math.max(0, delayMs);
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const part = Math.min(remaining, ARM_MAX_MS);
      remaining -= part;
      handle = setTimeout(() => (remaining > 0 ? arm() : run()), part);
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  };
  const nextRandom = randomIds();
  const monotonic = (): number => performance.now();
  const time = holdForward({ now: () => Date.now(), monotonic });
  return {
    ...time,
    monotonic,
    after,
    soon: (run) => void setImmediate(run),
    id: () => sortableId(time.now(), nextRandom()),
  };
}
