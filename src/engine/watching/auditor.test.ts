/** What the store says of its health: what rings somebody, what ends the process, and what is nobody's business. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Core } from '../deciding/core.ts';
import { type Store, StoreUnavailable } from '../../store/store.ts';
import {
  alert,
  type Harness,
  MINUTE,
  realCore,
  SECOND,
  startEngine,
} from '../../../test/support/engine.ts';

let h: Harness;
afterEach(() => h.end());

type Health = Awaited<ReturnType<Store['reads']['health']>>;

/** An engine whose store reports what the test says. */
async function startWith(reported: Partial<Health>): Promise<void> {
  const wrap = (store: Store): Store => {
    const health = async (now: number) => ({ ...(await store.reads.health(now)), ...reported });
    return { ...store, reads: { ...store.reads, health } };
  };
  h = await startEngine({ wrap });
}

async function titles(): Promise<readonly string[]> {
  return (await h.open()).map(({ title }) => title);
}

test('deliveries that stay undecided ring somebody within minutes, although there come no more', async () => {
  const reported = { undecided: 0 };
  await startWith(reported);
  await h.clock.advanceBy(2 * MINUTE);
  reported.undecided = 3;
  await h.clock.advanceBy(6 * MINUTE);
  expect(await titles()).toEqual(['Deliveries are stored but not decided']);
});

test('a backlog that gets smaller rings nobody', async () => {
  const reported = { undecided: 1_000 };
  await startWith(reported);
  for (let minute = 0; minute < 8; minute += 1) {
    reported.undecided -= 100;
    await h.clock.advanceBy(MINUTE);
  }
  expect(await titles()).toEqual([]);
});

test('five dead letters within a minute ring somebody, four do not', async () => {
  const reported = { dead: 0 };
  await startWith(reported);
  await h.clock.advanceBy(2 * MINUTE);
  reported.dead = 4;
  await h.clock.advanceBy(2 * MINUTE);
  expect(await titles()).toEqual([]);
  reported.dead = 9;
  await h.clock.advanceBy(90 * SECOND);
  expect(await titles()).toEqual(['Targets refuse what is sent to them']);
});

test('an outcome that stays unknown rings somebody after five minutes, not before', async () => {
  const reported = { ambiguous: 0 };
  await startWith(reported);
  await h.clock.advanceBy(2 * MINUTE);
  reported.ambiguous = 1;
  await h.clock.advanceBy(4 * MINUTE);
  expect(await titles()).toEqual([]);
  await h.clock.advanceBy(2 * MINUTE);
  expect(await titles()).toEqual(['Outcomes at a target stay unknown']);
});

test('a store that is broken for good ends the process within half a minute', async () => {
  const problem = new StoreUnavailable('the database failed', 'restart Tocsin');
  let isBroken = false;
  const told: Error[] = [];
  h = await startEngine({
    onBroken: (why) => void told.push(why),
    wrap: (store) => ({
      ...store,
      condition: () => (isBroken ? { kind: 'broken', problem } : store.condition()),
    }),
  });
  await h.clock.advanceBy(MINUTE);
  expect(told).toEqual([]);
  isBroken = true;
  await h.clock.advanceBy(30 * SECOND);
  expect(told[0]).toBe(problem);
});

describe('what somebody closed and goes on', () => {
  const ada = { kind: 'person', id: 'ada', via: 'cli' } as const;
  const closed = async (incident: string): Promise<void> => {
    const reason = 'a restart will cure it';
    await h.ask({ type: 'MarkFalsePositive', reason }, incident, { actor: ada });
    expect(await titles()).toEqual([]);
  };
  const OVERDUE = 'Deliveries, pages or incidents are overdue';

  test('is said again after a restart, for that cured nothing; once, as long as that incident is open', async () => {
    await startWith({ oldestPageMs: 3 * MINUTE });
    await h.clock.advanceBy(2 * MINUTE);
    expect(await titles()).toEqual([OVERDUE]);
    await h.restart();
    await h.clock.advanceBy(5 * MINUTE);
    expect(await titles()).toEqual([OVERDUE]);
    await closed('inc-1');
    await h.restart();
    await h.clock.advanceBy(2 * MINUTE);
    expect(await titles()).toEqual([OVERDUE]);
    await h.clock.advanceBy(2 * 60 * MINUTE);
    expect(await titles()).toEqual([OVERDUE]);
  });

  test('is said again after an hour, where alerts may not be taken in or pages not be sent', async () => {
    await startWith({ oldestPageMs: 3 * MINUTE });
    await h.clock.advanceBy(2 * MINUTE);
    await closed('inc-1');
    await h.clock.advanceBy(59 * MINUTE);
    expect(await titles()).toEqual([]);
    await h.clock.advanceBy(3 * MINUTE);
    expect(await titles()).toEqual([OVERDUE]);
  });

  test('waits for its end where it is for the morning, as with every other alert', async () => {
    const reported = { ambiguous: 1 };
    await startWith(reported);
    await h.clock.advanceBy(10 * MINUTE);
    await closed('inc-1');
    await h.clock.advanceBy(4 * 60 * MINUTE);
    expect(await titles()).toEqual([]);
    reported.ambiguous = 0;
    await h.clock.advanceBy(2 * MINUTE);
    reported.ambiguous = 1;
    await h.clock.advanceBy(10 * MINUTE);
    expect(await titles()).toEqual(['Outcomes at a target stay unknown']);
  });

  test('and was over while the process was away ends its alert all the same', async () => {
    const reported = { oldestPageMs: 3 * MINUTE };
    await startWith(reported);
    await h.clock.advanceBy(2 * MINUTE);
    await closed('inc-1');
    reported.oldestPageMs = 0;
    await h.restart();
    await h.clock.advanceBy(5 * MINUTE);
    expect(h.peek("SELECT status FROM alerts WHERE dedup_key = 'audit:OverdueWork'")).toEqual([
      { status: 'resolved' },
    ]);
  });
});

/** A core that does nothing about what is owed. */
const deaf: Core = {
  ...realCore,
  decide: (state, input, context) =>
    input.type === 'TimePassed' && state?.routing.source === 'prom'
      ? { ok: true, state, events: [], effects: [] }
      : realCore.decide(state, input, context),
};

const OWES = 'An incident does not do what it owes';

test('an incident that does not do what it owes rings somebody', async () => {
  h = await startEngine({ core: deaf });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(6 * MINUTE);
  expect(await titles()).toEqual(['Basket answers with errors']);
  await h.clock.advanceBy(3 * MINUTE);
  expect(await titles()).toContain(OWES);
  const { state } =
    (await h.store.reads.listIncidents({ open: true, limit: 1, before: null }))[0] ?? {};
  expect(state?.routing.description).toMatch(
    /^inc-1 has not done what was due \d+ s ago: the next step for expert, unless somebody answers\. /,
  );
});

test('what is owed too late is said when two audits in a row find it, not when one does', async () => {
  h = await startEngine({ core: deaf });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(8 * MINUTE + 30 * SECOND);
  expect(await titles(), 'it is three and a half minutes late').not.toContain(OWES);
  await h.clock.advanceBy(MINUTE);
  expect(await titles()).toContain(OWES);
});

test('what is owed too late is found again among hundreds of incidents', async () => {
  h = await startEngine({ core: deaf });
  await h.deliver('prom', [alert()]);
  await h.deliver(
    'prom',
    Array.from({ length: 110 }, (_, i) =>
      alert({
        dedupKey: `k${i}`,
        title: `k${i}`,
        labels: { service: 'basket', alertname: `k${i}` },
      }),
    ),
  );
  await h.clock.advanceBy(12 * MINUTE);
  expect((await h.open()).length).toBeGreaterThan(100);
  expect(await titles()).toContain(OWES);
}, 60_000);
