/** Incidents that are woken: in time, by what holds now, and none at the cost of another. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  loadedFor,
  MINUTE,
  realCore,
  SECOND,
  START,
  startEngine,
} from '../../../test/support/engine.ts';
import { level, person, policy, service, withLevel } from '../../../test/support/policy.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Core } from './core.ts';

let h: Harness;
afterEach(() => h.end());

const GIVEN_UP = 'cannot go on by itself';

/** A core that throws when this incident is woken, and notes when any was. */
function throwingOver(ids: readonly string[]) {
  const world = {
    isBroken: true,
    woken: [] as { readonly incident: string; readonly at: number }[],
  };
  const core: Core = {
    ...realCore,
    decide: (state, input, context) => {
      if (input.type !== 'TimePassed') return realCore.decide(state, input, context);
      world.woken.push({ incident: input.incident, at: (context.now - START) / SECOND });
      if (world.isBroken && ids.includes(input.incident)) throw new Error('a clock exploded');
      return realCore.decide(state, input, context);
    },
  };
  const times = (incident: string): readonly number[] =>
    world.woken.flatMap((one) => (one.incident === incident ? [one.at] : []));
  return Object.assign(world, { core, times });
}

async function titles(): Promise<readonly string[]> {
  return (await h.open()).map(({ title }) => title);
}

/** Whose phone rang when, in minutes, at any pager. */
function rings(name: string): readonly number[] {
  return h
    .sent('trigger')
    .filter(({ order }) => 'address' in order && JSON.stringify(order.address).includes(name))
    .map(({ at }) => (at - START) / MINUTE);
}

/** A second service, with people of its own. */
const two: Policy = policy({
  services: {
    ...policy().services,
    search: service('search', {
      onCall: { kind: 'person', person: 'cleo' },
      fallback: [{ kind: 'person', person: 'dev' }],
    }),
  },
});
const search = alert({
  dedupKey: 'search',
  title: 'Search is slow',
  labels: { service: 'search' },
});

describe('an incident over which the core throws', () => {
  test('holds up no other that is due at the same instant', async () => {
    const world = throwingOver(['inc-1']);
    h = await startEngine({ policy: two, core: world.core });
    await h.deliver('prom', [alert()]);
    await h.deliver('prom', [search]);
    await h.clock.advanceBy(6 * MINUTE);
    expect(rings('dev')).toEqual([5]);
    expect(await titles()).toContain(`Incident inc-1 ${GIVEN_UP}`);
  });

  test('is tried three times, a second apart, and then every 15 minutes: it does not run hot', async () => {
    const world = throwingOver(['inc-1']);
    h = await startEngine({ core: world.core });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(36 * MINUTE);
    expect(world.times('inc-1')).toEqual([
      300,
      301,
      302,
      302 + 15 * 60,
      303 + 15 * 60,
      304 + 15 * 60,
      304 + 30 * 60,
      305 + 30 * 60,
      306 + 30 * 60,
    ]);
    const about = (await titles()).filter((title) => title.includes(GIVEN_UP));
    expect(about, 'one incident about it, not one a try').toHaveLength(1);
  });

  test('goes on by itself as soon as it is mended, with what fell due meanwhile', async () => {
    const world = throwingOver(['inc-1']);
    h = await startEngine({ core: world.core });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(5 * MINUTE + SECOND);
    world.isBroken = false;
    await h.clock.advanceBy(SECOND);
    expect(rings('ben')).toEqual([(5 * MINUTE + 2 * SECOND) / MINUTE]);
    expect((await titles()).some((title) => title.includes(GIVEN_UP))).toBe(false);
  });

  test('now and then is not given up: only three times in a row count', async () => {
    const world = throwingOver(['inc-1']);
    h = await startEngine({ core: world.core });
    await h.deliver('prom', [alert()]);
    for (let step = 0; step < 4; step += 1) {
      world.isBroken = true;
      const before = world.times('inc-1').length;
      await h.clock.runUntil(() => world.times('inc-1').length > before, START + 60 * MINUTE);
      world.isBroken = false;
      await h.clock.advanceBy(2 * SECOND);
    }
    expect((await titles()).some((title) => title.includes(GIVEN_UP))).toBe(false);
    expect((await h.incident('inc-1')).escalations['role:expert']?.step).toBeGreaterThan(1);
  });
});

describe('an incident over whose obligations the core throws', () => {
  test('is woken a minute later instead of never, and loses nothing of what was decided', async () => {
    let isBroken = false;
    const core: Core = {
      ...realCore,
      wakeUpOf: (state, context) => {
        if (isBroken) throw new Error('what it owes cannot be told');
        return realCore.wakeUpOf(state, context);
      },
    };
    h = await startEngine({ core });
    isBroken = true;
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(rings('ada'), 'the page left all the same').toEqual([0]);
    const wake = async () => (await h.store.reads.incident('inc-1'))?.wake;
    expect(await wake()).toMatchObject({ rank: 0, at: START + MINUTE });
    await h.clock.advanceBy(5 * MINUTE + SECOND);
    expect(rings('ben')).toEqual([5]);
    isBroken = false;
    await h.clock.advanceBy(MINUTE);
    expect(await wake()).toMatchObject({ rank: 1 });
  });
});

describe('wake-ups that were derived from something else than what holds now', () => {
  const vendors = (): Parameters<typeof loadedFor>[1] => ({
    vendors: h.vendors,
    calls: h.calls,
    asked: h.asked,
    now: () => h.clock.now(),
  });
  const firing = (orAfterMs: number): Policy => ({
    ...withLevel('L2', { declare: { by: ['person'], orAfterMs } }),
    hash: `after ${orAfterMs}`,
  });
  const declaredAt = async (id = 'inc-1') => (await h.incident(id)).declaredAt;

  test('are derived anew after a reload: what is due sooner comes sooner, and what is due later, later', async () => {
    h = await startEngine({ policy: firing(10 * MINUTE) });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(MINUTE);
    await h.engine.reload(loadedFor(firing(2 * MINUTE + 10 * SECOND), vendors()));
    await h.clock.advanceBy(90 * SECOND);
    expect(await declaredAt()).toBe(START + 130 * SECOND);
  });

  test('are derived anew by each of a row of reloads, which moves nothing that the first one hurries', async () => {
    h = await startEngine({ policy: firing(10 * MINUTE) });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(4 * MINUTE);
    const commented = (hash: string): Policy => ({ ...firing(2 * MINUTE), hash });
    await h.engine.reload(loadedFor(firing(2 * MINUTE), vendors()));
    await h.clock.advanceBy(50 * SECOND);
    await h.engine.reload(loadedFor(commented('a comment'), vendors()));
    await h.clock.advanceBy(5 * SECOND);
    await h.crash();
    await h.restart({ policy: commented('another comment') });
    await h.clock.advanceBy(MINUTE);
    expect(await declaredAt()).toBe(START + 5 * MINUTE);
  });

  test('are derived anew when a pause begins and when it is ended', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(4 * MINUTE);
    await h.engine.pause('paging', { by: 'ada', why: 'a drill', forMs: 60 * MINUTE });
    await h.settle();
    const due = async () => ((await h.store.reads.incident('inc-1'))?.wake?.at ?? 0) - START;
    expect(await due(), 'looked at every quarter of an hour').toBe(19 * MINUTE);
    await h.clock.advanceBy(2 * MINUTE);
    await h.engine.resume('paging', 'ada');
    await h.settle();
    expect(await due()).toBe(7 * MINUTE);
    await h.clock.advanceBy(2 * MINUTE);
    expect(rings('ben'), 'the minute that was left').toEqual([7]);
  });

  test('are derived anew at a start by another policy', async () => {
    h = await startEngine({ policy: firing(10 * MINUTE) });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.crash();
    await h.restart({ policy: firing(3 * MINUTE) });
    await h.clock.advanceBy(4 * MINUTE);
    expect(await declaredAt()).toBe(START + 3 * MINUTE);
  });

  test('are derived anew all of them, a slice a turn', async () => {
    const names = Array.from({ length: 210 }, (_, i) => `k${String(i).padStart(3, '0')}`);
    const many = (orAfterMs: number): Policy => ({
      ...policy({
        levels: [level('L2', 0, { declare: { by: ['person'], orAfterMs }, public: null })],
        people: {
          ...policy().people,
          ...Object.fromEntries(names.map((name) => [name, person(name, ['pd'])])),
        },
        services: Object.fromEntries(
          names.map((name) => [
            name,
            service(name, { onCall: { kind: 'person', person: name }, fallback: [] }),
          ]),
        ),
      }),
      hash: `many after ${orAfterMs}`,
    });
    h = await startEngine({ policy: many(14 * MINUTE) });
    await h.deliver(
      'prom',
      names.map((name) => alert({ dedupKey: name, title: name, labels: { service: name } })),
    );
    await h.clock.advanceBy(MINUTE);
    await h.engine.reload(loadedFor(many(3 * MINUTE), vendors()));
    await h.clock.advanceBy(2 * MINUTE + 30 * SECOND);
    const open = await h.open();
    expect(open).toHaveLength(names.length);
    expect(open.filter((one) => one.declaredAt === null)).toEqual([]);
  }, 60_000);
});
