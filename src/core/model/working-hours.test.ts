/** Working hours: mon-fri 09:00-18:00 on the clocks of the time zone. */
import { expect, test } from 'vitest';
import { instantOf, isoOf } from '../../contract/instant.ts';
import { inWorkingHours } from './working-hours.ts';

function at(iso: string, timezone = 'UTC'): string {
  return isoOf(inWorkingHours(instantOf(iso) ?? 0, timezone));
}

test('what falls into working hours stays where it is', () => {
  expect(at('2026-06-09T09:00:00Z')).toBe('2026-06-09T09:00:00Z');
  expect(at('2026-06-09T17:59:59Z')).toBe('2026-06-09T17:59:59Z');
});

test('what falls behind their end comes at nine on the next working day', () => {
  expect(at('2026-06-09T18:00:00Z')).toBe('2026-06-10T09:00:00Z');
  expect(at('2026-06-09T04:00:00Z')).toBe('2026-06-09T09:00:00Z');
});

test('a week-end is passed over', () => {
  expect(at('2026-06-12T18:00:00Z')).toBe('2026-06-15T09:00:00Z');
  expect(at('2026-06-13T12:00:00Z')).toBe('2026-06-15T09:00:00Z');
  expect(at('2026-06-14T23:59:59Z')).toBe('2026-06-15T09:00:00Z');
});

test('the clocks are those of the time zone, also on the day after they were changed', () => {
  expect(at('2026-06-09T07:00:00Z', 'Europe/Berlin')).toBe('2026-06-09T07:00:00Z');
  expect(at('2026-06-09T16:00:00Z', 'Europe/Berlin')).toBe('2026-06-10T07:00:00Z');
  // Summer time begins on Sunday 29 March.
  expect(at('2026-03-27T17:00:00Z', 'Europe/Berlin')).toBe('2026-03-30T07:00:00Z');
  expect(at('2026-06-12T09:00:00Z', 'Asia/Tokyo')).toBe('2026-06-15T00:00:00Z');
});
