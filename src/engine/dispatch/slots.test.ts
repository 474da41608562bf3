/** How much of a pager's time the questions about its pages may take. */
import { describe, expect, test } from 'vitest';
import { createSlots } from './slots.ts';

/** How many questions go out between the two seconds when thousands are due and each is answered at once. */
function askedBetween(from: number, until: number): number {
  const slots = createSlots();
  let asked = 0;
  for (let now = from * 1_000; now < until * 1_000; now += 100)
    for (;;) {
      const { slots: free, except } = slots.free('housekeeping', ['pd'], now);
      if (free === 0 || except.includes('pd')) break;
      slots.take('housekeeping', 'pd', now);
      slots.release('housekeeping', 'pd');
      asked += 1;
    }
  return asked;
}

describe('however many pages are read back', () => {
  test('a pager is asked 240 times a minute, and the rest of its 960 requests is left for pages', () => {
    expect(askedBetween(0, 60)).toBe(240);
  });

  test('it is asked no more than twenty times at once', () => {
    expect(askedBetween(0, 5)).toBe(20);
  });
});
