/** What an answer of a vendor means to a page or a post: again, never again, or in doubt. */
import { describe, expect, test } from 'vitest';
import { answered, failed, TEST_NOW } from '../../test/support/io.ts';
import { failure, retryAfter } from './outcome.ts';

describe('an answer that is no success', () => {
  test.each([
    [400, 'invalid_request'],
    [401, 'unauthorized'],
    [402, 'unsupported'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [410, 'not_found'],
    [413, 'too_large'],
    [302, 'redirected'],
    [307, 'redirected'],
  ])('%i is refused for good as %s, with what to do', (status, reason) => {
    expect(failure(answered(status), TEST_NOW)).toMatchObject({
      verb: 'reject',
      reason,
      hint: expect.stringMatching(/./) as string,
    });
  });

  test.each([
    [408, 'timeout', true],
    [420, 'rate_limited', false],
    [425, 'server_error', false],
    [429, 'rate_limited', false],
    [500, 'server_error', true],
    [502, 'server_error', true],
    [503, 'server_error', true],
    [504, 'server_error', true],
  ])('%i is tried again as %s; the work may be done: %s', (status, reason, ambiguous) => {
    expect(failure(answered(status), TEST_NOW)).toMatchObject({
      verb: 'retry',
      reason,
      ambiguous,
    });
  });

  test('none at all is in doubt when the request had left, and only then', () => {
    for (const sent of [true, false])
      expect(failure(failed('timeout', sent), TEST_NOW)).toMatchObject({
        verb: 'retry',
        reason: 'timeout',
        ambiguous: sent,
      });
    expect(failure(failed('forbidden_address', false), TEST_NOW)).toMatchObject({
      verb: 'reject',
      reason: 'forbidden_address',
    });
  });
});

describe('a vendor that asks to wait', () => {
  // TEST_NOW is 2026-01-15T09:00:00Z.
  test.each([
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Thu, 15 Jan 2026 09:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Thu, 15 Jan 2026 08:59:00 GMT' }, 0],
    [{ 'ratelimit-reset': '7' }, 7_000],
    [{ 'x-ratelimit-period-in-sec': '60' }, 60_000],
    [{ 'retry-after': '3', 'ratelimit-reset': '50' }, 3_000],
    [{ 'retry-after': '86400' }, 10 * 60_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
  ])('by %j is waited for %s ms', (headers, ms) => {
    expect(retryAfter(answered(429, {}, headers), TEST_NOW)).toBe(ms);
    expect(retryAfter(answered(503, {}, headers), TEST_NOW)).toBe(ms);
  });

  test.each([200, 202, 400, 401, 403, 408, 409, 425, 500, 502, 504])(
    'is not waited for when the answer is %i, whatever headers it bears',
    (status) => {
      const headers = {
        'retry-after': '600',
        'ratelimit-reset': '600',
        'x-ratelimit-period-in-sec': '600',
      };
      const answer = answered(status, {}, headers);
      expect(retryAfter(answer, TEST_NOW)).toBeUndefined();
      expect(failure(answer, TEST_NOW)).not.toHaveProperty('afterMs');
    },
  );
});
