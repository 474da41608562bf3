/** Reading vendors' times without the ambient clock. */
import { Temporal } from 'temporal-polyfill';

/**
 * Epoch milliseconds of an ISO 8601 instant (any offset, any fraction of a second), or null when the text is none.
 * Alertmanager's zero time `0001-01-01T00:00:00Z` means "not set" and is null too.
 */
export function instantOf(text: unknown): number | null {
  if (typeof text !== 'string' || text.startsWith('0001-01-01')) return null;
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

/** ISO 8601 text of an instant, UTC, to the second: `2026-03-02T09:14:05Z`. @param at epoch milliseconds */
export function isoOf(at: number): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toString({ smallestUnit: 'second' });
}
