/** What data hold that a backup of them does not: counted row by row, for totals of two histories say nothing of each other. */
import { dirname } from 'node:path';
import { type Connection, openReader } from './connection.ts';
import { readLeaves } from './leaves.ts';

export interface Beyond {
  /** Deliveries and requests, as far as they have not been swept. */
  readonly deliveries: number;
  readonly events: number;
  /** So many of the first events are the same in both. */
  readonly common: number;
}

/** @throws Error where a file of the archive is gone, for what stands in it is part of the order */
function hashesIn(path: string, folder: string): readonly string[] {
  const connection = openReader(path);
  try {
    const { hashes, missing } = readLeaves(connection, folder);
    if (missing.length > 0) throw new Error(`the archive lacks ${missing.join(', ')}`);
    return hashes;
  } finally {
    connection.db.close();
  }
}

function deliveriesBeyond({ db }: Connection, backup: string): number {
  db.prepare('ATTACH ? AS backup').run(backup);
  const row = db
    .prepare<[], { readonly n: number }>(
      "SELECT count(*) AS n FROM main.inbox AS ours WHERE origin <> 'canary' AND NOT EXISTS (SELECT 1 FROM backup.inbox WHERE id = ours.id)",
    )
    .get();
  return row?.n ?? 0;
}

/**
 * Counts it. Reads all hashes of events on both sides.
 * @param path the database, and `directory` where its archive is
 * @param backup the database of the backup, beside its archive
 * @returns null: the data cannot be read
 */
export function beyondOf(directory: string, path: string, backup: string): Beyond | null {
  try {
    const [ours, theirs] = [hashesIn(path, directory), hashesIn(backup, dirname(backup))];
    const differs = ours.findIndex((hash, index) => hash !== theirs[index]);
    const common = differs === -1 ? ours.length : differs;
    const connection = openReader(path);
    try {
      const deliveries = deliveriesBeyond(connection, backup);
      return { deliveries, events: ours.length - common, common };
    } finally {
      connection.db.close();
    }
  } catch {
    return null;
  }
}
