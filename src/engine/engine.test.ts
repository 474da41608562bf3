/** What the engine does beside deciding and sending: reading ahead, reconciling, auditing, keeping in bounds. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Change, Store } from '../store/store.ts';
import {
  alert,
  type Harness,
  MINUTE,
  SECOND,
  START,
  startEngine,
  vendorIncident,
} from '../../test/support/engine.ts';
import { policy, service } from '../../test/support/policy.ts';

let h: Harness;
afterEach(() => h.end());

/** A store whose reported health is what the test says. */
function withHealth(
  store: Store,
  change: () => Partial<Awaited<ReturnType<Store['reads']['health']>>>,
): Store {
  const health = async (now: number) => ({ ...(await store.reads.health(now)), ...change() });
  return { ...store, reads: { ...store.reads, health } };
}

describe('the on-call at a vendor', () => {
  const schedule = {
    kind: 'schedule',
    target: 'pd',
    schedule: { id: 'SCHED1', name: 'Primary' },
  } as const;
  const chosen = policy({ services: { basket: service('basket', { onCall: schedule }) } });

  test('is read ahead, so that a decision never waits for it', async () => {
    h = await startEngine({
      policy: chosen,
      vendors: { whoIsOn: () => ({ ok: true, data: [{ id: 'P-BEN', name: 'Ben', email: null }] }) },
    });
    h.vendors.whoIsOn = () => {
      throw new Error('asked during a decision');
    };
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(h.sent('trigger')[0]?.order).toMatchObject({ address: { user: 'ben' } });
  });

  test('stays as last read while the vendor is down, also across a restart', async () => {
    h = await startEngine({
      policy: chosen,
      vendors: { whoIsOn: () => ({ ok: true, data: [{ id: 'p-ben', name: 'Ben', email: null }] }) },
    });
    h.vendors.whoIsOn = () => ({ ok: false, reason: 'server_error', detail: 'HTTP 503' });
    await h.clock.advanceBy(10 * MINUTE);
    await h.crash();
    await h.restart();
    expect(h.engine.lookups().onCall).toEqual({
      'schedule:pd:SCHED1': { people: ['ben'], readAt: START },
    });
  });

  test('is told by the names of the target and its schedule, whatever is in them', async () => {
    const odd = { ...schedule, schedule: { id: 'S:1%', name: 'Primary' } };
    h = await startEngine({
      policy: policy({ services: { basket: service('basket', { onCall: odd }) } }),
      vendors: { whoIsOn: () => ({ ok: true, data: [{ id: 'p-ben', name: 'Ben', email: null }] }) },
    });
    expect((await h.engine.health()).onCall).toEqual({
      'pd/S:1%': { people: ['ben'], readAt: START },
    });
  });

  test('who is not among the people of the configuration is named in the log', async () => {
    h = await startEngine({
      policy: chosen,
      vendors: {
        whoIsOn: () => ({ ok: true, data: [{ id: 'X', name: 'Nobody Here', email: null }] }),
      },
    });
    expect(
      h.logs.find(({ message }) => message.includes('not among people'))?.fields,
    ).toMatchObject({
      person: 'Nobody Here',
      schedule: 'Primary',
    });
  });
});

describe('an outage of ours', () => {
  test('in which deliveries were turned away ends with asking their vendor', async () => {
    let isFull = false;
    const { StoreUnavailable } = await import('../store/store.ts');
    const problem = new StoreUnavailable('the disk is full', 'free some space');
    h = await startEngine({
      wrap: (store) => ({
        ...store,
        condition: () => (isFull ? { kind: 'refusing', problem } : store.condition()),
      }),
      vendors: { poll: () => ({ ok: true, data: [] }) },
    });
    const asked: number[] = [];
    h.vendors.poll = (from) => {
      asked.push(from);
      return { ok: true, data: [vendorIncident({ ref: 'missed' })] };
    };
    isFull = true;
    await h.clock.advanceBy(5 * MINUTE);
    expect(await h.deliver('hooks', [vendorIncident()])).toMatchObject({
      kind: 'unavailable',
      reason: 'store',
    });
    isFull = false;
    await h.clock.advanceBy(MINUTE);
    expect(asked).toEqual([START + 4 * MINUTE]);
    expect(await h.open()).toHaveLength(1);
  });

  test('is asked for again until the vendor answers', async () => {
    h = await startEngine();
    await h.clock.advanceBy(MINUTE);
    await h.crash();
    await h.clock.advanceBy(10 * MINUTE);
    let asked = 0;
    h.vendors.poll = () => {
      asked += 1;
      return asked < 3
        ? { ok: false, reason: 'timeout', detail: 'no answer' }
        : { ok: true, data: [] };
    };
    await h.restart();
    await h.clock.advanceBy(5 * MINUTE);
    expect(asked).toBe(3);
  });
});

describe('the auditor', () => {
  test('raises an alert about overdue work, once, and ends it when it is over', async () => {
    let late = 0;
    const health = () => ({ oldestDueMs: late, oldestPageMs: late });
    h = await startEngine({ wrap: (store) => withHealth(store, health) });
    await h.clock.advanceBy(3 * MINUTE);
    expect(await h.open()).toEqual([]);
    late = 180_000;
    await h.clock.advanceBy(3 * MINUTE);
    expect((await h.open()).map(({ title }) => title)).toEqual([
      'Deliveries, pages or incidents are overdue',
    ]);
    expect((await h.incident('inc-1')).pages['p1']?.urgency).toBe('high');
    late = 0;
    await h.clock.advanceBy(90 * SECOND);
    expect((await h.incident('inc-1')).alerts.firing).toBe(0);
  });

  test('lets messages that are overdue wait for the morning', async () => {
    const health = () => ({ oldestDueMs: 180_000, oldestPageMs: 0 });
    h = await startEngine({ wrap: (store) => withHealth(store, health) });
    await h.clock.advanceBy(3 * MINUTE);
    expect((await h.open()).map(({ title }) => title)).toEqual(['Posts or messages are overdue']);
    expect((await h.incident('inc-1')).pages['p1']?.urgency).toBe('low');
  });

  test('leaves a trouble alone that repairs itself', async () => {
    let ambiguous = 2;
    h = await startEngine({ wrap: (store) => withHealth(store, () => ({ ambiguous })) });
    await h.clock.advanceBy(3 * MINUTE);
    ambiguous = 0;
    await h.clock.advanceBy(10 * MINUTE);
    expect(await h.open()).toEqual([]);
  });

  test('keeps the gauges', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(2 * MINUTE);
    const text = await h.metrics.registry.metrics();
    expect(text).toContain('tocsin_open_incidents 1');
    expect(text).toContain('tocsin_deliveries_total{source="prom",result="accepted"} 1');
    expect(text).toContain(
      'tocsin_effects_total{name="pager.trigger",target="pd",outcome="delivered",reason=""} 1',
    );
    expect(text).toContain('tocsin_decisions_total{origin="webhook",disposition="decided"} 1');
    expect(text).toMatch(/tocsin_page_latency_seconds_count\{target="pd"\} 1/);
  });
});

describe('more than one turn can decide', () => {
  test('waits in memory, is decided in order, and everything is decided once', async () => {
    const changes: Change[] = [];
    h = await startEngine({
      slow: 2,
      wrap: (store) => ({
        ...store,
        transact: (work) =>
          store.transact((tx) =>
            work({ ...tx, apply: (all) => (changes.push(...all), tx.apply(all)) }),
          ),
      }),
    });
    const keys = Array.from({ length: 400 }, (_, i) => `k${i}`);
    const bodies = keys.map((dedupKey) => [alert({ dedupKey, labels: {} })]);
    // Far more at once than a turn decides, twice, so that fresh rows meet waiting ones.
    const first = bodies.slice(0, 250).map((body) => h.deliver('prom', body));
    await first[0];
    const rest = bodies.slice(250).map((body) => h.deliver('prom', body));
    const accepted = await Promise.all([...first, ...rest]);
    await h.settle();
    expect(accepted.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect((await h.store.reads.health(h.clock.now())).undecided).toBe(0);
    const opened = changes
      .filter(({ expectedVersion }) => expectedVersion === 0)
      .map(({ state }) => state.routing.groupKey);
    expect(opened).toEqual(keys.map((key) => `alert:shop:prom:${key}`));
  }, 30_000);
});

describe('a sleeping machine', () => {
  test('that wakes up notices, and asks the vendors for what it missed', async () => {
    h = await startEngine();
    const asked: number[] = [];
    h.vendors.poll = (from) => {
      asked.push(from);
      return { ok: true, data: [] };
    };
    await h.clock.advanceBy(2 * MINUTE);
    h.sleepFor(3 * 60 * MINUTE);
    await h.clock.advanceBy(2 * MINUTE);
    expect(h.logs.some(({ message }) => message.includes('the wall clock jumped'))).toBe(true);
    expect(asked).toHaveLength(1);
    expect(await h.metrics.registry.metrics()).toContain('tocsin_clock_jumps_total 1');
  });
});

describe('an incident that fires while its configuration is swapped', () => {
  test('is decided by the new one from then on', async () => {
    h = await startEngine();
    const setup = h.engine.setup();
    const people = { ...policy().people };
    const services = { basket: service('basket', { onCall: { kind: 'person', person: 'gus' } }) };
    await h.engine.reload({ ...setup, policy: policy({ people, services, hash: 'policy-2' }) });
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(h.sent('trigger')[0]?.order).toMatchObject({ address: { user: 'gus' } });
    expect(await h.store.reads.meta('config:policy-2')).toContain('"hash":"policy-2"');
  });
});
