/** Mutants of what is said where answers at a pager are not heard. */
import type { Mutant } from './mutant.ts';

const UNIT = 'src/core/paging/answers-heard.test.ts';
const STAGE = 'test/acceptance/answers-not-heard.test.ts';
const ROUNDS = 'src/engine/vendors/reconcile.test.ts';

export const answersMutants: readonly Mutant[] = [
  {
    name: 'one question that is not answered is said to be a pager that cannot be heard',
    file: 'src/core/paging/answers-heard.ts',
    find: 'if (now - since < UNHEARD_AFTER_MS) return;',
    replace: '',
    tests: [UNIT, STAGE],
  },
  {
    name: 'each round says once more that answers are not heard',
    file: 'src/core/paging/answers-heard.ts',
    find: 'if (isSaid(decision, target)) return;',
    replace: '',
    tests: [UNIT, STAGE],
  },
  {
    name: 'who is rung after an answer does not read that theirs is not heard',
    file: 'src/core/paging/answers-heard.ts',
    find: '.some((at) => at <= saidAt)',
    replace: '.length > 0',
    tests: [UNIT],
  },
  {
    name: 'answers of which a webhook tells are said not to be heard',
    file: 'src/core/paging/answers-heard.ts',
    find: 'tellsByItself(policy, target) || ',
    replace: '',
    tests: [UNIT, STAGE],
  },
  {
    name: 'a pager that has taken no page is said not to tell of answers to it',
    file: 'src/core/paging/answers-heard.ts',
    find: 'ring.target === target && hasTaken(ring)',
    replace: 'ring.target === target',
    tests: [UNIT, STAGE],
  },
  {
    name: 'answers that nobody missed are said to be heard again',
    file: 'src/core/paging/answers-heard.ts',
    find: 'if (own(state.unheardAnswers, target) === undefined) return;',
    replace: '',
    tests: [UNIT],
  },
  {
    name: 'where a webhook tells of answers, nobody is said to have been able to ask for one',
    file: 'src/core/command/offering.ts',
    find: '.filter(({ target }) => !tellsByItself(policy, target))',
    replace: '',
    tests: ['test/acceptance/handing-over.test.ts'],
  },
  {
    name: 'a page that is told of singly counts as unread, since the listing was refused',
    file: 'src/engine/vendors/unread.ts',
    find: 'read.has(key) ? read.get(key) : endedBy',
    replace: "read.get(key) ?? endedBy ?? 'the listing was refused'",
    tests: [ROUNDS],
  },
  {
    name: 'a ring that could be read again counts as unread for ever',
    file: 'src/engine/vendors/unread.ts',
    find: 'else if (read.has(key)) troubles.delete(key);',
    replace: '',
    tests: [ROUNDS, STAGE],
  },
  {
    name: 'a ring to which nobody wants an answer any more counts as unread for ever',
    file: 'src/engine/vendors/unread.ts',
    find: 'if (!keys.has(key)) troubles.delete(key);',
    replace: 'void keys;',
    tests: ['src/engine/vendors/unread.test.ts'],
  },
  {
    name: 'what is not asked because the pager is down counts as read',
    file: 'src/engine/vendors/unread.ts',
    find: 'read.has(key) ? read.get(key) : endedBy',
    replace: 'read.get(key)',
    tests: [ROUNDS],
  },
  {
    name: 'each round that is refused begins the minute anew, and nobody ever hears',
    file: 'src/engine/vendors/unread.ts',
    find: 'troubles.get(key)?.since ?? begunAt',
    replace: 'begunAt',
    tests: [ROUNDS, STAGE],
  },
  {
    name: 'what was unread before a pager was switched off counts from then once it is back',
    file: 'src/engine/vendors/reconcile.ts',
    find: 'if (askable(name) === null) unread.forget();',
    replace: 'void unread;',
    tests: [ROUNDS],
  },
  {
    name: 'after a restart nobody hears that answers are heard again',
    file: 'src/engine/vendors/unread.ts',
    find: 'told.get(incident) !== false',
    replace: 'told.get(incident) === true',
    tests: [STAGE],
  },
];
