/** Mutants of time: a clock that is set, back or forward, keeps nobody waiting. */
import type { Mutant } from './mutant.ts';

const CLOCK = ['src/engine/clock.test.ts'];
const TURNING = ['src/engine/deciding/turning-back.test.ts'];

export const mutantsOfTime: readonly Mutant[] = [
  {
    name: 'time goes back with the clock of the machine',
    file: 'src/engine/clock.ts',
    find: ': Math.max(told, wall);',
    replace: ': wall;',
    tests: CLOCK,
  },
  {
    name: 'time stands still until the clock of the machine has caught up by hours',
    file: 'src/engine/clock.ts',
    find: 'goesOn - wall > STEP_MS ? goesOn :',
    replace: 'goesOn - wall > STEP_MS ? told :',
    tests: CLOCK,
  },
  {
    name: 'asked often, time stands still beside a clock that was set back',
    file: 'src/engine/clock.ts',
    find: '> STEP_MS ? goesOn :',
    replace: '> STEP_MS ? Math.floor(goesOn) :',
    tests: CLOCK,
  },
  {
    name: 'a restart goes by a clock that was set back while nobody has accepted it',
    file: 'src/engine/deciding/turning-back.ts',
    find: 'clock.notBefore(store.recovered.newestAt);',
    replace: 'clock.notBefore(0);',
    tests: TURNING,
  },
  {
    name: 'nobody is told that the clock of the machine was set back',
    file: 'src/engine/watching/auditor.ts',
    find: '      aheadMs === 0\n',
    replace: '      aheadMs >= 0\n',
    tests: TURNING,
  },
  {
    name: 'what an incident counts from a time that is no more keeps everybody waiting',
    file: 'src/core/model/events-paging.ts',
    find: 'fold: (state, event) => turnBack(state, event),',
    replace: 'fold: (state) => state,',
    tests: TURNING,
  },
  {
    name: 'an incident is turned back once more by the start after one that died',
    file: 'src/engine/deciding/turning-back.ts',
    find: 'const before = accepted.done?.incident ?? null;',
    replace: 'const before = null;',
    tests: TURNING,
  },
  {
    name: 'a signature that bears the right time is refused while ours is ahead',
    file: 'src/engine/intake/ingest.ts',
    find: 'aheadMs === 0 ? [now] : [now, now - aheadMs]',
    replace: '[now]',
    tests: ['src/engine/intake/ingest.test.ts'],
  },
];
