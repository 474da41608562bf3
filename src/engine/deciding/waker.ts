/**
 * Brings the writer back when something falls due: exactly when the instant is known, and at least every second as the
 * safety net. Also where jumps of the wall clock are noticed, for nothing else compares the two clocks.
 */
import type { Log } from '../../contract/adapter.ts';
import type { Clock, Timer } from '../clock.ts';

export interface WakerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The safety net, at most this far apart. */
  readonly pollMs: number;
  /** The earliest instant after that one at which something falls due; null: nothing does. */
  readonly nextDueAt: (after: number) => Promise<number | null>;
  /** Does what is due; resolves when that is committed. */
  readonly onWake: () => Promise<void>;
  readonly onJump: (jumpMs: number) => void;
}

export interface Waker {
  start(): void;
  noteDue(at: number): void;
  stop(): void;
}

/** NTP steps, suspended machines: above this leases and due times must be looked at again. */
const JUMP_MS = 2_000;

/** Builds the waker; it arms nothing before `start`. */
export function createWaker(options: WakerOptions): Waker {
  const { clock, log, pollMs } = options;
  let timer: Timer | null = null;
  let armedFor = Number.POSITIVE_INFINITY;
  /** What was noted while a wake was under way. */
  let noted = Number.POSITIVE_INFINITY;
  let state: 'new' | 'waiting' | 'waking' | 'stopped' = 'new';
  let wall = 0;
  let monotonic = 0;

  const lookAtClocks = (): void => {
    const jump = clock.now() - wall - (clock.monotonic() - monotonic);
    wall = clock.now();
    monotonic = clock.monotonic();
    if (Math.abs(jump) > JUMP_MS) options.onJump(Math.round(jump));
  };
  const arm = (at: number): void => {
    timer?.cancel();
    armedFor = at;
    // Never longer than the safety net: the wall clock may have jumped back since the instant was named.
    const delayMs = Math.min(Math.max(0, at - clock.now()), pollMs);
    timer = clock.after(delayMs, () => void wake());
  };
  const wake = async (): Promise<void> => {
    if (state !== 'waiting') return;
    state = 'waking';
    noted = Number.POSITIVE_INFINITY;
    lookAtClocks();
    let next = Number.POSITIVE_INFINITY;
    try {
      await options.onWake();
      next = (await options.nextDueAt(clock.now())) ?? next;
    } catch (error) {
      log.error({ error }, 'waking failed; it is tried again');
    }
    if (stoppedMeanwhile()) return;
    state = 'waiting';
    const now = clock.now();
    // What is due and still there is blocked (a full lane, a target that asked for rest): the end of that is noted.
    arm(Math.min(Math.max(Math.min(next, noted), now), now + pollMs));
  };
  const stoppedMeanwhile = (): boolean => state === 'stopped';
  return {
    start: () => {
      wall = clock.now();
      monotonic = clock.monotonic();
      state = 'waiting';
      arm(clock.now());
    },
    noteDue: (at) => {
      if (state === 'waking') noted = Math.min(noted, at);
      else if (state === 'waiting' && at < armedFor) arm(at);
    },
    stop: () => {
      state = 'stopped';
      timer?.cancel();
    },
  };
}
