/** One attempt at a target: when it is made at all, and what its silence or its bug amounts to. */
import { afterEach, describe, expect, test } from 'vitest';
import type { PageOrder } from '../../contract/order.ts';
import type { Outcome } from '../../contract/outcome.ts';
import type { Mode, Policy } from '../../core/model/policy.ts';
import {
  alert,
  type Harness,
  MINUTE,
  realCore,
  SECOND,
  START,
  startEngine,
} from '../../../test/support/engine.ts';
import { person, policy, service } from '../../../test/support/policy.ts';

let h: Harness;
afterEach(() => h.end());

function inMode(target: string, mode: Mode): Policy {
  const one = policy().targets[target];
  if (one === undefined) throw new Error(`there is no ${target}`);
  return policy({ targets: { ...policy().targets, [target]: { ...one, mode } } });
}

async function declare(): Promise<void> {
  const about = {
    level: 'L2',
    title: 'Basket is down',
    team: null,
    service: 'basket',
    text: null,
    flags: [],
  };
  await h.ask({ type: 'Declare', ...about });
}

function seconds(method: string): readonly number[] {
  return h.sent(method).map(({ at }) => (at - START) / SECOND);
}

describe('a target in mode off', () => {
  test('that is switched off while pages wait for it sends none of them', async () => {
    h = await startEngine();
    h.vendors.page = () => ({
      verb: 'retry',
      reason: 'server_error',
      ambiguous: false,
      detail: 'HTTP 503',
    });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.engine.reload({ ...h.engine.setup(), policy: inMode('pd', 'off') });
    await h.clock.advanceBy(50 * SECOND);
    const atPd = h.sent('trigger').filter(({ target }) => target === 'pd');
    expect(atPd.map(({ at }) => at)).toEqual([START]);
    expect((await h.outbox('inc-1'))[0]).toMatchObject({
      status: 'done',
      lastOutcome: 'withheld: pd is in mode off',
    });
  });

  test.each(['off', 'shadow'] as const)('hears nothing of a pause either (%s)', async (mode) => {
    h = await startEngine({ policy: inMode('chat', mode) });
    await h.engine.pause('public', { by: 'ada', why: 'drill', forMs: MINUTE });
    await h.clock.advanceBy(2 * MINUTE);
    expect(h.sent('post')).toEqual([]);
  });
});

test('a page in mode draft waits for a person, and what they approve is sent', async () => {
  h = await startEngine({ policy: inMode('page', 'draft') });
  await declare();
  await h.settle();
  expect(h.sent('publish')).toEqual([]);
  await h.ask({ type: 'Approve', draft: 'd1' }, 'inc-1');
  await h.settle();
  expect(h.sent('publish')).toHaveLength(1);
});

test('a machine so slow that the lease is nearly over before the request sends nothing', async () => {
  h = await startEngine({ slow: 6 * SECOND });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(SECOND / 2);
  expect(h.sent('trigger')).toEqual([]);
  const [row] = await h.outbox('inc-1');
  expect(row).toMatchObject({ status: 'pending', attempt: 1, ambiguous: false });
  expect(row?.lastOutcome).toContain('the lease was nearly over before the request');
});

test('a page carries the links of the alert: whoever it wakes needs the runbook', async () => {
  const runbook = { url: 'https://runbooks.example.com/basket', text: 'Runbook' };
  h = await startEngine({ policy: policy({ publicUrl: 'https://tocsin.example.com/' }) });
  await h.deliver('prom', [alert({ links: [runbook] })]);
  await h.settle();
  const { order } = h.sent('trigger')[0] ?? {};
  expect(order).toMatchObject({
    links: [{ url: 'https://tocsin.example.com/incidents/inc-1', text: 'Incident inc-1' }, runbook],
  });
  expect((await h.incident('inc-1')).routing.links).toEqual([runbook]);
});

test('a page that somebody else took and died over is sent again within 20 s', async () => {
  const onePager = { ...policy().people, ada: person('ada', ['pd']) };
  h = await startEngine({ policy: policy({ people: onePager }) });
  const answer = h.vendors.page;
  h.vendors.page = () => ({
    verb: 'retry',
    reason: 'server_error',
    ambiguous: false,
    detail: 'HTTP 503',
  });
  await h.deliver('prom', [alert()]);
  await h.settle();
  h.vendors.page = answer;
  const taken = await h.store.transact((tx) =>
    tx.lease({ now: START + 2 * SECOND, leaseMs: 15 * SECOND, slots: { page: 1 }, except: [] }),
  );
  expect(taken.rows).toHaveLength(1);
  await h.clock.advanceBy(16 * SECOND);
  expect(h.sent('trigger')).toHaveLength(1);
  await h.clock.advanceBy(6 * SECOND);
  expect(h.sent('trigger')).toHaveLength(2);
  expect((await h.outbox('inc-1'))[0]).toMatchObject({ status: 'done', lastOutcome: 'confirmed' });
});

test('a read-back that hangs does not hold up the end of its page', async () => {
  h = await startEngine({ policy: policy({ people: { ada: person('ada', ['og']) } }) });
  h.vendors.find = () => new Promise(() => undefined);
  h.engine.inFlight = () => 0;
  await h.deliver('prom', [alert()]);
  await h.settle();
  await h.clock.advanceBy(10 * SECOND);
  expect(h.asked.map(({ method }) => method)).toContain('find');
  await h.ask({ type: 'MarkFalsePositive', reason: 'nothing' }, 'inc-1');
  await h.settle();
  expect(h.sent('resolve').map(({ at, target }) => [(at - START) / SECOND, target])).toEqual([
    [10, 'og'],
  ]);
});

test('a page is counted with all the time that it was owed, not with its last attempt alone', async () => {
  h = await startEngine({ policy: policy({ people: { ada: person('ada', ['pd']) } }) });
  const answer = h.vendors.page;
  const down: Outcome = {
    verb: 'retry',
    reason: 'server_error',
    ambiguous: false,
    detail: 'HTTP 503',
  };
  h.vendors.page = (call) => (h.clock.now() < START + 30 * SECOND ? down : answer(call));
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(MINUTE);
  const text = await h.metrics.registry.metrics();
  const [, sum] = /tocsin_page_latency_seconds_sum\{target="pd"\} (\S+)/.exec(text) ?? [];
  expect(Number(sum)).toBeGreaterThanOrEqual(30);
});

test('a page to a target that was never configured goes to the next pager at once', async () => {
  const [, og] = person('ada').addresses;
  if (og === undefined) throw new Error('ada has two phones');
  const ada = { ...person('ada'), addresses: [{ ...og, target: 'gone', label: 'gone' }, og] };
  h = await startEngine({ policy: policy({ people: { ...policy().people, ada } }) });
  await h.deliver('prom', [alert()]);
  await h.settle();
  expect(h.sent('trigger').map(({ at, target }) => [at, target])).toEqual([[START, 'og']]);
});

describe('a public post', () => {
  test('whose adapter throws halfway is looked up, never said twice', async () => {
    h = await startEngine();
    h.vendors.publish = () => {
      throw new TypeError('undefined is not a post');
    };
    h.vendors.findPost = () => ({ ok: true, data: { found: true, externalRef: 'public-9' } });
    await declare();
    await h.clock.advanceBy(4 * MINUTE);
    expect(seconds('publish')).toEqual([0]);
    expect((await h.incident('inc-1')).publicPages['page']).toMatchObject({ ref: 'public-9' });
  });

  test('whose adapter never comes back is looked up when its lease ends, never said twice', async () => {
    h = await startEngine();
    h.vendors.publish = () => new Promise<Outcome>(() => undefined);
    h.engine.inFlight = () => 0;
    h.vendors.findPost = () => ({ ok: true, data: { found: true, externalRef: 'public-9' } });
    await declare();
    await h.clock.advanceBy(20 * SECOND);
    await h.clock.advanceBy(4 * MINUTE);
    expect(seconds('publish')).toEqual([0]);
    expect((await h.incident('inc-1')).publicPages['page']).toMatchObject({ ref: 'public-9' });
  });

  test('waits while nobody can say whether it is still wanted', async () => {
    let isUnsure = true;
    h = await startEngine({
      core: {
        ...realCore,
        stillWanted: (state, effect, context) => {
          if (isUnsure) throw new Error('unsure');
          return realCore.stillWanted(state, effect, context);
        },
      },
    });
    await declare();
    await h.clock.advanceBy(2 * MINUTE);
    expect(h.sent('publish')).toEqual([]);
    isUnsure = false;
    await h.clock.advanceBy(MINUTE);
    expect(h.sent('publish')).toHaveLength(1);
  });
});

describe('slots', () => {
  test('of pages that hang keep no post waiting', async () => {
    const ids = ['ada', 'ben', 'eve', 'finn', 'gus'];
    const services = Object.fromEntries(
      ids.map((id) => [id, service(id, { onCall: { kind: 'person', person: id } })]),
    );
    h = await startEngine({ policy: policy({ services: { ...policy().services, ...services } }) });
    h.vendors.page = () => new Promise<Outcome>(() => undefined);
    h.engine.inFlight = () => 0;
    for (const id of ids)
      await h.deliver('prom', [alert({ dedupKey: id, labels: { service: id } })]);
    await h.settle();
    expect(h.sent('trigger')).toHaveLength(5);
    await declare();
    await h.settle();
    expect(seconds('publish')).toEqual([0]);
  });

  test('a short Retry-After does not end a longer one', async () => {
    const onePager = (id: string) => person(id, ['pd']);
    const people = { ...policy().people, ada: onePager('ada'), ben: onePager('ben') };
    const services = {
      basket: service('basket'),
      till: service('till', { onCall: { kind: 'person', person: 'ben' } }),
    };
    h = await startEngine({ policy: policy({ people, services }) });
    const waits = new Map([
      ['ada', 60],
      ['ben', 2],
    ]);
    h.vendors.page = ({ order }) => {
      const { user } = order.address as { user: string };
      const afterMs = (waits.get(user) ?? 0) * SECOND;
      return { verb: 'retry', reason: 'rate_limited', ambiguous: false, detail: '429', afterMs };
    };
    void h.deliver('prom', [alert()]);
    void h.deliver('prom', [alert({ dedupKey: 'till', labels: { service: 'till' } })]);
    await h.clock.advanceBy(30 * SECOND);
    const users = h.sent('trigger').map(({ order }) => (order as PageOrder).address);
    expect(users).toEqual([{ user: 'ada' }, { user: 'ben' }]);
    await h.clock.advanceBy(31 * SECOND);
    expect(h.sent('trigger').length).toBeGreaterThan(2);
  });
});
