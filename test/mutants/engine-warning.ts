/** Mutants of the direct path: that Tocsin is ill is told where the ordinary path may be what has failed. */
import type { Mutant } from './mutant.ts';

const TROUBLES = ['src/engine/watching/troubles.test.ts'];

export const mutantsOfWarning: readonly Mutant[] = [
  {
    name: 'nobody hears that the disk is full',
    file: 'src/engine/watching/troubles.ts',
    find: '    tell(ofStore(options));\n',
    replace: '',
    tests: TROUBLES,
  },
  {
    name: 'nobody hears that the database cannot be written',
    file: 'src/engine/watching/troubles.ts',
    find: '    tell(ofWrites(options));\n',
    replace: '',
    tests: TROUBLES,
  },
  {
    name: 'a lock of some seconds wakes somebody',
    file: 'src/engine/watching/troubles.ts',
    find: 'ms < FAILING_MS || !isOther',
    replace: 'ms < 1 || !isOther',
    tests: TROUBLES,
  },
  {
    name: 'one pager that refuses keeps everybody from hearing that Tocsin is ill',
    file: 'src/engine/vendors/direct.ts',
    find: "if (!(await calls.ask('trigger', page))) continue;",
    replace: "if (!(await calls.ask('trigger', page))) return false;",
    tests: TROUBLES,
  },
  {
    name: 'whoever was rung by the direct path is rung again and again',
    file: 'src/engine/vendors/direct.ts',
    find: 'if (isQuiet || isFresh) return;',
    replace: 'if (isQuiet) return;',
    tests: TROUBLES,
  },
  {
    name: 'an acknowledgement at the pager does not end the direct path',
    file: 'src/engine/vendors/direct.ts',
    find: '  if (one.isAnswered) return;\n',
    replace: '',
    tests: TROUBLES,
  },
  {
    name: 'what rang by the direct path rings on when it is over',
    file: 'src/engine/vendors/direct.ts',
    find: "      for (const page of one.pages) void counted(() => calls.ask('resolve', page));\n",
    replace: '',
    tests: TROUBLES,
  },
  {
    name: 'the direct path rings while people have paused paging',
    file: 'src/engine/vendors/direct.ts',
    find: 'one.isLookedAt || options.isPaused();',
    replace: 'one.isLookedAt;',
    tests: TROUBLES,
  },
  {
    name: 'a small disk never takes deliveries again',
    file: 'src/store/sqlite/ballast.ts',
    find: 'Math.min(ROOM_BYTES, all * ROOM_PART)',
    replace: 'ROOM_BYTES',
    tests: ['src/store/sqlite/ballast.room.test.ts'],
  },
  {
    name: 'nobody hears that Tocsin does not start over its data',
    file: 'src/app.ts',
    find: 'error instanceof StoreUnavailable && error.isIllness',
    replace: 'error instanceof StoreUnavailable && error.isClosed',
    tests: ['test/acceptance/start-refused.test.ts'],
  },
  {
    name: 'a second Tocsin on the same data wakes somebody',
    file: 'src/app.ts',
    find: 'error instanceof StoreUnavailable && error.isIllness',
    replace: 'error instanceof StoreUnavailable',
    tests: ['test/acceptance/start-refused.test.ts'],
  },
];
