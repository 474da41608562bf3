/** Evidence is taken away behind the back of the engine, one kind after the other: somebody is rung by the direct path. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alert, type Harness, MINUTE, startEngine } from '../../../test/support/engine.ts';
import { delivered, type Outcome } from '../../contract/outcome.ts';
import type { Evidence } from './evidence.ts';
import { missingIn } from './evidence.ts';

let h: Harness;
/** What is rung about Tocsin itself always arrives. */
let page: Outcome;

const DOWN: Outcome = {
  verb: 'retry',
  reason: 'network',
  detail: 'nobody there',
  ambiguous: false,
};

beforeEach(async () => {
  page = DOWN;
  h = await startEngine({
    vendors: {
      page: ({ order }) =>
        order.title.startsWith('Tocsin: ') ? delivered('confirmed', { externalRef: 'T1' }) : page,
    },
  });
});
afterEach(() => h.end());

const rung = (): readonly string[] => [
  ...new Set(
    h
      .sent('trigger')
      .flatMap(({ order }) =>
        'body' in order && order.title.startsWith('Tocsin: ')
          ? [`${order.title}: ${order.body}`]
          : [],
      ),
  ),
];
const resolved = (): number =>
  h.sent('resolve').filter(({ order }) => 'title' in order && order.title.startsWith('Tocsin: '))
    .length;

async function alertComes(): Promise<void> {
  await h.deliver('prom', [alert()]);
  await h.settle();
}

test('nothing is missing: nobody is rung by it, whatever the pagers do', async () => {
  await alertComes();
  await h.clock.advanceBy(20 * MINUTE);
  expect(rung()).toEqual([]);
  expect((await h.engine.health()).missing).toEqual([]);
});

describe('a page that is asked for, and', () => {
  const PAGE =
    /^Tocsin: inc-1 DOES NOT DO WHAT IT SHOULD: page p1 to .* was asked for .* ago at pd, and no order is there that sends it\. CALL THEM/;

  test.each([
    ['its order is gone', "DELETE FROM outbox WHERE effect LIKE '%pager.trigger%'"],
    [
      'its order counts as done without an outcome',
      "UPDATE outbox SET status = 'done', settled_at = 1 WHERE effect LIKE '%pager.trigger%'",
    ],
    [
      'its order counts as overtaken',
      "UPDATE outbox SET status = 'superseded', settled_at = 1 WHERE effect LIKE '%pager.trigger%'",
    ],
  ])('%s: within three minutes somebody is rung, once', async (_, sql) => {
    await alertComes();
    h.spoil(sql);
    await h.clock.advanceBy(3 * MINUTE);
    expect(rung()[0]).toMatch(PAGE);
    expect((await h.engine.health()).missing[0]).toMatchObject({ incident: 'inc-1' });
    expect(await h.metrics.registry.metrics()).toMatch(/tocsin_missing [1-9]/);
  });

  test('its end is said when nobody is owed it any more', async () => {
    await alertComes();
    h.spoil("DELETE FROM outbox WHERE effect LIKE '%pager.trigger%'");
    await h.clock.advanceBy(3 * MINUTE);
    expect(rung()).not.toEqual([]);
    await h.ask({ type: 'Acknowledge', page: null }, 'inc-1');
    await h.clock.advanceBy(3 * MINUTE);
    expect(resolved()).toBeGreaterThan(0);
    expect((await h.engine.health()).missing).toEqual([]);
  });
});

test('a page that rings, and nothing is kept by which its answer would be heard', async () => {
  page = delivered('confirmed', { externalRef: 'Q1' });
  await alertComes();
  h.spoil('DELETE FROM pages');
  await h.clock.advanceBy(3 * MINUTE);
  expect(rung()[0]).toMatch(/page p1 to .* rings at pd since .*, and nothing is kept by which/);
});

test('a page that is over, and nothing tells its pager', async () => {
  page = delivered('confirmed', { externalRef: 'Q1' });
  await alertComes();
  await h.clock.advanceBy(MINUTE);
  page = DOWN;
  await h.ask({ type: 'MarkFalsePositive', reason: 'a load test' }, 'inc-1');
  await h.settle();
  h.spoil("DELETE FROM outbox WHERE effect LIKE '%pager.resolve%'");
  await h.clock.advanceBy(3 * MINUTE);
  expect(rung()[0]).toMatch(/page p1 to .* is over, and nothing tells pd to stop ringing/);
});

test('a page that was answered here, and nothing tells the pager where it rang', async () => {
  page = delivered('confirmed', { externalRef: 'Q1' });
  await alertComes();
  await h.clock.advanceBy(MINUTE);
  page = DOWN;
  // Where it shows that it rings on, it is told again by that.
  h.vendors.find = ({ order: { externalRef } }) => ({
    ok: true,
    data: { found: true, externalRef, status: 'acknowledged', by: null },
  });
  await h.ask({ type: 'Acknowledge', page: null }, 'inc-1');
  await h.settle();
  h.spoil("DELETE FROM outbox WHERE effect LIKE '%pager.acknowledge%'");
  await h.clock.advanceBy(3 * MINUTE);
  expect(rung()[0]).toMatch(/page p1 to .* was answered by .*, and nothing tells pd\. Acknowledge/);
});

test('orders that are gone from among those of one event', async () => {
  await alertComes();
  await h.clock.advanceBy(5 * MINUTE);
  expect(rung()).toEqual([]);
  h.spoil(`DELETE FROM outbox WHERE id LIKE 'inc-1/%/0' AND EXISTS (SELECT 1 FROM outbox AS other
    WHERE other.id = substr(outbox.id, 1, length(outbox.id) - 1) || '1')`);
  await h.clock.advanceBy(3 * MINUTE);
  expect(rung().join()).toMatch(/event \d+, .* ago, asked for an order that was one of several/);
});

test.each([
  ['put off for ever', 'UPDATE incidents SET wake_at = 9000000000000000'],
  ['taken away', 'UPDATE incidents SET is_awake = 0'],
])('its wake-up is %s: the steps are made all the same', async (_, sql) => {
  page = delivered('confirmed', { externalRef: 'Q1' });
  await alertComes();
  h.spoil(sql);
  await h.clock.advanceBy(12 * MINUTE);
  expect((await h.incident('inc-1')).version).toBeGreaterThan(6);
});

describe('by the comparison alone', () => {
  const evidence = async (): Promise<Evidence> => {
    page = delivered('confirmed', { externalRef: 'Q1' });
    await alertComes();
    const state = await h.incident('inc-1');
    return {
      folded: state,
      kept: state,
      timeline: (await h.store.reads.timeline('inc-1')).map(({ event }) => event),
      orders: await h.outbox('inc-1'),
      pages: await h.store.reads.pagesOf('inc-1'),
      owed: [],
      now: h.clock.now(),
    };
  };

  test('nothing is missing in what is whole', async () => {
    expect(missingIn(await evidence())).toEqual([]);
  });

  test('the state that is kept is another one', async () => {
    const whole = await evidence();
    const kept = { ...whole.kept, title: 'All is well' };
    expect(missingIn({ ...whole, kept }).map(({ key }) => key)).toEqual(['state']);
  });

  test('what is owed was due five minutes ago', async () => {
    const whole = await evidence();
    const owed = [
      { clock: { kind: 'soak' } as never, what: 'the soak ends', dueAt: whole.now - 5 * MINUTE },
      { clock: { kind: 'soak' } as never, what: 'just due', dueAt: whole.now - MINUTE },
    ];
    expect(missingIn({ ...whole, owed }).map(({ what }) => what)).toEqual([
      'due 5m ago and not done: the soak ends. Do it by hand',
    ]);
  });

  test('a post is to be published, and no order does it', async () => {
    const whole = await evidence();
    const draft = {
      id: 'd1',
      state: 'queued',
      status: 'investigating',
      target: 'status',
      draftedAt: whole.now,
    };
    const folded = { ...whole.folded, drafts: { d1: draft as never } };
    expect(missingIn({ ...whole, folded, kept: folded }).map(({ what }) => what)).toEqual([
      'post d1 (investigating) is to be published at status since 0s, and no order is there that does it. Publish it by hand',
    ]);
  });
});
