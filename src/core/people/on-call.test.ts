/** Rotations, compared instant by instant with hand-offs listed by hand from the wall clock. */
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { shiftAt } from './on-call.ts';
import type { Rotation } from '../model/policy.ts';

function rotation(change: Partial<Rotation> = {}): Rotation {
  return {
    id: 'r',
    timezone: 'UTC',
    every: { count: 1, unit: 'week' },
    handoff: { weekday: 1, at: '10:00' },
    starts: '2026-01-05',
    people: ['ada', 'ben', 'cleo'],
    ...change,
  };
}

const at = (iso: string): number => Temporal.Instant.from(iso).epochMilliseconds;

/** Hand-offs as instants in order; whoever holds the last one that has passed is on call. */
type Listed = readonly (readonly [string, string])[];

function holder(listed: Listed, now: number): string | null {
  return listed.findLast(([iso]) => at(iso) <= now)?.[1] ?? null;
}

const tables: Readonly<
  Record<string, { readonly rotation: Rotation; readonly listed: Listed; readonly until: string }>
> = {
  'London, weekly, over the change to summer': {
    rotation: rotation({ timezone: 'Europe/London', starts: '2026-03-16' }),
    listed: [
      ['2026-03-16T10:00:00Z', 'ada'],
      ['2026-03-23T10:00:00Z', 'ben'],
      ['2026-03-30T09:00:00Z', 'cleo'],
      ['2026-04-06T09:00:00Z', 'ada'],
    ],
    until: '2026-04-08T00:00:00Z',
  },
  'London, weekly, over the change to winter': {
    rotation: rotation({ timezone: 'Europe/London', starts: '2026-10-12' }),
    listed: [
      ['2026-10-12T09:00:00Z', 'ada'],
      ['2026-10-19T09:00:00Z', 'ben'],
      ['2026-10-26T10:00:00Z', 'cleo'],
      ['2026-11-02T10:00:00Z', 'ada'],
    ],
    until: '2026-11-04T00:00:00Z',
  },
  'New York, daily, over the change to summer': {
    rotation: rotation({
      timezone: 'America/New_York',
      every: { count: 1, unit: 'day' },
      handoff: { weekday: null, at: '09:00' },
      starts: '2026-03-06',
    }),
    listed: [
      ['2026-03-06T14:00:00Z', 'ada'],
      ['2026-03-07T14:00:00Z', 'ben'],
      ['2026-03-08T13:00:00Z', 'cleo'],
      ['2026-03-09T13:00:00Z', 'ada'],
      ['2026-03-10T13:00:00Z', 'ben'],
    ],
    until: '2026-03-11T00:00:00Z',
  },
  'New York, daily, over the change to winter': {
    rotation: rotation({
      timezone: 'America/New_York',
      every: { count: 1, unit: 'day' },
      handoff: { weekday: null, at: '09:00' },
      starts: '2026-10-30',
    }),
    listed: [
      ['2026-10-30T13:00:00Z', 'ada'],
      ['2026-10-31T13:00:00Z', 'ben'],
      ['2026-11-01T14:00:00Z', 'cleo'],
      ['2026-11-02T14:00:00Z', 'ada'],
    ],
    until: '2026-11-03T00:00:00Z',
  },
  'New York, a hand-off in the hour that is skipped': {
    rotation: rotation({
      timezone: 'America/New_York',
      every: { count: 1, unit: 'day' },
      handoff: { weekday: null, at: '02:30' },
      starts: '2026-03-07',
    }),
    listed: [
      ['2026-03-07T07:30:00Z', 'ada'],
      ['2026-03-08T07:30:00Z', 'ben'],
      ['2026-03-09T06:30:00Z', 'cleo'],
      ['2026-03-10T06:30:00Z', 'ada'],
    ],
    until: '2026-03-11T00:00:00Z',
  },
  'New York, a hand-off in the hour that comes twice': {
    rotation: rotation({
      timezone: 'America/New_York',
      every: { count: 1, unit: 'day' },
      handoff: { weekday: null, at: '01:30' },
      starts: '2026-10-31',
    }),
    listed: [
      ['2026-10-31T05:30:00Z', 'ada'],
      ['2026-11-01T05:30:00Z', 'ben'],
      ['2026-11-02T06:30:00Z', 'cleo'],
      ['2026-11-03T06:30:00Z', 'ada'],
    ],
    until: '2026-11-04T00:00:00Z',
  },
  'Lord Howe, whose summer is half an hour': {
    rotation: rotation({
      timezone: 'Australia/Lord_Howe',
      every: { count: 1, unit: 'day' },
      handoff: { weekday: null, at: '09:00' },
      starts: '2026-10-03',
    }),
    listed: [
      ['2026-10-02T22:30:00Z', 'ada'],
      ['2026-10-03T22:00:00Z', 'ben'],
      ['2026-10-04T22:00:00Z', 'cleo'],
    ],
    until: '2026-10-05T20:00:00Z',
  },
  'Kathmandu, at a quarter to the hour': {
    rotation: rotation({
      timezone: 'Asia/Kathmandu',
      every: { count: 2, unit: 'day' },
      handoff: { weekday: null, at: '09:00' },
      starts: '2026-01-01',
    }),
    listed: [
      ['2026-01-01T03:15:00Z', 'ada'],
      ['2026-01-03T03:15:00Z', 'ben'],
      ['2026-01-05T03:15:00Z', 'cleo'],
    ],
    until: '2026-01-07T00:00:00Z',
  },
  'weekly on another weekday than that of the start': {
    rotation: rotation({
      handoff: { weekday: 4, at: '18:00' },
      starts: '2026-01-05',
      every: { count: 2, unit: 'week' },
    }),
    listed: [
      ['2026-01-08T18:00:00Z', 'ada'],
      ['2026-01-22T18:00:00Z', 'ben'],
      ['2026-02-05T18:00:00Z', 'cleo'],
      ['2026-02-19T18:00:00Z', 'ada'],
    ],
    until: '2026-02-21T00:00:00Z',
  },
};

describe('who is on call, every half hour', () => {
  test.each(Object.entries(tables))('%s', (_sentence, { rotation: one, listed, until }) => {
    const first = at(listed[0]?.[0] ?? until) - 86_400_000;
    for (let now = first; now < at(until); now += 30 * 60_000) {
      const iso = Temporal.Instant.fromEpochMilliseconds(now).toString();
      expect([iso, shiftAt(one, now)?.person ?? null]).toEqual([iso, holder(listed, now)]);
    }
    for (const [iso, person] of listed) {
      expect(shiftAt(one, at(iso))).toMatchObject({ person, from: at(iso) });
      expect(shiftAt(one, at(iso) - 1)?.person ?? null).toBe(holder(listed, at(iso) - 1));
    }
  });
});

test('a shift ends where the next one begins, for three years and across every change of the clock', () => {
  const one = rotation({ timezone: 'Europe/London' });
  let now = at('2026-01-05T10:00:00Z');
  for (let week = 0; week < 156; week += 1) {
    const shift = shiftAt(one, now);
    expect(shift?.from).toBe(now);
    expect(shift?.person).toBe(['ada', 'ben', 'cleo'][week % 3]);
    now = shift?.to ?? 0;
  }
});

test('before its start, and without people, nobody is on call', () => {
  expect(shiftAt(rotation(), at('2026-01-05T09:59:59Z'))).toBeNull();
  expect(shiftAt(rotation({ people: [] }), at('2026-02-01T00:00:00Z'))).toBeNull();
});
