/** Mutants of what a start holds the database against: nothing that was committed is missing in silence. */
import type { Mutant } from './mutant.ts';

const LOSS = ['src/store/sqlite/loss.test.ts'];
const RECOVER = ['test/recover.test.ts'];

export const mutantsOfLoss: readonly Mutant[] = [
  {
    name: 'a database that is gone with its marker is a new installation, whatever was signed',
    file: 'src/store/sqlite/loss.ts',
    find: 'marker ?? signedIn(directory, found?.instance ?? null)',
    replace: 'marker',
    tests: LOSS,
  },
  {
    name: 'a database that is gone is begun anew in silence',
    file: 'src/store/sqlite/loss.ts',
    find: '  if (known.commits === 0) return null;\n  if (found === null)',
    replace: '  if (found === null) return null;\n  if (known.commits === -1)',
    tests: LOSS,
  },
  {
    name: 'a database that holds fewer commits than it did is taken for whole',
    file: 'src/store/sqlite/loss.ts',
    find: 'if (committed.commits < known.commits || isOther)',
    replace: 'if (isOther)',
    tests: LOSS,
  },
  {
    name: 'the database of another installation is taken for this one',
    file: 'src/store/sqlite/loss.ts',
    find: '  if (instance !== known.instance)\n',
    replace: '  if (instance === null)\n',
    tests: LOSS,
  },
  {
    name: 'an older database is taken for what its log goes on from',
    file: 'src/store/sqlite/loss.ts',
    find: 'alone.instance !== marker.instance || alone.committed.commits < marker.base',
    replace: 'alone.instance !== marker.instance',
    tests: LOSS,
  },
  {
    name: 'what SQLite does with a spoilt log is done before anybody has looked',
    file: 'src/store/sqlite.ts',
    find: '  const kept = assertNothingLost(directory, databaseOf(directory));\n',
    replace:
      '  openWriter(databaseOf(directory), null).db.close();\n  const kept = assertNothingLost(directory, databaseOf(directory));\n',
    tests: LOSS,
  },
  {
    name: 'a marker that somebody has changed is believed',
    file: 'src/lib/reserved-file.ts',
    find: 'sumOf(JSON.stringify(kept)) === sum',
    replace: "sum !== ''",
    tests: LOSS,
  },
  {
    name: 'the marker stays as the start has written it',
    file: 'src/store/sqlite.ts',
    find: '    marker.note(sealed);\n',
    replace: '',
    tests: LOSS,
  },
  {
    name: 'what is moved out of the log is not noted',
    file: 'src/store/sqlite.ts',
    find: '    marker.note({ base: moved });\n',
    replace: '',
    tests: LOSS,
  },
  {
    name: 'nobody is told of what was lost once somebody has gone on without it',
    file: 'src/engine/engine.ts',
    find: '  tellRecovered(recovered, { log: options.log, selfAlert });\n',
    replace: '',
    tests: RECOVER,
  },
  {
    name: 'what was lost is told only if the first start lasts',
    file: 'src/store/sqlite.ts',
    find: 'accepted: before?.accepted ?? null,',
    replace: 'accepted: null,',
    tests: RECOVER,
  },
  {
    name: 'less is gone on with while a server runs there',
    file: 'src/store/sqlite/recover.ts',
    find: '  const unlock = takeLock(directory, null);\n',
    replace: '  const unlock = (): void => undefined;\n',
    tests: RECOVER,
  },
  {
    name: 'a log that belongs to a newer database is applied to an older one',
    file: 'src/store/sqlite/recover.ts',
    find: 'isForeignLog ? setAside([wal, `${wal}.set-aside`]) : []',
    replace: 'setAside()',
    tests: RECOVER,
  },
  {
    name: 'a database that is damaged is gone on with until somebody reads that part',
    file: 'src/store/sqlite/loss.ts',
    find: 'if (damage.rest.length > 0 && older === null)',
    replace: 'if (damage.rest.length < 0 && older === null)',
    tests: RECOVER,
  },
  {
    name: 'an index that says too little stays as it is',
    file: 'src/store/sqlite.ts',
    find: '    db.exec(`REINDEX ${index}`);\n',
    replace: '',
    tests: RECOVER,
  },
  {
    name: 'of a damaged table only what lies before the damage is copied',
    file: 'src/store/sqlite/salvage.ts',
    find: "for (const way of ['ASC', 'DESC'] as const)",
    replace: "for (const way of ['ASC'] as const)",
    tests: RECOVER,
  },
  {
    name: 'the damaged database is gone once what could be read of it is copied',
    file: 'src/store/sqlite/recover.ts',
    find: '    [path, damaged],\n',
    replace: '',
    tests: RECOVER,
  },
  {
    name: 'after a restore a page goes by the key of one that the vendor has and nobody here knows of',
    file: 'src/core/model/made-ids.ts',
    find: "incarnation === '' ? key : `${key}.${incarnation}`",
    replace: 'key',
    tests: ['test/restore.test.ts'],
  },
  {
    name: 'after a restore an incident has the number of one that was given up',
    file: 'src/store/sqlite/incarnation.ts',
    find: '  records.skipIncidentNumbers((last) => numberBehindLoss(last, had));\n',
    replace: '',
    tests: ['test/restore.test.ts'],
  },
  {
    name: 'the number of the incident opened last is not in the marker',
    file: 'src/store/sqlite/records.ts',
    find: '      connection.tally.incidents = number;\n',
    replace: '',
    tests: ['test/restore.test.ts'],
  },
];
