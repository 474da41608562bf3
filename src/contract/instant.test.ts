import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { instantOf } from './instant.ts';

function byTemporal(text: string): number | null {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return null;
  }
}

const YEARS = [
  '0000',
  '0004',
  '1600',
  '1899',
  '1900',
  '1969',
  '1970',
  '2000',
  '2026',
  '2100',
  '9999',
];
const MONTHS = Array.from({ length: 13 }, (_, month) => String(month).padStart(2, '0'));
const DAYS = ['00', '01', '15', '28', '29', '30', '31'];
const TIMES = ['T00:00:00Z', 'T23:59:59.999Z', 'T09:05:07.123456789Z', 'T24:00:00Z'];

describe('an instant', () => {
  test('is read as Temporal reads it, in every month of every kind of year', () => {
    const dates = YEARS.flatMap((year) =>
      MONTHS.flatMap((month) => DAYS.map((day) => `${year}-${month}-${day}`)),
    );
    for (const text of dates.flatMap((date) => TIMES.map((time) => date + time)))
      expect(instantOf(text), text).toBe(byTemporal(text));
  });

  test.each([
    '2026-03-02T09:14:05+02:00',
    '2026-03-02T09:14:05.5Z',
    '2026-03-02T09:14:60Z',
    '2026-03-02T09:14:05',
    '2026-03-02',
    'yesterday',
  ])('in another spelling, or none, is read as Temporal reads it too: %s', (text) => {
    expect(instantOf(text)).toBe(byTemporal(text));
  });

  test('that is the zero time of Go means "not set"', () => {
    expect(instantOf('0001-01-01T00:00:00Z')).toBeNull();
  });
});
