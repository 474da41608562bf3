/** Counts failed tries of the last minute by name, in bounded memory and without ever looking through all names. */

export interface Throttle {
  /** Ms until the next try of the name is free; 0: now. */
  waitMs(name: string): number;
  /** One more try has failed. True: from now on the name has to wait. */
  failed(name: string): boolean;
}

/** Tries within a minute. */
export const TRIES_MAX = 10;
const TRIES_WITHIN_MS = 60_000;
const NAMES_MAX = 10_000;

export function createThrottle(now: () => number): Throttle {
  /** In the order of their last failure, so that the first one is the one to forget. */
  const tries = new Map<string, readonly number[]>();
  const recent = (name: string): readonly number[] =>
    (tries.get(name) ?? []).filter((at) => at > now() - TRIES_WITHIN_MS);
  return {
    waitMs: (name) => {
      const first = recent(name).at(-TRIES_MAX);
      return first === undefined ? 0 : first + TRIES_WITHIN_MS - now();
    },
    failed: (name) => {
      const failed = [...recent(name), now()].slice(-TRIES_MAX);
      tries.delete(name);
      tries.set(name, failed);
      const oldest = tries.keys().next().value;
      if (tries.size > NAMES_MAX && oldest !== undefined) tries.delete(oldest);
      return failed.length >= TRIES_MAX;
    },
  };
}
