import { expect, test } from 'vitest';
import { numberBehindLoss } from './incarnation.ts';

test.each([
  [0, 0, 1_000],
  [2, 3, 2_000],
  // At least a thousand behind the last one that is known of: the marker may not tell of the last minute.
  [2, 1_000, 2_000],
  [2, 1_001, 3_000],
  [5_000, 3, 6_000],
  [3, null, 20_000],
  [0, null, 10_000],
])('left is inc-%i, there was inc-%s: incidents go on behind inc-%i', (last, had, behind) => {
  expect(numberBehindLoss(last, had)).toBe(behind);
});
