/** All events that there are, in the order in which they were written, wherever they are: the leaves of the tree. */
import { EMPTY_TREE, grow, leafHash, rootOf } from '../../lib/merkle.ts';
import { archivesOf } from './archive-copies.ts';
import { openArchiveReader } from './archive-file.ts';
import type { Connection } from './connection.ts';

/** Nothing waits for whoever reads all of them: as long as a commit into the file may take. */
const WAITS_MS = 5_000;

const EVENTS = 'SELECT seq, hash FROM events';

interface Leaf {
  readonly seq: number;
  readonly hash: string;
}

export interface Leaves {
  /** Chain hashes. */
  readonly hashes: readonly string[];
  /** Files of the archive that cannot be read: what stands in them is not among the leaves. */
  readonly missing: readonly string[];
}

/** Reads all of them. @param directory where the archive of the database is */
export function readLeaves(connection: Connection, directory: string): Leaves {
  // What is being moved is in both places.
  const bySeq = new Map<number, string>();
  const take = (rows: Iterable<Leaf>): void => {
    for (const { seq, hash } of rows) bySeq.set(seq, hash);
  };
  const missing: string[] = [];
  for (const { file } of archivesOf(connection)()) {
    try {
      const db = openArchiveReader(directory, file, WAITS_MS);
      try {
        take(db.prepare<[], Leaf>(EVENTS).iterate());
      } finally {
        db.close();
      }
    } catch {
      missing.push(file);
    }
  }
  take(connection.db.prepare<[], Leaf>(EVENTS).iterate());
  const ordered = [...bySeq].toSorted(([a], [b]) => a - b);
  return { hashes: ordered.map(([, hash]) => hash), missing };
}

/** The roots of the trees over the first so many of them; a size that there is not has none. */
export function rootsOf(
  hashes: readonly string[],
  sizes: readonly number[],
): ReadonlyMap<number, string> {
  const wanted = new Set(sizes);
  const roots = new Map<number, string>();
  let tree = EMPTY_TREE;
  const note = (): void => {
    if (wanted.has(tree.size)) roots.set(tree.size, rootOf(tree));
  };
  note();
  for (const hash of hashes) {
    tree = grow(tree, leafHash(hash));
    note();
  }
  return roots;
}
