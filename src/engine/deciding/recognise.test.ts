/** What the words of a vendor about its own objects mean for pages that are known here, and for those that are not. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  SECOND,
  startEngine,
  vendorIncident,
} from '../../../test/support/engine.ts';
import { address, person, policy } from '../../../test/support/policy.ts';
import { delivered, type ReadResult } from '../../contract/outcome.ts';
import { byPerson } from '../../../test/support/story.ts';
import { incidentTimeline } from '../../read/views.ts';
import { encodeDirect } from '../../core/model/made-ids.ts';

let h: Harness;
afterEach(() => h.end());

const ada = { id: 'p-ada', name: 'Ada', email: null };

async function page() {
  return Object.values((await h.incident('inc-1')).pages)[0];
}

test('a page that the vendor reopens rings again: its answer no longer counts', async () => {
  h = await startEngine();
  await h.deliver('prom', [alert()]);
  await h.settle();
  const ref = (await page())?.rings[0]?.ref ?? '';
  await h.deliver('hooks', [vendorIncident({ ref, action: 'acknowledged', by: ada })]);
  await h.settle();
  expect(await page()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' });
  await h.deliver('hooks', [vendorIncident({ ref, action: 'reopened' })]);
  await h.settle();
  expect(await page()).toMatchObject({ state: 'open', acknowledgedBy: null });
});

describe('a ring that two incidents share', () => {
  const tocsin = { id: 'P-TOCSIN', name: 'Tocsin', email: null };
  const zoe = { id: 'P-ZOE', name: 'Zoe', email: null };

  async function pages() {
    return Promise.all(
      ['inc-1', 'inc-2'].map(async (id) => Object.values((await h.incident(id)).pages)[0]),
    );
  }

  /** What the vendor tells of the ring. */
  async function hear(action: 'acknowledged' | 'resolved', by: typeof zoe): Promise<void> {
    const key = (await page())?.rings[0]?.key ?? '';
    await h.deliver('hooks', [vendorIncident({ ref: 'Q-shared', key, action, by })]);
    await h.settle();
  }

  async function shared(): Promise<void> {
    h = await startEngine();
    await h.deliver('prom', [alert({ dedupKey: 'one' }), alert({ dedupKey: 'two' })]);
    await h.settle();
    expect((await pages()).map((one) => one?.rings[0]?.status)).toEqual(['confirmed', 'joined']);
  }

  test('is answered for both by somebody whom nobody knows here', async () => {
    await shared();
    await hear('acknowledged', zoe);
    expect(await pages()).toMatchObject([{ acknowledgedBy: 'Zoe' }, { acknowledgedBy: 'Zoe' }]);
  });

  test.each(['acknowledged', 'resolved'] as const)(
    'is not answered for the second when the vendor tells that we %s it for the first',
    async (action) => {
      await shared();
      await h.ask({ type: 'Acknowledge', page: null }, 'inc-1', { actor: byPerson('ada') });
      await hear(action, tocsin);
      expect((await pages())[1]).toMatchObject({ acknowledgedBy: null });
      expect((await h.incident('inc-2')).escalations['role:expert']).toMatchObject({
        state: 'open',
      });
    },
  );
});

test('a page about Tocsin itself, which no incident stands behind, opens none when its pager tells of it', async () => {
  h = await startEngine();
  const key = encodeDirect({
    installation: '00000000',
    name: 'database',
    since: 1_767_614_400_000,
    number: 1,
  });
  await h.deliver('hooks', [vendorIncident({ key })]);
  await h.settle();
  expect(await h.open()).toEqual([]);
});

test('a ring that two incidents share is not answered for the second when we silenced it for the first and ask for answers', async () => {
  h = await startEngine();
  await h.deliver('prom', [alert({ dedupKey: 'one' }), alert({ dedupKey: 'two' })]);
  await h.settle();
  await h.ask({ type: 'Acknowledge', page: null }, 'inc-1', { actor: byPerson('ada') });
  const by = { id: 'P-TOCSIN', name: 'Tocsin', email: null };
  h.vendors.find = ({ order }) => ({
    ok: true,
    data: { found: true, externalRef: order.externalRef, status: 'acknowledged', by },
  });
  await h.clock.advanceBy(3 * MINUTE);
  expect(h.asked.map(({ method }) => method)).toContain('find');
  const second = await h.incident('inc-2');
  expect(Object.values(second.pages)[0]).toMatchObject({ state: 'open', acknowledgedBy: null });
});

test.each(['noted', 'merged', 'resolved'] as const)(
  'a word about an object that nobody knows here opens nothing (%s)',
  async (action) => {
    h = await startEngine();
    await h.deliver('hooks', [vendorIncident({ ref: 'Q404', action, note: 'Looking.' })]);
    await h.settle();
    expect(await h.open()).toEqual([]);
  },
);

test('an object that is adopted, ends and comes back is one page, not a second one', async () => {
  h = await startEngine();
  for (const action of ['triggered', 'resolved', 'reopened'] as const) {
    await h.deliver('hooks', [vendorIncident({ action })]);
    await h.settle();
  }
  const { pages, alerts } = await h.incident('inc-1');
  expect(alerts.firing).toBe(1);
  expect(Object.values(pages).map(({ adopted, rings }) => [adopted, rings[0]?.ref])).toEqual([
    [true, 'Q1'],
  ]);
});

test('what somebody unknown does to a page at the vendor is told as the deed of somebody who is not in people', async () => {
  h = await startEngine();
  await h.deliver('prom', [alert()]);
  await h.settle();
  const ref = (await page())?.rings[0]?.ref ?? '';
  const by = { id: 'P-BOT', name: 'Auto-remediation', email: null };
  await h.deliver('hooks', [vendorIncident({ ref, action: 'acknowledged', by })]);
  await h.settle();
  const actors = (await incidentTimeline(h.store.reads, 'inc-1'))?.timeline.map(
    ({ actor }) => actor,
  );
  expect(actors).toContain('Auto-remediation (not in people) via hooks');
});

describe('words about an object', () => {
  const AT = 1_767_614_460_500;
  async function heard(...words: readonly Parameters<typeof vendorIncident>[0][]) {
    h = await startEngine();
    await h.deliver('hooks', [vendorIncident({ observedAt: AT - 60_000 })]);
    for (const word of words) {
      await h.deliver('hooks', [vendorIncident({ by: ada, ...word })]);
      await h.settle();
    }
    return page();
  }

  test('count in the order in which they were said: one of the same second, told to the second, is no older', async () => {
    const acknowledged = { action: 'acknowledged', observedAt: AT } as const;
    expect(
      await heard(acknowledged, { action: 'unacknowledged', observedAt: AT - 1 }),
    ).toMatchObject({ state: 'acknowledged' });
    await h.end();
    expect(
      await heard(acknowledged, { action: 'unacknowledged', observedAt: AT - 500 }),
    ).toMatchObject({ state: 'open' });
  });

  test('are not made old by a note', async () => {
    const noted = { action: 'noted', note: 'Hm.', observedAt: AT } as const;
    expect(await heard(noted, { action: 'acknowledged', observedAt: AT - 9_000 })).toMatchObject({
      acknowledgedBy: 'ada',
    });
  });
});

describe('an object without a key', () => {
  const unsure = { verb: 'retry', reason: 'server_error', ambiguous: true, detail: '502' } as const;
  const down = { ok: false, reason: 'server_error', detail: '503' } as const;
  const zoe = { id: 'P-ZOE', name: 'Zoe', email: null };
  let keys: ReadResult<readonly string[]>;
  let asked: string[] = [];

  /** Ada's phone may ring: her pager has taken the page and never said so. */
  async function begin(now: ReadResult<readonly string[]>): Promise<string> {
    keys = now;
    asked = [];
    const keysOf = (ref: string) => {
      asked.push(ref);
      return keys;
    };
    h = await startEngine({ vendors: { page: () => unsure, keysOf } });
    await h.deliver('prom', [alert()]);
    await h.settle();
    return (await page())?.rings[0]?.key ?? '';
  }
  const hear = async (change: Parameters<typeof vendorIncident>[0] = {}): Promise<void> => {
    await h.deliver('hooks', [vendorIncident({ ref: 'Q7', key: null, ...change })]);
    await h.settle();
  };

  /** Incidents that were opened for what rings for others. */
  const theirs = async () =>
    (await h.open()).filter(({ routing }) => routing.source === 'hooks').map(({ id }) => id);

  test('is ours by the keys of its alerts: it rings, and the next pager does not', async () => {
    keys = { ok: true, data: ['else', await begin(down)] };
    await hear();
    await h.clock.advanceBy(10 * SECOND);
    expect((await page())?.rings).toMatchObject([{ status: 'confirmed', ref: 'Q7' }]);
    await h.clock.advanceBy(3 * MINUTE);
    expect(await h.open()).toHaveLength(1);
    expect(new Set(h.sent('trigger').map(({ target }) => target))).toEqual(new Set(['pd']));
  });

  test('and what a person did to it is heard, also where that it rang was never told', async () => {
    keys = { ok: true, data: [await begin(down)] };
    await hear({ action: 'resolved', by: zoe });
    await h.clock.advanceBy(5 * SECOND);
    expect(await page()).toMatchObject({ acknowledgedBy: 'Zoe', rings: [{ status: 'closed' }] });
  });

  test('waits while its vendor does not answer, as long as one of ours may be meant', async () => {
    const key = await begin(down);
    await hear();
    await h.clock.advanceBy(20 * MINUTE);
    expect(await theirs()).toEqual([]);
    keys = { ok: true, data: [key] };
    await h.clock.advanceBy(10 * SECOND);
    expect(await theirs()).toEqual([]);
    expect(await page()).toMatchObject({ rings: [{ ref: 'Q7' }, {}] });
  });

  test('is somebody else’s by the keys of its alerts, and is adopted', async () => {
    await begin({ ok: true, data: ['else'] });
    await hear();
    await h.clock.advanceBy(3 * SECOND);
    expect(await h.open()).toHaveLength(2);
    expect(asked).toEqual(['Q7']);
  });

  test('and without alerts is somebody else’s, once they would have been there', async () => {
    await begin({ ok: true, data: [] });
    await hear();
    await h.clock.advanceBy(55 * SECOND);
    expect(await h.open()).toHaveLength(1);
    await h.clock.advanceBy(10 * SECOND);
    expect(await h.open()).toHaveLength(2);
  });

  test('that begins to ring when nobody is wanted by it any more is silenced, and opens nothing', async () => {
    keys = { ok: true, data: [await begin(down)] };
    h.vendors.page = () => delivered('confirmed');
    await h.ask({ type: 'MarkFalsePositive', reason: 'a drill' }, 'inc-1');
    await h.clock.advanceBy(5 * MINUTE);
    const closed = h.sent('resolve').length;
    await hear();
    await h.clock.advanceBy(10 * SECOND);
    expect(await h.store.reads.listIncidents({ open: null, limit: 9, before: null })).toHaveLength(
      1,
    );
    expect(h.sent('resolve')).toHaveLength(closed + 1);
  });

  test('that is told of twice at once, by two sources say, is silenced once, and nothing about Tocsin opens', async () => {
    keys = { ok: true, data: [await begin(down)] };
    h.vendors.page = () => delivered('confirmed');
    await h.ask({ type: 'Acknowledge', page: null }, 'inc-1', { actor: byPerson('ada') });
    await h.clock.advanceBy(MINUTE);
    const silenced = h.sent('acknowledge').length;
    const told = vendorIncident({ ref: 'Q7', key: null });
    await h.deliver('hooks', [told, told]);
    await h.clock.advanceBy(20 * SECOND);
    expect((await page())?.rings[0]).toMatchObject({ status: 'confirmed', ref: 'Q7' });
    expect(h.sent('acknowledge')).toHaveLength(silenced + 1);
    expect(await h.open()).toHaveLength(1);
  });

  test('into which both rings of a page were gathered tells of both', async () => {
    const addresses = [address('pd', 'ada'), address('pd', 'ada at home')];
    const people = { ...policy().people, ada: { ...person('ada'), addresses } };
    h = await startEngine({
      vendors: { page: () => unsure, keysOf: () => keys },
      policy: policy({ people }),
    });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(70 * SECOND);
    keys = { ok: true, data: ((await page())?.rings ?? []).map(({ key }) => key) };
    expect(keys.data).toHaveLength(2);
    await hear();
    await h.clock.advanceBy(5 * SECOND);
    const there = { status: 'confirmed', ref: 'Q7' };
    expect((await page())?.rings).toMatchObject([there, there]);
  });

  test('is adopted without waiting for its vendor where all of ours ended a while ago', async () => {
    await begin(down);
    h.vendors.page = () => delivered('confirmed');
    await h.ask({ type: 'MarkFalsePositive', reason: 'a drill' }, 'inc-1');
    await h.clock.advanceBy(20 * MINUTE);
    await hear();
    await h.clock.advanceBy(25 * SECOND);
    expect(await h.open()).toHaveLength(0);
    await h.clock.advanceBy(10 * SECOND);
    expect(await h.open()).toHaveLength(1);
  });

  test('whose vendor refuses to tell is not adopted where one of ours rings its very service', async () => {
    const people = { ...policy().people, ada: person('ada', ['pd']) };
    const at = { target: 'pd', address: { service: { id: 'S1' } }, label: 'pd Basket' };
    await begin({ ok: false, reason: 'forbidden', detail: '403' });
    await h.crash();
    await h.restart({
      policy: policy({ people: { ...people, ada: { ...people.ada, addresses: [at] } } }),
    });
    await h.deliver('prom', [alert({ dedupKey: 'two', labels: { service: 'checkout' } })]);
    await h.settle();
    const before = (await h.open()).length;
    await hear();
    await hear({ ref: 'Q8', service: { id: 'S2', name: 'Other' } });
    await h.clock.advanceBy(MINUTE);
    const adopted = (await h.open()).flatMap(({ pages }) =>
      Object.values(pages).filter((one) => one.adopted),
    );
    expect(adopted.map(({ rings }) => rings[0]?.ref)).toEqual(['Q8']);
    expect(before).toBeGreaterThan(0);
  });
});

describe('an object that rings for others', () => {
  test('is adopted as unanswered, whoever escalated it, for the person whose phone it is', async () => {
    h = await startEngine();
    const by = { id: 'p-ben', name: 'Ben', email: null };
    await h.deliver('hooks', [vendorIncident({ action: 'escalated', by })]);
    await h.settle();
    expect(await page()).toMatchObject({ adopted: true, state: 'open', person: 'ada' });
  });

  test('is as urgent as can be where its vendor says nothing of that: nobody is rung beside it', async () => {
    h = await startEngine();
    await h.deliver('hooks', [vendorIncident({ urgency: null })]);
    await h.settle();
    expect(await page()).toMatchObject({ adopted: true, urgency: 'high' });
    expect(h.sent('trigger')).toEqual([]);
  });

  test('is known by its reference, when the vendor tells its key later on', async () => {
    h = await startEngine();
    await h.deliver('hooks', [vendorIncident({ key: null })]);
    await h.settle();
    await h.deliver('hooks', [vendorIncident({ key: 'k1', action: 'acknowledged', by: ada })]);
    await h.settle();
    expect(await page()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' });
  });

  test('that was merged into another names that one on the timeline', async () => {
    h = await startEngine();
    await h.deliver('hooks', [vendorIncident()]);
    await h.settle();
    await h.deliver('hooks', [vendorIncident({ action: 'merged', mergedInto: 'Q7' })]);
    await h.settle();
    const told = (await incidentTimeline(h.store.reads, 'inc-1'))?.timeline.map(({ text }) => text);
    expect(told).toContain('At the pager: page p1 merged: Q7.');
  });

  test('ends its alert, although it was a plain one before its pager was configured', async () => {
    const { hooks, ...others } = policy().sources;
    if (hooks === undefined) throw new Error('the base policy has hooks');
    h = await startEngine({
      policy: policy({ sources: { ...others, hooks: { ...hooks, target: null } } }),
    });
    await h.deliver('hooks', [vendorIncident()]);
    await h.settle();
    expect(await page()).toMatchObject({ adopted: false });
    await h.crash();
    await h.restart({ policy: policy() });
    await h.deliver('hooks', [vendorIncident({ action: 'resolved' })]);
    await h.settle();
    expect(await h.incident('inc-1')).toMatchObject({ alerts: { firing: 0 } });
  });
});
