/**
 * The only place that knows the time, waits, or invents ids. Everything else is handed a `Clock`, which is what makes
 * the stepped clock and the simulator possible.
 */
import { randomBytes } from 'node:crypto';

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

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Sortable id of an instant and 10 random bytes (the layout of ULID, lower case). */
export function sortableId(now: number, random: Uint8Array): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i += 1) {
    time = `${ALPHABET.charAt(rest % 32)}${time}`;
    rest = Math.floor(rest / 32);
  }
  let bits = 0n;
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let tail = '';
  for (let i = 0; i < 16; i += 1) {
    tail = `${ALPHABET.charAt(Number(bits & 31n))}${tail}`;
    bits >>= 5n;
  }
  return time + tail;
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
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after,
    soon: (run) => void setImmediate(run),
    id: () => sortableId(Date.now(), randomBytes(10)),
  };
}
