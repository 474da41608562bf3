/** What was moved to the archive, read from its files. A file is opened for each reading: somebody may have put back another. */
import Database from 'better-sqlite3';
import type { Incident } from '../../core/model/incident.ts';
import { type AlertRow, type OutboxRow, StoreUnavailable } from '../store.ts';
import { openArchiveReader } from './archive-file.ts';
import { stateOf } from './incidents.ts';
import { fromJson } from './json.ts';

export interface LinkRecord {
  readonly event: string;
  readonly hash: string;
  readonly previous: string;
}

interface ArchivedRecord {
  readonly id: string;
  readonly state: string;
  readonly state_hash: string;
  readonly outbox: string;
  readonly alerts: string;
}

/** One file, open. */
export interface OpenArchive {
  /** Null: it cannot be read, and its events tell it anew. */
  state(id: string): Incident | null;
  links(id: string): readonly LinkRecord[];
  outbox(id: string): readonly OutboxRow[];
  alerts(id: string): readonly AlertRow[];
}

/** Reads from the file. @throws StoreUnavailable when it is gone or cannot be read, with what to do */
export type ReadArchive = <T>(file: string, work: (archive: OpenArchive) => T) => T;

function prepareArchive(db: Database.Database): OpenArchive {
  const one = db.prepare<[id: string], ArchivedRecord>(
    'SELECT id, state, state_hash, outbox, alerts FROM archived WHERE id = ?',
  );
  const links = db.prepare<[id: string], LinkRecord>(
    "SELECT event, hash, previous FROM events WHERE kind = 'incident' AND subject = ? ORDER BY version",
  );
  return {
    state: (id) => {
      const record = one.get(id);
      return record === undefined ? null : stateOf(record);
    },
    links: (id) => links.all(id),
    outbox: (id) => fromJson<readonly OutboxRow[]>(one.get(id)?.outbox ?? '[]'),
    alerts: (id) => fromJson<readonly AlertRow[]>(one.get(id)?.alerts ?? '[]'),
  };
}

function unreadable(
  file: string,
  error: InstanceType<typeof Database.SqliteError>,
): StoreUnavailable {
  const isBusy = error.code.startsWith('SQLITE_BUSY');
  const isGone = error.code.startsWith('SQLITE_CANTOPEN');
  const what = isGone ? 'is not there' : `cannot be read (${error.code}: ${error.message})`;
  return new StoreUnavailable(
    `the archive ${file} ${isBusy ? 'is being written' : what}`,
    isBusy
      ? 'ask again'
      : `put archive/${file} back into the data directory, from where it was taken or from a backup; everything else goes on without it`,
    { cause: error, isOfArchive: !isBusy },
  );
}

/** Runs the work; what SQLite throws is told in words for people. */
function told<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Database.SqliteError ? unreadable(file, error) : error;
  }
}

/** Reads the archive of a data directory beside whoever moves files there: none stays open. */
export function createReadArchive(directory: string): ReadArchive {
  return (file, work) =>
    told(file, () => {
      const db = openArchiveReader(directory, file);
      try {
        return work(prepareArchive(db));
      } finally {
        db.close();
      }
    });
}

/** The same for whoever reads all of it: the file that was read last stays open, until another one is or it is closed. */
export function keepReadArchive(directory: string): {
  readonly read: ReadArchive;
  close(): void;
} {
  let last: { readonly file: string; readonly db: Database.Database; archive: OpenArchive } | null =
    null;
  const close = (): void => {
    last?.db.close();
    last = null;
  };
  const open = (file: string): OpenArchive => {
    if (last?.file === file) return last.archive;
    close();
    const db = openArchiveReader(directory, file);
    last = { file, db, archive: prepareArchive(db) };
    return last.archive;
  };
  return { read: (file, work) => told(file, () => work(open(file))), close };
}
