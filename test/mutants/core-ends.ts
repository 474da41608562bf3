/** Changes of meaning in who owes a pager the end of what rings there, for one incident or for several. */
import type { Mutant } from './mutant.ts';

const STORY = ['test/acceptance/who-ends-it.test.ts'];
const AGAIN = ['test/acceptance/out-late-again.test.ts'];
const JOINING = ['src/core/paging/joining.test.ts'];

export const endsMutants: readonly Mutant[] = [
  {
    name: 'a phone rings on for nobody, since whoever it rang for last gave it up without a word',
    file: 'src/core/paging/ringing.ts',
    find: 'if (!isLeft(decision, page, after) || isLeft(decision, page, ring)) return;',
    replace: 'if (ring.finds >= 0) return;',
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
  {
    name: 'nobody hears that an attempt of before may be carried out beside the one that was taken',
    file: 'src/engine/dispatch/dispatch.ts',
    find: 'mayHaveArrived: row.ambiguous',
    replace: 'mayHaveArrived: false',
    tests: AGAIN,
  },
  {
    name: 'what was taken makes an earlier attempt, of which nobody knows, forgotten',
    file: 'src/core/deciding/settling.ts',
    find: 'ring.mayComeAgain || settled.mayHaveArrived === true',
    replace: 'false',
    tests: AGAIN,
  },
  {
    name: 'what its pager spoke of while it was asked once more is believed to come once',
    file: 'src/core/deciding/settling.ts',
    find: 'const asked = { askedAt: decision.now, mayComeAgain: true };',
    replace: 'const asked = { askedAt: decision.now };',
    tests: ['src/core/deciding/settling.test.ts'],
  },
  {
    name: 'a phone that rings once more after its end rings on',
    file: 'src/engine/deciding/page-rows.ts',
    find: "ring.ref !== null && !(ring.status === 'closed' && ring.mayComeAgain)",
    replace: 'ring.ref !== null',
    tests: AGAIN,
  },
  {
    name: 'each page with a name is asked about for a day after its end',
    file: 'src/engine/deciding/page-rows.ts',
    find: "!(ring.status === 'closed' && ring.mayComeAgain)",
    replace: "ring.status !== 'closed'",
    tests: ['src/engine/deciding/page-rows.test.ts'],
  },
  {
    name: 'what comes once more is looked for by the name of what is over',
    file: 'src/engine/vendors/reconcile.ts',
    find: '{ ...sought, externalRef: null }',
    replace: '{ ...sought }',
    tests: AGAIN,
  },
  {
    name: 'what comes once more after somebody resolved it on the phone rings on',
    file: 'src/engine/vendors/reconcile.ts',
    find: "return status === 'closed' && ref !== externalRef;",
    replace: 'return status === null && ref !== externalRef;',
    tests: AGAIN,
  },
  {
    name: 'what comes once more is closed by the name of what is over',
    file: 'src/engine/vendors/reconcile.ts',
    find: "row.state === 'closed' && row.ref === null) return '';",
    replace: "row.state === 'closed') return '';",
    tests: AGAIN,
  },
  {
    name: 'a page that its pager refused for a day is not looked for when it was asked for after that',
    file: 'src/core/deciding/settling.ts',
    find: 'const asked = { askedAt: decision.now, mayComeAgain: true };',
    replace: 'const asked = { mayComeAgain: true };',
    tests: AGAIN,
  },
];
