/** Who answered at a pager that tells nothing by itself: what is asked, how often, and what comes of it. */
import { afterEach, describe, expect, test } from 'vitest';
import { adoptedRef } from '../../contract/adopted.ts';
import type { PageFound, PageSought } from '../../contract/order.ts';
import { delivered } from '../../contract/outcome.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { PageRow } from '../../store/store.ts';
import {
  alert,
  type Asked,
  type Harness,
  MINUTE,
  SECOND,
  START,
  startEngine,
  vendorIncident,
  type Vendors,
} from '../../../test/support/engine.ts';
import { person, policy, service } from '../../../test/support/policy.ts';

let h: Harness;
afterEach(() => h.end());

const ADA = { id: null, name: 'Ada', email: 'ada@example.com' };

/** Ada and everybody else are rung at one pager: `pd`, of which a source speaks, or `og`, of which none does. */
function rungAt(target: 'pd' | 'og', change: Partial<Policy> = {}): Policy {
  const people = Object.keys(policy().people).map((id) => [id, person(id, [target])]);
  return policy({ ...change, people: Object.fromEntries(people) });
}

function found(status: PageFound['status'], by: PageFound['by'] = null) {
  return (sought: PageSought): PageFound => ({
    found: true,
    externalRef: sought.externalRef ?? 'x',
    status,
    by,
  });
}

type Find = Harness['vendors']['find'];

/** The answer comes later than an order is read back: the rounds find it. */
function inRounds(find: Find): Find {
  return (asked) =>
    'idempotencyKey' in asked.order
      ? { ok: true, data: found('triggered')(asked.order) }
      : find(asked);
}

/** Rings at once. */
const confirms = { page: () => delivered('confirmed', { externalRef: 'Q1' }) };

/** What the rounds ask; an order is read back beside them. */
function asked(): readonly Asked[] {
  return h.asked.filter(({ pages }) => !pages.some((page) => 'idempotencyKey' in page));
}

function ask(method: Asked['method'], target: string): readonly Asked[] {
  return asked().filter((one) => one.method === method && one.target === target);
}

function seconds(asked: readonly Asked[]): readonly number[] {
  return asked.map(({ at }) => (at - START) / SECOND);
}

function namesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `k${String(i).padStart(4, '0')}`);
}

/** An incident for each service of the crowd, each of which rings its own person. */
async function ring(count: number): Promise<void> {
  const names = namesOf(count);
  await h.deliver(
    'prom',
    names.map((name) => alert({ dedupKey: name, title: name, labels: { service: name } })),
  );
  await h.settle();
}

/** So many services, each with a person of its own, so that no ring joins another. */
function crowd(target: 'pd' | 'og', count: number): Policy {
  const names = namesOf(count);
  return policy({
    people: {
      ...policy().people,
      ...Object.fromEntries(names.map((name) => [name, person(name, [target])])),
    },
    services: Object.fromEntries(
      names.map((name) => [
        name,
        service(name, { onCall: { kind: 'person', person: name }, fallback: [] }),
      ]),
    ),
  });
}

describe('an acknowledgement of which no webhook tells', () => {
  test('is found within 30 s where no source speaks of the pager', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(70 * SECOND);
    expect((await h.incident('inc-1')).pages['p1']?.state).toBe('open');
    h.vendors.find = ({ order }) => ({ ok: true, data: found('acknowledged', ADA)(order) });
    await h.clock.advanceBy(30 * SECOND);
    expect((await h.incident('inc-1')).pages['p1']).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'ada',
    });
    expect(seconds(ask('find', 'og'))).toEqual([30, 60, 90]);
  });

  test('is found within two minutes where one does, and nothing is asked in between', async () => {
    h = await startEngine({ policy: rungAt('pd'), vendors: confirms });
    await h.clock.advanceBy(10 * SECOND);
    await h.deliver('prom', [alert()]);
    h.vendors.find = ({ order }) => ({ ok: true, data: found('acknowledged', ADA)(order) });
    await h.clock.advanceBy(109 * SECOND);
    expect(ask('find', 'pd')).toEqual([]);
    await h.clock.advanceBy(SECOND);
    expect((await h.incident('inc-1')).pages['p1']?.acknowledgedBy).toBe('ada');
    expect(seconds(ask('find', 'pd'))).toEqual([120]);
  });

  test('enters the core once, and is not asked for again', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    h.vendors.find = ({ order }) => ({ ok: true, data: found('acknowledged', ADA)(order) });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(30 * SECOND);
    const { escalations } = await h.incident('inc-1');
    expect(escalations['role:expert']).toMatchObject({ state: 'answered', answeredBy: 'ada' });
    const ofFirst = (): number =>
      asked().filter(({ pages }) => pages.some(({ key }) => key.endsWith('inc-1/p1'))).length;
    const before = ofFirst();
    await h.clock.advanceBy(MINUTE);
    expect(ofFirst()).toBe(before);
  });

  test('while no process ran is found as soon as one does', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.crash();
    h.vendors.find = ({ order }) => ({ ok: true, data: found('acknowledged', ADA)(order) });
    await h.restart();
    expect((await h.incident('inc-1')).pages['p1']?.acknowledgedBy).toBe('ada');
  });

  test('by a person whom the policy does not know stops the ringing all the same', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    const stranger = { id: 'u9', name: 'Zoe', email: null };
    h.vendors.find = ({ order }) => ({ ok: true, data: found('acknowledged', stranger)(order) });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(30 * SECOND);
    expect((await h.incident('inc-1')).pages['p1']?.acknowledgedBy).toBe('Zoe');
  });
});

describe('at the pager', () => {
  test('what was found is no news any more once the page was closed by another way', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    await h.deliver('prom', [alert()]);
    await h.settle();
    h.vendors.find = inRounds(async ({ order }) => {
      await h.ask({ type: 'MarkFalsePositive', reason: 'a drill' }, 'inc-1');
      return { ok: true, data: found('resolved', ADA)(order) };
    });
    await h.clock.advanceBy(30 * SECOND);
    expect((await h.incident('inc-1')).pages['p1']?.state).toBe('closed');
    const types = (await h.store.reads.timeline('inc-1')).map(({ event }) => event.type);
    expect(types).not.toContain('PageNoted');
  });

  test('what was answered is asked about every two minutes, until it is over there', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    await h.deliver('prom', [alert()]);
    await h.settle();
    const ofFirst = (status: PageFound['status']): void => {
      h.vendors.find = inRounds(({ order }) => ({
        ok: true,
        data: order.key.endsWith('/p1') ? found(status, ADA)(order) : found('triggered')(order),
      }));
    };
    ofFirst('acknowledged');
    await h.clock.advanceBy(3 * MINUTE);
    ofFirst('resolved');
    await h.clock.advanceBy(5 * MINUTE);
    const first = ask('find', 'og').filter(({ pages }) => pages[0]?.key.endsWith('/p1') === true);
    expect(seconds(first)).toEqual([30, 120, 240]);
    expect((await h.incident('inc-1')).pages['p1']).toMatchObject({
      state: 'acknowledged',
      rings: [{ status: 'closed' }],
      endedThereAt: START + 4 * MINUTE,
    });
  });

  test('what somebody resolved is answered', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    h.vendors.find = ({ order }) => ({ ok: true, data: found('resolved', ADA)(order) });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(30 * SECOND);
    const incident = await h.incident('inc-1');
    expect(incident.escalations['role:expert']).toMatchObject({
      state: 'answered',
      answeredBy: 'ada',
    });
    expect(incident.pages['p1']?.rings[0]?.status).toBe('closed');
  });

  test('what resolved itself rings no more, and nobody has answered', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    h.vendors.find = ({ order }) => ({ ok: true, data: found('resolved')(order) });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(30 * SECOND);
    const incident = await h.incident('inc-1');
    expect(incident.pages['p1']?.state).toBe('closed');
    expect(incident.escalations['role:expert']?.state).toBe('open');
  });

  test.each([
    ['automation', null],
    ['Tocsin itself', { id: null, name: 'Tocsin', email: null }],
  ])('what %s acknowledged is nobody’s answer', async (_who, by) => {
    const { targets } = policy();
    const og = { ...targets['og'], ownNames: ['tocsin'] } as Policy['targets'][string];
    h = await startEngine({
      policy: rungAt('og', { targets: { ...targets, og } }),
      vendors: confirms,
    });
    h.vendors.find = ({ order }) => ({ ok: true, data: found('acknowledged', by)(order) });
    await h.deliver('prom', [alert()]);
    await h.settle();
    const { version } = await h.incident('inc-1');
    await h.clock.advanceBy(90 * SECOND);
    expect(await h.incident('inc-1')).toMatchObject({ version, pages: { p1: { state: 'open' } } });
    expect(seconds(ask('find', 'og'))).toEqual([30, 60, 90]);
  });

  test('an answer to a ring that a related incident joined reaches both', async () => {
    const services = { basket: service('basket'), search: service('search') };
    h = await startEngine({ policy: rungAt('og', { services }), vendors: confirms });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.deliver('prom', [
      alert({ dedupKey: 'slow', title: 'Slow', labels: { service: 'search' } }),
    ]);
    await h.settle();
    const [first, second] = [await h.incident('inc-1'), await h.incident('inc-2')];
    expect(second.pages['p1']?.rings[0]).toMatchObject({
      status: 'joined',
      key: first.pages['p1']?.rings[0]?.key,
    });
    h.vendors.find = inRounds(({ order }) => ({
      ok: true,
      data: found('acknowledged', ADA)(order),
    }));
    await h.clock.advanceBy(30 * SECOND);
    for (const id of ['inc-1', 'inc-2'])
      expect((await h.incident(id)).pages['p1']?.acknowledgedBy).toBe('ada');
    expect(ask('find', 'og')).toHaveLength(1);
  });
});

describe('what was closed here while nobody knew whether it arrived', () => {
  /** The pager takes what it is asked for and does not say so; two seconds later it was a false alarm. */
  async function unknown(target: 'pd' | 'og'): Promise<void> {
    const taken = { reason: 'timeout', ambiguous: true, detail: 'no answer' } as const;
    h = await startEngine({
      policy: rungAt(target),
      vendors: {
        page: ({ method }) =>
          method === 'trigger' ? { verb: 'retry', ...taken } : delivered('confirmed'),
      },
    });
    missing();
    await h.clock.advanceBy(SECOND);
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(2 * SECOND);
    await h.ask({ type: 'MarkFalsePositive', reason: 'a drill' }, 'inc-1');
    await h.clock.advanceBy(20 * SECOND);
  }
  const missing = (): void => {
    h.vendors.find = () => ({
      ok: true,
      data: { found: false, externalRef: null, status: null, by: null },
    });
  };
  const resolves = (): number => h.calls.filter(({ method }) => method === 'resolve').length;

  test.each([
    ['half a minute', 'og', [30, 60, 90, 120]],
    ['two minutes, where webhooks tell,', 'pd', [120]],
  ] as const)('is asked about every %s', async (_, target, at) => {
    await unknown(target);
    await h.clock.advanceBy(2 * MINUTE);
    expect([...new Set(seconds(ask('find', target)))]).toEqual(at);
  });

  test('is closed there when it comes, as often as it comes', async () => {
    await unknown('og');
    const before = resolves();
    h.vendors.find = ({ order }) => ({ ok: true, data: found('triggered')(order) });
    await h.clock.advanceBy(30 * SECOND);
    missing();
    await h.clock.advanceBy(2 * MINUTE);
    expect(resolves() - before).toBe(1);
    h.vendors.find = ({ order }) => ({ ok: true, data: found('acknowledged', ADA)(order) });
    await h.clock.advanceBy(30 * SECOND);
    expect(resolves() - before).toBe(2);
    expect((await h.incident('inc-1')).pages).toMatchObject({
      p1: { state: 'closed', rings: [{ status: 'closed' }] },
    });
  });

  test('is told once that it has come, however long its end waits at the pager', async () => {
    await unknown('og');
    h.vendors.page = () => ({ verb: 'retry', reason: 'network', ambiguous: false, detail: '' });
    h.vendors.find = ({ order }) => ({ ok: true, data: found('triggered')(order) });
    const told = async (): Promise<number> =>
      (await h.store.reads.timeline('inc-1')).filter(
        ({ event }) => event.type === 'RingChanged' && event.status === 'confirmed',
      ).length;
    await h.clock.advanceBy(5 * MINUTE);
    expect(await told()).toBe(1);
    h.vendors.find = ({ order }) => ({
      ok: true,
      data: { ...found('triggered')(order), externalRef: 'Q9' },
    });
    await h.clock.advanceBy(30 * SECOND);
    expect(await told(), 'another one under the same key').toBe(2);
  });

  test('is left alone where it was answered, and rings again because somebody there took that back', async () => {
    h = await startEngine({
      policy: rungAt('og'),
      vendors: { page: () => delivered('confirmed') },
    });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.ask({ type: 'Acknowledge', page: 'p1' }, 'inc-1');
    await h.settle();
    const answers = (): number => h.calls.filter(({ method }) => method === 'acknowledge').length;
    const before = answers();
    const shows = (status: PageFound['status']): void => {
      h.vendors.find = ({ order }) => ({
        ok: true,
        data: { ...found(status)(order), externalRef: 'Q9' },
      });
    };
    shows('acknowledged');
    await h.clock.advanceBy(30 * SECOND);
    shows('triggered');
    await h.clock.advanceBy(5 * MINUTE);
    expect(answers()).toBe(before);
  });

  test('is looked for until a day and two hours after it was asked for', async () => {
    await unknown('og');
    await h.clock.advanceBy(27 * 60 * MINUTE);
    expect(seconds(ask('find', 'og')).at(-1)).toBe(26 * 60 * 60);
    // Simulated hours pass in a moment, but on a busy machine a moment may take long.
  }, 90_000);
});

describe('a pager with a listing', () => {
  test('is asked once for all pages, and then singly for those it says nothing about', async () => {
    h = await startEngine({
      policy: crowd('og', 45),
      vendors: {
        ...confirms,
        list: ({ orders }) => ({
          ok: true,
          data: orders.map((order, i) => (i < 40 ? found('triggered')(order) : null)),
        }),
      },
    });
    await ring(45);
    await h.clock.advanceBy(30 * SECOND);
    expect(ask('list', 'og').map(({ pages }) => pages.length)).toEqual([45]);
    expect(ask('find', 'og')).toHaveLength(5);
  });

  test('takes an answer from the listing', async () => {
    h = await startEngine({
      policy: crowd('og', 30),
      vendors: {
        ...confirms,
        list: ({ orders }) => ({ ok: true, data: orders.map(found('acknowledged', ADA)) }),
      },
    });
    await ring(30);
    await h.clock.advanceBy(30 * SECOND);
    const pages = (await h.open()).map(({ pages: all }) => all['p1']?.acknowledgedBy);
    expect(pages).toEqual(Array.from({ length: 30 }, () => 'ada'));
    expect(ask('find', 'og')).toEqual([]);
  });

  test('that refuses the listing is asked singly, twenty a round, in turns', async () => {
    h = await startEngine({
      policy: crowd('og', 30),
      vendors: {
        ...confirms,
        list: () => ({ ok: false, reason: 'forbidden', detail: 'HTTP 403' }),
      },
    });
    await ring(30);
    await h.clock.advanceBy(MINUTE);
    const keys = ask('find', 'og').map(({ pages }) => pages[0]?.key ?? '');
    expect(ask('find', 'og').filter(({ at }) => at === START + 30 * SECOND)).toHaveLength(20);
    expect(keys).toHaveLength(40);
    expect(new Set(keys).size).toBe(30);
    expect(keys.slice(30)).toEqual(keys.slice(0, 10));
  });

  test('that lists nothing is asked for what was answered besides what rings, five a round, in turns', async () => {
    let isListed = true;
    h = await startEngine({
      policy: crowd('og', 30),
      vendors: {
        ...confirms,
        list: ({ orders }) => ({
          ok: true,
          data: orders.map((order, i) => {
            if (!isListed) return null;
            return found(i < 8 ? 'acknowledged' : 'triggered', ADA)(order);
          }),
        }),
      },
    });
    await ring(30);
    await h.clock.advanceBy(30 * SECOND);
    isListed = false;
    const answered = new Set(
      (await h.open()).flatMap(({ pages: { p1 } }) =>
        p1?.state === 'acknowledged' ? p1.rings.map(({ key }) => key) : [],
      ),
    );
    expect(answered.size).toBe(8);
    await h.clock.advanceBy(4 * MINUTE);
    const rounds = Map.groupBy(ask('find', 'og'), ({ at }) => (at - START) / SECOND);
    const ofAnswered = (at: number) =>
      (rounds.get(at) ?? []).flatMap(({ pages }) =>
        pages.filter(({ key }) => answered.has(key)).map(({ key }) => key),
      );
    expect([90, 120, 240].map((at) => [rounds.get(at)?.length, ofAnswered(at).length])).toEqual([
      [20, 0],
      [25, 5],
      [25, 5],
    ]);
    expect(new Set([...ofAnswered(120), ...ofAnswered(240)]).size).toBe(8);
  });

  test('gets the page’s address with its secrets, and the vendor’s own id of it', async () => {
    h = await startEngine({
      policy: rungAt('og'),
      vendors: {
        ...confirms,
        list: ({ orders }) => ({ ok: true, data: orders.map(found('triggered')) }),
      },
    });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(30 * SECOND);
    expect(ask('list', 'og')[0]?.pages[0]).toEqual({
      key: (await h.incident('inc-1')).pages['p1']?.rings[0]?.key,
      address: { user: 'ada' },
      externalRef: 'Q1',
    });
  });
});

describe('a pager that cannot be asked', () => {
  const troubles = (): readonly string[] =>
    h.logs
      .filter(({ message }) => message.includes('whether somebody answered'))
      .map(({ level }) => level);

  test('is spoken of once more when it can be asked, and when it cannot be asked again', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    const refuses = () => ({ ok: false, reason: 'server_error', detail: 'HTTP 503' }) as const;
    h.vendors.find = refuses;
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.clock.advanceBy(MINUTE);
    h.vendors.find = ({ order }) => ({ ok: true, data: found('triggered')(order) });
    await h.clock.advanceBy(MINUTE);
    h.vendors.find = refuses;
    await h.clock.advanceBy(MINUTE);
    const about = /whether somebody answered|asked about answers again/;
    const words = h.logs.filter(({ message }) => about.test(message));
    expect(words.map(({ level }) => level)).toEqual(['warn', 'info', 'warn']);
  });

  test('changes nothing, is asked again, and is spoken of once', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    h.vendors.find = () => ({ ok: false, reason: 'server_error', detail: 'HTTP 503' });
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.clock.advanceBy(90 * SECOND);
    expect((await h.incident('inc-1')).pages).toMatchObject({
      p1: { state: 'open', rings: [{ status: 'confirmed' }] },
    });
    expect(seconds(ask('find', 'og'))).toEqual([30, 60, 90]);
    expect(troubles()).toEqual(['warn']);
    h.vendors.find = ({ order }) => ({ ok: true, data: found('acknowledged', ADA)(order) });
    await h.clock.advanceBy(30 * SECOND);
    expect((await h.incident('inc-1')).pages['p1']?.acknowledgedBy).toBe('ada');
  });

  test('is not asked for one page after the other while it is down', async () => {
    h = await startEngine({
      policy: crowd('og', 10),
      vendors: { ...confirms, list: () => ({ ok: false, reason: 'timeout', detail: 'no answer' }) },
    });
    await ring(10);
    await h.clock.advanceBy(30 * SECOND);
    expect(asked().map(({ method }) => method)).toEqual(['list']);
  });

  test('because its adapter throws is asked again', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    h.vendors.find = () => {
      throw new Error('a bug');
    };
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(MINUTE);
    expect(ask('find', 'og')).toHaveLength(2);
  });

  test('because it is in shadow, or wants to be left alone, is not asked', async () => {
    const { targets } = policy();
    const onCall = { kind: 'person', person: 'ben' } as const;
    const services = { basket: service('basket'), b: service('b', { onCall }) };
    h = await startEngine({ policy: rungAt('og', { services }), vendors: confirms });
    await h.deliver('prom', [alert()]);
    await h.settle();
    h.vendors.page = () => ({
      verb: 'retry',
      reason: 'rate_limited',
      ambiguous: false,
      detail: 'HTTP 429',
      afterMs: 50_000,
    });
    await h.deliver('prom', [alert({ dedupKey: 'b', labels: { service: 'b' }, title: 'B' })]);
    await h.clock.advanceBy(MINUTE);
    const at = seconds(ask('find', 'og'));
    expect(at).not.toContain(30);
    const og = { ...targets['og'], mode: 'shadow' } as Policy['targets'][string];
    const shadowed = rungAt('og', { targets: { ...targets, og } });
    await h.engine.reload({ ...h.engine.setup(), policy: shadowed });
    await h.clock.advanceBy(5 * MINUTE);
    expect(seconds(ask('find', 'og'))).toEqual(at);
  });
});

describe('answers are not heard', () => {
  /** In seconds: when which incident was told, since when. */
  async function unheard(incident = 'inc-1'): Promise<readonly (readonly [number, number])[]> {
    return (await h.store.reads.timeline(incident)).flatMap(({ event }) =>
      event.type === 'AnswersUnheard'
        ? [[(event.at - START) / SECOND, (event.since - START) / SECOND] as const]
        : [],
    );
  }
  const refused = { ok: false, reason: 'forbidden', detail: 'HTTP 403' } as const;

  test('since the first round in which the pager told by no way of the ring, once a minute has passed', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    h.vendors.find = () => refused;
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(5 * MINUTE);
    expect(await unheard()).toEqual([[90, 30]]);
  });

  test('not where the listing is refused and each page is told of singly', async () => {
    h = await startEngine({
      policy: crowd('og', 3),
      vendors: { ...confirms, list: () => refused },
    });
    await ring(3);
    await h.clock.advanceBy(5 * MINUTE);
    expect(await unheard()).toEqual([]);
  });

  test('of the ring alone that cannot be told of: another incident hears nothing', async () => {
    h = await startEngine({ policy: crowd('og', 2), vendors: confirms });
    await ring(2);
    h.vendors.find = ({ order }) =>
      order.key.includes('inc-1/')
        ? { ok: false, reason: 'invalid_request', detail: 'HTTP 400' }
        : { ok: true, data: found('triggered')(order) };
    await h.clock.advanceBy(5 * MINUTE);
    expect(await unheard('inc-1')).toEqual([[90, 30]]);
    expect(await unheard('inc-2')).toEqual([]);
  });

  test('by all that wait, those that are not asked because the pager is down as well', async () => {
    h = await startEngine({ policy: crowd('og', 2), vendors: confirms });
    await ring(2);
    h.vendors.find = () => ({ ok: false, reason: 'timeout', detail: 'no answer' });
    await h.clock.advanceBy(2 * MINUTE);
    expect(await unheard('inc-1')).toEqual([[90, 30]]);
    expect(await unheard('inc-2')).toEqual([[90, 30]]);
  });

  test('counted anew after a round in which each was read', async () => {
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    await h.deliver('prom', [alert()]);
    h.vendors.find = () => refused;
    await h.clock.advanceBy(70 * SECOND);
    h.vendors.find = ({ order }) => ({ ok: true, data: found('triggered')(order) });
    await h.clock.advanceBy(30 * SECOND);
    h.vendors.find = () => refused;
    await h.clock.advanceBy(MINUTE + 5 * SECOND);
    expect(await unheard()).toEqual([]);
    await h.clock.advanceBy(30 * SECOND);
    expect(await unheard()).toEqual([[180, 120]]);
  });

  test('counted anew after a while in which nothing was asked there', async () => {
    const { targets } = policy();
    const og = { ...targets['og'], mode: 'shadow' } as Policy['targets'][string];
    h = await startEngine({ policy: rungAt('og'), vendors: confirms });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(SECOND);
    h.vendors.find = () => refused;
    await h.clock.advanceBy(70 * SECOND);
    const reloaded = (change: Partial<Policy>) =>
      h.engine.reload({ ...h.engine.setup(), policy: rungAt('og', change) });
    await reloaded({ targets: { ...targets, og } });
    await h.clock.advanceBy(MINUTE);
    await reloaded({});
    await h.clock.advanceBy(MINUTE);
    expect(await unheard()).toEqual([]);
    await h.clock.advanceBy(MINUTE);
    expect(await unheard()).toEqual([[210, 150]]);
  });

  test('while the pager wants to be left alone, which is told once', async () => {
    h = await startEngine({ policy: crowd('og', 2), vendors: confirms });
    await h.deliver('prom', [
      alert({ dedupKey: 'k0000', title: 'A', labels: { service: 'k0000' } }),
    ]);
    await h.settle();
    h.vendors.page = () => ({
      verb: 'retry',
      reason: 'rate_limited',
      ambiguous: false,
      detail: 'HTTP 429',
      afterMs: 10 * MINUTE,
    });
    await h.deliver('prom', [
      alert({ dedupKey: 'k0001', title: 'B', labels: { service: 'k0001' } }),
    ]);
    await h.clock.advanceBy(5 * MINUTE);
    expect(ask('find', 'og')).toEqual([]);
    expect(await unheard('inc-1')).toEqual([[90, 30]]);
    expect(await unheard('inc-2'), 'no phone rings by it yet').toEqual([]);
  });

  test('of nobody where a source speaks of the pager', async () => {
    h = await startEngine({ policy: rungAt('pd'), vendors: confirms });
    h.vendors.find = () => refused;
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(10 * MINUTE);
    expect(await unheard()).toEqual([]);
  });
});

test('a stopped engine asks nothing more', async () => {
  h = await startEngine({ policy: rungAt('og'), vendors: confirms });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(30 * SECOND);
  const before = h.asked.length;
  expect(before).toBeGreaterThan(0);
  const stopping = h.engine.stop();
  await h.settle();
  await stopping;
  await h.clock.advanceBy(5 * MINUTE);
  expect(h.asked).toHaveLength(before);
});

test('a stopped engine does not list its pages either', async () => {
  const list: Vendors['list'] = ({ orders }) => ({
    ok: true,
    data: orders.map(found('triggered')),
  });
  h = await startEngine({ policy: rungAt('og'), vendors: { ...confirms, list } });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(30 * SECOND);
  expect(ask('list', 'og')).toHaveLength(1);
  const stopping = h.engine.stop();
  await h.settle();
  await stopping;
  await h.clock.advanceBy(5 * MINUTE);
  expect(ask('list', 'og')).toHaveLength(1);
});

describe('a round', () => {
  test('does not begin before the one before has been answered', async () => {
    const list: Vendors['list'] = () => new Promise(() => undefined);
    h = await startEngine({ policy: rungAt('og'), vendors: { ...confirms, list } });
    await h.deliver('prom', [alert()]);
    await h.settle();
    h.engine.inFlight = () => 0;
    await h.clock.advanceBy(2 * MINUTE);
    expect(seconds(ask('list', 'og'))).toEqual([30]);
  });

  test('ends with the first page of which nothing is heard because the pager is down', async () => {
    h = await startEngine({ policy: crowd('og', 10), vendors: confirms });
    await ring(10);
    h.vendors.find = () => ({ ok: false, reason: 'timeout', detail: 'no answer' });
    await h.clock.advanceBy(30 * SECOND);
    expect(ask('find', 'og')).toHaveLength(1);
  });

  test('goes on with the next page where only one cannot be told of', async () => {
    h = await startEngine({ policy: crowd('og', 10), vendors: confirms });
    await ring(10);
    h.vendors.find = () => ({ ok: false, reason: 'not_found', detail: 'HTTP 404' });
    await h.clock.advanceBy(30 * SECOND);
    expect(ask('find', 'og')).toHaveLength(10);
  });

  test('is about all pages that wait, however many are read at once', async () => {
    const list: Vendors['list'] = ({ orders }) => ({
      ok: true,
      data: orders.map(found('triggered')),
    });
    const rows = namesOf(1_001).map((key) => ({
      ...({ incident: 'inc-1', page: key, target: 'og', key, ref: key } as PageRow),
      address: { target: 'og', address: { user: key }, label: key },
    }));
    h = await startEngine({
      policy: rungAt('og'),
      vendors: { ...confirms, list },
      wrap: (store) => ({
        ...store,
        reads: {
          ...store.reads,
          openPages: async ({ target, after, limit }) =>
            target === 'og'
              ? rows.filter(({ key }) => key > (after?.key ?? '')).slice(0, limit)
              : [],
        },
      }),
    });
    await h.clock.advanceBy(30 * SECOND);
    const asked = ask('list', 'og').map(({ pages }) => pages.length);
    expect(asked.at(-1)).toBe(1_001);
  });
});

describe('the vendor’s own incident, which was only adopted', () => {
  async function adopted(): Promise<void> {
    h = await startEngine({ policy: rungAt('pd'), vendors: confirms });
    await h.deliver('hooks', [vendorIncident({ labels: { service: 'basket' } })]);
    await h.settle();
    expect((await h.incident('inc-1')).pages['p1']?.adopted).toBe(true);
  }
  const told = (status: PageFound['status'], by = ADA): void => {
    h.vendors.find = ({ order }) => ({ ok: true, data: found(status, by)(order) });
  };

  test('is asked about like a page of ours: who answered there is heard', async () => {
    await adopted();
    told('acknowledged');
    await h.clock.advanceBy(2 * MINUTE);
    const { pages, alerts } = await h.incident('inc-1');
    expect(pages['p1']).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' });
    expect(alerts.firing).toBe(1);
  });

  test('is asked about until it is over there, which ends its alert and leaves its words', async () => {
    await adopted();
    told('acknowledged');
    await h.clock.advanceBy(6 * MINUTE);
    const inbox = () => h.peek("SELECT seq FROM inbox WHERE origin = 'read_back'").length;
    expect(inbox()).toBe(1);
    told('resolved');
    await h.clock.advanceBy(6 * MINUTE);
    expect((await h.incident('inc-1')).alerts.firing).toBe(0);
    expect(inbox()).toBe(2);
    expect(await h.store.reads.alertsOf('inc-1', 5)).toMatchObject([
      { status: 'resolved', title: 'Disk full', labels: { service: 'basket' } },
    ]);
    const about = () =>
      asked().filter(({ pages }) => pages.some(({ address }) => adoptedRef(address) !== null));
    const before = about().length;
    await h.clock.advanceBy(6 * MINUTE);
    expect(about()).toHaveLength(before);
  });

  test('is only answered where no source speaks of that pager any more', async () => {
    await adopted();
    const { hooks: _gone, ...sources } = policy().sources;
    await h.crash();
    await h.restart({ policy: { ...rungAt('pd'), sources } });
    told('resolved');
    await h.clock.advanceBy(MINUTE);
    expect((await h.incident('inc-1')).pages['p1']).toMatchObject({
      acknowledgedBy: 'ada',
      rings: [{ status: 'closed' }],
    });
  });
});
