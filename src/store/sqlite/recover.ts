/** What a person does about a database that holds less than was committed to it: sees it, and goes on with what is there. */
import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { openReader, openWriter } from './connection.ts';
import { readLeaves } from './leaves.ts';
import { encodeTree, treeOf } from './tree.ts';
import { readCommitted } from './committed.ts';
import { takeLock } from './lock.ts';
import { type KeptData, NOTHING_COMMITTED, whatIsKept } from './loss.ts';
import type { Lost } from '../lost.ts';
import { openMarker } from './marker.ts';
import { OWN_KEYS, createRecords } from './records.ts';
import { salvage } from './salvage.ts';

interface Database {
  readonly directory: string;
  readonly path: string;
}

export interface Recovery {
  /** As it was found, before anything was accepted. */
  readonly kept: KeptData;
  /** So many commits of so many are gone on with; null: nothing was accepted. */
  readonly accepted: Lost | null;
  /** Files that were given other names, for they would spoil what is there. */
  readonly setAside: readonly string[];
}

/** Gives the files that there are other names. */
function setAside(...names: readonly (readonly [from: string, to: string])[]): readonly string[] {
  const there = names.filter(([from]) => existsSync(from));
  for (const [from, to] of there) renameSync(from, to);
  return there.map(([, to]) => to);
}

/** Tells the marker that less is there from now on, which the next start says aloud. */
function goOnWithLess(
  kept: Extract<KeptData, { kind: 'less' }>,
  { directory, path }: Database,
): Recovery {
  const { known, lost, isForeignLog } = kept;
  const wal = `${path}-wal`;
  const away = isForeignLog ? setAside([wal, `${wal}.set-aside`]) : [];
  // Of a log that was set aside nothing counts.
  const now = isForeignLog ? null : kept.found;
  const instance = now?.instance ?? known.instance;
  const committed = now?.committed ?? NOTHING_COMMITTED;
  const said = { ...committed, instance, base: 0, isClosed: false, accepted: lost };
  openMarker(directory, said).close();
  return { kept, accepted: lost, setAside: away };
}

/** The tree of what is left: of events that are gone nobody has the hashes. What was signed before does not stand for it. */
function countAnew(path: string, directory: string): void {
  const connection = openWriter(path, null);
  try {
    const { hashes } = readLeaves(connection, directory);
    connection.db
      .prepare(
        'UPDATE committed SET tree = ?, events = max(events, (SELECT ifnull(max(seq), 0) FROM events))',
      )
      .run(encodeTree(treeOf(hashes)));
  } finally {
    connection.db.close();
  }
}

/** What can be read takes the place of what cannot, which is kept beside it. */
function goOnWithCopy(
  kept: Extract<KeptData, { kind: 'damaged' }>,
  { directory, path }: Database,
): Recovery {
  const copy = `${path}.copy`;
  rmSync(copy, { force: true });
  closeSync(openSync(copy, 'w', 0o600));
  salvage(path, copy, directory);
  countAnew(copy, directory);
  const damaged = `${path}.damaged`;
  const away = setAside(
    [path, damaged],
    [`${path}-wal`, `${damaged}-wal`],
    [`${path}-shm`, `${damaged}-shm`],
  );
  renameSync(copy, path);
  const connection = openReader(path);
  try {
    const committed = readCommitted(connection);
    const instance = createRecords(connection).meta(OWN_KEYS.instance) ?? '';
    const had = Math.max(kept.marker?.commits ?? 0, committed.commits);
    const incidents = kept.marker?.incidents ?? null;
    const counts = { has: committed.commits, had, incidents, common: null };
    const accepted = { ...counts, how: 'copied' } as const;
    openMarker(directory, { ...committed, instance, base: 0, isClosed: false, accepted }).close();
    return { kept, accepted, setAside: away };
  } finally {
    connection.db.close();
  }
}

/**
 * Holds the database against its marker; changes something only where less is there, or it is damaged, and that is accepted.
 * @throws StoreUnavailable when a server runs there and something would be changed
 */
export function recoverFiles(
  directory: string,
  path: string,
  options: { readonly accept: boolean },
): Recovery {
  const kept = whatIsKept(directory, path);
  const isKept = kept.kind === 'whole' || kept.kind === 'unknown';
  if (isKept || !options.accept) return { kept, accepted: null, setAside: [] };
  const unlock = takeLock(directory, null);
  try {
    const where = { directory, path };
    return kept.kind === 'less' ? goOnWithLess(kept, where) : goOnWithCopy(kept, where);
  } finally {
    unlock();
  }
}
