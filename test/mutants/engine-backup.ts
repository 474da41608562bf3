/** Mutants of backups: one moment, read as a whole before it counts, and none let go that is still needed. */
import type { Mutant } from './mutant.ts';

const BACKUPS = ['src/store/sqlite/backups.test.ts'];
const JOB = ['src/engine/jobs/backup.test.ts'];

const RESTORE = ['test/restore.test.ts'];

export const mutantsOfBackups: readonly Mutant[] = [
  {
    name: 'a copy is taken for a backup without being read',
    file: 'src/store/sqlite/copy.ts',
    find: '  if (damage.rest.length > 0) throw new Error(`${path} is damaged: ${listed(damage.rest)}`);\n',
    replace: '',
    tests: BACKUPS,
  },
  {
    name: 'nobody looks at the chains of a copy',
    file: 'src/store/sqlite/copy.ts',
    find: '...(changed.length === 0 ? [] :',
    replace: '...(changed.length >= 0 ? [] :',
    tests: BACKUPS,
  },
  {
    name: 'what a killed process has left stays for ever',
    file: 'src/store/sqlite/backups.ts',
    find: '    removeAll(to, PARTIAL);\n',
    replace: '',
    tests: BACKUPS,
  },
  {
    name: 'what another installation has made is deleted',
    file: 'src/store/sqlite/backups.ts',
    find: 'if (parts === null || parts[1] !== instance) return null;',
    replace: 'if (parts === null || instance === null) return null;',
    tests: BACKUPS,
  },
  {
    name: 'the newest backup is deleted once it is old',
    file: 'src/store/sqlite/backups.ts',
    find: 'good.slice(Math.max(1, last))',
    replace: 'good.slice(last)',
    tests: BACKUPS,
  },
  {
    name: 'a young backup is deleted where there are many',
    file: 'src/store/sqlite/backups.ts',
    find: '.filter(({ at }) => now - at > forMs)',
    replace: '',
    tests: BACKUPS,
  },
  {
    name: 'a flawed copy counts among those that are kept',
    file: 'src/store/sqlite/backups.ts',
    find: "made.filter(({ suffix }) => suffix === '')",
    replace: 'made.filter(({ suffix }) => suffix !== PARTIAL)',
    tests: BACKUPS,
  },
  {
    name: 'backups are made in the directory that they are to outlive',
    file: 'src/store/sqlite/backups.ts',
    find: '  if (isWithin(to, directory))\n',
    replace: '  if (to === directory)\n',
    tests: BACKUPS,
  },
  {
    name: 'a copy begins anew with each commit',
    file: 'src/store/sqlite/copy.ts',
    find: "    source.db.exec('BEGIN');\n",
    replace: '',
    tests: BACKUPS,
  },
  {
    name: 'a backup of data that was changed passes in silence',
    file: 'src/engine/jobs/backup.ts',
    find: 'if (made.flaws.length > 0)\n',
    replace: 'if (made.flaws.length > 99)\n',
    tests: JOB,
  },
  {
    name: 'a backup whose process was stopped is left behind',
    file: 'src/store/sqlite/backups.ts',
    find: '      giveUp?.();\n',
    replace: '',
    tests: BACKUPS,
  },
  {
    name: 'a restore changes something before it is accepted',
    file: 'src/store/sqlite/restore.ts',
    find: '  if (!options.accept) return',
    replace: '  if (options.accept === null) return',
    tests: RESTORE,
  },
  {
    name: 'a post that waited when the backup was made is sent as if it were new',
    file: 'src/store/sqlite/restore.ts',
    find: '    doubtWhatWaits(copy);\n',
    replace: '',
    tests: RESTORE,
  },
  {
    name: 'a restore puts one installation in the place of another',
    file: 'src/store/sqlite/restore.ts',
    find: '    assertSame(backup, present, directory);\n',
    replace: '',
    tests: RESTORE,
  },
  {
    name: 'a restore deletes what was there before',
    file: 'src/store/sqlite/restore.ts',
    find: 'for (const [from, to] of there) renameSync(from, to);',
    replace: 'for (const [from] of there) rmSync(from);',
    tests: RESTORE,
  },
  {
    name: 'a restore puts data below a server that runs',
    file: 'src/store/sqlite/restore.ts',
    find: '  const unlock = takeLock(directory, null);\n',
    replace: '  const unlock = (): void => undefined;\n',
    tests: RESTORE,
  },
  {
    name: 'nobody is told that the data is that of a backup',
    file: 'src/store/sqlite/restore.ts',
    find: 'isClosed: false, accepted })',
    replace: 'isClosed: false, accepted: null })',
    tests: RESTORE,
  },
  {
    name: 'a backup leaves the archive out',
    file: 'src/store/sqlite/copy.ts',
    find: 'copyArchives(task, made.archives, made.instance)',
    replace: 'copyArchives(task, [], made.instance)',
    tests: RESTORE,
  },
  {
    name: 'a backup shares a file of the archive that has changed',
    file: 'src/store/sqlite/archive-copies.ts',
    find: 'before !== null && isSame(source, before) && link(before, target)',
    replace: 'before !== null && existsSync(before) && link(before, target)',
    tests: RESTORE,
  },
  {
    name: 'a restore leaves a spoilt archive where it is',
    file: 'src/store/sqlite/restore.ts',
    find: 'whyNotWhole(directory, row, instance) !== null,',
    replace: '!existsSync(join(archiveOf(directory), row.file)),',
    tests: RESTORE,
  },
];
