/**
 * A file that only takes up space. When the disk is full it is emptied, so that decisions, settlements and wake-ups of
 * open incidents still fit while new deliveries are refused. It comes back once there is room; until then the empty file
 * tells the next start that the space which is left is not for deliveries.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Space that must be left beside the ballast before deliveries are taken again. */
const ROOM_BYTES = 48_000_000;
const MODE = 0o600;
const CHUNK_BYTES = 1_048_576;
/** With less than this nothing can be opened. */
const FULL_BYTES = 1_000_000;

export interface Ballast {
  /** Gives its space back. False: there is none to give. */
  free(): boolean;
  /** True when there is room: the file is in its place (again). */
  restore(): boolean;
  /** Its space was given back, and there has been no room for it since. */
  isOwed(): boolean;
  /** Whether next to nothing fits on the disk. */
  isDiskFull(): boolean;
}

/** Null: there is no such file. A folder of that name is none. */
function sizeOf(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : null;
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}

function write(path: string, bytes: number): void {
  // Random, so that a file system that compresses cannot make it small.
  const chunk = randomBytes(Math.min(CHUNK_BYTES, bytes));
  const file = openSync(path, 'w', MODE);
  try {
    fchmodSync(file, MODE);
    for (let left = bytes; left > 0; left -= chunk.length)
      writeSync(file, chunk, 0, Math.min(left, chunk.length));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** @param bytes size of the file; 0: no ballast is kept */
export function openBallast(path: string, bytes: number): Ballast {
  const isOwed = (): boolean => bytes > 0 && sizeOf(path) === 0;
  const free = (): boolean => {
    if ((sizeOf(path) ?? 0) === 0) return false;
    truncateSync(path);
    return true;
  };
  const restore = (): boolean => {
    if (bytes > 0 && sizeOf(path) === bytes) return true;
    const wasOwed = isOwed();
    try {
      if (freeBytes(path) < bytes + ROOM_BYTES) return false;
      if (bytes > 0) write(path, bytes);
      return true;
    } catch {
      // The disk filled up in between: the space belongs to the database.
      if (wasOwed) free();
      else if (sizeOf(path) !== null) rmSync(path);
      return false;
    }
  };
  return { free, restore, isOwed, isDiskFull: () => freeBytes(path) < FULL_BYTES };
}
