/** Changes of meaning in what joined a ring at which nobody sees yet that it rings for it, too. */
import type { Mutant } from './mutant.ts';

const JOINING = ['src/core/paging/joining.test.ts'];
const BEFORE = ['src/core/paging/joining.answered-before.test.ts'];
const STORY = ['test/acceptance/unshown.test.ts'];

export const unshownMutants: readonly Mutant[] = [
  {
    name: 'a page counts as rung with what it joined, although nobody sees it there',
    file: 'src/core/paging/joining.ts',
    find: "isThere && !canShow(policy, ringing.target) ? 'joined' : 'joining'",
    replace: "isThere ? 'joined' : 'joining'",
    tests: STORY,
  },
  {
    name: 'what joined waits for ever for the word at the pager that it rings for it, too',
    file: 'src/core/paging/owed-paging.ts',
    find: 'if (unshown !== undefined)',
    replace: 'if (unshown === null)',
    tests: STORY,
  },
  {
    name: 'where the word that it rings for more is refused, nobody is rung for what joined',
    file: 'src/core/deciding/settling.ts',
    find: "else if (settled.result === 'rejected' && page.state === 'open')",
    replace: "else if (settled.result === 'rejected' && page.state === 'closed')",
    tests: JOINING,
  },
  {
    name: 'an answer to what rang alone answers what nobody could see there',
    file: 'src/core/command/acknowledging.ts',
    find: 'if (answersOthers(decision, seen)) return;',
    replace: '',
    tests: STORY,
  },
  {
    name: 'what joined and was given up is answered by an answer to the other',
    file: 'src/core/command/acknowledging.ts',
    find: 'isHeardFrom(one, seen) && isLeft(decision, page, one))) return;',
    replace: 'isHeardFrom(one, seen) && isLeft(decision, page, one))) emit;',
    tests: STORY,
  },
  {
    name: 'what nobody answered at the pager rings once more for what joined there',
    file: 'src/core/command/acknowledging.ts',
    find: "seen.action === 'acknowledged' && seen.by !== null;",
    replace: "seen.action === 'acknowledged';",
    tests: JOINING,
  },
  {
    name: 'a phone that rings for what joined, too, is called unreachable',
    file: 'src/core/paging/progress.ts',
    find: 'hasAccepted || isUnshown(ring)',
    replace: 'hasAccepted',
    tests: JOINING,
  },
  {
    name: 'a page that rings by itself goes to the pager again that could not show it',
    file: 'src/core/paging/ringing.ts',
    find: '...page.addresses.filter(isElsewhere),',
    replace: '',
    tests: STORY,
  },
  {
    name: 'what was given up is joined again and again, without an end',
    file: 'src/core/paging/joining.ts',
    find: '!wasLeft(decision, other) &&',
    replace: '!isOver(decision.state) &&',
    tests: JOINING,
  },
  {
    name: 'what a pager does not tell of is sent in the place of what may ring there',
    file: 'src/core/deciding/settling.ts',
    find: 'isSought && read !== null',
    replace: 'isSought',
    tests: JOINING,
  },
  {
    name: 'each of many that joined rings by itself when the first is answered',
    file: 'src/core/command/acknowledging.ts',
    find: '{ why, mayJoin: true }',
    replace: '{ why }',
    tests: ['test/acceptance/unshown.test.ts'],
  },
  {
    name: 'what joins a ring that another one has joined is sent to the next pager while it rings',
    file: 'src/core/paging/joining.ts',
    find: "isUnshown(ring) ? 'confirmed' : SEEN_AS[ring.status]",
    replace: 'SEEN_AS[ring.status]',
    tests: ['test/acceptance/unshown.test.ts'],
  },
  {
    name: 'an answer of before the join, told by a read of its pager, is one to what joined',
    file: 'src/core/command/acknowledging.ts',
    find: 'saidAt >= ring.joinedAt',
    replace: 'saidAt >= 0',
    tests: BEFORE,
  },
  {
    name: 'what a storm joins because somebody has answered there rings them once more for that answer',
    file: 'src/core/command/acknowledging.ts',
    find: 'return state.storm === null || (page.person !== null && by !== page.person);',
    replace: 'return true;',
    tests: BEFORE,
  },
  {
    name: 'a page that cannot be shown beside what it joined waits for a word of its pager to be meant by an answer',
    file: 'src/core/paging/joining.ts',
    find: 'joinedAt: canShow(policy, ringing.target) ? null : now',
    replace: 'joinedAt: null',
    tests: BEFORE,
  },
  {
    name: 'a page counts as shown there from when it was asked for',
    file: 'src/core/paging/joining.ts',
    find: 'canShow(policy, ringing.target) ? null : now',
    replace: 'canShow(policy, ringing.target) ? now : now',
    tests: BEFORE,
  },
  {
    name: 'a read-back does not tell when somebody answered',
    file: 'src/core/deciding/settling.ts',
    find: 'known, text: null, saidAt, ...heard };',
    replace: 'known, text: null, ...heard };',
    tests: BEFORE,
  },
  {
    name: 'the rounds that ask for answers do not tell when they were given',
    file: 'src/engine/vendors/reconcile.ts',
    find: '? null : (found.saidAt ?? null)',
    replace: '? null : null',
    tests: STORY,
  },
  {
    name: 'an alert at Opsgenie was answered when something was last written there',
    file: 'adapters/opsgenie/poll.ts',
    find: "reportedAt(alert, 'ackTime') ?? changedAt",
    replace: 'changedAt',
    tests: ['adapters/opsgenie/opsgenie.test.ts'],
  },
];
