/** Asking a vendor what became of an order holds up nothing that is to be sent. */
import { afterEach, expect, test } from 'vitest';
import { alert, type Harness, MINUTE, SECOND, startEngine } from '../../../test/support/engine.ts';
import { person, policy } from '../../../test/support/policy.ts';

let h: Harness;
afterEach(() => h.end());

const methods = (): readonly string[] => h.calls.map(({ method }) => method);

test('a phone is silenced at once although its pager still owes the answer whether it rings', async () => {
  h = await startEngine({
    policy: policy({ people: { ...policy().people, ada: person('ada', ['og']) } }),
  });
  h.vendors.find = () => new Promise(() => undefined);
  await h.deliver('prom', [alert()]);
  await h.settle();
  h.engine.inFlight = () => 0;
  await h.clock.advanceBy(6 * SECOND);
  expect(h.asked.map(({ method }) => method)).toContain('find');
  await h.ask({ type: 'MarkFalsePositive', reason: 'a test of ours' }, 'inc-1');
  await h.settle();
  expect(methods()).toEqual(['trigger', 'resolve']);
});

test('a look-up that is still to come does not hold up the silencing either', async () => {
  h = await startEngine({
    policy: policy({ people: { ...policy().people, ada: person('ada', ['og']) } }),
  });
  await h.deliver('prom', [alert()]);
  await h.settle();
  await h.ask({ type: 'MarkFalsePositive', reason: 'a test of ours' }, 'inc-1');
  await h.settle();
  expect(methods()).toEqual(['trigger', 'resolve']);
});

test('a post behind one whose outcome is unknown leaves once the page was asked for that one', async () => {
  h = await startEngine();
  let posts = 0;
  const usual = h.vendors.publish;
  h.vendors.publish = (call) => {
    posts += 1;
    return posts === 1
      ? { verb: 'retry', reason: 'timeout', ambiguous: true, detail: '504' }
      : usual(call);
  };
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
  await h.ask({ type: 'SetPhase', phase: 'identified', text: null }, 'inc-1');
  await h.clock.advanceBy(4 * MINUTE);
  expect(posts, 'never two creates in flight').toBe(1);
  await h.clock.advanceBy(2 * MINUTE);
  expect(h.calls.filter(({ method }) => method === 'publish').map(({ order }) => order)).toEqual([
    expect.objectContaining({ status: 'investigating' }),
    expect.objectContaining({ status: 'identified' }),
  ]);
});
