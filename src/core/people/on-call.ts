/** Rotations: who is on call at an instant, by wall-clock hand-offs in the rotation's time zone. */
import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../model/alert.ts';
import type { Rotation } from '../model/policy.ts';

function firstHandOffDay(rotation: Rotation): Temporal.PlainDate {
  const starts = Temporal.PlainDate.from(rotation.starts);
  const { weekday } = rotation.handoff;
  if (weekday === null) return starts;
  return starts.add({ days: (weekday - starts.dayOfWeek + 7) % 7 });
}

function handOff(rotation: Rotation, first: Temporal.PlainDate, shift: number): Instant {
  const days = rotation.every.count * (rotation.every.unit === 'week' ? 7 : 1) * shift;
  return first.add({ days }).toZonedDateTime({
    timeZone: rotation.timezone,
    plainTime: Temporal.PlainTime.from(rotation.handoff.at),
  }).epochMilliseconds;
}

/** When the first shift of the rotation begins. Until then nobody is on call by it. */
export function firstHandOff(rotation: Rotation): Instant {
  return handOff(rotation, firstHandOffDay(rotation), 0);
}

export interface Shift {
  readonly person: string;
  readonly from: Instant;
  readonly to: Instant;
}

/** The shift found last: calendar arithmetic is slow, and most questions are about the same week. */
const found = new WeakMap<Rotation, Shift>();

/**
 * The shift at the instant, or null before the rotation starts.
 * A hand-off at a wall-clock time that a daylight-saving change skips happens when the clock has passed it, one that
 * happens twice happens the first time; so a shift never flips back.
 */
export function shiftAt(rotation: Rotation, at: Instant): Shift | null {
  const last = found.get(rotation);
  if (last !== undefined && at >= last.from && at < last.to) return last;
  const shift = findShift(rotation, at);
  if (shift !== null) found.set(rotation, shift);
  return shift;
}

function findShift(rotation: Rotation, at: Instant): Shift | null {
  const first = firstHandOffDay(rotation);
  const start = handOff(rotation, first, 0);
  if (at < start || rotation.people.length === 0) return null;
  const length = rotation.every.count * (rotation.every.unit === 'week' ? 7 : 1) * 86_400_000;
  let shift = Math.floor((at - start) / length);
  while (handOff(rotation, first, shift + 1) <= at) shift += 1;
  while (shift > 0 && handOff(rotation, first, shift) > at) shift -= 1;
  const person = rotation.people[shift % rotation.people.length];
  if (person === undefined) return null;
  return { person, from: handOff(rotation, first, shift), to: handOff(rotation, first, shift + 1) };
}
