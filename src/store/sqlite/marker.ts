/**
 * The marker: a small file beside the database that says how much was committed. SQLite drops what it cannot read of its
 * log, and a file that is gone is an empty database to it, both without a word; the marker is what such a database is
 * held against at the next start.
 *
 * It is written after each commit and synced once a minute, so that it never says more than the disk has: a killed process
 * leaves it exact, a power cut some commits behind.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fsyncSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../lib/hash.ts';
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

/** What is beside the database. `spoilt`: a file that no Tocsin has written so. */
export type FoundMarker =
  | { readonly kind: 'absent' }
  | { readonly kind: 'spoilt' }
  | { readonly kind: 'marker'; readonly marker: Marker };

export function markerOf(directory: string): string {
  return join(directory, 'marker.json');
}

function encode(marker: Marker): string {
  const text = JSON.stringify(marker);
  return `${JSON.stringify({ marker, sum: sha256(text).slice(0, 16) })}\n`.padStart(BYTES);
}

export function readMarker(directory: string): FoundMarker {
  try {
    const found: unknown = JSON.parse(readFileSync(markerOf(directory), 'utf8'));
    const { marker, sum } = found as { readonly marker: Marker; readonly sum: string };
    const isWhole = sha256(JSON.stringify(marker)).slice(0, 16) === sum;
    return isWhole ? { kind: 'marker', marker } : { kind: 'spoilt' };
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { kind: isAbsent ? 'absent' : 'spoilt' };
  }
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
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
  const path = markerOf(directory);
  // Not emptied: a power cut right now leaves what was there.
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  // Whatever the process lets others and itself do with new files.
  fchmodSync(file, 0o600);
  let marker = first;
  const write = (): void => void writeSync(file, encode(marker), 0);
  write();
  fsyncSync(file);
  syncFolder(path);
  return {
    note: (change) => {
      marker = { ...marker, ...change };
      // A marker that lags says too little, which loses nothing; the commit that it tells of is on the disk.
      try {
        write();
      } catch {
        return;
      }
    },
    sync: () => fdatasync(file, () => undefined),
    close: () => {
      try {
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
  };
}
