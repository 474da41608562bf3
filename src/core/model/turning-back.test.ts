/** What is counted from where once time was turned back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { turnBack, turnedInstant } from './turning-back.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-05-05T12:00:00Z');
const turned = { after: NOON, byMs: 3 * HOUR };

test('what was noted or promised in the time that is yet to come counts from that much earlier', () => {
  const state = {
    sentAt: NOON + HOUR,
    promised: [{ until: NOON + 4 * HOUR }, null],
    opened: NOON - HOUR,
  };
  expect(turnBack(state, turned)).toEqual({
    sentAt: NOON - 2 * HOUR,
    promised: [{ until: NOON + HOUR }, null],
    opened: NOON - HOUR,
  });
});

test('lengths of time, counts, texts, and what is never to come stay as they are', () => {
  const state = {
    waitMs: 30 * 24 * HOUR,
    version: 7,
    title: String(NOON + HOUR),
    isOpen: true,
    none: null,
    never: Number.MAX_SAFE_INTEGER,
    endless: Infinity,
  };
  expect(turnBack(state, turned)).toEqual(state);
});

test('of two moments in the time before, the later one stays the later', () => {
  const instant = fc.integer({ min: NOON + 1, max: NOON + 48 * HOUR });
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      expect(turnedInstant(a, turned) - turnedInstant(b, turned)).toBe(a - b);
    }),
  );
});
