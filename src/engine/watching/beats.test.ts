/** When heartbeats are sent, on a clock that is moved by hand. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type HandClock, handClock } from '../../../test/support/hand-clock.ts';
import { type Beats, createBeats } from './beats.ts';

const EVERY_MS = 15_000;

let clock: HandClock;
let beats: Beats;
/** When one was sent, in seconds. */
let sent: number[];

beforeEach(() => {
  clock = handClock();
  sent = [];
  const send = (): void => void sent.push(clock.now() / 1_000);
  beats = createBeats({ clock, everyMs: EVERY_MS, send });
  beats.start();
});

/** The main thread turns; each second it says how old the last canary is. */
function turning(seconds: number, canaryAgeMs: (now: number) => number | null): void {
  for (let i = 0; i < seconds; i += 1) {
    clock.move(1_000);
    beats.heard({ canaryAgeMs: canaryAgeMs(clock.now()) });
  }
}

function silent(seconds: number): void {
  for (let i = 0; i < seconds; i += 1) clock.move(1_000);
}

const fresh = (): number => 5_000;

test('there is none before the first canary', () => {
  turning(60, () => null);
  expect(sent).toEqual([]);
  turning(2, fresh);
  expect(sent).toEqual([62]);
});

test('they come as often as is wanted, and no more often', () => {
  turning(60, fresh);
  expect(sent).toEqual([2, 17, 32, 47]);
});

describe('they end', () => {
  test('when the main thread has said nothing for ten seconds, and come again with its next word', () => {
    turning(30, fresh);
    expect(sent).toEqual([2, 17]);
    silent(60);
    expect(sent, 'that of second 32 goes out in time').toEqual([2, 17, 32]);
    turning(2, fresh);
    expect(sent).toEqual([2, 17, 32, 92]);
  });

  test('ten seconds after the last word, not later', () => {
    turning(23, fresh);
    silent(9);
    expect(sent).toEqual([2, 17, 32]);
    turning(14, fresh);
    silent(11);
    expect(sent, 'second 47 is the first behind nine silent ones').toEqual([2, 17, 32, 47]);
    silent(60);
    expect(sent).toHaveLength(4);
  });

  test('when no canary was sent within 30 s that came through, though the loop turns', () => {
    turning(90, (now) => now - 5_000);
    expect(sent).toEqual([2, 17, 32]);
  });

  test('when a canary ages while the main thread is silent', () => {
    turning(16, () => 25_000);
    silent(1);
    expect(sent).toEqual([2, 17]);
    turning(10, () => 29_000);
    silent(5);
    expect(sent).toEqual([2, 17]);
  });
});

describe('a thread that stood still itself', () => {
  test('believes nothing that was said before', () => {
    turning(20, fresh);
    clock.move(3_600_000);
    silent(5);
    expect(sent).toEqual([2, 17]);
  });

  test.each([
    ['after its own look', true],
    ['before it', false],
  ])('believes no words that lay in its queue meanwhile, heard %s', (_when, isLookFirst) => {
    turning(20, fresh);
    const later = clock.now() + 3_600_000;
    const { monotonic } = clock;
    if (isLookFirst) clock.move(3_600_000);
    else clock.monotonic = () => later;
    for (let i = 0; i < 3; i += 1) beats.heard({ canaryAgeMs: 100 });
    clock.monotonic = monotonic;
    if (!isLookFirst) clock.move(3_600_000);
    silent(5);
    expect(sent).toEqual([2, 17]);
  });

  test('goes on with the first word that is said to it', () => {
    turning(20, fresh);
    clock.move(3_600_000);
    turning(3, fresh);
    expect(sent.slice(2)).toEqual([3_622]);
  });
});
