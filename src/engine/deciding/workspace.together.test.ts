/** What comes together in one turn, and what open incidents share. */
import { afterEach, describe, expect, test } from 'vitest';
import type { PageOrder } from '../../contract/order.ts';
import type { Ring } from '../../core/model/incident.ts';
import {
  alert,
  type Harness,
  MINUTE,
  SECOND,
  START,
  startEngine,
  vendorIncident,
} from '../../../test/support/engine.ts';
import { policy } from '../../../test/support/policy.ts';
import { byPerson } from '../../../test/support/story.ts';

let h: Harness;
afterEach(() => h.end());

const whole = policy();
const shop = whole.teams['shop'];
if (shop === undefined) throw new Error('the base policy has no team shop');

/** All alerts of the basket are one group; their level is the source's. */
const grouped = policy({
  teams: {
    shop: {
      ...shop,
      rules: [
        {
          name: 'basket',
          when: { all: [], any: [], none: [] },
          severity: null,
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

/** The keys under which phones ring, each once. */
function keys(): readonly string[] {
  return [...new Set(h.sent('trigger').map(({ order }) => (order as PageOrder).key))];
}

/** The first ring of the incident's first page. */
async function ring(incident: string): Promise<Ring> {
  const found = Object.values((await h.incident(incident)).pages)[0]?.rings[0];
  if (found === undefined) throw new Error(`${incident} rings nobody`);
  return found;
}

describe('alerts of one group that come together', () => {
  const mild = alert({ dedupKey: 'mild', vendorSeverity: null, startsAt: START - MINUTE });
  const bad = alert({ dedupKey: 'bad', startsAt: START - 10 * MINUTE });

  test.each([
    ['the worst one last', [mild, bad]],
    ['the worst one first', [bad, mild]],
  ])('open one incident, of the level of the worst (%s)', async (_order, body) => {
    h = await startEngine({ policy: grouped });
    await h.deliver('prom', body);
    await h.settle();
    expect(await h.open()).toMatchObject([{ level: 'L2', alerts: { firing: 2 } }]);
  });

  test('are detected from the first signal on', async () => {
    h = await startEngine({ policy: grouped });
    await h.deliver('prom', [mild, bad]);
    await h.settle();
    expect(await h.incident('inc-1')).toMatchObject({ firstSignalAt: START - 10 * MINUTE });
  });
});

test('incidents two minutes apart are a storm', async () => {
  const storm = { incidents: 2, withinMs: 10 * MINUTE };
  h = await startEngine({ policy: policy({ automation: { ...whole.automation, storm } }) });
  for (const dedupKey of ['a', 'b', 'c', 'd']) {
    await h.deliver('prom', [alert({ dedupKey })]);
    await h.clock.advanceBy(2 * MINUTE);
  }
  expect((await h.open()).map(({ id, parent }) => [id, parent])).toEqual([
    ['inc-3', null],
    ['inc-2', 'inc-3'],
    ['inc-1', 'inc-3'],
  ]);
});

describe('one person in two incidents', () => {
  test('of one turn is rung once, for both', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert({ dedupKey: 'one' }), alert({ dedupKey: 'two' })]);
    await h.settle();
    expect(await h.open()).toHaveLength(2);
    expect(keys()).toHaveLength(1);
  });

  test('goes on being rung for the second when the first is over', async () => {
    h = await startEngine();
    for (const dedupKey of ['one', 'two']) await h.deliver('prom', [alert({ dedupKey })]);
    await h.settle();
    expect(keys()).toHaveLength(1);
    await h.ask({ type: 'MarkFalsePositive', reason: 'nothing' }, 'inc-1');
    await h.settle();
    expect(h.sent('resolve')).toEqual([]);
    await h.ask({ type: 'MarkFalsePositive', reason: 'nothing' }, 'inc-2');
    await h.settle();
    expect(h.sent('resolve').map(({ order }) => (order as PageOrder).key)).toEqual(keys());
  });

  test.each(['inc-1', 'inc-2'])(
    'is rung once for three, also when %s is over before the third opens',
    async (over) => {
      h = await startEngine();
      for (const dedupKey of ['one', 'two']) await h.deliver('prom', [alert({ dedupKey })]);
      await h.settle();
      await h.ask({ type: 'MarkFalsePositive', reason: 'nothing' }, over);
      await h.settle();
      await h.deliver('prom', [alert({ dedupKey: 'three' })]);
      await h.settle();
      expect(await ring('inc-3')).toMatchObject({ status: 'joined' });
      expect(keys()).toHaveLength(1);
    },
  );

  test('is rung anew eleven minutes later, although others have joined the ring meanwhile', async () => {
    h = await startEngine();
    for (const dedupKey of ['one', 'two', 'three']) {
      await h.deliver('prom', [alert({ dedupKey })]);
      await h.clock.advanceBy(4 * MINUTE);
    }
    const shared = (await ring('inc-1')).key;
    expect([(await ring('inc-2')).key, (await ring('inc-3')).key]).toEqual([shared, shared]);
    await h.deliver('prom', [alert({ dedupKey: 'four' })]);
    await h.settle();
    expect((await ring('inc-4')).key).not.toBe(shared);
  });

  test('goes on being rung for the second when the first is answered, and falls silent when that is over', async () => {
    h = await startEngine();
    for (const dedupKey of ['one', 'two']) await h.deliver('prom', [alert({ dedupKey })]);
    await h.settle();
    expect(keys()).toHaveLength(1);
    const [key] = keys();
    const heard = (): readonly string[] =>
      h
        .sent()
        .filter(({ order }) => (order as PageOrder).key === key)
        .map(({ method }) => method)
        .filter((method) => method !== 'trigger');
    await h.ask({ type: 'Acknowledge', page: 'p1' }, 'inc-1', { actor: byPerson('ada') });
    await h.settle();
    expect(heard()).toEqual([]);
    await h.ask({ type: 'MarkFalsePositive', reason: 'nothing' }, 'inc-2');
    await h.settle();
    expect(heard(), 'the first still holds it').toEqual(['acknowledge']);
    await h.ask({ type: 'Resolve', text: null }, 'inc-1', { actor: byPerson('ben') });
    await h.settle();
    expect(heard()).toEqual(['acknowledge', 'resolve']);
  });

  test('is rung anew for the second when automation ended the ring of the first', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
    await h.settle();
    const ref = Object.values((await h.incident('inc-1')).pages)[0]?.rings[0]?.ref ?? '';
    await h.deliver('hooks', [vendorIncident({ ref, action: 'resolved' })]);
    await h.settle();
    expect(Object.values((await h.incident('inc-1')).pages)[0]).toMatchObject({ state: 'closed' });
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    expect(await h.open()).toHaveLength(2);
    expect(keys()).toHaveLength(2);
  });

  test('is rung anew for the second when the first is over before it opens', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
    await h.settle();
    await h.ask({ type: 'MarkFalsePositive', reason: 'nothing' }, 'inc-1');
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    expect(await ring('inc-2')).toMatchObject({ status: 'confirmed' });
    expect(keys()).toHaveLength(2);
  });

  test('is rung anew for the second when they answered the first already', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
    await h.settle();
    await h.ask({ type: 'Acknowledge', page: null }, 'inc-1', { actor: byPerson('ada') });
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    expect(await ring('inc-2')).toMatchObject({ status: 'confirmed' });
  });

  test('shares the ring of the pager that took it, not the one that was refused', async () => {
    h = await startEngine();
    const answer = h.vendors.page;
    h.vendors.page = (call) =>
      call.target === 'pd'
        ? { verb: 'reject', reason: 'not_found', detail: 'HTTP 404', hint: 'compare the id' }
        : answer(call);
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
    await h.settle();
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    expect(await ring('inc-2')).toMatchObject({ target: 'og', status: 'joining' });
    await h.clock.advanceBy(10 * SECOND);
    expect(await ring('inc-2')).toMatchObject({ target: 'og', status: 'joined' });
  });

  test('is rung once, whether or not their phone is tested meanwhile', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
    await h.settle();
    await h.ask({ type: 'PageTest', person: 'ada' });
    await h.settle();
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    expect((await ring('inc-3')).key).toBe((await ring('inc-1')).key);
    expect(keys(), 'the test rings for itself').toHaveLength(2);
  });
});

describe('a phone that is written with a name beside its id', () => {
  const known = whole.people['ada'];
  if (known === undefined) throw new Error('the base policy knows no Ada');
  const named = (user: object) =>
    policy({
      people: {
        ...whole.people,
        ada: { ...known, addresses: [{ target: 'pd', address: { user }, label: 'pd Ada' }] },
      },
    });
  const ada = named({ name: 'Ada', id: 'p-ada' });
  test.each([
    ['renamed', named({ name: 'Ada Lovelace', id: 'p-ada' })],
    ['written the other way round', named({ id: 'p-ada', name: 'Ada' })],
  ])('rings once for two incidents, although it was %s between them', async (_how, then) => {
    h = await startEngine({ policy: ada });
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
    await h.settle();
    await h.restart({ policy: then });
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    expect(await ring('inc-2')).toMatchObject({ status: 'joined' });
    expect(keys()).toHaveLength(1);
  });

  test('rings anew when the first incident is over, although its state was read anew from its events', async () => {
    h = await startEngine({ policy: ada });
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
    await h.settle();
    h.spoil("UPDATE incidents SET state = json_set(state, '$.format', 1)");
    await h.restart();
    await h.ask({ type: 'MarkFalsePositive', reason: 'nothing' }, 'inc-1');
    await h.settle();
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    // The second incident is about the spoilt row.
    expect(await ring('inc-3')).toMatchObject({ status: 'confirmed' });
    expect(keys()).toHaveLength(2);
  });
});

describe('while the first pager answers no request', () => {
  const DOWN = { verb: 'retry', reason: 'network', detail: 'refused', ambiguous: false } as const;

  async function down(): Promise<void> {
    h = await startEngine();
    const answer = h.vendors.page;
    h.vendors.page = (call) => (call.target === 'pd' ? DOWN : answer(call));
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
  }

  const rang = (): readonly string[] =>
    h
      .sent('trigger')
      .filter(({ target }) => target === 'og')
      .map(({ at, order }) => `${(at - START) / MINUTE} ${(order as PageOrder).key}`);

  async function rings(incident: string): Promise<readonly string[]> {
    const [page] = Object.values((await h.incident(incident)).pages);
    return (page?.rings ?? []).map(({ target, status }) => `${target} ${status}`);
  }

  test('the second incident joins the phone that rings at the next one', async () => {
    await down();
    await h.clock.advanceBy(2 * MINUTE);
    expect(await rings('inc-1')).toEqual(['pd pending', 'og confirmed']);
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    expect(await rings('inc-2')).toEqual(['og joined']);
    expect(new Set(rang().map((each) => each.split(' ')[1])).size, 'one ring').toBe(1);
  });

  test('the second incident joins the first request, and goes to the next pager with it', async () => {
    await down();
    await h.clock.advanceBy(20 * SECOND);
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    expect(await rings('inc-2')).toEqual(['pd joining']);
    await h.clock.advanceBy(MINUTE);
    expect((await rings('inc-1')).concat(await rings('inc-2'))).toEqual(
      expect.arrayContaining(['og confirmed', 'og joined']),
    );
    expect(
      rang().map((each) => each.split(' ')[0]),
      'one ring, asked for once',
    ).toEqual(['1']);
  });
});

test('an incident is reopened although another one collects the alerts of its group now', async () => {
  h = await startEngine({ policy: grouped });
  await h.deliver('prom', [alert({ dedupKey: 'a', startsAt: 1 })]);
  await h.settle();
  const ada = { actor: byPerson('ada') };
  await h.ask({ type: 'Resolve', text: null }, 'inc-1', ada);
  await h.deliver('prom', [alert({ dedupKey: 'b', startsAt: 2 })]);
  await h.settle();
  expect(await h.ask({ type: 'Reopen', reason: 'it is back' }, 'inc-1', ada)).toMatchObject({
    ok: true,
  });
  await h.deliver('prom', [alert({ dedupKey: 'c', startsAt: 3 })]);
  await h.settle();
  const open = await h.open();
  expect(open.map(({ id, alerts }) => [id, alerts.firing])).toEqual([
    ['inc-2', 2],
    ['inc-1', 1],
  ]);
});
