/** What answers say of a target, on a clock that is moved by hand. */
import { expect, test } from 'vitest';
import { handClock } from '../../../test/support/hand-clock.ts';
import type { Outcome } from '../../contract/outcome.ts';
import { createUntaken } from './untaken.ts';

const MINUTE = 60_000;
const refused: Outcome = { verb: 'reject', reason: 'forbidden', detail: 'no', hint: '' };
const busy: Outcome = {
  verb: 'retry',
  reason: 'rate_limited',
  detail: 'HTTP 429',
  ambiguous: false,
  afterMs: 10 * MINUTE,
};

/** What is told, and when, of a target that answers so, once. */
function toldOf(answer: Outcome): readonly string[] {
  const clock = handClock();
  const begin = clock.now();
  const untaken = createUntaken(clock);
  untaken.note('pd', answer);
  return Array.from({ length: 25 * 60 }, () => {
    clock.move(1_000);
    return untaken.news().map(({ now }) => `${(clock.now() - begin) / MINUTE} ${now}`);
  }).flat();
}

test('a refusal after which nothing is tried is no dead target', () => {
  expect(toldOf(refused)).toEqual([]);
});

test('what asks to be left alone for as long as it may is waited for, and told of meanwhile', () => {
  expect(toldOf(busy)).toEqual(['10 untaken', '14 idle']);
});
