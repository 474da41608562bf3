/** What counts as away of what a source sends again and again. */
import { describe, expect, test } from 'vitest';
import { begin, hear, isAway, isBack, resume, type Watch } from './expecting.ts';

const MINUTE = 60_000;
const EVERY = { text: 'alertname="Watchdog"', everyMs: 5 * MINUTE };
const NOON = 1_767_614_400_000;

const at = (minutes: number): number => NOON + minutes * MINUTE;

const ALERT = { dedupKey: 'w', startsAt: 0 };

const fires = (watch: Watch, minutes: number, which: Partial<typeof ALERT> = {}): Watch =>
  hear(
    watch,
    { ...ALERT, status: 'firing', ...which },
    { at: at(minutes), everyMs: EVERY.everyMs },
  );

const ends = (watch: Watch, minutes: number, which: Partial<typeof ALERT> = {}): Watch =>
  hear(
    watch,
    { ...ALERT, status: 'resolved', ...which },
    { at: at(minutes), everyMs: EVERY.everyMs },
  );

const isAwayAt = (watch: Watch, minutes: number, reachableFrom = 0): boolean =>
  isAway(watch, EVERY, { now: at(minutes), reachableFrom: at(reachableFrom) });

const begun = begin(EVERY, NOON);

describe('it is away', () => {
  test('once it was waited for twice as long as it takes, and not before', () => {
    expect([9, 10].map((minute) => isAwayAt(begun, minute))).toEqual([false, true]);
    const heard = fires(begun, 7);
    expect([16, 17].map((minute) => isAwayAt(heard, minute))).toEqual([false, true]);
  });

  test('at once when its sender says that it has ended', () => {
    expect(isAwayAt(ends(fires(begun, 1), 2), 2)).toBe(true);
    expect(isAwayAt(ends(begun, 2), 2), 'also of one that was never heard').toBe(true);
  });

  test('no longer when it fires again', () => {
    expect(isAwayAt(fires(ends(fires(begun, 1), 2), 3), 3)).toBe(false);
  });
});

describe('an end counts', () => {
  const both = fires(fires(begun, 1, { dedupKey: 'north' }), 2, { dedupKey: 'south' });

  test('only when it is that of the last one', () => {
    expect(isAwayAt(ends(both, 3, { dedupKey: 'north' }), 3)).toBe(false);
    expect(isAwayAt(ends(ends(both, 3, { dedupKey: 'north' }), 4, { dedupKey: 'south' }), 4)).toBe(
      true,
    );
  });

  test('only of one that was heard, where others were', () => {
    expect(isAwayAt(ends(both, 3, { dedupKey: 'west' }), 3)).toBe(false);
  });

  test('although others had been heard, so long ago that they are away as well', () => {
    const south = fires(fires(begun, 1, { dedupKey: 'north' }), 11, { dedupKey: 'south' });
    expect(isAwayAt(ends(south, 12, { dedupKey: 'south' }), 12)).toBe(true);
  });

  test('only of the episode that fires now', () => {
    const restarted = fires(fires(begun, 1, { startsAt: at(0) }), 3, { startsAt: at(2) });
    expect(isAwayAt(ends(restarted, 4, { startsAt: at(0) }), 4)).toBe(false);
    expect(isAwayAt(ends(restarted, 4, { startsAt: at(2) }), 4)).toBe(true);
  });
});

test('of very many alerts that meet it the latest are told apart', () => {
  const many = Array.from({ length: 100 }, (_, i) => i).reduce(
    (watch, i) => fires(watch, i / 100, { dedupKey: `k${i}` }),
    begun,
  );
  expect(Object.keys(many.heard)).toHaveLength(20);
  expect(Object.keys(many.heard)).toContain('k99');
});

describe('a server that was not there', () => {
  /** Heard at 1, there until 4, and again from 60 on. */
  const after = resume(fires(begun, 1), { until: at(4), from: at(60) });

  test('goes on with what it had waited', () => {
    expect([66, 67].map((minute) => isAwayAt(after, minute, 60))).toEqual([false, true]);
  });

  test('gives it one more to come', () => {
    const late = resume(fires(begun, 1), { until: at(10), from: at(60) });
    expect([64, 65].map((minute) => isAwayAt(late, minute, 60))).toEqual([false, true]);
  });

  test('over and over again has waited long enough after three', () => {
    const often = resume(fires(begun, 0), { until: at(14), from: at(60) });
    expect(isAwayAt(often, 60.5, 60)).toBe(false);
    expect(isAwayAt(often, 61, 60)).toBe(true);
  });

  test('loses nothing by a clock that was set back', () => {
    expect(resume(fires(begun, 10), { until: at(5), from: at(5) })).toMatchObject({ waitedMs: 0 });
  });
});

test('what was received before the server stood still is no wait since then', () => {
  const after = resume(begun, { until: at(1), from: at(60) });
  const heard = fires(after, 0.5);
  expect(heard).toMatchObject({ heardAt: at(0.5), since: at(60), waitedMs: 0 });
});

test('it is back once it was heard after somebody was told', () => {
  const told = { ...begun, awayAt: at(10) };
  expect(isBack(told)).toBe(false);
  expect(isBack(fires(told, 11))).toBe(true);
  expect(isBack(ends(fires(told, 11), 12)), 'and has not ended again').toBe(false);
  expect(isBack(fires(begun, 11)), 'nobody was told').toBe(false);
});
