/**
 * The marker: a small file beside the database that says how much was committed. SQLite drops what it cannot read of its
 * log, and a file that is gone is an empty database to it, both without a word; the marker is what such a database is
 * held against at the next start.
 *
 * It is written after each commit and synced once a minute, so that it never says more than the disk has: a killed process
 * leaves it exact, a power cut some commits behind.
 */
import { join } from 'node:path';
import { type FoundReserved, openReserved, readReserved } from '../../lib/reserved-file.ts';
import type { Lost } from '../lost.ts';
import type { Committed } from './committed.ts';

/** Written at once and in place: less than a sector of any disk, so that it is there as a whole or as it was before. */
const BYTES = 512;

export interface Marker extends Committed {
  /** Of the database. */
  readonly instance: string;
  /** Commits that `tocsin.db` holds without its log: what was moved into it as a whole. */
  readonly base: number;
  /** The process that wrote it ended by itself, and nothing was committed since. */
  readonly isClosed: boolean;
  /** A person went on with less than was committed before, which the next start is to tell; null: nobody did. */
  readonly accepted: Lost | null;
}

/** What is beside the database. */
export type FoundMarker = FoundReserved<Marker>;

function markerOf(directory: string): string {
  return join(directory, 'marker.json');
}

export function readMarker(directory: string): FoundMarker {
  return readReserved(markerOf(directory));
}

export interface MarkerFile {
  /** Says from now on so much. */
  note(change: Partial<Marker>): void;
  /** Has the disk take what was noted, at its own pace. Never throws. */
  sync(): void;
  close(): void;
}

/** Opens the file for writing, and says what is so now. Synced: from here on a start has something to go by. */
export function openMarker(directory: string, first: Marker): MarkerFile {
  const file = openReserved(markerOf(directory), BYTES, first);
  let marker = first;
  return {
    note: (change) => {
      marker = { ...marker, ...change };
      // A marker that lags says too little, which loses nothing; the commit that it tells of is on the disk.
      try {
        file.write(marker);
      } catch {
        return;
      }
    },
    sync: file.sync,
    close: file.close,
  };
}
