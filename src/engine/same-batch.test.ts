/** What arrives together is decided in the order in which it arrived. */
import { afterEach, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  realCore,
  SECOND,
  startEngine,
} from '../../test/support/engine.ts';
import { policy } from '../../test/support/policy.ts';
import { byPerson } from '../../test/support/story.ts';
import type { IncidentEvent } from '../core/event.ts';
import { sentenceOf } from '../core/events.ts';
import { isOver } from '../core/turn.ts';

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

test('an alert that comes in the same moment behind a resolution opens a new incident and rings', async () => {
  h = await startEngine({ policy: grouped });
  await h.deliver('prom', [alert({ dedupKey: 'a', startsAt: 1 })]);
  await h.settle();
  const resolved = h.ask({ type: 'Resolve', text: null }, 'inc-1', { actor: byPerson('ada') });
  const delivered = h.deliver('prom', [alert({ dedupKey: 'b', startsAt: 2 })]);
  expect(await resolved).toMatchObject({ ok: true });
  await delivered;
  await h.settle();
  const second = await h.incident('inc-2');
  expect(isOver(second)).toBe(false);
  expect(second.alerts.firing).toBe(1);
  expect(h.sent('trigger')).toHaveLength(2);
});

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

test('a storm reaches every service of one delivery: each on-call rings', async () => {
  const basket = whole.services['basket'];
  if (basket === undefined) throw new Error('the base policy has no service basket');
  const onCall = (id: string, person: string) => ({
    ...basket,
    id,
    onCall: { kind: 'person' as const, person },
  });
  h = await startEngine({
    policy: policy({
      services: { basket, search: onCall('search', 'dev'), stock: onCall('stock', 'gus') },
      automation: { ...whole.automation, storm: { incidents: 2, withinMs: 10 * MINUTE } },
    }),
  });
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
