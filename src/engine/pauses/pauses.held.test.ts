/** What waits behind a pause, and who knocks under a name that is no source. */
import { afterEach, expect, test } from 'vitest';
import { alert, type Harness, MINUTE, START, startEngine } from '../../../test/support/engine.ts';

let h: Harness;
afterEach(() => h.end());

test('a pause that is set anew with an earlier end lets the pages go by then', async () => {
  h = await startEngine();
  await h.engine.pause('paging', { by: 'ada', why: 'drill', forMs: 600 * MINUTE });
  await h.deliver('prom', [alert()]);
  await h.settle();
  expect(h.sent('trigger')).toEqual([]);
  const short = { by: 'ada', why: 'a short one', forMs: 5 * MINUTE };
  expect(await h.engine.pause('paging', short)).toMatchObject({ ok: false });
  await h.engine.pause('paging', { ...short, shorten: true });
  await h.clock.advanceBy(6 * MINUTE);
  expect(h.sent('trigger')).toContainEqual(
    expect.objectContaining({
      target: 'pd',
      at: START + 5 * MINUTE,
      order: expect.objectContaining({ address: { user: 'ada' } }),
    }),
  );
});

test('an alert that comes in the very moment in which a pause is ended rings', async () => {
  h = await startEngine();
  await h.engine.pause('paging', { by: 'ada', why: 'drill', forMs: 600 * MINUTE });
  await Promise.all([h.engine.resume('paging', 'ada'), h.deliver('prom', [alert()])]);
  await h.settle();
  expect(h.sent('trigger')).toHaveLength(1);
});

test('what a pause holds leaves when the pause is ended, in whatever words people were told why it was held', async () => {
  h = await startEngine();
  await h.engine.pause('paging', { by: 'ada', why: 'drill', forMs: 600 * MINUTE });
  await h.deliver('prom', [alert()]);
  await h.settle();
  h.spoil("UPDATE outbox SET last_outcome = 'held, as ada wanted it'");
  await h.engine.resume('paging', 'ada');
  await h.settle();
  expect(h.sent('trigger')).toHaveLength(1);
});

test('the pause of public posts holds no page, and the one of paging holds no post', async () => {
  h = await startEngine();
  await h.engine.pause('public', { by: 'ada', why: 'drill', forMs: 30 * MINUTE });
  await h.deliver('prom', [alert()]);
  await h.settle();
  expect(h.sent('trigger')).toHaveLength(1);
  await h.engine.resume('public', 'ada');
  await h.engine.pause('paging', { by: 'ada', why: 'drill', forMs: 30 * MINUTE });
  const about = {
    level: 'L2',
    title: 'Basket is down',
    team: null,
    service: 'basket',
    text: null,
    flags: [],
  };
  await h.ask({ type: 'Declare', ...about });
  await h.settle();
  expect(h.sent('publish')).toHaveLength(1);
  expect(h.sent('trigger')).toHaveLength(1);
});

test.each(['constructor', '__proto__', 'toString'])(
  'the source %s is unknown, not an error of ours',
  async (source) => {
    h = await startEngine();
    expect(await h.deliver(source, [alert()])).toMatchObject({ kind: 'unknown_source' });
  },
);
