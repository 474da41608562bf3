/** Mutants of jobs on the calendar: caught up once, never two at once, and what dies with its process has failed. */
import type { Mutant } from './mutant.ts';

const JOBS = ['src/engine/jobs/jobs.test.ts'];

export const mutantsOfJobs: readonly Mutant[] = [
  {
    name: 'a job that was missed while no process ran is not caught up',
    file: 'src/engine/jobs/jobs.ts',
    find: 'all.set(job.name, known);',
    replace: 'all.set(job.name, { ...known, lastDue: clock.now() });',
    tests: JOBS,
  },
  {
    name: 'a job runs again and again for one time',
    file: 'src/engine/jobs/kept-runs.ts',
    find: '{ ...kept, lastDue: now, lastRun,',
    replace: '{ ...kept, lastRun,',
    tests: JOBS,
  },
  {
    name: 'two jobs run at once',
    file: 'src/engine/jobs/jobs.ts',
    find: 'if (running !== null || isStopped ||',
    replace: 'if (isStopped ||',
    tests: JOBS,
  },
  {
    name: 'a job whose process dies in it has not failed',
    file: 'src/engine/jobs/kept-runs.ts',
    find: 'failures: kept.failures + 1 }',
    replace: 'failures: kept.failures }',
    tests: JOBS,
  },
  {
    name: 'a job runs in the first second of a start',
    file: 'src/engine/jobs/jobs.ts',
    find: 'Math.max(due, calmSince + CALM_MS)',
    replace: 'due',
    tests: JOBS,
  },
];
