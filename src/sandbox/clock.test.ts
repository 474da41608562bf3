import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSteppedClock } from './clock.ts';

const START = Date.UTC(2026, 2, 2, 9, 0, 0);
const MINUTE = 60_000;

describe('the stepped clock', () => {
  it('stands still until it is told to move', async () => {
    const clock = createSteppedClock({ start: START });
    let isRun = false;
    clock.after(1, () => (isRun = true));
    await clock.settle();
    expect([clock.now(), clock.monotonic(), clock.nextAt(), isRun]).toEqual([
      START,
      0,
      START + 1,
      false,
    ]);
  });

  it('runs what comes due at its own instant, in order of time, and stops at the instant asked for', async () => {
    const clock = createSteppedClock({ start: START });
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name} at ${clock.monotonic()}`);
    clock.after(5 * MINUTE, note('five'));
    clock.after(MINUTE, note('one'));
    clock.after(30 * MINUTE, note('thirty'));
    await clock.advanceBy(10 * MINUTE);
    expect(seen).toEqual(['one at 60000', 'five at 300000']);
    expect([clock.monotonic(), clock.nextAt()]).toEqual([10 * MINUTE, START + 30 * MINUTE]);
  });

  it('runs callbacks of one instant in the order in which they were planned, also those planned on the way', async () => {
    const clock = createSteppedClock({ start: START });
    const seen: number[] = [];
    clock.after(MINUTE, () => {
      seen.push(1);
      clock.after(0, () => seen.push(4));
    });
    clock.after(MINUTE, () => seen.push(2));
    clock.after(MINUTE, () => seen.push(3));
    await clock.advanceBy(MINUTE);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('runs what is due now without being moved', async () => {
    const clock = createSteppedClock({ start: START });
    const seen: number[] = [];
    clock.after(0, () => seen.push(1));
    clock.after(-5, () => seen.push(2));
    clock.soon(() => seen.push(3));
    await clock.settle();
    expect([seen, clock.now()]).toEqual([[1, 2, 3], START]);
  });

  it('forgets a cancelled callback', async () => {
    const clock = createSteppedClock({ start: START });
    let isRun = false;
    const timer = clock.after(MINUTE, () => (isRun = true));
    timer.cancel();
    timer.cancel();
    await clock.advanceBy(2 * MINUTE);
    expect([isRun, clock.nextAt()]).toEqual([false, null]);
  });

  it('never runs early for a delay with a fraction', async () => {
    const clock = createSteppedClock({ start: START });
    clock.after(1.2, () => undefined);
    expect(clock.nextAt()).toBe(START + 2);
    expect(() => clock.after(Number.NaN, () => undefined)).toThrow('number of milliseconds');
    await clock.settle();
  });

  it('only settles when asked to go back', async () => {
    const clock = createSteppedClock({ start: START });
    await clock.advanceTo(START - MINUTE);
    expect(clock.now()).toBe(START);
  });

  it('makes moves one after the other, whoever asks for them', async () => {
    const clock = createSteppedClock({ start: START });
    await Promise.all([
      clock.advanceBy(MINUTE),
      clock.advanceBy(MINUTE),
      clock.advanceTo(START + 90_000),
    ]);
    expect(clock.monotonic()).toBe(2 * MINUTE);
  });

  it('runs until the predicate holds and no further', async () => {
    const clock = createSteppedClock({ start: START });
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.after(MINUTE, tick);
    };
    clock.after(MINUTE, tick);
    expect(await clock.runUntil(() => ticks === 3, START + 60 * MINUTE)).toBe(true);
    expect(clock.monotonic()).toBe(3 * MINUTE);
    expect(await clock.runUntil(() => Promise.resolve(ticks === 99), START + 10 * MINUTE)).toBe(
      false,
    );
    expect([clock.monotonic(), ticks]).toEqual([10 * MINUTE, 10]);
  });

  it('asks the predicate once more at the limit', async () => {
    const clock = createSteppedClock({ start: START });
    const limit = START + MINUTE;
    expect(await clock.runUntil(() => clock.now() === limit, limit)).toBe(true);
  });

  it('leaves nothing behind at the instant where the predicate held', async () => {
    const clock = createSteppedClock({ start: START });
    const seen: number[] = [];
    clock.after(MINUTE, () => seen.push(1));
    clock.after(MINUTE, () => seen.push(2));
    expect(await clock.runUntil(() => seen.length === 1, START + 60 * MINUTE)).toBe(true);
    await clock.settle();
    expect([seen, clock.monotonic()]).toEqual([[1, 2], MINUTE]);
  });

  it('hands a failing callback to whoever moved it, and can be moved again', async () => {
    const clock = createSteppedClock({ start: START });
    clock.after(MINUTE, () => {
      throw new Error('broken');
    });
    await expect(clock.advanceBy(MINUTE)).rejects.toThrow('broken');
    await clock.advanceBy(MINUTE);
    expect(clock.monotonic()).toBe(2 * MINUTE);
  });

  it('says what stands in its way when work never ends', async () => {
    const clock = createSteppedClock({ start: START, patienceMs: 20 });
    clock.busy(() => 2, 'requests to the pager');
    clock.busy(() => 0, 'rows');
    await expect(clock.advanceBy(1)).rejects.toThrow(
      'still work in flight: requests to the pager (2).',
    );
  });

  it('refuses callbacks that plan each other for the same instant for ever', async () => {
    const clock = createSteppedClock({ start: START });
    const again = (): void => void clock.after(0, again);
    clock.after(1, again);
    await expect(clock.advanceBy(1)).rejects.toThrow('stands still');
  });
});

describe('ids of the stepped clock', () => {
  it('sort by creation, within one millisecond and later', async () => {
    const clock = createSteppedClock({ start: START, seed: 7 });
    const ids = Array.from({ length: 50 }, () => clock.id());
    await clock.advanceBy(1);
    ids.push(clock.id());
    expect(ids).toEqual([...ids].toSorted());
    expect(new Set(ids).size).toBe(51);
    for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it('are the same in two runs of one seed and differ between seeds', () => {
    const first = (seed: number): string => createSteppedClock({ start: START, seed }).id();
    expect(first(7)).toBe(first(7));
    expect(first(7)).not.toBe(first(8));
  });
});

describe('time and real requests', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** Every second for 20 s, three senders ask a real server, which answers some turns later and asks itself again. */
  async function run(): Promise<string[]> {
    const clock = createSteppedClock({ start: START });
    const seen: string[] = [];
    let open = 0;
    const server = createServer((request, response) => {
      seen.push(`${clock.monotonic()} server ${request.url}`);
      setImmediate(() => setImmediate(() => response.end(`${clock.monotonic()}`)));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    closing.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ask = async (path: string, more: number): Promise<void> => {
      open += 1;
      const answer = await (
        await fetch(`${url}${path}`, { headers: { connection: 'close' } })
      ).text();
      seen.push(`${clock.monotonic()} client ${path} ${answer}`);
      if (more > 0) await ask(`${path}/${more}`, more - 1);
      open -= 1;
    };
    clock.busy(() => open, 'requests');
    for (const sender of ['a', 'b', 'c']) {
      const tick = (): void => {
        void ask(`/${sender}`, 2);
        clock.after(1000, tick);
      };
      clock.after(1000, tick);
    }
    await clock.advanceBy(20_000);
    return seen;
  }

  it('stands still while a request that a callback began is answered', async () => {
    const seen = await run();
    expect(seen).toHaveLength(20 * 3 * 6);
    for (const line of seen.filter((each) => each.includes('client'))) {
      const [at, , , answeredAt] = line.split(' ');
      expect(answeredAt).toBe(at);
    }
  });

  it('gives identical results in two runs', async () => {
    expect(await run()).toEqual(await run());
  });
});
