/** Mutants of what a sender leaves unsaid: what it leaves out, says late, or does not repeat. */
import type { Mutant } from './mutant.ts';

const LEFT_OUT = ['test/acceptance/left-out.test.ts'];

export const hearingMutants: readonly Mutant[] = [
  {
    name: 'what deliveries leave out counts as cleared, and the incident ends by itself',
    file: 'src/core/model/quiet.ts',
    find: 'alerts.firing === 0 && Object.keys(leftOut).length === 0',
    replace: 'alerts.firing === 0',
    tests: LEFT_OUT,
  },
  {
    name: 'an incident waits for ever for a delivery that names none of its alerts',
    file: 'src/engine/deciding/hearing.ts',
    find: "[{ kind: 'left_out', key: told.group }]",
    replace: '[]',
    tests: LEFT_OUT,
  },
  {
    name: 'a repeat that leaves alerts out is not heard',
    file: 'src/engine/deciding/arrivals.ts',
    find: 'gathering: incidentOpen ? hearRepeat(',
    replace: 'gathering: arrivals.now < 0 ? hearRepeat(',
    tests: LEFT_OUT,
  },
  {
    name: 'nobody is asked whether it is over once alerts are left out',
    file: 'src/core/opening/unproven.ts',
    find: 'if (decision.state.unproven?.asked === 0)',
    replace: 'if (decision.state.unproven?.asked === 9)',
    tests: LEFT_OUT,
  },
  {
    name: 'whoever commands is never asked whether it is over',
    file: 'src/core/opening/unproven.ts',
    find: 'number === 1 ? [] : commandersOf(decision)',
    replace: '[]',
    tests: LEFT_OUT,
  },
  {
    name: 'people are asked every half hour whether it is over, for days',
    file: 'src/core/opening/unproven.ts',
    find: '?? ASK_AGAIN_MS',
    replace: '?? ASK_NEXT_MS',
    tests: ['src/core/opening/unproven.test.ts'],
  },
];
