/** Changes of meaning in who owes a pager the end of what rings there, for one incident or for several. */
import type { Mutant } from './mutant.ts';

const STORY = ['test/acceptance/who-ends-it.test.ts'];
const JOINING = ['src/core/paging/joining.test.ts'];

export const endsMutants: readonly Mutant[] = [
  {
    name: 'a phone rings on for nobody, since whoever it rang for last gave it up without a word',
    file: 'src/core/paging/ringing.ts',
    find: 'if (isLeft(decision, page, after) && !isLeft(decision, page, ring))',
    replace: 'if (ring.finds < 0)',
    tests: [...JOINING, ...STORY],
  },
  {
    name: 'what was joined and given up is heard of again once it was closed for others',
    file: 'src/core/deciding/settling.ts',
    find: "settled.result === 'delivered' && !isLeft(decision, page, ring)",
    replace: "settled.result === 'delivered'",
    tests: JOINING,
  },
  {
    name: 'a phone rings on because of a page of its incident that its pager refused',
    file: 'src/core/paging/joining.ts',
    find: "status === 'failed' || status === 'withheld' ? 'closed' : page.state",
    replace: 'page.state',
    tests: ['src/core/deciding/settling.test.ts'],
  },
  {
    name: 'a phone rings on because of a page of another incident that its pager refused',
    file: 'src/engine/deciding/page-rows.ts',
    find: 'state: stateUnder(page, ring),',
    replace: 'state: page.state,',
    tests: ['src/engine/deciding/page-rows.test.ts'],
  },
  {
    name: 'a phone rings on because of a page that its pager refused in the same moment',
    file: 'src/engine/deciding/ring-claims.ts',
    find: 'state: stateUnder(page, ring) });',
    replace: 'state: page.state });',
    tests: ['src/engine/deciding/ring-claims.test.ts'],
  },
  {
    name: 'the timeline repeats at every look that what rings for another incident is there',
    file: 'src/core/command/acknowledging.ts',
    find: "seen.ref === '' && !isAwaitedByOthers(decision, page, ring)",
    replace: "seen.ref === ''",
    tests: STORY,
  },
  {
    name: 'the timeline repeats at every look that a page has come late, while it cannot be closed',
    file: 'src/engine/vendors/reconcile.ts',
    find: "memory.lateThere.get(waiting.sought.key) !== (found.externalRef ?? '')",
    replace: 'waiting.sought.key.length > 0',
    tests: ['src/engine/vendors/reconcile.test.ts'],
  },
  {
    name: 'of two that come late under one key after each other only the first is closed',
    file: 'src/engine/vendors/reconcile.ts',
    find: "memory.lateThere.get(waiting.sought.key) !== (found.externalRef ?? '')",
    replace: 'memory.lateThere.get(waiting.sought.key) === undefined',
    tests: ['src/engine/vendors/reconcile.test.ts'],
  },
  {
    name: 'what comes late under the key of a page that was never closed rings on',
    file: 'src/core/command/acknowledging.ts',
    find: "seen.ref === '' && !isAwaitedByOthers(decision, page, ring)",
    replace: "seen.ref === '' && ring.status === 'closed'",
    tests: STORY,
  },
];
