/** Work that must not overlap. */
import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('what is asked for while something runs begins when that has ended, also by a failure', async () => {
  const order: string[] = [];
  const inTurn = oneAtATime();
  const work = (name: string) => async (): Promise<string> => {
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
    if (name === 'bad') throw new Error(name);
    return name;
  };
  const all = await Promise.allSettled([work('one'), work('bad'), work('two')].map(inTurn));
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(order).toEqual([
    'one begins',
    'one ends',
    'bad begins',
    'bad ends',
    'two begins',
    'two ends',
  ]);
});
