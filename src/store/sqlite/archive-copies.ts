/** Copies of the files of the archive: for backups, and back from them. A year that is over does not change any more. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { permit } from '../../lib/private-file.ts';
import { syncPath } from '../../lib/sync-path.ts';
import { CHAIN_START, linkHash } from '../chain.ts';
import { type ArchiveRow, archiveTroubles, openArchiveReader } from './archive-file.ts';
import type { Connection } from './connection.ts';
import { damageIn } from './damage.ts';
import { archiveOf } from './directory.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** Bytes that are copied or compared at a stretch. */
const PART_BYTES = 2_097_152;

/** What the database knows of the files that it has filled. */
export function archivesOf({ prepare }: Pick<Connection, 'prepare'>): () => readonly ArchiveRow[] {
  const all = prepare<[], ArchiveRow>(
    'SELECT file, incidents, events, bytes FROM archives ORDER BY file',
  );
  return () => all.all();
}

interface EventRecord {
  readonly subject: string;
  readonly version: number;
  readonly previous: string;
  readonly hash: string;
  readonly event: string;
}

interface HeadRecord {
  readonly version: number;
  readonly head: string;
}

/** The incidents whose events are no chain up to what their row says. */
function brokenIn(db: Database.Database): readonly string[] {
  const heads = db.prepare<[id: string], HeadRecord>(
    'SELECT version, head FROM archived WHERE id = ?',
  );
  const broken = new Set<string>();
  let last = { subject: '', version: 0, hash: CHAIN_START };
  const end = (): void => {
    const head = heads.get(last.subject);
    if (last.subject !== '' && (head?.version !== last.version || head.head !== last.hash))
      broken.add(last.subject);
  };
  const events = db.prepare<[], EventRecord>(
    'SELECT subject, version, previous, hash, event FROM events ORDER BY kind, subject, version',
  );
  for (const { subject, version, previous, hash, event } of events.iterate()) {
    if (subject !== last.subject) {
      end();
      last = { subject, version: 0, hash: CHAIN_START };
    }
    const isNext = version === last.version + 1 && previous === last.hash;
    if (!isNext || hash !== linkHash(previous, event)) broken.add(subject);
    last = { subject, version, hash };
  }
  end();
  return [...broken];
}

/** Why a file cannot stand for what the database has moved into it; null: it can. Reads all of it. */
export function whyNotWhole(directory: string, known: ArchiveRow, instance: string): string | null {
  const [trouble] = archiveTroubles(directory, [{ ...known, bytes: 0 }], instance);
  if (trouble !== undefined) return trouble.why;
  const db = openArchiveReader(directory, known.file);
  try {
    const [damage] = damageIn(db).rest;
    if (damage !== undefined) return `it is damaged: ${damage}`;
    const [broken] = brokenIn(db);
    return broken === undefined ? null : `the record of ${broken} is not as it was written`;
  } finally {
    db.close();
  }
}

function isSame(one: string, other: string): boolean {
  if (!existsSync(other) || statSync(one).size !== statSync(other).size) return false;
  const files = [openSync(one, 'r'), openSync(other, 'r')] as const;
  const [a, b] = [Buffer.alloc(PART_BYTES), Buffer.alloc(PART_BYTES)];
  try {
    for (;;) {
      const length = readSync(files[0], a);
      if (readSync(files[1], b) !== length || !a.subarray(0, length).equals(b.subarray(0, length)))
        return false;
      if (length === 0) return true;
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}

/** Another name for the same bytes; false: the file system has none. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

export interface ArchiveCopies {
  /** The data directory. */
  readonly from: string;
  /** The folder of the backup. */
  readonly to: string;
  /** The folder of the backup before, with which files that are the same are shared; null: there is none. */
  readonly previous: string | null;
}

/**
 * Copies the file as it is between two commits of whoever fills it. Closing it drops the locks that this process has on it,
 * as POSIX wants: nothing may be writing into it meanwhile.
 * @returns whether it was copied; else it is the file of the backup before, byte for byte
 */
function copyOne({ from, to, previous }: ArchiveCopies, file: string): boolean {
  const target = join(archiveOf(to), file);
  const db = openArchiveReader(from, file);
  try {
    // A shared lock: nobody commits into it meanwhile.
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM kept').get();
    const source = join(archiveOf(from), file);
    const before = previous === null ? null : join(archiveOf(previous), file);
    if (before !== null && isSame(source, before) && link(before, target)) return false;
    copyFileSync(source, target);
    permit(target, FILE_MODE);
    syncPath(target);
    return true;
  } finally {
    db.close();
  }
}

/**
 * Copies all files that the database has filled. One that somebody has taken away is left out: that is told of elsewhere.
 * @returns why copies are not what they should be, as sentences
 */
export function copyArchives(
  copies: ArchiveCopies,
  known: readonly ArchiveRow[],
  instance: string,
): readonly string[] {
  const there = known.filter(({ file }) => existsSync(join(archiveOf(copies.from), file)));
  if (there.length === 0) return [];
  mkdirSync(archiveOf(copies.to), { recursive: true, mode: DIRECTORY_MODE });
  const flaws = there.flatMap((row) => {
    const isNew = copyOne(copies, row.file);
    const why = isNew ? whyNotWhole(copies.to, row, instance) : null;
    return why === null ? [] : [`archive/${row.file}: ${why}`];
  });
  syncPath(archiveOf(copies.to));
  return flaws;
}
