/** Mutants of what is believed of a pager: what it took, what it tells of its own, and in which order. */
import type { Mutant } from './mutant.ts';

const SETTLING = ['src/core/deciding/settling.test.ts'];
const PAGER = ['adapters/pagerduty/pager.test.ts'];

export const mutantsOfVendors: readonly Mutant[] = [
  {
    name: 'a page that its pager said to ring is never looked for',
    file: 'src/core/deciding/settling.ts',
    find: 'if (isLookedAfter || !canBeAsked(decision.policy, ring.target)) return;',
    replace: 'if (isLookedAfter || isSure) return;',
    tests: SETTLING,
  },
  {
    name: 'a pager that has lost the page once is believed again',
    file: 'src/core/deciding/settling.ts',
    find: "ring.status === 'lost' ? 'accepted' : settled.receipt",
    replace: 'settled.receipt',
    tests: SETTLING,
  },
  {
    name: 'a page is sent again because its pager answers no question',
    file: 'src/core/deciding/settling.ts',
    find: "read !== null || ring.status !== 'confirmed'",
    replace: "ring.status !== 'joined'",
    tests: SETTLING,
  },
  {
    name: 'a pager that answers no question for a minute is asked no more',
    file: 'src/core/deciding/settling.ts',
    find: "ring.status === 'confirmed' && !isAnswered",
    replace: "ring.status === 'confirmed' && isAnswered",
    tests: SETTLING,
  },
  {
    name: 'the incident of somebody else that bears an id of ours passes for our page',
    file: 'adapters/pagerduty/read-back.ts',
    find: 'known?.ok === true && isIts(known.data, key, ring)',
    replace: 'known?.ok === true',
    tests: PAGER,
  },
  {
    name: 'an incident that PagerDuty does not know any more is an answer that did not come',
    file: 'adapters/pagerduty/read-back.ts',
    find: "known?.ok === false && known.reason !== 'not_found'",
    replace: 'known?.ok === false',
    tests: PAGER,
  },
  {
    name: 'a responder who was never asked passes for one whose phone rings',
    file: 'adapters/pagerduty/read-back.ts',
    find: 'incident === null || isUnasked(incident, ring)',
    replace: 'incident === null',
    tests: PAGER,
  },
  {
    name: 'a responder is asked twice because an answer leaves out who was asked',
    file: 'adapters/pagerduty/read-back.ts',
    find: 'people !== null && requests !== null && !isAsked',
    replace: '!isAsked',
    tests: PAGER,
  },
];
