/** What is asked of the vendors anew: what an outage or a sleep of ours missed, and who is on call. */
import { afterEach, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../store/store.ts';
import { alert, type Harness, MINUTE, START, startEngine } from '../../../test/support/engine.ts';
import { policy, service } from '../../../test/support/policy.ts';

let h: Harness;
afterEach(() => h.end());

/** An engine whose store can be full, and the minutes from which on the vendor was asked. */
async function startRefusing() {
  const store = { isFull: false };
  const problem = new StoreUnavailable('the disk is full', 'free some space');
  h = await startEngine({
    wrap: (real) => ({
      ...real,
      condition: () => (store.isFull ? { kind: 'refusing', problem } : real.condition()),
    }),
  });
  return store;
}

describe('what an outage of ours missed', () => {
  test('is asked for again when the adapter threw over it', async () => {
    const store = await startRefusing();
    let asked = 0;
    h.vendors.poll = () => {
      asked += 1;
      if (asked === 1) throw new TypeError('undefined is no list');
      return { ok: true, data: [] };
    };
    store.isFull = true;
    await h.deliver('hooks', []);
    store.isFull = false;
    await h.clock.advanceBy(2 * MINUTE);
    expect(asked).toBe(2);
  });

  test('is asked for from the first outage on, although a second one came before the vendor answered', async () => {
    const store = await startRefusing();
    const asked: number[] = [];
    let isDown = true;
    h.vendors.poll = (from) => {
      asked.push((from - START) / MINUTE);
      return isDown
        ? { ok: false, reason: 'timeout', detail: 'no answer' }
        : { ok: true, data: [] };
    };
    for (const _outage of [1, 2]) {
      await h.clock.advanceBy(5 * MINUTE);
      store.isFull = true;
      await h.deliver('hooks', []);
      store.isFull = false;
    }
    isDown = false;
    await h.clock.advanceBy(MINUTE);
    expect(new Set(asked)).toEqual(new Set([4]));
  });
});

test('what a sleeping machine missed is asked for from before its sleep on', async () => {
  h = await startEngine();
  const asked: number[] = [];
  h.vendors.poll = (from) => {
    asked.push((from - START) / MINUTE);
    return { ok: true, data: [] };
  };
  await h.clock.advanceBy(10 * MINUTE);
  h.sleepFor(180 * MINUTE);
  await h.clock.advanceBy(2 * MINUTE);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toBeGreaterThanOrEqual(8);
  expect(asked[0]).toBeLessThanOrEqual(10);
});

describe('who is on call at a vendor', () => {
  const onCall = (id: string) =>
    ({ kind: 'schedule', target: 'pd', schedule: { id, name: id } }) as const;
  const withSchedule = (id: string, hash: string) =>
    policy({ hash, services: { basket: service('basket', { onCall: onCall(id) }) } });
  const named = (id: string) => [{ id: `p-${id}`, name: id, email: null }];

  test('is read every three minutes: after a handover the next one is rung', async () => {
    h = await startEngine({
      policy: withSchedule('primary', 'policy-1'),
      vendors: { whoIsOn: () => ({ ok: true, data: named('ben') }) },
    });
    h.vendors.whoIsOn = () => ({ ok: true, data: named('gus') });
    await h.clock.advanceBy(3 * MINUTE + 1);
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(h.sent('trigger')[0]?.order).toMatchObject({ address: { user: 'gus' } });
  });

  test('of a rotation that a new configuration names is read at once', async () => {
    h = await startEngine({ vendors: { whoIsOn: () => ({ ok: true, data: named('gus') }) } });
    await h.engine.reload({ ...h.engine.setup(), policy: withSchedule('new', 'policy-2') });
    await h.settle();
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(h.sent('trigger')[0]?.order).toMatchObject({ address: { user: 'gus' } });
  });
});
