import { expect, test } from 'vitest';
import { createSteppedClock } from '../../sandbox/clock.ts';
import { createWaker } from './waker.ts';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function made(pollMs: number) {
  const clock = createSteppedClock({ start: 0 });
  const woken: number[] = [];
  const jumps: number[] = [];
  const world = {
    due: [] as readonly number[],
    skewMs: 0,
    fail: false,
    /** What falls due meanwhile. */
    during: (): void => undefined,
  };
  const waker = createWaker({
    clock: { ...clock, now: () => clock.now() + world.skewMs },
    log: silent,
    pollMs,
    nextDueAt: async (after) => world.due.find((at) => at > after) ?? null,
    onWake: async () => {
      woken.push(clock.now());
      world.during();
      if (world.fail) throw new Error('the store is busy');
    },
    onJump: (ms) => jumps.push(ms),
  });
  return { clock, woken, jumps, world, waker };
}

test('it wakes at the start, exactly when something is due, and at least as often as the safety net', async () => {
  const { clock, woken, world, waker } = made(1_000);
  world.due = [1_700];
  waker.start();
  await clock.advanceTo(1_800);
  world.due = [];
  await clock.advanceTo(4_000);
  expect(woken).toEqual([0, 1_000, 1_700, 2_700, 3_700]);
});

test('what is noted earlier than planned moves the wake forward', async () => {
  const { clock, woken, waker } = made(60_000);
  waker.start();
  await clock.advanceTo(100);
  waker.noteDue(2_500);
  waker.noteDue(9_000);
  await clock.advanceTo(5_000);
  expect(woken).toEqual([0, 2_500]);
});

test('what falls due soon and is noted while it works is not forgotten', async () => {
  const { clock, woken, world, waker } = made(60_000);
  world.during = () => {
    if (clock.now() < 9_000) waker.noteDue(9_000);
    if (clock.now() < 2_500) waker.noteDue(2_500);
  };
  waker.start();
  await clock.advanceTo(10_000);
  expect(woken).toEqual([0, 2_500, 9_000]);
});

test('something due that stays blocked does not make it run hot', async () => {
  const { clock, woken, world, waker } = made(1_000);
  world.due = [0];
  waker.start();
  await clock.advanceTo(5_000);
  expect(woken).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
});

test('something due that stays blocked hides nothing that falls due next', async () => {
  const { clock, woken, world, waker } = made(60_000);
  world.due = [0, 2_500];
  waker.start();
  await clock.advanceTo(5_000);
  expect(woken).toEqual([0, 2_500]);
});

test('a wake that fails is tried again', async () => {
  const { clock, woken, world, waker } = made(1_000);
  world.fail = true;
  waker.start();
  await clock.advanceTo(2_000);
  expect(woken).toEqual([0, 1_000, 2_000]);
});

test.each([3_600_000, -3_600_000])(
  'a wall clock that jumps by %d ms is noticed once',
  async (jump) => {
    const { clock, jumps, world, waker } = made(1_000);
    waker.start();
    await clock.advanceTo(1_000);
    world.skewMs = jump;
    waker.noteDue(0);
    await clock.advanceTo(10_000);
    expect(jumps).toEqual([jump]);
  },
);

test('stopped, it wakes no more', async () => {
  const { clock, woken, waker } = made(1_000);
  waker.start();
  await clock.advanceTo(0);
  waker.stop();
  await clock.advanceTo(10_000);
  expect(woken).toEqual([0]);
});
