/** Mutants of posts that may be on their page, and of pages that take nothing any more. */
import type { Mutant } from './mutant.ts';

export const doubtMutants: readonly Mutant[] = [
  {
    name: 'a post that may be on the page is sent blindly by whoever approves it',
    file: 'src/core/publishing/publishing.ts',
    find: 'if (draft.finds > 0) {',
    replace: 'if (draft.finds < 0) {',
    tests: ['test/acceptance/looked-for-first.test.ts'],
  },
  {
    name: 'a post that was sent twice stays unsent although a person approves it and it is missing',
    file: 'src/core/publishing/publishing.ts',
    find: '{ ...draft, resends: 0 }',
    replace: 'draft',
    tests: ['test/acceptance/looked-for-first.test.ts'],
  },
  {
    name: 'whoever approves a post that may be on the page is told that it goes out',
    file: 'src/core/verbs/post-verbs.ts',
    find: "return one?.state === 'unknown'",
    replace: "return one?.state === 'waiting'",
    tests: ['test/acceptance/looked-for-first.test.ts'],
  },
];
