/** Incidents that cannot go on by themselves: somebody is rung about them, once, and never about that again. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  realCore,
  START,
  startEngine,
} from '../../../test/support/engine.ts';
import { person, policy, service } from '../../../test/support/policy.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Tx } from '../../store/store.ts';
import type { Core } from './core.ts';

let h: Harness;
afterEach(() => h.end());

const ALARM_EVERY = policy().automation.alarmEveryMs / MINUTE;

/** A core over which something is broken for these incidents, or for all of them. */
function broken(
  type: 'TimePassed' | 'EffectSettled',
  isBroken: (incident: string) => boolean = () => true,
): Core {
  return {
    ...realCore,
    decide: (state, input, context) => {
      if (input.type === type && isBroken(input.incident)) throw new Error('a clock exploded');
      return realCore.decide(state, input, context);
    },
  };
}

/** The open incidents about such that cannot go on, the oldest first. */
async function about(): Promise<readonly string[]> {
  const titles = (await h.open()).map(({ title }) => title).toReversed();
  return titles.filter((title) => title.includes('cannot go on'));
}

function incidents(): number {
  return h.peek('SELECT id FROM incidents').length;
}

/** When the phone rang for the incident, in minutes. */
async function rings(incident: string): Promise<readonly number[]> {
  const rows = await h.outbox(incident);
  return rows.flatMap(({ effect, firstDueAt }) =>
    effect.name === 'pager.trigger' ? [Math.round((firstDueAt - START) / MINUTE)] : [],
  );
}

/** Services of which each has its own people. */
function many(count: number): { readonly policy: Policy; readonly names: readonly string[] } {
  const names = Array.from({ length: count }, (_, i) => `k${i}`);
  const base = policy();
  return {
    names,
    policy: policy({
      people: {
        ...base.people,
        ...Object.fromEntries(names.map((name) => [name, person(name, ['pd'])])),
      },
      services: Object.fromEntries(
        names.map((name) => [name, service(name, { onCall: { kind: 'person', person: name } })]),
      ),
    }),
  };
}

const alertsOf = (names: readonly string[]) =>
  names.map((name) => alert({ dedupKey: name, title: name, labels: { service: name } }));

const GIVEN_UP = 'Incident inc-1 cannot go on by itself';

describe('an incident that cannot go on by itself', () => {
  test('has one incident about it, however many hours that lasts', async () => {
    h = await startEngine({ core: broken('TimePassed', (incident) => incident === 'inc-1') });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(200 * MINUTE);
    expect(await about()).toEqual([GIVEN_UP]);
  });

  test('has another one when a person has closed the first and it still cannot', async () => {
    h = await startEngine({ core: broken('TimePassed', (incident) => incident === 'inc-1') });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(10 * MINUTE);
    await h.ask({ type: 'MarkFalsePositive', reason: 'Looked at.' }, 'inc-2');
    await h.clock.advanceBy(20 * MINUTE);
    expect(await about()).toEqual([GIVEN_UP]);
    const again = (await h.open()).find(({ title }) => title === GIVEN_UP);
    expect(again?.id).not.toBe('inc-2');
    expect(await rings(again?.id ?? '')).not.toEqual([]);
  });

  test('and is itself about Tocsin has none; it rings again at the alarm interval, until somebody answers', async () => {
    h = await startEngine({ core: broken('TimePassed') });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(100 * MINUTE);
    expect(await about()).toEqual([GIVEN_UP]);
    const rung = await rings('inc-2');
    expect(rung[0]).toBe(5);
    expect(rung.length, 'it is not silent').toBeGreaterThan(3);
    const waits = rung.slice(1).map((at, i) => at - (rung[i] ?? 0));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(ALARM_EVERY);
    expect((await h.incident('inc-2')).alarms['escalation:service' as never]).toBeDefined();

    await h.ask({ type: 'Acknowledge', page: null }, 'inc-2');
    await h.clock.advanceBy(100 * MINUTE);
    expect(await rings('inc-2')).toEqual(rung);
    const logged = h.logs.filter(
      ({ fields, message }) =>
        message.includes('could not be dealt with') &&
        'incident' in fields &&
        fields.incident === 'inc-2',
    );
    expect(logged.length).toBeGreaterThan(10);
  });

  test('and over whose alarm the core throws as well is put off, and nothing else is held up', async () => {
    let isRung = false;
    h = await startEngine({
      core: {
        ...broken('TimePassed', (incident) => incident !== 'inc-3'),
        minimalAlarm: () => {
          isRung = true;
          throw new Error('nobody can be rung');
        },
      },
    });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(60 * MINUTE);
    expect(isRung).toBe(true);
    expect(await about()).toEqual([GIVEN_UP]);
    await h.deliver('prom', [alert({ dedupKey: 'more', title: 'More', labels: { service: 'x' } })]);
    await h.settle();
    expect((await h.open()).map(({ title }) => title)).toContain('More');
  });

  test('and whose alarm the store refuses is put off without it, and nothing else is held up', async () => {
    let tries = 0;
    let isRefusing = false;
    const apply =
      (tx: Tx): Tx['apply'] =>
      async (changes) => {
        const results = await tx.apply(changes);
        return results.map((result, i) => {
          const change = changes[i];
          if (change?.subject.id !== 'inc-2' || !isRefusing) return result;
          tries += 1;
          return { ok: false, conflict: 'version' } as const;
        });
      };
    h = await startEngine({
      core: broken('TimePassed', (incident) => incident !== 'inc-3'),
      wrap: (store) => ({
        ...store,
        transact: (work) => store.transact((tx) => work({ ...tx, apply: apply(tx) })),
      }),
    });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(6 * MINUTE);
    isRefusing = true;
    await h.clock.advanceBy(19 * MINUTE);
    expect(tries).toBe(3);
    await h.deliver('prom', [alert({ dedupKey: 'more', title: 'More', labels: { service: 'x' } })]);
    await h.settle();
    expect((await h.open()).map(({ title }) => title)).toContain('More');
    expect(h.logs.filter(({ message }) => message === 'a turn of the writer failed')).toEqual([]);
  });

  test('and cannot be read although it is about Tocsin has none either', async () => {
    h = await startEngine({ core: broken('TimePassed', (incident) => incident === 'inc-1') });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(6 * MINUTE);
    h.spoil(
      "UPDATE incidents SET state = '{' WHERE id = 'inc-2'; UPDATE events SET event = '{' WHERE subject = 'inc-2'",
    );
    await h.clock.advanceBy(60 * MINUTE);
    expect(await about()).toEqual([]);
    expect(
      h.peek("SELECT key FROM claims WHERE kind = 'group' AND key LIKE 'stuck:%'"),
    ).toHaveLength(1);
  });

  test('is told apart from two others', async () => {
    const { policy: chosen, names } = many(3);
    h = await startEngine({ policy: chosen, core: broken('TimePassed') });
    await h.deliver('prom', alertsOf(names));
    await h.clock.advanceBy(60 * MINUTE);
    expect((await about()).toSorted()).toEqual([
      GIVEN_UP,
      'Incident inc-2 cannot go on by itself',
      'Incident inc-3 cannot go on by itself',
    ]);
  });

  test('is told apart from three that could not either an hour ago', async () => {
    const { policy: chosen, names } = many(4);
    const stuck = new Set(['inc-1', 'inc-2', 'inc-3']);
    h = await startEngine({
      policy: chosen,
      core: broken('TimePassed', (incident) => stuck.has(incident)),
    });
    await h.deliver('prom', alertsOf(names.slice(0, 3)));
    await h.clock.advanceBy(10 * MINUTE);
    expect(await about()).toHaveLength(3);
    stuck.clear();
    await h.clock.advanceBy(60 * MINUTE);
    await h.deliver('prom', alertsOf(names.slice(3)));
    await h.settle();
    const last = (await h.open()).find(({ title }) => title === names[3])?.id ?? '';
    stuck.add(last);
    await h.clock.advanceBy(10 * MINUTE);
    expect((await about()).at(-1)).toBe(`Incident ${last} cannot go on by itself`);
  });

  test('is one of many: where everything is stuck there is one incident about all, and one ring', async () => {
    const { policy: chosen, names } = many(40);
    h = await startEngine({ policy: chosen, core: broken('TimePassed') });
    await h.deliver('prom', alertsOf(names));
    await h.clock.advanceBy(10 * MINUTE);
    expect(await about()).toEqual(['Incidents cannot go on by themselves']);
    expect(await rings('inc-41')).toEqual([5]);
    const before = incidents();
    await h.clock.advanceBy(120 * MINUTE);
    expect(incidents(), 'of none is there another one').toBe(before);
    expect(await about()).toEqual(['Incidents cannot go on by themselves']);
  }, 60_000);
});

describe('incidents that cannot take in how a send ended', () => {
  test('have one incident about each, and that one has none', async () => {
    h = await startEngine({ core: broken('EffectSettled') });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(60 * MINUTE);
    expect(await about()).toEqual([GIVEN_UP]);
  }, 60_000);

  test('have one about all where no incident can', async () => {
    const { policy: chosen, names } = many(5);
    h = await startEngine({ policy: chosen, core: broken('EffectSettled') });
    await h.deliver('prom', alertsOf(names));
    await h.clock.advanceBy(60 * MINUTE);
    expect(await about()).toEqual(['Incidents cannot go on by themselves']);
  }, 120_000);
});
