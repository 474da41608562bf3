/** Stored pauses that a bad disk or a hand has spoilt: they hold no more, somebody is told, and all else goes on. */
import { afterEach, describe, expect, test } from 'vitest';
import { alert, type Harness, MINUTE, SECOND, startEngine } from '../../../test/support/engine.ts';
import { readKept } from './kept-pauses.ts';

const DAY = 24 * 60 * MINUTE;
const lawyers = { since: 0, until: 9, by: 'ada', why: 'the lawyers read', reminded: 0 };
const readingText = async (text: string | null) => {
  const { unreadable, ...kept } = await readKept({ meta: async () => text });
  return { ...kept, unreadable: unreadable.map(({ path }) => path) };
};
const reading = (value: unknown) => readingText(JSON.stringify(value));

describe('what is kept of pauses', () => {
  test('is nothing, and all is well, before anybody has paused anything', async () => {
    expect(await readingText(null)).toEqual({
      pauses: {},
      past: [],
      unreadable: [],
    });
  });

  test('is read entry by entry: one that cannot be read leaves the others as they are', async () => {
    const paging = { ...lawyers, until: '9' };
    const past = [{ from: 1, until: 2 }, { from: 3 }, null];
    expect(await reading({ pauses: { public: lawyers, paging, pagimg: lawyers }, past })).toEqual({
      pauses: { public: lawyers },
      past: [{ from: 1, until: 2 }],
      unreadable: ['pauses.paging', 'pauses.pagimg', 'past[1]', 'past[2]'],
    });
  });

  test.each(['since', 'until', 'by', 'why', 'reminded'])(
    'counts no pause without "%s"',
    async (field) => {
      const public_ = Object.fromEntries(
        Object.entries(lawyers).filter(([name]) => name !== field),
      );
      expect(await reading({ pauses: { public: public_ }, past: [] })).toEqual({
        pauses: {},
        past: [],
        unreadable: ['pauses.public'],
      });
    },
  );

  test('counts no pause that ends later than any may: it would hold for ever', async () => {
    const longest = { ...lawyers, until: 7 * DAY };
    const past = [
      { from: 1, until: 1 + 7 * DAY },
      { from: 0, until: 9e15 },
    ];
    const pauses = { public: longest, paging: { ...lawyers, until: 9e15 } };
    expect(await reading({ pauses, past })).toEqual({
      pauses: { public: longest },
      past: past.slice(0, 1),
      unreadable: ['pauses.paging', 'past[1]'],
    });
    const longer = { ...longest, until: longest.until + 1 };
    expect(await reading({ pauses: { public: longer }, past: [] })).toMatchObject({ pauses: {} });
  });

  test.each([[null], [7], ['x'], [[]]])(
    'is nothing that could be read when %j stands there',
    async (value) => {
      expect(await reading(value)).toEqual({ pauses: {}, past: [], unreadable: ['all of it'] });
      expect(await reading({ pauses: value, past: value })).toMatchObject({ pauses: {}, past: [] });
    },
  );
});

describe('a server on stored pauses that are spoilt', () => {
  let h: Harness;
  afterEach(() => h.end());
  const store = (value: string) =>
    h.spoil(`UPDATE meta SET value = '${value}' WHERE key = 'pauses'`);
  const rung = (name: string) =>
    h.sent('trigger').filter(({ order }) => JSON.stringify(order).includes(name));
  const told = (): readonly string[] =>
    h.sent('post').flatMap(({ order }) => ('text' in order ? [order.text] : []));
  const errors = () => h.logs.filter(({ message }) => message.includes('stored pauses cannot be'));

  const SPOILT = [
    ['whose past has lost its name', '{"pauses":{},"pasu":[]}'],
    ['that have lost their name', '{"pausas":{},"past":[]}'],
    ['that are no JSON', '{'],
    ['that are no object', 'null'],
    ['of which one has no end', '{"pauses":{"paging":{"by":"ada"}},"past":[]}'],
    [
      'of which one never ends',
      '{"pauses":{"paging":{"since":0,"until":9e15,"by":"a","why":"x","reminded":0}},"past":[]}',
    ],
    ['of which one is nothing', '{"pauses":{"paging":null},"past":[null]}'],
  ] as const;
  const HOW = ['while it runs', 'after a restart'] as const;

  for (const how of HOW)
    test.each(SPOILT)(`${how}, %s, takes deliveries and rings as ever`, async (_what, value) => {
      h = await startEngine({ pollMs: SECOND });
      await h.engine.pause('public', { by: 'ada', why: 'x', forMs: MINUTE });
      await h.clock.advanceBy(2 * MINUTE);
      if (how === 'after a restart') await h.crash();
      store(value);
      if (how === 'after a restart') await h.restart();
      await h.deliver('prom', [alert()]);
      await h.clock.advanceBy(11 * MINUTE);
      expect((await h.open()).map(({ title }) => title)).toEqual(['Basket answers with errors']);
      expect([rung('ada').length, rung('ben').length].every((times) => times > 0)).toBe(true);
      expect(errors(), 'said once').toHaveLength(1);
      expect(told().filter((text) => text.startsWith('Stored pauses cannot be read'))).toHaveLength(
        1,
      );
    });

  test('keeps what can be read of them, and lets go at once what the others held', async () => {
    h = await startEngine({ pollMs: SECOND });
    await h.engine.pause('public', { by: 'ada', why: 'x', forMs: 60 * MINUTE });
    await h.engine.pause('paging', { by: 'ada', why: 'x', forMs: 60 * MINUTE });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(10 * SECOND);
    expect(h.sent('trigger')).toEqual([]);
    h.spoil(
      `UPDATE meta SET value = json_remove(value, '$.pauses.paging.until') WHERE key = 'pauses'`,
    );
    await h.clock.advanceBy(2 * SECOND);
    expect(Object.keys(h.engine.lookups().pauses)).toEqual(['public']);
    expect(h.sent('trigger')).toHaveLength(1);
    expect(told()).toContain(
      'Stored pauses cannot be read (pauses.paging) and hold no more. Pause again what must stay quiet.',
    );
  });

  test('says that no pause ends by it when only those that are over cannot be read', async () => {
    h = await startEngine({ pollMs: SECOND });
    await h.engine.pause('public', { by: 'ada', why: 'x', forMs: 60 * MINUTE });
    h.spoil(`UPDATE meta SET value = json_set(value, '$.past', 7) WHERE key = 'pauses'`);
    await h.clock.advanceBy(2 * SECOND);
    expect(Object.keys(h.engine.lookups().pauses)).toEqual(['public']);
    expect(told().slice(-1)).toEqual([
      'Stored pauses cannot be read (past). They were over: no pause ends by that.',
    ]);
    expect(errors()).toMatchObject([{ message: expect.not.stringContaining('holds no more') }]);
  });

  test('says so as well when a person is the first to come upon it', async () => {
    h = await startEngine();
    await h.engine.pause('public', { by: 'ada', why: 'x', forMs: 60 * MINUTE });
    store('{');
    expect(await h.engine.resume('public', 'ada')).toBe(false);
    expect(errors()).toHaveLength(1);
    await h.engine.pause('paging', { by: 'ada', why: 'x', forMs: 60 * MINUTE });
    await h.clock.advanceBy(5 * MINUTE);
    expect(Object.keys(h.engine.lookups().pauses)).toEqual(['paging']);
    expect(errors()).toHaveLength(1);
  });
});
