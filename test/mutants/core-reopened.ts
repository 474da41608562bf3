/** Changes of meaning in what rings again at its pager after it had ended there, or here. */
import type { Mutant } from './mutant.ts';

const FILE = 'src/core/command/rings-again.ts';
const STORY = ['test/acceptance/reopened-there.test.ts'];
const UNITS = ['src/core/command/rings-again.test.ts'];

const NEXT_SHIFT = ['test/acceptance/reopened.test.ts'];

export const reopenedMutants: readonly Mutant[] = [
  {
    name: 'the list of roles names who went home after the on-call of now has answered',
    file: 'src/core/command/acknowledging.ts',
    find: 'if (answer.known && isOfService) takeOnCallRole',
    replace: 'if (false) takeOnCallRole',
    tests: NEXT_SHIFT,
  },
  {
    name: 'whoever is on duty and at it loses the role to whoever answers beside them',
    file: 'src/core/command/on-call-role.ts',
    find: ' || (before !== null && isAtIt(decision, before))',
    replace: '',
    tests: NEXT_SHIFT,
  },
  {
    name: 'whoever commands is on duty as well, though the two must stay apart',
    file: 'src/core/command/on-call-role.ts',
    find: 'if (roleApartFrom(decision, role, by) !== null) return;',
    replace: '',
    tests: NEXT_SHIFT,
  },
  {
    name: 'what is reopened at its pager is taken for closed there, and nothing done here reaches it',
    file: FILE,
    find: "isHeardFrom(ring, seen) && ring.status === 'closed'",
    replace: "isHeardFrom(ring, seen) && ring.status === 'lost'",
    tests: STORY,
  },
  {
    name: 'what is reopened at its pager after nobody had answered waits for no answer',
    file: FILE,
    find: ' || page.escalations.some((id) => isOwed(escalations[id]))',
    replace: '',
    tests: UNITS,
  },
  {
    name: 'what is over here rings on where somebody reopens it at its pager',
    file: FILE,
    find: 'for (const ring of rings) sendPage',
    replace: 'for (const ring of rings.slice(1)) sendPage',
    tests: STORY,
  },
  {
    name: 'nobody hears that what somebody reopened at its pager was closed there again',
    file: FILE,
    find: "if (state.kind === 'test') return;",
    replace: 'return;',
    tests: STORY,
  },
  {
    name: 'the test of a phone that is reopened at its pager is told to the channel',
    file: FILE,
    find: "if (state.kind === 'test') return;",
    replace: '',
    tests: UNITS,
  },
  {
    name: 'who reopened what is over is not on the timeline',
    file: FILE,
    find: "  emit(decision, { type: 'PageNoted', page: page.id, action: 'reopened', by, text: null });\n",
    replace: '',
    tests: STORY,
  },
  {
    name: 'a phone that rings for another incident under the same key is closed with the one that is over',
    file: FILE,
    find: 'if (rings.some((ring) => isShared(decision, page, ring))) return;',
    replace: '',
    tests: UNITS,
  },
  {
    name: 'the vendor’s own incident that fires anew is silenced by an answer of before',
    file: FILE,
    find: 'page.adopted ? null : answeredElsewhere',
    replace: 'answeredElsewhere',
    tests: UNITS,
  },
  {
    name: 'the vendor’s own incident that was merged away never ends',
    file: 'src/core/command/acknowledging.ts',
    find: 'if (page.adopted) return true;',
    replace: 'if (page.adopted) return false;',
    tests: ['test/acceptance/merged-away.test.ts'],
  },
  {
    name: 'whoever merges a page that nobody has answered counts as having answered it',
    file: 'src/core/command/acknowledging.ts',
    find: 'wasOpen && !isMerge && seen.answer !== null',
    replace: 'wasOpen && seen.answer !== null',
    tests: ['test/acceptance/merged-unanswered.test.ts'],
  },
  {
    name: 'an answer to what a page was merged into is none to the page',
    file: 'src/core/command/acknowledging.ts',
    find: "return page.state === 'open' && isAskable && !isOfOffer(decision, page);",
    replace: 'return false;',
    tests: ['test/acceptance/merged-unanswered.test.ts'],
  },
  {
    name: 'the vendor’s own incident is closed there as soon as somebody reopens it',
    file: FILE,
    find: 'if (page.adopted && isOver(decision.state)) return;',
    replace: '',
    tests: UNITS,
  },
];
