/** Working hours: when people may be missed for what can wait, mon-fri 09:00-18:00 in the time zone of the file. */
import { Temporal } from 'temporal-polyfill';
import type { Instant } from './alert.ts';
import type { Interval } from './lookups.ts';

const BEGIN = Temporal.PlainTime.from('09:00');
const END = Temporal.PlainTime.from('18:00');
const FRIDAY = 5;

/** The working hours found last, by time zone: calendar arithmetic is slow, and most questions are about the same day. */
const found = new Map<string, Interval>();

function hoursOf(day: Temporal.PlainDate, timezone: string): Interval {
  const at = (plainTime: Temporal.PlainTime): Instant =>
    day.toZonedDateTime({ timeZone: timezone, plainTime }).epochMilliseconds;
  return { from: at(BEGIN), until: at(END) };
}

/** The working hours that hold at the instant, or the next ones. */
function nextHours(at: Instant, timezone: string): Interval {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);
  for (let day = zoned.toPlainDate(); ; day = day.add({ days: 1 })) {
    const hours = hoursOf(day, timezone);
    if (day.dayOfWeek <= FRIDAY && at < hours.until) return hours;
  }
}

/** The instant itself within working hours, else the beginning of the next ones. */
export function inWorkingHours(at: Instant, timezone: string): Instant {
  const last = found.get(timezone);
  if (last !== undefined && at >= last.from && at < last.until) return at;
  const hours = nextHours(at, timezone);
  found.set(timezone, hours);
  return Math.max(at, hours.from);
}
