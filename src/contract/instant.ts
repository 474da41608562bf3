/** Reading vendors' times without the ambient clock. */
import { Temporal } from 'temporal-polyfill';

const DAY_MS = 86_400_000;

/** Days from 1970-01-01 to a date of the Gregorian calendar; years are counted from March, so leap days come last. */
function daysTo(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468
  );
}

/** Days up to the 28th only: the length of a month is left to Temporal. */
const PLAIN_UTC =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3,9})?Z$/;

/** The spelling of nearly every sender by arithmetic, many times faster than the general reading; null: another one. */
function plainInstantOf(text: string): number | null {
  if (!PLAIN_UTC.test(text)) return null;
  const part = (from: number, to: number): number => Number(text.slice(from, to));
  const seconds = (part(11, 13) * 60 + part(14, 16)) * 60 + part(17, 19);
  const milli = text.length > 20 ? part(20, 23) : 0;
  return daysTo(part(0, 4), part(5, 7), part(8, 10)) * DAY_MS + seconds * 1000 + milli;
}

/**
 * Epoch milliseconds of an ISO 8601 instant (any offset, any fraction of a second), or null when the text is none.
 * Alertmanager's zero time `0001-01-01T00:00:00Z` means "not set" and is null too.
 */
export function instantOf(text: unknown): number | null {
  if (typeof text !== 'string' || text.startsWith('0001-01-01')) return null;
  const plain = plainInstantOf(text);
  if (plain !== null) return plain;
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return null;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Epoch milliseconds of an HTTP date (RFC 9110 IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT"), or null. */
export function httpDateOf(text: string): number | null {
  const parts = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/.exec(text);
  const month = MONTHS.indexOf(parts?.[2] ?? '') + 1;
  if (parts === null || month === 0) return null;
  return instantOf(`${parts[3]}-${String(month).padStart(2, '0')}-${parts[1]}T${parts[4]}Z`);
}

/** For sentences: `2026-03-02 09:14 UTC`. @param at epoch milliseconds */
export function minuteOf(at: number): string {
  return `${isoOf(at).slice(0, 16).replace('T', ' ')} UTC`;
}

/** ISO 8601 text of an instant, UTC, to the second: `2026-03-02T09:14:05Z`. @param at epoch milliseconds */
export function isoOf(at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toString({ smallestUnit: 'second' });
}
