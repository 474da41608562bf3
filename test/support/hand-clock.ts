/** A clock that is moved by hand, for what runs on real sockets and must not wait. */
import type { Clock } from '../../src/engine/clock.ts';

export interface HandClock extends Clock {
  /** Moves time and runs what came due. */
  move(ms: number): void;
}

/** Begins at 0. */
export function handClock(): HandClock {
  let now = 0;
  let armed: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    aheadMs: () => 0,
    notBefore: () => undefined,
    monotonic: () => now,
    after: (delayMs, run) => {
      const timer = { at: now + delayMs, run };
      armed.push(timer);
      return { cancel: () => void (armed = armed.filter((one) => one !== timer)) };
    },
    soon: (run) => void setImmediate(run),
    id: () => 'id',
    move: (ms) => {
      now += ms;
      const due = armed.filter(({ at }) => at <= now);
      armed = armed.filter(({ at }) => at > now);
      for (const { run } of due) run();
    },
  };
}
