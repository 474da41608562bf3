/** Checks that a page carries the key of its order, by which the vendor tells a second attempt from a second page. */
import { expect } from 'vitest';
import type { HttpRequest, PageOrder } from '../../src/contract/index.ts';
import type { Check } from './check.ts';
import { at } from './mutations.ts';
import type { Subject } from './target.ts';

/** What the vendor is asked to do: a key by which something is only looked up prevents no second ring. */
async function asked(subject: Subject, order: PageOrder): Promise<readonly HttpRequest[]> {
  const { requests } = await subject.run(subject.one.respond, [order]);
  return requests.filter(({ method }) => method !== 'GET');
}

export function keyChecks(subject: Subject): readonly Check[] {
  const { one, label } = subject;
  const [order] = one.args as readonly [PageOrder];
  // What the vendor has given its own id is known by that.
  const isFirst = one.method === 'pager.trigger' && order.externalRef === null;
  if (!isFirst || at(one.result, ['verb']) !== 'delivered') return [];
  return [
    {
      title: `${label} is another page under another key`,
      run: async () => {
        const other = await asked(subject, { ...order, key: `${order.key}-other` });
        expect(
          other,
          'the requests do not carry the key of the order: a second attempt would ring twice',
        ).not.toEqual(await asked(subject, order));
      },
    },
    {
      title: `${label} is the same page at a second attempt`,
      run: async () => {
        const again = await asked(subject, { ...order, deadline: order.deadline + 60_000 });
        expect(again).toEqual(await asked(subject, order));
      },
    },
  ];
}
