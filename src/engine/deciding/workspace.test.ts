/** Incidents from the store to a decision and back: another release, another writer, a clock that went back. */
import { afterEach, expect, test } from 'vitest';
import type { PageOrder } from '../../contract/order.ts';
import type { Incident } from '../../core/model/incident.ts';
import type { Rotation } from '../../core/model/policy.ts';
import type { Store, Tx } from '../../store/store.ts';
import { alert, type Harness, MINUTE, START, startEngine } from '../../../test/support/engine.ts';
import { policy, role } from '../../../test/support/policy.ts';

let h: Harness;
afterEach(() => h.end());

function withTx(store: Store, change: (tx: Tx) => Partial<Tx>): Store {
  return { ...store, transact: (work) => store.transact((tx) => work({ ...tx, ...change(tx) })) };
}

test('an incident whose cached state is of another release is read from its events', async () => {
  let isUpgraded = false;
  /** What an older release would have cached: it knows no level. */
  const old = (state: Incident | null): Incident =>
    ({ ...state, format: 0, level: null, title: 'of an older release' }) as unknown as Incident;
  h = await startEngine({
    wrap: (store) =>
      withTx(store, (tx) => ({
        incidents: async (ids) => {
          const rows = await tx.incidents(ids);
          return isUpgraded ? rows.map((row) => ({ ...row, state: old(row.state) })) : rows;
        },
      })),
  });
  await h.deliver('prom', [alert()]);
  await h.settle();
  isUpgraded = true;
  await h.ask({ type: 'AddNote', text: 'Looking.' }, 'inc-1');
  expect(await h.incident('inc-1')).toMatchObject({
    level: 'L2',
    title: 'Basket answers with errors',
  });
});

test('a decision that came too late, because somebody else was faster, is made again', async () => {
  let conflicts = 1;
  h = await startEngine({
    wrap: (store) =>
      withTx(store, (tx) => ({
        apply: async (changes) => {
          if (changes.length === 0 || (conflicts -= 1) < 0) return tx.apply(changes);
          return changes.map(() => ({ ok: false, conflict: 'version' }));
        },
      })),
  });
  await h.deliver('prom', [alert()]);
  await h.settle();
  expect(await h.open()).toMatchObject([{ title: 'Basket answers with errors' }]);
  expect(h.sent('trigger')).toHaveLength(1);
});

test('an incident does not go back in time with the clock of the machine', async () => {
  h = await startEngine();
  await h.clock.advanceBy(5 * MINUTE);
  await h.deliver('prom', [alert()]);
  await h.settle();
  h.sleepFor(-60 * MINUTE);
  await h.ask({ type: 'AddNote', text: 'The clock is wrong.' }, 'inc-1');
  const times = (await h.store.reads.timeline('inc-1')).map(({ event }) => event.at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.at(-1)).toBe(START + 5 * MINUTE);
});

test('a clock that is set back keeps no page waiting until it has caught up', async () => {
  h = await startEngine();
  await h.clock.advanceBy(15 * MINUTE);
  await h.deliver('prom', [alert()]);
  await h.settle();
  h.sleepFor(-60 * MINUTE);
  await h.ask({ type: 'Acknowledge', page: null }, 'inc-1');
  await h.settle();
  const rung = h.sent('trigger').map(({ order }) => (order as PageOrder).address);
  expect(rung).toEqual([{ user: 'ada' }, { user: 'cleo' }, { user: 'dev' }]);
});

test('a clock that goes back over a handover rings nobody whose shift is over', async () => {
  const { rotations, roles } = policy();
  const commanders: Rotation = {
    id: 'commanders',
    timezone: 'UTC',
    every: { count: 1, unit: 'day' },
    handoff: { weekday: null, at: '12:10' },
    starts: '2026-01-04',
    people: ['gus', 'ben'],
  };
  const commander = role('commander', {
    page: { kind: 'rotation', rotation: 'commanders' },
    commands: true,
  });
  h = await startEngine({
    policy: policy({
      rotations: { ...rotations, commanders },
      roles: { ...roles, commander },
    }),
  });
  await h.clock.advanceBy(15 * MINUTE);
  await h.deliver('prom', [alert()]);
  await h.settle();
  h.sleepFor(-10 * MINUTE);
  await h.ask({ type: 'Acknowledge', page: null }, 'inc-1');
  await h.settle();
  const rung = h.sent('trigger').map(({ order }) => (order as PageOrder).address);
  expect(rung).toContainEqual({ user: 'ben' });
  expect(rung).not.toContainEqual({ user: 'gus' });
});
