/**
 * Time is turned back: it was ahead of the clock of the machine, and a person has accepted that clock. What was noted in the
 * time that there is no more would keep everything waiting that counts from it, for as long.
 */
import type { Instant } from './alert.ts';

export interface TurnedBack {
  /** The time that it is now. */
  readonly after: Instant;
  /** By how much it went back. */
  readonly byMs: number;
}

/** No length of time and no count comes near it: 2001. */
const INSTANTS_FROM: Instant = 1_000_000_000_000;

/** The instant as it is counted from now on: one that is yet to come was noted, or promised, in the time before. */
export function turnedInstant(instant: Instant, { after, byMs }: TurnedBack): Instant {
  return instant > Math.max(after, INSTANTS_FROM) && Number.isSafeInteger(instant + 1)
    ? instant - byMs
    : instant;
}

/** A value of plain data with all the instants in it turned back. Every number of that size is an instant. */
export function turnBack<T>(value: T, turned: TurnedBack): T {
  const turn = (one: unknown): unknown => {
    if (typeof one === 'number') return turnedInstant(one, turned);
    if (Array.isArray(one)) return one.map(turn);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, part]) => [key, turn(part)]));
  };
  return turn(value) as T;
}
