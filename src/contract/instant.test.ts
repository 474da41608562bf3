import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { instantOf } from './instant.ts';

describe('an instant', () => {
  test('is read by arithmetic as Temporal reads it, in every month of every kind of year', () => {
    for (const year of [
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
    ])
      for (let month = 1; month <= 12; month += 1)
        for (const day of ['01', '15', '28', '29', '30', '31']) {
          const date = `${year}-${String(month).padStart(2, '0')}-${day}`;
          for (const time of ['T00:00:00Z', 'T23:59:59.999Z', 'T09:05:07.123456789Z']) {
            const text = date + time;
            let expected: number | null = null;
            try {
              expected = Temporal.Instant.from(text).epochMilliseconds;
            } catch {
              // No such day.
            }
            expect(instantOf(text), text).toBe(expected);
          }
        }
  });

  test.each([
    ['2026-03-02T09:14:05+02:00', Temporal.Instant.from('2026-03-02T07:14:05Z').epochMilliseconds],
    ['2026-03-02T09:14:05.5Z', Temporal.Instant.from('2026-03-02T09:14:05.5Z').epochMilliseconds],
    ['2026-03-02T24:00:00Z', null],
    ['2026-13-02T09:14:05Z', null],
    ['2026-03-02T09:14:05', null],
    ['0001-01-01T00:00:00Z', null],
    ['yesterday', null],
  ])('in another spelling, or none: %s', (text, expected) => {
    expect(instantOf(text)).toBe(expected);
  });
});
