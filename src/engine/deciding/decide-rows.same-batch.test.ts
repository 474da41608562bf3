/** What arrives together is decided in the order in which it arrived. */
import { isOver } from '../../core/model/incident.ts';
import { afterEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  realCore,
  SECOND,
  startEngine,
  vendorIncident,
} from '../../../test/support/engine.ts';
import { policy, service } from '../../../test/support/policy.ts';
import { byPerson } from '../../../test/support/story.ts';
import type { IncidentEvent } from '../../core/model/event.ts';
import { sentenceOf } from '../../core/model/events.ts';

let h: Harness;
afterEach(() => h.end());

const inWords = (event: IncidentEvent): string => sentenceOf(event, String);

const whole = policy();
const shop = whole.teams['shop'];
if (shop === undefined) throw new Error('the base policy has no team shop');
const grouped = policy({
  teams: {
    shop: {
      ...shop,
      rules: [
        {
          name: 'basket',
          when: { all: [], any: [], none: [] },
          severity: 'L2',
          service: 'basket',
          groupBy: [],
          trusted: false,
          suppress: false,
          continue: false,
          where: { file: 'shop.yaml', line: 1, column: 1 },
        },
      ],
    },
  },
});

const sourceOf = (name: string) => {
  const source = whole.sources[name];
  if (source === undefined) throw new Error(`the base policy has no source ${name}`);
  return source;
};

const onCall = (person: string) => ({ onCall: { kind: 'person', person } }) as const;
/** The third incident is a storm's. */
const stormy = policy({
  services: {
    basket: service('basket'),
    search: service('search', onCall('dev')),
    stock: service('stock', onCall('gus')),
  },
  automation: { ...whole.automation, storm: { incidents: 2, withinMs: 10 * MINUTE } },
});

test.each(['api', 'cli'] as const)(
  'an alert that comes in the same moment behind a resolution (%s) opens a new incident and rings',
  async (origin) => {
    h = await startEngine({ policy: grouped });
    await h.deliver('prom', [alert({ dedupKey: 'a', startsAt: 1 })]);
    await h.settle();
    const resolved = h.engine.request({
      actor: byPerson('ada'),
      incident: 'inc-1',
      request: { type: 'Resolve', text: null },
      idempotencyKey: null,
      origin,
    });
    const delivered = h.deliver('prom', [alert({ dedupKey: 'b', startsAt: 2 })]);
    expect(await resolved).toMatchObject({ ok: true });
    await delivered;
    await h.settle();
    const second = await h.incident('inc-2');
    expect(isOver(second)).toBe(false);
    expect(second.alerts.firing).toBe(1);
    expect(h.sent('trigger')).toHaveLength(2);
  },
);

test('what the sender of the second delivery left out is on the timeline', async () => {
  h = await startEngine({ policy: grouped });
  await Promise.all([
    h.deliver('prom', [alert({ dedupKey: 'a' })]),
    h.deliver('prom', [alert({ dedupKey: 'b' })], { 'x-left-out': '7' }),
  ]);
  await h.settle();
  const said = (await h.store.reads.timeline('inc-1')).map(({ event }) => event);
  expect(said.filter(({ type }) => type === 'AlertsAttached').map(inWords)).toEqual([
    'Alerts: 2 began; 2 of 2 are firing. The sender left some out.',
  ]);
});

test('the timeline counts what began and what ended, together and each alone', async () => {
  h = await startEngine({ policy: grouped });
  const a = { dedupKey: 'a', startsAt: 1 };
  const b = { dedupKey: 'b', startsAt: 1 };
  const c = { dedupKey: 'c', startsAt: 1 };
  await h.deliver('prom', [alert(a), alert(b)]);
  await h.settle();
  await h.deliver('prom', [alert({ ...a, status: 'resolved' }), alert(b)]);
  await h.settle();
  await h.deliver('prom', [alert({ ...b, status: 'resolved' }), alert(c)]);
  await h.settle();
  const said = (await h.store.reads.timeline('inc-1')).map(({ event }) => event);
  expect(said.filter(({ type }) => type === 'AlertsAttached').map(inWords)).toEqual([
    'Alerts: 2 began; 2 of 2 are firing.',
    'Alerts: 1 ended; 1 of 2 are firing.',
    'Alerts: 1 began, 1 ended; 1 of 3 are firing.',
  ]);
});

test('a sender without groups is heard by the incidents whose alerts it names, and by no other', async () => {
  h = await startEngine();
  const about = (dedupKey: string, service: string) => alert({ dedupKey, labels: { service } });
  const inPart = { 'x-left-out': '7' };
  await h.deliver('prom', [about('a', 'basket'), about('b', 'search')], inPart);
  await h.deliver('prom', [about('a', 'basket')]);
  await h.settle();
  expect((await h.incident('inc-1')).leftOut).toEqual({});
  expect(Object.keys((await h.incident('inc-2')).leftOut)).toEqual(['told:prom']);
});

test('a delivery is whole for its own group, whatever another one tells at the same moment', async () => {
  h = await startEngine();
  const ended = (dedupKey: string) => [alert({ dedupKey, status: 'resolved' })];
  await h.deliver('prom', [alert({ dedupKey: 'a' })], { 'x-group': 'shop', 'x-left-out': '7' });
  await h.settle();
  expect(Object.keys((await h.incident('inc-1')).leftOut)).toHaveLength(1);
  await Promise.all([
    h.deliver('prom', ended('b'), { 'x-group': 'other' }),
    h.deliver('prom', ended('c'), { 'x-group': 'shop' }),
  ]);
  await h.settle();
  expect((await h.incident('inc-1')).leftOut).toEqual({});
});

test('a storm reaches every service of one delivery: each on-call rings', async () => {
  h = await startEngine({ policy: stormy });
  for (const dedupKey of ['a', 'b', 'c']) await h.deliver('prom', [alert({ dedupKey })]);
  await h.settle();
  expect(await h.incident('inc-3')).toMatchObject({ storm: { services: ['basket'] } });
  await h.deliver('prom', [
    alert({ dedupKey: 'd', labels: { service: 'search' } }),
    alert({ dedupKey: 'e', labels: { service: 'stock' } }),
  ]);
  await h.settle();
  const { pages, storm } = await h.incident('inc-3');
  expect(storm?.services).toEqual(['basket', 'search', 'stock']);
  expect(Object.values(pages).map(({ person }) => person)).toEqual(['ada', 'dev', 'gus']);
});

describe('alerts of one group that arrive together', () => {
  const rules = (severity: string | null) =>
    policy({
      teams: {
        shop: {
          ...shop,
          rules:
            grouped.teams['shop']?.rules.map((rule) => ({
              ...rule,
              severity,
              groupBy: ['service'],
            })) ?? [],
        },
      },
      sources: {
        ...whole.sources,
        prom: { ...sourceOf('prom'), severityMap: { critical: 'L2', warning: 'L3' } },
      },
    });

  test('raise it by what fires, not by what has cleared', async () => {
    h = await startEngine({ policy: rules(null) });
    await h.deliver('prom', [alert({ dedupKey: 'a', vendorSeverity: 'warning' })]);
    await h.settle();
    await h.deliver('prom', [
      alert({ dedupKey: 'a', status: 'resolved', vendorSeverity: 'critical' }),
      alert({ dedupKey: 'b', vendorSeverity: 'warning' }),
    ]);
    await h.settle();
    expect(await h.incident('inc-1')).toMatchObject({
      level: 'L3',
      alerts: { firing: 1, total: 2 },
    });
  });

  test('with two objects of a vendor hold both: two phones ring', async () => {
    h = await startEngine({ policy: rules('L2') });
    const labels = { service: 'basket' };
    await h.deliver(
      'hooks',
      ['Q1', 'Q2'].map((ref) => vendorIncident({ ref, labels })),
    );
    await h.settle();
    const { pages } = await h.incident('inc-1');
    expect(Object.values(pages).map(({ rings }) => rings[0]?.ref)).toEqual(['Q1', 'Q2']);
  });

  test('with an object of a vendor behind a plain alert ring nobody beside it', async () => {
    h = await startEngine({ policy: rules('L2') });
    const theirs = vendorIncident({ labels: { service: 'basket' } });
    await Promise.all([h.deliver('prom', [alert()]), h.deliver('hooks', [theirs])]);
    await h.settle();
    const { pages } = await h.incident('inc-1');
    expect(Object.values(pages)).toMatchObject([{ adopted: true }]);
    expect(h.sent('trigger')).toEqual([]);
  });
});

test('a storm is seen within one delivery, and speaks for the services of all', async () => {
  h = await startEngine({ policy: stormy });
  await h.deliver('prom', [
    alert({ dedupKey: 'a', labels: { service: 'search' } }),
    alert({ dedupKey: 'b', labels: { service: 'stock' } }),
    alert({ dedupKey: 'c' }),
    alert({ dedupKey: 'd' }),
  ]);
  await h.settle();
  const { storm } = await h.incident('inc-3');
  expect(storm?.children.toSorted()).toEqual(['inc-1', 'inc-2']);
  expect(storm?.services.toSorted()).toEqual(['basket', 'search', 'stock']);
  expect(await h.open()).toHaveLength(3);
});

test('an incident that cannot be told of its parent blocks nobody: the minimal path takes the row', async () => {
  const chosen = policy({
    automation: { ...whole.automation, storm: { incidents: 2, withinMs: 10 * MINUTE } },
  });
  h = await startEngine({
    policy: chosen,
    core: {
      ...realCore,
      decide: (state, input, context) => {
        if (input.type === 'JoinedParent') throw new Error('the child cannot be folded');
        return realCore.decide(state, input, context);
      },
    },
  });
  for (const dedupKey of ['a', 'b', 'c']) await h.deliver('prom', [alert({ dedupKey })]);
  await h.deliver('prom', [alert({ dedupKey: 'd', vendorSeverity: null, labels: {} })]);
  await h.clock.advanceBy(10 * SECOND);
  expect(await h.engine.health()).toMatchObject({ undecided: 0 });
  expect((await h.open()).map(({ title }) => title)).toContain(
    'Deliveries of prom could not be decided',
  );
});
