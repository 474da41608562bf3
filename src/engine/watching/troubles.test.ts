/** Something keeps Tocsin from telling by the ordinary path that it is ill: somebody is rung all the same. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Harness, MINUTE, SECOND, startEngine } from '../../../test/support/engine.ts';
import { delivered, type Outcome } from '../../contract/outcome.ts';
import { type StoreCondition, StoreUnavailable } from '../../store/store.ts';

let h: Harness;
let condition: StoreCondition;
/** Every write fails by it. */
let broken: Error | null;

const REFUSED: Outcome = { verb: 'reject', reason: 'unauthorized', detail: 'no', hint: 'look' };
const full = new StoreUnavailable('the disk of /var/lib/tocsin is full', 'free space there');

beforeEach(async () => {
  condition = { kind: 'ok' };
  broken = null;
  h = await startEngine({
    wrap: (store) => ({
      ...store,
      condition: () => condition,
      transact: (work) => (broken === null ? store.transact(work) : Promise.reject(broken)),
    }),
  });
});
afterEach(() => h.end());

const rung = (): readonly string[] =>
  h.sent('trigger').map(({ target, order }) => {
    const { address, title } = order as { address: { user?: string }; title: string };
    return `${target} ${address.user ?? ''} ${title}`;
  });
const said = (): readonly string[] =>
  h.sent('post').map(({ order }) => (order as { text: string }).text);

describe('the disk is full', () => {
  beforeEach(async () => {
    condition = { kind: 'refusing', problem: full };
    await h.clock.advanceBy(20 * SECOND);
  });

  test('within 20 s the on-call is rung, and the channel for alarms is told, with what to do', () => {
    expect(rung()).toEqual(['pd ada Tocsin: NO NEW ALERTS ARE TAKEN IN']);
    const [page] = h.sent('trigger');
    expect(page?.order).toMatchObject({
      urgency: 'high',
      body: 'the disk of /var/lib/tocsin is full. What to do: free space there.',
    });
    expect(said()).toEqual([
      'Tocsin: NO NEW ALERTS ARE TAKEN IN. the disk of /var/lib/tocsin is full. What to do: free space there.',
    ]);
  });

  test('nothing is written for it', async () => {
    expect(await h.open()).toEqual([]);
    expect(h.peek('SELECT count(*) AS n FROM outbox')).toEqual([{ n: 0 }]);
  });

  test('the same person is not rung again for it, and ten minutes later the next one is', async () => {
    await h.clock.advanceBy(9 * MINUTE);
    expect(rung()).toHaveLength(1);
    await h.clock.advanceBy(MINUTE);
    expect(rung()).toHaveLength(2);
    expect(rung()[1]).not.toContain(' ada ');
  });

  test('once somebody has acknowledged, nobody else is rung', async () => {
    h.vendors.find = ({ order }) => ({
      ok: true,
      data: { found: true, externalRef: order.externalRef, status: 'acknowledged', by: null },
    });
    await h.clock.advanceBy(60 * MINUTE);
    expect(rung()).toHaveLength(1);
  });

  describe('and the process ends', () => {
    /** Stopped, for its timers would go on; it closes nothing that rings. */
    const end = async (): Promise<void> => {
      await h.engine.stop();
      await h.crash();
    };
    const keysOf = (method: string): readonly string[] =>
      h.sent(method).map(({ order }) => (order as { key: string }).key);

    test('the next one goes on where it was: nobody is rung twice, and the next person in their turn', async () => {
      await end();
      await h.restart();
      await h.clock.advanceBy(9 * MINUTE);
      expect(rung()).toHaveLength(1);
      await h.clock.advanceBy(MINUTE);
      expect(rung()).toHaveLength(2);
    });

    test('the next one, which finds room, closes what rings and says so; a later outage rings anew', async () => {
      await end();
      condition = { kind: 'ok' };
      await h.restart();
      await h.clock.advanceBy(20 * SECOND);
      expect(keysOf('resolve')).toEqual(keysOf('trigger'));
      expect(said().at(-1)).toContain('over: NO NEW ALERTS ARE TAKEN IN');
      condition = { kind: 'refusing', problem: full };
      await h.clock.advanceBy(20 * SECOND);
      expect(rung()).toHaveLength(2);
      expect(new Set(keysOf('trigger')).size, 'another key, for who answered the first').toBe(2);
    });
  });

  test('what its pager does not close is closed with the next look', async () => {
    const { page } = h.vendors;
    h.vendors.page = (call) => (call.method === 'resolve' ? REFUSED : page(call));
    condition = { kind: 'ok' };
    await h.clock.advanceBy(20 * SECOND);
    h.vendors.page = page;
    await h.clock.advanceBy(20 * SECOND);
    expect(h.sent('resolve').length).toBeGreaterThan(1);
    const before = h.sent('resolve').length;
    await h.clock.advanceBy(MINUTE);
    expect(h.sent('resolve')).toHaveLength(before);
  });

  test('with room again it is closed at the pager, and said', async () => {
    condition = { kind: 'ok' };
    await h.clock.advanceBy(20 * SECOND);
    const [page] = h.sent('trigger');
    const closed = h.sent('resolve').map(({ order }) => (order as { key: string }).key);
    expect(closed).toEqual([(page?.order as { key: string } | undefined)?.key]);
    expect(said().at(-1)).toContain('over: NO NEW ALERTS ARE TAKEN IN');
    await h.clock.advanceBy(30 * MINUTE);
    expect(rung()).toHaveLength(1);
  });
});

test('a pager that does not take the page is passed over for the next one', async () => {
  h.vendors.page = ({ target }) =>
    target === 'pd' ? REFUSED : delivered('confirmed', { externalRef: 'og-1' });
  condition = { kind: 'refusing', problem: full };
  await h.clock.advanceBy(20 * SECOND);
  expect(rung().map((one) => one.slice(0, 6))).toEqual(['pd ada', 'og ada']);
});

test('where no pager takes it, all are tried again with the next look', async () => {
  let isDown = true;
  h.vendors.page = () => (isDown ? REFUSED : delivered('confirmed', { externalRef: 'x' }));
  condition = { kind: 'refusing', problem: full };
  await h.clock.advanceBy(MINUTE);
  const before = rung().length;
  isDown = false;
  await h.clock.advanceBy(20 * SECOND);
  expect(rung()).toHaveLength(before + 1);
  await h.clock.advanceBy(MINUTE);
  expect(rung()).toHaveLength(before + 1);
});

test('a database that cannot be written for a minute rings, one that is locked for some seconds does not', async () => {
  broken = new StoreUnavailable('another program holds it locked', 'close it');
  await h.clock.advanceBy(40 * SECOND);
  broken = null;
  await h.clock.advanceBy(2 * MINUTE);
  expect(rung()).toEqual([]);
  broken = new StoreUnavailable('another program holds it locked', 'close it');
  await h.clock.advanceBy(3 * MINUTE);
  expect(rung()).toEqual(['pd ada Tocsin: NO NEW ALERTS ARE TAKEN IN']);
});

test('while people have paused paging, the channel alone is told', async () => {
  await h.engine.pause('paging', { by: 'ada', why: 'a move', forMs: 60 * MINUTE, shorten: false });
  await h.clock.settle();
  condition = { kind: 'refusing', problem: full };
  await h.clock.advanceBy(5 * MINUTE);
  expect(rung()).toEqual([]);
  expect(said().some((text) => text.includes('NO NEW ALERTS ARE TAKEN IN'))).toBe(true);
});
