/**
 * Come back later.
 *
 * A tram line stops at eight while PagerDuty, or a proxy before it, answers with headers that speak of a time to come back.
 * They are meant where it says 429 or 503: then the driver's page waits that long. On any other answer they count the
 * requests of a quiet day, and the page is tried again within two seconds.
 */
import { expect, test } from 'vitest';
import type { RetryAfterSpelling } from '../../src/sandbox/faults.ts';
import { trams, trusting } from './trams.ts';

const SPELLINGS = [
  'seconds',
  'http-date',
  'ratelimit-reset',
  'x-ratelimit-period-in-sec',
] as const satisfies readonly RetryAfterSpelling[];

async function driverRang(status: number, spelling: RetryAfterSpelling): Promise<string[]> {
  const stage = await trams(trusting);
  const wait = { spelling, retryAfterMs: 40_000 };
  const fault = status === 429 ? ({ fault: '429' } as const) : ({ fault: '5xx', status } as const);
  stage.fault({ target: 'pd', ...fault, ...wait, times: 1 });
  await stage.alert({ alertname: 'LineLate' });
  await stage.at('4m');
  return (await stage.rings())
    .filter((line) => line.includes('driver'))
    .map((line) => line.slice(0, 8));
}

test.each(SPELLINGS)('an answer 429 or 503 with %s is waited for', async (spelling) => {
  expect(await driverRang(429, spelling)).toEqual(['08:00:40']);
  expect(await driverRang(503, spelling)).toEqual(['08:00:40']);
});

test.each(SPELLINGS)('on an answer 500 or 502, %s keeps nobody waiting', async (spelling) => {
  expect(await driverRang(500, spelling)).toEqual([expect.stringMatching(/^08:00:0[01]$/)]);
  expect(await driverRang(502, spelling)).toEqual([expect.stringMatching(/^08:00:0[01]$/)]);
});
