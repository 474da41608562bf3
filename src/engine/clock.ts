/**
 * The only place that knows the time, waits, or invents ids. Everything else is handed a `Clock`, which is what makes
 * the stepped clock and the simulator possible.
 */
import { randomBytes } from 'node:crypto';
import { sortableId } from '../lib/sortable-id.ts';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Epoch milliseconds, wall clock. */
  now(): number;
  /** Milliseconds that never jump, for durations and send deadlines. */
  monotonic(): number;
  /** Runs the callback once after the delay (at most 60 s are armed at a time; longer waits are split). */
  after(delayMs: number, run: () => void): Timer;
  /** Runs the callback in the next event-loop turn. */
  soon(run: () => void): void;
  /** A new id: 10 characters of time and 16 random ones (Crockford base32), sortable by creation. */
  id(): string;
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
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after,
    soon: (run) => void setImmediate(run),
    id: () => sortableId(Date.now(), nextRandom()),
  };
}
