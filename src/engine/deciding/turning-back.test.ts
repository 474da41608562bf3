/** The clock of the machine is set back while an incident is open: nobody is kept waiting by that. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alert, type Harness, MINUTE, START, startEngine } from '../../../test/support/engine.ts';

const HOUR = 60 * MINUTE;
let h: Harness;
/** After so many the process dies. */
let turnsLeft: number;

afterEach(() => h.end());

/** Who was rung, at which minute after the start as everybody is told it. */
function rung(): readonly string[] {
  return h.sent('trigger').map(({ order }) => {
    const { address } = order as { readonly address: { readonly user: string } };
    return address.user;
  });
}

async function titles(): Promise<readonly string[]> {
  return (await h.open()).map(({ title }) => title);
}

const accept = async (): Promise<void> => {
  const byMs = h.engineClock().aheadMs();
  await h.engine.acceptClock({ byMs, person: 'ada' });
  await h.crash();
  await h.restart();
};

beforeEach(async () => {
  turnsLeft = Infinity;
  h = await startEngine({
    wrap: (store) => ({
      ...store,
      transact: async (work) => {
        turnsLeft -= 1;
        if (turnsLeft < 0) throw new Error('the process is dead');
        return store.transact(work);
      },
    }),
  });
  await h.deliver('prom', [alert()]);
  await h.settle();
});

describe('12:00 an alert rings Ada; 12:01 the clock of the machine is set back by three hours', () => {
  beforeEach(async () => {
    await h.clock.advanceBy(MINUTE);
    h.sleepFor(-3 * HOUR);
  });

  test('12:02 an incident says so, and that it is Tocsin’s own time that goes on', async () => {
    await h.clock.advanceBy(2 * MINUTE);
    expect(await titles()).toContain('The clock of the machine was set back');
    expect(await h.engine.health()).toMatchObject({ clockAheadMs: 3 * HOUR });
    expect(h.engineClock().now()).toBe(START + 3 * MINUTE);
  });

  test('12:05 Ben is rung, as if nothing were', async () => {
    await h.clock.advanceBy(3 * MINUTE);
    expect(rung()).not.toContain('ben');
    await h.clock.advanceBy(MINUTE + 1_000);
    expect(rung()).toContain('ben');
  });

  test('12:03 a restart goes on with the newest time that is stored, and Ben is rung at 12:05 by that', async () => {
    await h.clock.advanceBy(2 * MINUTE);
    await h.crash();
    await h.restart();
    const behindMs = START + 3 * MINUTE - h.engineClock().now();
    expect(behindMs).toBeLessThan(3 * MINUTE);
    await h.clock.advanceBy(2 * MINUTE + behindMs - 1_000);
    expect(rung()).not.toContain('ben');
    await h.clock.advanceBy(2_000);
    expect(rung()).toContain('ben');
  });

  test('hours later, in which nothing was stored, a restart is five minutes behind at most', async () => {
    await h.ask({ type: 'MarkFalsePositive', reason: 'a test' }, 'inc-1');
    await h.clock.advanceBy(5 * HOUR);
    await h.crash();
    await h.restart();
    expect(START + 5 * HOUR + MINUTE - h.engineClock().now()).toBeLessThanOrEqual(6 * MINUTE);
  });

  test('once the clock is right again, the alert of it is over', async () => {
    await h.clock.advanceBy(2 * MINUTE);
    h.sleepFor(3 * HOUR);
    await h.clock.advanceBy(20 * MINUTE);
    expect(await titles()).not.toContain('The clock of the machine was set back');
    expect(await h.engine.health()).toMatchObject({ clockAheadMs: 0 });
  });

  test('accepted at 12:03, it is 09:03, and Ben is rung two minutes later: not three hours', async () => {
    await h.clock.advanceBy(2 * MINUTE);
    await accept();
    expect(h.engineClock().now()).toBe(START + 3 * MINUTE - 3 * HOUR);
    expect(await h.engine.health()).toMatchObject({ clockAheadMs: 0 });
    expect(rung()).not.toContain('ben');
    await h.clock.advanceBy(2 * MINUTE + 1_000);
    expect(rung()).toContain('ben');
    expect(rung().filter((person) => person === 'ada')).toHaveLength(1);
  });

  test('the timeline tells that time was turned back, and by whom', async () => {
    await accept();
    const links = await h.store.reads.timeline('inc-1');
    const turned = links.find(({ event }) => event.type === 'ClockTurnedBack')?.event;
    expect(turned).toMatchObject({
      byMs: 3 * HOUR,
      at: START + MINUTE - 3 * HOUR,
      actor: { kind: 'person', id: 'ada' },
    });
  });

  test('what clears and fires afterwards is heard, although it was heard of later before', async () => {
    await accept();
    await h.deliver('prom', [alert({ status: 'resolved' })]);
    await h.settle();
    expect((await h.incident('inc-1')).clearedAt).toBe(START + MINUTE - 3 * HOUR);
  });

  test('a start that dies in the middle of it is gone on with by the next, and no incident is turned twice', async () => {
    for (let n = 0; n < 70; n += 1) await h.deliver('prom', [alert({ dedupKey: `b${n}` })]);
    await h.settle();
    const byMs = h.engineClock().aheadMs();
    await h.engine.acceptClock({ byMs, person: 'ada' });
    await h.crash();
    turnsLeft = 2;
    await expect(h.restart()).rejects.toThrow('the process is dead');
    turnsLeft = Infinity;
    await h.crash();
    await h.restart();
    const open = await h.open();
    expect(open.length).toBeGreaterThan(64);
    for (const { id } of open) {
      const links = await h.store.reads.timeline(id);
      const turned = links.filter(({ event }) => event.type === 'ClockTurnedBack');
      expect([id, turned.length]).toEqual([id, 1]);
    }
  });
});

test('a clock that is set forward and right again keeps nobody waiting once that is accepted', async () => {
  await h.clock.advanceBy(MINUTE);
  h.sleepFor(3 * HOUR);
  await h.clock.advanceBy(MINUTE);
  const then = rung().length;
  h.sleepFor(-3 * HOUR);
  await h.clock.advanceBy(MINUTE);
  await accept();
  await h.clock.advanceBy(30 * MINUTE);
  expect(rung().length).toBeGreaterThan(then);
});
