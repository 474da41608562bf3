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
    find: '    note(one, { pages: one.standing.pages.filter((asked) => asked !== page) });\n',
    replace: '    return false;\n',
    tests: TROUBLES,
  },
  {
    name: 'whoever was rung by the direct path is rung again and again',
    file: 'src/engine/vendors/direct.ts',
    find: 'if (isAnswered || isFresh || options.isPaused()) return;',
    replace: 'if (isAnswered || options.isPaused()) return;',
    tests: TROUBLES,
  },
  {
    name: 'an acknowledgement at the pager does not end the direct path',
    file: 'src/engine/vendors/direct.ts',
    find: 'note(one, { isAnswered: true });',
    replace: 'note(one, {});',
    tests: TROUBLES,
  },
  {
    name: 'what rang by the direct path rings on when it is over',
    file: 'src/engine/vendors/direct.ts',
    find: 'if (isOver) return counted(one, () => closeAll(one, doing));',
    replace: 'if (isOver) return;',
    tests: TROUBLES,
  },
  {
    name: 'the direct path rings while people have paused paging',
    file: 'src/engine/vendors/direct.ts',
    find: 'if (isAnswered || isFresh || options.isPaused()) return;',
    replace: 'if (isAnswered || isFresh) return;',
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
    find: 'error instanceof StoreUnavailable && !error.isMisuse',
    replace: 'error instanceof StoreUnavailable && error.isClosed',
    tests: ['test/acceptance/start-refused.test.ts'],
  },
  {
    name: 'a second Tocsin on the same data wakes somebody',
    file: 'src/app.ts',
    find: 'error instanceof StoreUnavailable && !error.isMisuse',
    replace: 'error instanceof StoreUnavailable',
    tests: ['test/acceptance/start-refused.test.ts'],
  },
  {
    name: 'the second outage rings under the key of the first, which somebody has answered',
    file: 'src/core/model/made-ids.ts',
    find: '${since.toString(RADIX)}/${number}`',
    replace: '0/${number}`',
    tests: ['test/acceptance/start-refused.test.ts', ...TROUBLES],
  },
  {
    name: 'what an earlier process rang about rings on once Tocsin runs',
    file: 'src/engine/warning.ts',
    find: "      direct.clear(START, 'Tocsin runs.');\n",
    replace: '',
    tests: ['test/acceptance/start-refused.test.ts'],
  },
  {
    name: 'of a start that is tried again and again only the first person hears',
    file: 'src/engine/warning.ts',
    find: 'direct.look().then(direct.settled)',
    replace: 'direct.settled()',
    tests: ['test/acceptance/start-refused.test.ts'],
  },
  {
    name: 'a server that refuses every delivery says that it is ready',
    file: 'src/http/readiness.ts',
    find: "condition === 'ok' && unwrittenMs === null",
    replace: "condition === 'ok'",
    tests: ['src/http/api.test.ts'],
  },
];
