/** What rings on at its pager after it was answered here, and when that is left alone. */
import { expect, test } from 'vitest';
import type { PageFound } from '../../contract/order.ts';
import { createStillThere } from './still-there.ts';

const TOLD_AT = Date.UTC(2026, 5, 9, 8, 5);
const SECOND = 1_000;

/** What is said of a page that was answered here, found half a minute later ringing since then, by its pager's clock. */
function newsOf(saidAt: number | null): string | null {
  const rows = [{ key: 'k1', state: 'acknowledged', toldAt: TOLD_AT }] as const;
  const found: PageFound = {
    found: true,
    externalRef: 'Q1',
    status: 'triggered',
    by: null,
    saidAt,
  };
  return createStillThere().newsOf(rows, found, {
    now: TOLD_AT + 30 * SECOND,
    mayComeLate: false,
  });
}

test('what rings as it did before it was answered is told again', () => {
  expect(newsOf(null)).toBe('rings on');
  expect(newsOf(TOLD_AT - 60 * SECOND)).toBe('rings on');
});

test('what somebody makes ring after that is left alone, also where the clock of the pager is behind ours', () => {
  expect(newsOf(TOLD_AT + 10 * SECOND)).toBeNull();
  expect(newsOf(TOLD_AT - 20 * SECOND)).toBeNull();
});
