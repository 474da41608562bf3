/**
 * When heartbeats are sent: at most so often, and only while the main thread says each second that it turns and how old the
 * last canary is. It is decided in the thread that sends them, by that thread's own clock.
 *
 * What was said before this thread itself stood still (the process was suspended) is worth nothing: it may have lain
 * in the queue for hours, and would be heard as if it had been said now. So whoever comes late to its own look forgets it, and
 * is deaf for the second in which the queue is emptied: the next word comes a second later.
 */
import type { Clock, Timer } from '../clock.ts';

/** What the main thread says each second. */
export interface Turned {
  /** How long ago the last canary was sent that came all the way; null: none has yet. */
  readonly canaryAgeMs: number | null;
}

export interface BeatsOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly everyMs: number;
  readonly send: () => void;
}

export interface Beats {
  start(): void;
  heard(turned: Turned): void;
  stop(): void;
}

/** The main thread has not turned for so long: it stands still. */
const STILL_MS = 10_000;
/** A canary of which nothing came for so long: alerts do not come through either. */
const CANARY_MS = 30_000;
const LOOK_MS = 1_000;
/** A look that comes later than this was made by a thread that stood still itself. */
const LATE_MS = 3_000;

/** Builds it; nothing is sent before the first canary. */
export function createBeats({ clock, everyMs, send }: BeatsOptions): Beats {
  let said: (Turned & { readonly at: number }) | null = null;
  let lookedAt = clock.monotonic();
  let believesFrom = Number.NEGATIVE_INFINITY;
  let sentAt = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;
  /** False: it stood still since it looked last, or did so a moment ago. */
  const isAwake = (now: number): boolean => {
    if (now - lookedAt > LATE_MS) {
      said = null;
      believesFrom = now + LOOK_MS;
    }
    lookedAt = now;
    return now >= believesFrom;
  };
  const mayBeat = (now: number): boolean => {
    if (said === null || said.canaryAgeMs === null) return false;
    const silentMs = now - said.at;
    return silentMs < STILL_MS && said.canaryAgeMs + silentMs < CANARY_MS;
  };
  const look = (): void => {
    timer = clock.after(LOOK_MS, look);
    const now = clock.monotonic();
    if (!isAwake(now) || !mayBeat(now) || now - sentAt < everyMs) return;
    sentAt = now;
    send();
  };
  return {
    start: look,
    heard: (turned) => {
      const now = clock.monotonic();
      if (isAwake(now)) said = { ...turned, at: now };
    },
    stop: () => timer?.cancel(),
  };
}
