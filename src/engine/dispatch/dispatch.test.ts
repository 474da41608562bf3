/** From decision to vendor: what is sent when, what is repeated, and what is not. */
import { afterEach, describe, expect, test } from 'vitest';
import type { PageOrder } from '../../contract/order.ts';
import type { Outcome } from '../../contract/outcome.ts';
import { Secret } from '../../contract/secret.ts';
import { StoreUnavailable } from '../../store/store.ts';
import {
  alert,
  type Call,
  type Harness,
  MINUTE,
  realCore,
  SECOND,
  START,
  startEngine,
} from '../../../test/support/engine.ts';
import { policy, service } from '../../../test/support/policy.ts';

let h: Harness;
afterEach(() => h.end());

const down: Outcome = {
  verb: 'retry',
  reason: 'server_error',
  ambiguous: false,
  detail: 'HTTP 503',
};
const silent: Outcome = { verb: 'retry', reason: 'timeout', ambiguous: true, detail: 'no answer' };

function seconds(calls: readonly Call[]): readonly number[] {
  return calls.map(({ at }) => (at - START) / SECOND);
}

function at(target: string): (call: Call) => boolean {
  return (call) => call.target === target;
}

/** Only the first pager, so that retries are seen without failover. */
const onePager = policy({
  people: Object.fromEntries(
    Object.entries(policy().people).map(([id, one]) => [
      id,
      { ...one, addresses: one.addresses.slice(0, 1) },
    ]),
  ),
});

describe('a page', () => {
  test('that the vendor does not take is repeated after 1, 2, 5, 10, 20, 30 s and then every 30 s, give or take a fifth', async () => {
    h = await startEngine({ policy: onePager });
    h.vendors.page = () => down;
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(4 * MINUTE);
    const ada = h
      .sent('trigger')
      .filter(({ order }) => (order as PageOrder).key.endsWith('inc-1/p1'));
    const times = seconds(ada);
    const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    const expected = [1, 2, 5, 10, 20, 30, 30, 30];
    for (const [i, wait] of waits.slice(0, expected.length).entries()) {
      expect(wait).toBeGreaterThanOrEqual((expected[i] ?? 0) * 0.8);
      expect(wait).toBeLessThanOrEqual((expected[i] ?? 0) * 1.2);
    }
    expect(times[0]).toBe(0);
    expect(new Set(ada.map(({ order }) => order.idempotencyKey)).size).toBe(1);
    expect(new Set(ada.map(({ order }) => JSON.stringify({ ...order, deadline: 0 }))).size).toBe(1);
  });

  test('is never sent inside a Retry-After window, nor is anything else to that target', async () => {
    const services = {
      basket: service('basket'),
      search: service('search', { onCall: { kind: 'person', person: 'gus' } }),
    };
    h = await startEngine({ policy: { ...onePager, services } });
    const answer = h.vendors.page;
    h.vendors.page = () => ({
      verb: 'retry',
      reason: 'rate_limited',
      ambiguous: false,
      detail: 'HTTP 429',
      afterMs: 45_000,
    });
    await h.deliver('prom', [alert()]);
    await h.settle();
    h.vendors.page = answer;
    await h.clock.advanceBy(10 * SECOND);
    await h.deliver('prom', [alert({ dedupKey: 'other', labels: { service: 'search' } })]);
    await h.clock.advanceBy(2 * MINUTE);
    expect(
      h.sent('trigger').map((call) => [seconds([call])[0], (call.order as PageOrder).address]),
    ).toEqual([
      [0, { user: 'ada' }],
      [45, { user: 'gus' }],
      [45, { user: 'ada' }],
    ]);
  });

  test.each([
    { of: 'for its address', then: 'is given up there', ofAddress: true, status: 'dead' },
    {
      of: 'for the account',
      then: 'is asked for there again',
      ofAddress: false,
      status: 'pending',
    },
  ])(
    'that is refused $of $then, and goes to the next pager at once',
    async ({ ofAddress, status }) => {
      h = await startEngine();
      const refusal = { reason: 'not_found', detail: 'HTTP 404', hint: 'compare the id' } as const;
      h.vendors.page = ({ target }) =>
        target === 'pd'
          ? { verb: 'reject', ofAddress, ...refusal }
          : { verb: 'delivered', receipt: 'confirmed', externalRef: 'og-1' };
      await h.deliver('prom', [alert()]);
      await h.settle();
      expect(h.sent('trigger').map(({ at: when, target }) => [when - START, target])).toEqual([
        [0, 'pd'],
        [0, 'og'],
      ]);
      expect((await h.outbox('inc-1'))[0]).toMatchObject({
        status,
        lastOutcome: `${status === 'dead' ? 'rejected' : 'refused'} (not_found): HTTP 404`,
      });
    },
  );

  test('carries the secrets of its address as secrets, which the policy only refers to', async () => {
    const ada = {
      ...policy().people['ada'],
      addresses: [
        {
          target: 'pd',
          address: { service: { id: 'S1' }, key: 'secret:roles.ic.page.key' },
          label: 'pd',
        },
      ],
    } as ReturnType<typeof policy>['people'][string];
    h = await startEngine({ policy: policy({ people: { ...policy().people, ada } }) });
    const key = new Secret('routing-key-of-the-role');
    const setup = h.engine.setup();
    await h.engine.reload({ ...setup, addressSecrets: { 'secret:roles.ic.page.key': key } });
    await h.deliver('prom', [alert()]);
    await h.settle();
    const order = h.sent('trigger')[0]?.order as PageOrder;
    expect(order).toMatchObject({ address: { service: { id: 'S1' } } });
    expect((order.address as { key: unknown }).key).toBe(key);
    expect(JSON.stringify(await h.outbox('inc-1'))).not.toContain('routing-key');
  });

  test('whose pager hangs fails over 60 s after it was due', async () => {
    h = await startEngine();
    h.vendors.page = ({ target }) =>
      target === 'pd' ? silent : { verb: 'delivered', receipt: 'confirmed', externalRef: 'og-1' };
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(2 * MINUTE);
    expect(seconds(h.sent('trigger').filter(at('og')))).toEqual([60]);
  });

  test('that is acknowledged before it was sent is superseded', async () => {
    h = await startEngine({ policy: onePager });
    h.vendors.page = () => down;
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.ask({ type: 'Acknowledge', page: null }, 'inc-1');
    await h.clock.advanceBy(5 * SECOND);
    const trigger = (await h.outbox('inc-1')).find(({ effect }) => effect.id === 'inc-1/5/0');
    expect(trigger).toMatchObject({
      status: 'superseded',
      lastOutcome: 'the page is acknowledged',
    });
  });

  test('that hangs in the adapter for ever is repeated when the lease ends, and its late answer changes nothing', async () => {
    h = await startEngine({ policy: onePager });
    const answers: ((outcome: Outcome) => void)[] = [];
    h.vendors.page = () => new Promise((resolve) => answers.push(resolve));
    await h.deliver('prom', [alert()]);
    // The clock must not wait for a vendor who waits for the clock.
    h.engine.inFlight = () => 0;
    await h.clock.advanceBy(14 * SECOND);
    expect(answers).toHaveLength(1);
    expect((await h.outbox('inc-1'))[0]).toMatchObject({ status: 'ambiguous', attempt: 1 });
    await h.clock.advanceBy(3 * SECOND);
    expect(answers).toHaveLength(2);
    answers[0]?.({ verb: 'delivered', receipt: 'confirmed', externalRef: 'late' });
    await h.settle();
    expect(Object.values((await h.incident('inc-1')).pages)[0]?.rings[0]).toMatchObject({
      status: 'pending',
    });
    answers[1]?.({ verb: 'delivered', receipt: 'confirmed', externalRef: 'second' });
    await h.settle();
    expect(Object.values((await h.incident('inc-1')).pages)[0]?.rings[0]).toMatchObject({
      ref: 'second',
    });
  });

  test('whose lease was lost while it was sent changes nothing by its late outcome', async () => {
    h = await startEngine({ policy: onePager });
    const answers: ((outcome: Outcome) => void)[] = [];
    h.vendors.page = () => new Promise((resolve) => answers.push(resolve));
    h.engine.inFlight = () => 0;
    await h.deliver('prom', [alert()]);
    await h.settle();
    // What another node does that takes this one for dead.
    await h.store.transact((tx) => tx.recoverSending(h.clock.now() + MINUTE));
    answers[0]?.({ verb: 'delivered', receipt: 'confirmed', externalRef: 'late' });
    await h.settle();
    expect(Object.values((await h.incident('inc-1')).pages)[0]?.rings[0]).toMatchObject({
      status: 'pending',
      ref: null,
    });
    expect(await h.metrics.registry.metrics()).toContain(
      'tocsin_late_results_total{target="pd"} 1',
    );
  });

  test('whose adapter throws is retried, and the bug is logged with its stack', async () => {
    h = await startEngine({ policy: onePager });
    let thrown = 0;
    const answer = h.vendors.page;
    h.vendors.page = (call) => {
      thrown += 1;
      if (thrown === 1) throw new TypeError('undefined is not a page');
      return answer(call);
    };
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(2 * SECOND);
    expect(h.sent('trigger')).toHaveLength(2);
    const logged = h.logs.find(({ message }) => message.includes('bug of the adapter'));
    expect(logged?.fields).toMatchObject({
      error: expect.objectContaining({ message: 'undefined is not a page' }) as unknown,
    });
  });
});

/** So many people, each of whom is called for a service of the same name. */
function withPeople(count: number, targetOf: (index: number) => string) {
  const ids = Array.from({ length: count }, (_, index) => `p${index}`);
  const person = (id: string, index: number) => ({
    ...policy().people['ada'],
    id,
    name: id,
    addresses: [{ target: targetOf(index), address: { user: id }, label: id }],
    email: null,
    vendorIds: {},
  });
  const onCall = (id: string) => ({ kind: 'person', person: id }) as const;
  return policy({
    people: Object.fromEntries(ids.map((id, index) => [id, person(id, index)])) as ReturnType<
      typeof policy
    >['people'],
    services: Object.fromEntries(ids.map((id) => [id, service(id, { onCall: onCall(id) })])),
  });
}

const called = (call: Call): unknown =>
  ((call.order as PageOrder).address as { readonly user: string }).user;

describe('one slow target', () => {
  test('gets eight requests at most, and the others are served at once', async () => {
    h = await startEngine({ policy: withPeople(12, (index) => (index < 10 ? 'pd' : 'og')) });
    h.vendors.page = ({ target }) =>
      target === 'pd'
        ? new Promise(() => undefined)
        : { verb: 'delivered', receipt: 'confirmed', externalRef: 'x' };
    h.engine.inFlight = () => 0;
    for (let n = 0; n < 12; n += 1)
      void h.deliver('prom', [alert({ dedupKey: `${n}`, labels: { service: `p${n}` } })]);
    await h.settle();
    expect(h.sent('trigger').filter(at('pd'))).toHaveLength(8);
    expect(h.sent('trigger').filter(at('og'))).toHaveLength(2);
  });

  test('gets the next request in the commit that writes down an answer', async () => {
    h = await startEngine({ policy: withPeople(10, () => 'pd') });
    const answers: ((outcome: Outcome) => void)[] = [];
    h.vendors.page = () => new Promise((resolve) => answers.push(resolve));
    h.engine.inFlight = () => 0;
    for (let n = 0; n < 10; n += 1)
      void h.deliver('prom', [alert({ dedupKey: `${n}`, labels: { service: `p${n}` } })]);
    await h.settle();
    expect(answers).toHaveLength(8);
    const commits = () => (h.peek('SELECT commits AS n FROM committed') as { n: number }[])[0]?.n;
    const before = commits() ?? 0;
    answers[0]?.({ verb: 'delivered', receipt: 'confirmed', externalRef: 'x' });
    await h.settle();
    expect(answers).toHaveLength(9);
    expect(commits()).toBe(before + 1);
  });

  test('that is back rings first for the worst of what waited, then for what waited longest', async () => {
    h = await startEngine({ policy: withPeople(31, () => 'pd') });
    const answer = h.vendors.page;
    h.vendors.page = () => ({ ...down, reason: 'rate_limited', afterMs: 45_000 });
    await h.deliver('prom', [alert({ dedupKey: '0', labels: { service: 'p0' } })]);
    await h.settle();
    h.vendors.page = answer;
    await h.clock.advanceBy(10 * SECOND);
    const mild = { vendorSeverity: null };
    for (let n = 1; n < 30; n += 1)
      await h.deliver('prom', [alert({ dedupKey: `${n}`, labels: { service: `p${n}` }, ...mild })]);
    await h.clock.advanceBy(10 * SECOND);
    await h.deliver('prom', [alert({ dedupKey: '30', labels: { service: 'p30' } })]);
    await h.clock.advanceBy(2 * MINUTE);
    const rung = h.sent('trigger').map(called);
    expect(rung.slice(1, 5)).toEqual(['p30', 'p0', 'p1', 'p2']);
    expect(new Set(rung).size).toBe(31);
  });
});

describe('one stream', () => {
  test('keeps its order: the resolve waits for its trigger', async () => {
    h = await startEngine({ policy: onePager });
    let release: (outcome: Outcome) => void = () => undefined;
    h.vendors.page = ({ method }) =>
      method === 'trigger'
        ? new Promise((resolve) => {
            release = resolve;
          })
        : { verb: 'delivered', receipt: 'confirmed', externalRef: 'pd-1' };
    await h.deliver('prom', [alert()]);
    h.engine.inFlight = () => 0;
    await h.settle();
    await h.ask({ type: 'MarkFalsePositive', reason: 'a test of ours' }, 'inc-1');
    await h.settle();
    expect(h.sent().map(({ method }) => method)).toEqual(['trigger']);
    release({ verb: 'delivered', receipt: 'confirmed', externalRef: 'pd-1' });
    await h.settle();
    expect(h.sent().map(({ method }) => method)).toEqual(['trigger', 'resolve']);
    expect(h.sent()[1]).toMatchObject({ order: { externalRef: 'pd-1' } });
  });
});

test('what waited for an answer that was stored at the second try leaves with that', async () => {
  let isRefusing = false;
  h = await startEngine({
    policy: onePager,
    wrap: (store) => ({
      ...store,
      transact: async (work) => {
        if (isRefusing) throw new StoreUnavailable('the disk is full', 'free space');
        return store.transact(work);
      },
    }),
  });
  let answer: (outcome: Outcome) => void = () => undefined;
  const taken: Outcome = { verb: 'delivered', receipt: 'confirmed', externalRef: 'pd-1' };
  h.vendors.page = ({ method }) =>
    method === 'trigger' ? new Promise((resolve) => (answer = resolve)) : taken;
  await h.deliver('prom', [alert()]);
  h.engine.inFlight = () => 0;
  await h.settle();
  await h.ask({ type: 'MarkFalsePositive', reason: 'a test of ours' }, 'inc-1');
  await h.clock.advanceBy(300);
  isRefusing = true;
  answer(taken);
  await h.settle();
  isRefusing = false;
  const refusedAt = h.clock.now();
  // Something else is written meanwhile, which finds nothing to send.
  await h.deliver('prom', [alert({ dedupKey: 'another', status: 'resolved' })]);
  await h.clock.advanceBy(SECOND);
  const [resolved] = h.sent('resolve');
  expect(resolved?.at).toBe(refusedAt + SECOND);
});

describe('a target that is not live', () => {
  test('is told nothing, and that is recorded', async () => {
    const mode = 'shadow';
    const targets = { ...policy().targets, pd: { ...policy().targets['pd'], mode } } as ReturnType<
      typeof policy
    >['targets'];
    h = await startEngine({ policy: policy({ targets }) });
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(h.sent('trigger').filter(at('pd'))).toEqual([]);
    expect(Object.values((await h.incident('inc-1')).pages)[0]?.rings[0]).toMatchObject({
      status: 'withheld',
    });
  });

  test('that left the configuration is still told to resolve what rings there', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.settle();
    const setup = h.engine.setup();
    const { pd: _gone, ...targets } = setup.targets;
    await h.engine.reload({ ...setup, targets });
    await h.ask({ type: 'MarkFalsePositive', reason: 'nothing' }, 'inc-1');
    await h.settle();
    expect(h.sent('resolve').map(({ target }) => target)).toEqual(['pd']);
  });

  test('that was never configured rejects with a hint', async () => {
    const people = {
      ...policy().people,
      ada: {
        ...policy().people['ada'],
        addresses: [{ target: 'gone', address: {}, label: 'gone' }],
      },
    } as ReturnType<typeof policy>['people'];
    h = await startEngine({ policy: policy({ people }) });
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect((await h.outbox('inc-1'))[0]).toMatchObject({
      status: 'dead',
      lastOutcome: 'target gone is no longer configured',
    });
  });
});

describe('a pause', () => {
  test('holds pages until its end', async () => {
    h = await startEngine();
    await h.engine.pause('paging', { by: 'ada', why: 'drill', forMs: 30 * MINUTE });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(2 * MINUTE);
    expect(h.sent('trigger')).toEqual([]);
    expect(await h.engine.health()).toMatchObject({
      pauses: { paging: { by: 'ada', why: 'drill' } },
    });
    expect(await h.engine.resume('paging', 'ben')).toBe(true);
    await h.settle();
    expect(seconds(h.sent('trigger').slice(0, 1))).toEqual([120]);
  });

  test('ends by itself, reminds people while it holds, and survives a restart', async () => {
    h = await startEngine();
    await h.engine.pause('paging', { by: 'ada', why: 'drill', forMs: 30 * MINUTE });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.crash();
    await h.restart();
    await h.clock.advanceBy(31 * MINUTE);
    expect(seconds(h.sent('trigger').slice(0, 1))).toEqual([30 * 60]);
    const said = h.sent('post').filter(({ order }) => order.idempotencyKey.startsWith('say/'));
    expect(
      said.map(({ at: when, order }) => [(when - START) / MINUTE, 'text' in order && order.text]),
    ).toEqual([
      [0, 'Paging is paused for 30 min by ada: drill'],
      [15, 'Paging is still paused for 15 min by ada: drill'],
      [25, 'Paging is still paused for 5 min by ada: drill'],
      [30, 'Paging goes on: the pause of ada is over.'],
    ]);
  });
});

describe('a public post', () => {
  async function declare(): Promise<void> {
    await h.ask({
      type: 'Declare',
      level: 'L2',
      title: 'Basket is down',
      team: null,
      service: 'basket',
      text: null,
      flags: [],
    });
  }

  test('whose outcome is unknown is looked up, never repeated blindly', async () => {
    h = await startEngine();
    h.vendors.publish = () => silent;
    h.vendors.findPost = () => ({ ok: true, data: { found: true, externalRef: 'public-9' } });
    await declare();
    await h.clock.advanceBy(4 * MINUTE);
    expect(h.calls.filter(({ method }) => method === 'publish')).toHaveLength(1);
    expect(h.calls.filter(({ method }) => method === 'findPost').length).toBeGreaterThan(0);
    expect((await h.incident('inc-1')).publicPages['page']).toMatchObject({
      published: 'investigating',
    });
  });

  test('that definitely failed is repeated after 5, 15, 60 and 180 s', async () => {
    h = await startEngine();
    h.vendors.publish = () => down;
    await declare();
    await h.clock.advanceBy(5 * MINUTE);
    const times = seconds(h.calls.filter(({ method }) => method === 'publish'));
    const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    for (const [i, wait] of [5, 15, 60, 180].entries())
      expect(Math.abs((waits[i] ?? 0) - wait)).toBeLessThanOrEqual(wait * 0.2);
  });

  test('is held back while public posts are paused', async () => {
    h = await startEngine();
    await h.engine.pause('public', { by: 'ada', why: 'legal looks at it', forMs: 10 * MINUTE });
    await declare();
    await h.clock.advanceBy(9 * MINUTE);
    expect(h.calls.filter(({ method }) => method === 'publish')).toEqual([]);
    await h.clock.advanceBy(2 * MINUTE);
    expect(h.calls.filter(({ method }) => method === 'publish')).toHaveLength(1);
  });
});

describe('a message', () => {
  test('is given up after half an hour', async () => {
    h = await startEngine();
    h.vendors.post = () => down;
    await h.ask({
      type: 'Declare',
      level: 'L2',
      title: 'Basket is down',
      team: null,
      service: 'basket',
      text: null,
      flags: [],
    });
    const firstPost = async () =>
      (await h.outbox('inc-1')).find(({ effect }) => effect.name === 'chat.post');
    await h.clock.runUntil(async () => (await firstPost()) !== undefined, START + 60 * MINUTE);
    const dueAt = (await firstPost())?.firstDueAt ?? 0;
    await h.clock.advanceTo(dueAt + 28 * MINUTE);
    expect(await firstPost()).toMatchObject({ status: 'pending' });
    await h.clock.advanceTo(dueAt + 31 * MINUTE);
    expect(await firstPost()).toMatchObject({ status: 'dead' });
  });
});

describe('a process that dies while it sends', () => {
  test('repeats the page under the same key when it is back', async () => {
    h = await startEngine({ policy: onePager });
    h.vendors.page = () => new Promise(() => undefined);
    await h.deliver('prom', [alert()]);
    h.engine.inFlight = () => 0;
    await h.settle();
    await h.crash();
    h.vendors.page = () => ({ verb: 'delivered', receipt: 'confirmed', externalRef: 'pd-1' });
    await h.restart();
    const triggers = h.sent('trigger');
    expect(triggers).toHaveLength(2);
    expect(triggers.map(({ order }) => [order.idempotencyKey, (order as PageOrder).key])).toEqual([
      ['inc-1/5/0', 'tocsin/00000000/inc-1/p1'],
      ['inc-1/5/0', 'tocsin/00000000/inc-1/p1'],
    ]);
  });

  test('looks a post up instead of repeating it', async () => {
    h = await startEngine();
    h.vendors.publish = () => new Promise(() => undefined);
    h.engine.inFlight = () => 0;
    await h.ask({
      type: 'Declare',
      level: 'L2',
      title: 'Basket is down',
      team: null,
      service: 'basket',
      text: null,
      flags: [],
    });
    await h.settle();
    expect(h.calls.filter(({ method }) => method === 'publish')).toHaveLength(1);
    await h.crash();
    h.vendors.findPost = () => ({ ok: true, data: { found: true, externalRef: 'public-1' } });
    await h.restart();
    await h.clock.advanceBy(MINUTE);
    expect(h.calls.filter(({ method }) => method === 'publish')).toHaveLength(1);
    expect((await h.incident('inc-1')).publicPages['page']).toMatchObject({
      published: 'investigating',
      ref: 'public-1',
    });
  });
});

describe('poison on the way out', () => {
  test('a core that throws over an outcome is asked three times, then a person is paged by the minimal path', async () => {
    h = await startEngine({
      core: {
        ...realCore,
        decide: (state, input, context) => {
          if (input.type === 'EffectSettled' && input.incident === 'inc-1')
            throw new Error('settling exploded');
          return realCore.decide(state, input, context);
        },
      },
    });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(5 * SECOND);
    const ofTheIncident = h
      .sent('trigger')
      .filter(({ order }) => order.idempotencyKey.startsWith('inc-1/'));
    expect(ofTheIncident).toHaveLength(1);
    expect((await h.open()).map(({ title }) => title)).toContain(
      'Incident inc-1 cannot go on by itself',
    );
    expect((await h.outbox('inc-1'))[0]).toMatchObject({ status: 'done' });
  });

  test('a core that throws before a page is sent does not silence it', async () => {
    h = await startEngine({
      core: {
        ...realCore,
        stillWanted: () => {
          throw new Error('unsure');
        },
      },
    });
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(h.sent('trigger')).toHaveLength(1);
    await h.ask({ type: 'Resolve', text: null }, 'inc-1');
    await h.settle();
    expect(h.sent('resolve'), 'nor does it leave it ringing').toHaveLength(1);
  });
});

describe('a store that cannot be written', () => {
  test('answers 503, loses nothing, and goes on when it can be written again', async () => {
    let isFull = false;
    const { StoreUnavailable } = await import('../../store/store.ts');
    h = await startEngine({
      wrap: (store) => ({
        ...store,
        transact: (work) =>
          isFull
            ? Promise.reject(new StoreUnavailable('the disk is full', 'free some space'))
            : store.transact(work),
      }),
    });
    h.vendors.page = () => {
      isFull = true;
      return { verb: 'delivered', receipt: 'confirmed', externalRef: 'pd-1' };
    };
    await h.deliver('prom', [alert()]);
    h.engine.inFlight = () => 0;
    await h.settle();
    expect(await h.deliver('prom', [alert({ dedupKey: 'later' })])).toMatchObject({
      kind: 'unavailable',
      reason: 'store',
      message: 'the disk is full; free some space',
    });
    isFull = false;
    await h.clock.advanceBy(2 * SECOND);
    expect(h.sent('trigger')).toHaveLength(1);
    expect(Object.values((await h.incident('inc-1')).pages)[0]?.rings[0]).toMatchObject({
      status: 'confirmed',
    });
  });
});

describe('stopping', () => {
  test('waits for the request under way, writes its outcome down, and leases nothing more', async () => {
    h = await startEngine();
    let release: (outcome: Outcome) => void = () => undefined;
    h.vendors.page = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    await h.deliver('prom', [alert()]);
    const stopped = h.engine.stop();
    expect(await h.deliver('prom', [alert({ dedupKey: 'late' })])).toMatchObject({
      kind: 'accepted',
    });
    release({ verb: 'delivered', receipt: 'confirmed', externalRef: 'pd-1' });
    await stopped;
    expect(await h.deliver('prom', [alert({ dedupKey: 'too late' })])).toMatchObject({
      kind: 'unavailable',
      reason: 'store',
    });
    expect(h.sent('trigger')).toHaveLength(1);
    expect((await h.outbox('inc-1'))[0]).toMatchObject({ status: 'done' });
  });
});
