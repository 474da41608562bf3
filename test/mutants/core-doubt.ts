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
  {
    name: 'news that may be on the page is looked for no more once it needs approval',
    file: 'src/core/publishing/owed-public.ts',
    find: 'why === null || draft.finds > 0 ||',
    replace: 'why === null ||',
    tests: ['test/acceptance/lowered-in-doubt.test.ts'],
  },
  {
    name: 'a post that was refused and that nobody asks for any more is alarmed for good',
    file: 'src/core/publishing/owed-public.ts',
    find: ' || unaskedBy(ground, draft) !== null',
    replace: '',
    tests: ['test/acceptance/lowered-in-doubt.test.ts'],
  },
  {
    name: 'a post that nobody asks for any more is sent when it is missing',
    file: 'src/core/publishing/post-outcomes.ts',
    find: 'overtaken ?? unaskedBy(decision, draft)',
    replace: 'overtaken',
    tests: ['test/acceptance/lowered-in-doubt.test.ts'],
  },
  {
    name: 'a post that a person approves is dropped, because its level does not ask for it',
    file: 'src/core/publishing/public-page.ts',
    find: ' || draft.approvedBy !== null)',
    replace: ')',
    tests: ['test/acceptance/lowered-in-doubt.test.ts'],
  },
  {
    name: 'a post on its way that nobody asks for any more is alarmed',
    file: 'src/core/publishing/post-outcomes.ts',
    find: '} else if (unasked !== null) withdraw',
    replace: '} else if (unasked === why) withdraw',
    tests: ['test/acceptance/lowered-in-doubt.test.ts'],
  },
  {
    name: 'a repeat that failed is alarmed for good where no other follows it',
    file: 'src/core/publishing/public-page.ts',
    find: '!last.unchanged || everyMs(subject, last.draftedAt) === null',
    replace: '!last.unchanged',
    tests: ['test/acceptance/lowered-in-doubt.test.ts'],
  },
  {
    name: 'the alarm about a post that needs approval since it failed does not say so',
    file: 'src/core/publishing/publishing.ts',
    find: 'if (why === null || reason.includes(command))',
    replace: 'if (reason.length >= 0)',
    tests: ['test/acceptance/lowered-in-doubt.test.ts'],
  },
];
