/** Faults in how events are held against the evidence. */
import type { Mutant } from './mutant.ts';

const MISSING = ['src/engine/watching/missing.test.ts'];
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
    find: '[unsent, unheard, undone, unpublished, unended, otherwise]',
    replace: '[unsent, undone, unpublished, unended, otherwise]',
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
];
