/** A clock that remembers what was planned through it, so that all of it can be called off. */
import type { Timer } from '../engine/clock.ts';
import type { SandboxClock } from './clock.ts';

export interface OwnTimers extends SandboxClock {
  cancelAll(): void;
}

export function timersOf(clock: SandboxClock): OwnTimers {
  const planned = new Set<Timer>();
  return {
    now: () => clock.now(),
    soon: (run) => clock.soon(run),
    after(delayMs, run) {
      const timer = clock.after(delayMs, () => {
        planned.delete(timer);
        run();
      });
      planned.add(timer);
      return {
        cancel() {
          planned.delete(timer);
          timer.cancel();
        },
      };
    },
    cancelAll() {
      for (const timer of planned) timer.cancel();
      planned.clear();
    },
  };
}
