/** Faults in how events are held against the evidence. */
import type { Mutant } from './mutant.ts';

const MISSING = ['src/engine/watching/missing.test.ts'];
const ASKED = 'src/engine/watching/asked.ts';
const ASKED_TESTS = ['src/engine/watching/asked.test.ts'];
const EVIDENCE = 'src/engine/watching/evidence.ts';

export const mutantsOfMissing: readonly Mutant[] = [
  {
    name: 'an order that counts as done is taken for one that waits',
    file: EVIDENCE,
    find: "['pending', 'sending', 'ambiguous']",
    replace: "['pending', 'sending', 'ambiguous', 'done']",
    tests: MISSING,
  },
  {
    name: 'a ring of which nothing is kept is nobody’s business',
    file: EVIDENCE,
    find: '[unsent, unheard, undone, unpublished, untold, unended, unwritten, otherwise]',
    replace: '[unsent, undone, unpublished, untold, unended, unwritten, otherwise]',
    tests: MISSING,
  },
  {
    name: 'what is late by a minute is missing',
    file: EVIDENCE,
    find: 'const OWED_LATE_MS = 5 * 60_000;',
    replace: 'const OWED_LATE_MS = 60_000;',
    tests: MISSING,
  },
  {
    name: 'what is missing is told nobody',
    file: 'src/engine/watching/missing.ts',
    find: 'times === 2',
    replace: 'times === 99',
    tests: MISSING,
  },
  {
    name: 'what is not missing any more rings on',
    file: 'src/engine/watching/missing.ts',
    find: "        direct.clear(name, 'It is done, or nobody is owed it any more.');\n",
    replace: '',
    tests: MISSING,
  },
  {
    name: 'nobody misses what tells a pager that its page was answered',
    file: EVIDENCE,
    find: "keysOf(orders, ['pager.acknowledge'])",
    replace: "keysOf(orders, ['pager.acknowledge', 'pager.trigger'])",
    tests: MISSING,
  },
  {
    name: 'a pager that was the one to tell of an answer is missed to be told of it',
    file: EVIDENCE,
    find: ' && ring.target !== via',
    replace: '',
    tests: MISSING,
  },
  {
    name: 'messages that settled are missed as soon as their orders are swept',
    file: ASKED,
    find: '    if (now - at > ASKED_WITHIN_MS) return [];\n',
    replace: '',
    tests: ASKED_TESTS,
  },
  {
    name: 'nobody misses one of several orders',
    file: ASKED,
    find: 'isGap(event, written) ?',
    replace: 'isGap(event, []) ?',
    tests: ASKED_TESTS,
  },
  {
    name: 'an alarm counts as said in the room by what the channel for alarms has',
    file: ASKED,
    find: ", 'alarm', 'room')",
    replace: ", 'alarm')",
    tests: ASKED_TESTS,
  },
];
