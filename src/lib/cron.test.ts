/** Cron expressions: what is refused, and when they come, over days on which clocks change as well. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import fc from 'fast-check';
import { createTask } from 'node-cron';
import { type Cron, neverComes, nextRun, readCron } from './cron.ts';

function cron(text: string): Cron {
  const read = readCron(text);
  if (!read.ok) throw new Error(read.what);
  return read.cron;
}

function runs(text: string, zone: string, window: readonly [string, string]): readonly string[] {
  const found: string[] = [];
  let at = nextRun(cron(text), zone, Date.parse(window[0]) - 1);
  while (at !== null && at < Date.parse(window[1])) {
    found.push(new Date(at).toISOString().slice(5, 16));
    at = nextRun(cron(text), zone, at);
  }
  return found;
}

describe('a day on which clocks change', () => {
  test.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-29', ['03-29T01:00']],
    ['Europe/Berlin', '0,30 2,3 * * *', '2026-03-29', ['03-29T01:00', '03-29T01:30']],
    ['Europe/Berlin', '30 2 * * *', '2026-10-25', ['10-25T00:30']],
    ['America/New_York', '30 2 * * *', '2026-03-08', ['03-08T07:00']],
    ['America/New_York', '30 1 * * *', '2026-11-01', ['11-01T05:30']],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03', ['10-03T15:30']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04', ['04-04T14:45']],
    ['Asia/Kolkata', '30 2 * * *', '2026-03-29', ['03-29T21:00']],
    ['America/Sao_Paulo', '0 0 * * *', '2017-10-15', ['10-15T03:00']],
    ['Africa/Casablanca', '30 2 * * *', '2024-03-10', ['03-10T01:30']],
    ['Africa/Casablanca', '30 2 * * *', '2024-04-14', ['04-14T02:00']],
  ])('in %s %s comes once on %s', (...row) => {
    const [zone, text, day, expected] = row;
    expect(runs(text, zone, [`${day}T00:00Z`, `${day}T23:59Z`])).toEqual(expected);
  });

  test('passes over a minute that is left out of what comes every hour', () => {
    const spring = ['2026-10-03T14:00Z', '2026-10-03T17:00Z'] as const;
    expect(runs('15 * * * *', 'Australia/Lord_Howe', spring)).toEqual([
      '10-03T14:45',
      '10-03T16:15',
    ]);
  });

  test('does not stop or double what comes every half hour', () => {
    const fall = runs('*/30 * * * *', 'Europe/Berlin', ['2026-10-24T22:00Z', '2026-10-25T23:00Z']);
    expect(new Set(fall).size).toBe(50);
    const spring = runs('*/30 * * * *', 'Europe/Berlin', [
      '2026-03-28T23:00Z',
      '2026-03-29T22:00Z',
    ]);
    expect(new Set(spring).size).toBe(46);
  });
});

test('what no year has never comes, and 29 February comes after eight years', () => {
  expect(neverComes(cron('0 0 30 2 *'))).toBe(true);
  expect(nextRun(cron('0 0 30 2 *'), 'UTC', 0)).toBeNull();
  const leap = nextRun(cron('0 0 29 FEB *'), 'UTC', Date.parse('2096-03-01T00:00Z')) ?? 0;
  expect(new Date(leap).toISOString()).toBe('2104-02-29T00:00:00.000Z');
});

test('either day is enough where both are written', () => {
  expect(runs('0 0 13 * FRI', 'UTC', ['2026-03-10T00:00Z', '2026-03-21T00:00Z'])).toEqual([
    '03-13T00:00',
    '03-20T00:00',
  ]);
  expect(cron('@daily').text).toBe('0 0 * * *');
});

test.each([
  '0 0 0 1 * *',
  '0 0 L * *',
  '0 0 * * 5#2',
  '5/10 * * * *',
  '60 * * * *',
  '@dayly',
  '*/0 * * * *',
  '9-5 * * * *',
  '',
])('"%s" is refused with a hint', (text) =>
  expect(readCron(text)).toMatchObject({ ok: false, hint: expect.stringMatching(/\w/) }),
);

describe('beside node-cron, where clocks do not change', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  test('the next run is the same', () => {
    const pick = (max: number, min = 0) =>
      fc.oneof(fc.constant('*'), fc.integer({ min, max }).map(String), fc.constant('*/7'));
    // Only one day field: node-cron asks for both where two are written.
    const days = fc.oneof(
      pick(28, 1).map((day) => `${day} * *`),
      pick(6).map((day) => `* * ${day}`),
    );
    const text = fc.tuple(pick(59), pick(23), days).map((parts) => parts.join(' '));
    const at = fc.integer({ min: 1_700_000_000, max: 1_900_000_000 });
    fc.assert(
      fc.property(text, at, (expression, second) => {
        vi.setSystemTime(second * 1000);
        const task = createTask(expression, () => undefined, { timezone: 'Asia/Kolkata' });
        void task.start();
        const theirs = task.getNextRun()?.getTime();
        void task.destroy();
        expect(nextRun(cron(expression), 'Asia/Kolkata', second * 1000)).toBe(theirs);
      }),
      { numRuns: 200 },
    );
  });
});
