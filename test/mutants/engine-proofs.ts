/** Faults in how targets are proved. */
import type { Mutant } from './mutant.ts';

const PROVING = ['src/engine/proving.test.ts'];
const UNTAKEN = ['src/engine/vendors/untaken.test.ts'];
const PROOFS = ['src/engine/jobs/proofs.test.ts'];

export const mutantsOfProofs: readonly Mutant[] = [
  {
    name: 'a target in shadow is told of',
    file: 'src/engine/jobs/proofs.ts',
    find: "return mode === 'live' || mode === 'draft';",
    replace: "return mode !== 'off';",
    tests: PROOFS,
  },
  {
    name: 'a target is told of at its first failure',
    file: 'src/engine/jobs/proofs.ts',
    find: 'kept.askedAt - kept.failingSince >= AGAIN_FIRST_MS',
    replace: 'kept.askedAt >= kept.failingSince',
    tests: PROOFS,
  },
  {
    name: 'a target is told of beside the incident that alarms about it',
    file: 'src/engine/jobs/proofs.ts',
    find: '!(await options.isAlarmedAbout(target))',
    replace: 'target !== null',
    tests: PROOFS,
  },
  {
    name: 'a target that asked to be left alone is asked',
    file: 'src/engine/jobs/proofs.ts',
    find: 'if (isResting(name)) {',
    replace: 'if (isResting(name) && isStopped) {',
    tests: PROOFS,
  },
  {
    name: 'a target is dead that only refused one address',
    file: 'src/engine/vendors/untaken.ts',
    find: 'answer.ofAddress === true ? null :',
    replace: '',
    tests: PROVING,
  },
  {
    name: 'nothing waits for a target that asks to be left alone',
    file: 'src/engine/vendors/untaken.ts',
    find: 'last: now + restMs',
    replace: 'last: now',
    tests: UNTAKEN,
  },
  {
    name: 'a target that is idle is dead',
    file: 'src/engine/vendors/untaken.ts',
    find: 'now - last >= FORGOTTEN_AFTER_MS',
    replace: 'now - last > FORGOTTEN_AFTER_MS',
    tests: UNTAKEN,
  },
  {
    name: 'a target that takes nothing is told of again and again',
    file: 'src/engine/vendors/untaken.ts',
    find: 'all.set(target, { ...one, isTold: true });',
    replace: 'all.set(target, one);',
    tests: PROVING,
  },
  {
    name: 'a target counts as dead after one refusal',
    file: 'src/engine/vendors/untaken.ts',
    find: 'now - since >= TOLD_AFTER_MS',
    replace: 'now >= since',
    tests: PROVING,
  },
  {
    name: 'a target that takes nothing works, since it answers when it is asked',
    file: 'src/engine/proving.ts',
    find: 'failing === null ? found',
    replace: 'failing !== undefined ? found',
    tests: PROVING,
  },
];
