/** Time as everybody is told it, while somebody sets the wall clock. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it, test } from 'vitest';
import { holdForward } from './clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOON = Date.parse('2026-05-05T12:00:00Z');

let wall: number;
let monotonic: number;
let time: ReturnType<typeof holdForward>;

/** Both clocks go on. */
const pass = (ms: number): void => {
  wall += ms;
  monotonic += ms;
};
/** How far from noon, in the time that everybody is told. */
const since = (): number => time.now() - NOON;

beforeEach(() => {
  wall = NOON;
  monotonic = 500;
  time = holdForward({ now: () => wall, monotonic: () => monotonic });
  time.now();
});

describe('a wall clock that is set back', () => {
  it('leaves time going on as if nothing were, and says how far it is ahead', () => {
    pass(MINUTE);
    wall -= 3 * HOUR;
    expect(since()).toBe(MINUTE);
    expect(time.aheadMs()).toBe(3 * HOUR);
    pass(10 * MINUTE);
    expect(since()).toBe(11 * MINUTE);
    expect(time.aheadMs()).toBe(3 * HOUR);
  });

  it('is followed again once it has caught up', () => {
    wall -= 3 * HOUR;
    pass(MINUTE);
    wall += 3 * HOUR;
    expect(since()).toBe(MINUTE);
    expect(time.aheadMs()).toBe(0);
    pass(MINUTE);
    expect(since()).toBe(2 * MINUTE);
  });

  it('by some seconds leaves time standing still for as long, and is nobody’s business', () => {
    pass(MINUTE);
    time.now();
    wall -= 4 * SECOND;
    expect(since()).toBe(MINUTE);
    expect(time.aheadMs()).toBe(0);
    pass(3 * SECOND);
    expect(since()).toBe(MINUTE);
    pass(2 * SECOND);
    expect(since()).toBe(MINUTE + SECOND);
  });

  it('goes on however often it is asked', () => {
    wall -= HOUR;
    for (let n = 0; n < 10_000; n += 1) {
      pass(0.1);
      time.now();
    }
    expect(since()).toBeGreaterThanOrEqual(999);
  });

  it('again and again leaves time ahead by all of it', () => {
    wall -= HOUR;
    time.now();
    pass(MINUTE);
    wall -= HOUR;
    expect(since()).toBe(MINUTE);
    expect(time.aheadMs()).toBe(2 * HOUR);
  });
});

describe('a wall clock that is set forward, or a machine that slept', () => {
  it('is followed at once', () => {
    wall += 8 * HOUR;
    expect(since()).toBe(8 * HOUR);
    expect(time.aheadMs()).toBe(0);
  });

  it('is followed as far as it goes beyond the time that was told', () => {
    wall -= HOUR;
    time.now();
    wall += 3 * HOUR;
    expect(since()).toBe(2 * HOUR);
    expect(time.aheadMs()).toBe(0);
  });
});

describe('a restart', () => {
  it('begins at no less than what is stored tells of', () => {
    time.notBefore(NOON + HOUR);
    expect(since()).toBe(HOUR);
    expect(time.aheadMs()).toBe(HOUR);
    pass(MINUTE);
    expect(since()).toBe(HOUR + MINUTE);
  });

  it('is not held up by what is stored of before', () => {
    time.notBefore(NOON - HOUR);
    expect(since()).toBe(0);
  });
});

test('whatever is done to the wall clock, time never goes back and never falls behind it', () => {
  const step = fc.record({
    pass: fc.integer({ min: 0, max: 2 * HOUR }),
    step: fc.integer({ min: -5 * HOUR, max: 5 * HOUR }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const held = holdForward({ now: () => wall, monotonic: () => monotonic });
      let before = held.now();
      for (const one of steps) {
        pass(one.pass);
        wall += one.step;
        const now = held.now();
        expect(now).toBeGreaterThanOrEqual(before);
        expect(now).toBeGreaterThanOrEqual(wall);
        expect(held.aheadMs() === 0 || held.aheadMs() === now - wall).toBe(true);
        before = now;
      }
    }),
  );
});
