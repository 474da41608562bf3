/** Mutants of what a sender leaves unsaid: what it leaves out, says late, or does not repeat. */
import type { Mutant } from './mutant.ts';

const LEFT_OUT = ['test/acceptance/left-out.test.ts'];
const LATE_PEER = ['test/acceptance/late-peer.test.ts'];

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
    find: 'gathering: incidentOpen\n',
    replace: 'gathering: arrivals.now < 0\n',
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
  {
    name: 'the word of a peer that lags rings at once',
    file: 'src/core/routing/lateness.ts',
    find: 'return isSame && isSoon && alert.observedAt === null;',
    replace: 'return isSame && isSoon && false;',
    tests: LATE_PEER,
  },
  {
    name: 'what begins anew right after a clearing waits for five minutes',
    file: 'src/core/routing/lateness.ts',
    find: 'alert.startsAt !== null && alert.startsAt === known.startsAt',
    replace: 'alert.startsAt !== null',
    tests: LATE_PEER,
  },
  {
    name: 'what its sender repeats is held on',
    file: 'src/core/routing/lateness.ts',
    find: "  return isResolved ? { to: 'nothing', why: late } : null;\n}",
    replace: "  return { to: 'nothing', why: late };\n}",
    tests: LATE_PEER,
  },
  {
    name: 'a peer that lags opens what was resolved',
    file: 'src/core/routing/lateness.ts',
    find: '!known.incidentOpen && isRepeated(known, hearing)',
    replace: 'known.incidentOpen && isRepeated(known, hearing)',
    tests: LATE_PEER,
  },
  {
    name: 'what was held rings although it has cleared once more',
    file: 'src/core/routing/route.ts',
    find: 'known !== null && known.held !== context.word.row',
    replace: 'known !== null && known.held === null && context.now < 0',
    tests: LATE_PEER,
  },
  {
    name: 'a delivery that is read again after a crash counts as another word',
    file: 'src/core/routing/lateness.ts',
    find: 'if (isHeldOf(known.held, word.row))',
    replace: 'if (isHeldOf(known.held, word.row) && now < 0)',
    tests: ['src/core/routing/lateness.test.ts'],
  },
  {
    name: 'an incident is taken for over while a firing of it is held',
    file: 'src/core/deciding/owed-incident.ts',
    find: 'heldAt === null ? quietUntil : heldAt + HELD_MS + DECIDED_MS',
    replace: 'quietUntil',
    tests: LATE_PEER,
  },
  {
    name: 'what is held on purpose looks like a backlog, and rings somebody',
    file: 'src/store/sqlite/reads.ts',
    find: "AND not_before > 0 AND origin <> 'held'",
    replace: 'AND not_before > 0',
    tests: LATE_PEER,
  },
];
