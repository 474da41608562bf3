/** Mutants of what happens to rows that a bad disk or a hand has spoilt. */
import type { Mutant } from './mutant.ts';

const STATES = ['test/spoilt-state.test.ts'];
const ROWS = ['test/spoilt-rows.test.ts'];

export const mutantsOfSpoilt: readonly Mutant[] = [
  {
    name: 'a request whose person cannot be read is carried out in the name of nobody',
    file: 'src/engine/deciding/decide-rows.ts',
    find: 'if (actor === null) {',
    replace: 'if (actor === undefined) {',
    tests: ROWS,
  },
  {
    name: 'a delivery of which nothing says what became of it is never decided',
    file: 'src/store/sqlite/mend.ts',
    find: 'makeReady.run(seq);',
    replace: '',
    tests: ROWS,
  },
  {
    name: 'what is to be decided and is gone counts as undecided for ever',
    file: 'src/store/sqlite/mend.ts',
    find: "for (const gone of withoutInput) for (const { seq } of gone.all()) note('the whole row', seq);",
    replace: '',
    tests: ROWS,
  },
  {
    name: 'a page goes where a spoilt row says',
    file: 'src/store/sqlite/outbox.ts',
    find: ' && read.target === target',
    replace: '',
    tests: ROWS,
  },
  {
    name: 'a page that cannot be read is missing and nobody is told',
    file: 'src/engine/dispatch/dispatch.ts',
    find: '  await tellParked(turn, parked, at.settleOptions);\n  // What',
    replace: '  // What',
    tests: ROWS,
  },
  {
    name: 'a page that was being sent and cannot be read is missing after a start and nobody is told',
    file: 'src/engine/dispatch/dispatch.ts',
    find: 'recoverSending(upTo);\n  await tellParked(turn, parked, at.settleOptions);\n',
    replace: 'recoverSending(upTo);\nvoid parked;\n',
    tests: ROWS,
  },
  {
    name: 'a page that cannot be read holds up what stands behind it in its stream',
    file: 'src/store/sqlite/outbox.ts',
    find: 'sql.park.run(now, UNREADABLE, seq);',
    replace: '',
    tests: ROWS,
  },
  {
    name: 'a pager is asked about a page without knowing what rings there',
    file: 'src/store/sqlite/reads.ts',
    find: '.filter(isAddressed)',
    replace: '',
    tests: ROWS,
  },
  {
    name: 'pages behind a spoilt one are not asked about',
    file: 'src/store/sqlite/reads.ts',
    find: 'rows.length < wanted',
    replace: 'pages.length < limit',
    tests: ROWS,
  },
  {
    name: 'spoilt rows are read around and nobody is told',
    file: 'src/engine/watching/auditor.ts',
    find: 'spoilt.length === 0 ? null',
    replace: 'spoilt.length >= 0 ? null',
    tests: ROWS,
  },
  {
    name: 'a token that cannot be read is passed over in silence',
    file: 'src/http/token-rows.ts',
    find: 'if (row === null) tell(key);',
    replace: 'if (row === null) continue;',
    tests: ROWS,
  },
  {
    name: 'the same spoilt token is an alarm at every request',
    file: 'src/http/token-rows.ts',
    find: '    told.add(key);\n',
    replace: '',
    tests: ROWS,
  },
  {
    name: 'a server that decides nothing says that it is ready',
    file: 'src/store/sqlite/reads.ts',
    find: 'const turns = [sql.oldestReady.get(), ',
    replace: 'const turns = [',
    tests: ROWS,
  },
  {
    name: 'an incident is decided by the state of another',
    file: 'src/store/sqlite/incidents.ts',
    find: 'return read?.id === id ? read : null;',
    replace: 'return read;',
    tests: STATES,
  },
  {
    name: 'an incident whose stored state is spoilt is read around and nobody is told',
    file: 'src/store/sqlite/incidents.ts',
    find: "if (state === null) spoilt.note({ table: 'incidents', row: id, column: 'state' });",
    replace: '',
    tests: STATES,
  },
  {
    name: 'an incident whose row is gone rings nobody any more',
    file: 'src/store/sqlite/mend.ts',
    find: 'for (const id of lost) {',
    replace: 'for (const id of lost.slice(1)) {',
    tests: STATES,
  },
  {
    name: 'an incident whose row has another version than its events is stuck',
    file: 'src/store/sqlite/mend.ts',
    find: 'version === state.version && version === record?.version',
    replace: 'version === state.version',
    tests: STATES,
  },
  {
    name: 'that events were taken away is covered up at the next start',
    file: 'src/store/sqlite/mend.ts',
    find: 'return version < state.version || ',
    replace: 'return ',
    tests: STATES,
  },
];
