/** A target that takes nothing of what is sent to it: the channel for alarms hears of it once, and once that it is over. */
import { afterEach, describe, expect, test } from 'vitest';
import { policy } from '../../test/support/policy.ts';
import { alert, type Harness, MINUTE, START, startEngine } from '../../test/support/engine.ts';
import type { Finding } from '../contract/adapter.ts';
import type { PostOrder } from '../contract/order.ts';
import type { Outcome } from '../contract/outcome.ts';

let h: Harness;
afterEach(() => h.end());

const down: Outcome = {
  verb: 'retry',
  reason: 'server_error',
  ambiguous: false,
  detail: 'HTTP 503',
};
const examine = (): readonly Finding[] => [{ level: 'ok', what: 'the token is valid', hint: '' }];

/** Nobody can be reached but by the first pager, so that what is for it waits for it. */
const onePager = policy({
  people: Object.fromEntries(
    Object.entries(policy().people).map(([id, one]) => [
      id,
      { ...one, addresses: one.addresses.slice(0, 1) },
    ]),
  ),
});

/** What was said of targets in the channel for alarms, with the minute. */
const said = (): readonly string[] =>
  h.sent('post').flatMap(({ at, order }) => {
    const { channel, text } = order as PostOrder;
    const minute = Math.floor((at - START) / MINUTE);
    return channel === 'alarms' && text.startsWith('The target') ? [`${minute} ${text}`] : [];
  });

const unproved = async (): Promise<readonly string[]> =>
  (await h.open()).map(({ title }) => title).filter((title) => title.includes('would not work'));

const untaken = async (target: string): Promise<string | undefined> =>
  new RegExp(`target_untaken_seconds\\{target="${target}"\\} (.*)`).exec(
    await h.metrics.registry.metrics(),
  )?.[1];

describe('is said after ten minutes, and when it is over', () => {
  test.each<[string, () => Outcome | Promise<Outcome>]>([
    ['a pager that answers 503', () => down],
    ['one that never answers', () => new Promise(() => undefined)],
    [
      'one that refuses the token',
      () => ({ ...down, verb: 'reject', reason: 'unauthorized', hint: '' }),
    ],
    ['one that wants to be left alone for ever', () => ({ ...down, afterMs: 60_000 })],
  ])('%s', async (_what, answer) => {
    h = await startEngine({ policy: onePager, vendors: { examine } });
    // Whoever never answers is not waited for.
    h.engine.inFlight = () => 0;
    const well = h.vendors.page;
    h.vendors.page = answer;
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(9 * MINUTE);
    expect(said()).toEqual([]);
    await h.clock.advanceBy(6 * MINUTE);
    expect(said()).toEqual([
      expect.stringMatching(
        /^1[01] The target "pd" has taken nothing of what was sent to it for 1[01]m: /,
      ),
    ]);
    expect(Number(await untaken('pd'))).toBeGreaterThan(800);
    await h.clock.advanceBy(20 * MINUTE);
    expect(said()).toHaveLength(1);
    h.vendors.page = well;
    await h.clock.advanceBy(5 * MINUTE);
    expect(said()[1]).toMatch(/The target "pd" takes what is sent to it again, after 3\dm\.$/);
    expect(said()).toHaveLength(2);
    expect(await untaken('pd')).toBe('0');
  });
});

test.each<[string, Outcome]>([
  ['is down', down],
  ['asks each time to be left alone for ten minutes', { ...down, afterMs: 10 * MINUTE }],
])(
  'a status page that %s for twelve minutes is told of once, and once that it is over',
  async (_what, answer) => {
    h = await startEngine({ vendors: { examine, publish: () => answer } });
    await h.deliver('prom', [alert()]);
    await h.ask({ type: 'Acknowledge', page: null }, 'inc-1');
    await h.settle();
    await h.clock.advanceBy(12 * MINUTE);
    expect(said()).toEqual([expect.stringMatching(/^10 The target "page" has taken nothing/)]);
    h.vendors.publish = () => ({
      verb: 'delivered',
      receipt: 'confirmed',
      externalRef: 'public-1',
    });
    await h.clock.advanceBy(15 * MINUTE);
    expect(said()).toHaveLength(2);
    expect(said()[1]).toMatch(/The target "page" takes what is sent to it again, after/);
  },
);

test('a target is shown not to work as long as it takes nothing, whatever it answers when it is asked', async () => {
  h = await startEngine({ policy: onePager, vendors: { examine, page: () => down } });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(12 * MINUTE);
  const { targets } = await h.engine.health();
  expect(targets.find(({ name }) => name === 'pd')?.problems.join()).toMatch(
    /^nothing that was sent there for 1\dm was taken \(HTTP 503\)/,
  );
  // Whoever waits for the page is told by its incident.
  expect(await unproved()).toEqual([]);
});

test('where the channel for alarms itself takes nothing, a low alert tells of it', async () => {
  h = await startEngine({ vendors: { examine, page: () => down } });
  const well = h.vendors.post;
  h.vendors.post = () => down;
  // Nobody can be rung, which the channel is to be told.
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(9 * MINUTE);
  expect(await unproved()).toEqual([]);
  await h.clock.advanceBy(3 * MINUTE);
  expect(await unproved()).toEqual(['The target "chat" would not work']);
  h.vendors.post = well;
  await h.clock.advanceBy(3 * MINUTE);
  const { targets } = await h.engine.health();
  expect(targets.find(({ name }) => name === 'chat')?.problems).toEqual([]);
});

test('nothing is said of a target for which nothing waits, nor of one that refuses one address', async () => {
  h = await startEngine({ policy: onePager, vendors: { examine } });
  h.vendors.page = () => ({
    ...down,
    verb: 'reject',
    reason: 'not_found',
    hint: '',
    ofAddress: true,
  });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(40 * MINUTE);
  expect(said()).toEqual([]);
});

test('a pager that takes nothing while another does is told of as well', async () => {
  h = await startEngine({ vendors: { examine } });
  const well = h.vendors.page;
  h.vendors.page = ({ target }) =>
    target === 'pd' ? down : { verb: 'delivered', receipt: 'confirmed', externalRef: 'og-1' };
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(30 * MINUTE);
  expect(said()).toEqual([expect.stringMatching(/^10 The target "pd" has taken nothing/)]);
  h.vendors.page = well;
  await h.clock.advanceBy(10 * MINUTE);
  expect(said()[1]).toMatch(/The target "pd" takes what is sent to it again/);
  expect(await untaken('pd')).toBe('0');
});

test('a restart begins anew', async () => {
  h = await startEngine({ policy: onePager, vendors: { examine, page: () => down } });
  await h.deliver('prom', [alert()]);
  await h.clock.advanceBy(8 * MINUTE);
  await h.engine.stop();
  await h.restart();
  await h.clock.advanceBy(8 * MINUTE);
  expect(said()).toEqual([]);
  await h.clock.advanceBy(4 * MINUTE);
  expect(said()).toHaveLength(1);
});
