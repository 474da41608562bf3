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

/** Space that must be left beside the ballast before deliveries are taken again; on a small disk less. */
const ROOM_BYTES = 48_000_000;
const ROOM_PART = 0.15;
/** No more of a disk than this is kept free. */
const BALLAST_PART = 0.1;
/** Who wants more wants a ballast for which there is never room. */
const KEPT_MAX_BYTES = 1_000_000_000_000;
const MODE = 0o600;
const CHUNK_BYTES = 1_048_576;
/** With less than this nothing can be opened. */
const FULL_BYTES = 1_000_000;

export interface Ballast {
  /** Its size while there is room; 0: none is kept. */
  readonly bytes: number;
  /** Gives its space back. False: there is none to give. */
  free(): boolean;
  /** True when there is room: the file is in its place (again). */
  restore(): boolean;
  /** Its space was given back, and there has been no room for it since. */
  isOwed(): boolean;
  /** What is to be free on its disk beside what can wait: as much as deliveries need after a full disk, in bytes. */
  readonly room: number;
  /** Whether there is room for what can wait. */
  hasRoom(): boolean;
  /** Size of the file now, and what is free on its disk, in bytes. */
  sizes(): { readonly ballast: number; readonly diskFree: number };
  /** Whether next to nothing fits on the disk. */
  isDiskFull(): boolean;
}

/** Null: there is no such file. A folder of that name is none. */
function sizeOf(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : null;
}

interface Space {
  readonly free: number;
  readonly all: number;
}

function spaceOf(path: string): Space {
  const { bavail, blocks, bsize } = statfsSync(dirname(path));
  return { free: bavail * bsize, all: blocks * bsize };
}

/** What is free on the disk of a file, in bytes. */
export function freeBytes(path: string): number {
  return spaceOf(path).free;
}

/** Where that cannot be told it is large. */
function sizeOfDisk(path: string): number {
  try {
    return spaceOf(path).all;
  } catch {
    return Number.MAX_SAFE_INTEGER;
  }
}

function write(path: string, bytes: number): void {
  // Random, so that a file system that compresses cannot make it small.
  const chunk = randomBytes(Math.min(CHUNK_BYTES, bytes));
  const file = openSync(path, 'w', MODE);
  try {
    fchmodSync(file, MODE);
    // On a disk that is nearly full fewer bytes are taken than were given.
    for (let left = bytes; left > 0;)
      left -= writeSync(file, chunk, 0, Math.min(left, chunk.length));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** @param wanted size of the file, on a small disk a tenth of that; 0: no ballast is kept */
export function openBallast(path: string, wanted: number): Ballast {
  const all = sizeOfDisk(path);
  const bytes = wanted > KEPT_MAX_BYTES ? wanted : Math.floor(Math.min(wanted, all * BALLAST_PART));
  const room = Math.min(ROOM_BYTES, all * ROOM_PART);
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
      if (spaceOf(path).free < bytes + room) return false;
      if (bytes > 0) write(path, bytes);
      return true;
    } catch {
      // The disk filled up in between: the space belongs to the database.
      if (wasOwed) free();
      else if (sizeOf(path) !== null) rmSync(path);
      return false;
    }
  };
  return {
    bytes,
    room,
    free,
    restore,
    isOwed,
    hasRoom: () => !isOwed() && spaceOf(path).free >= room,
    sizes: () => ({ ballast: sizeOf(path) ?? 0, diskFree: spaceOf(path).free }),
    isDiskFull: () => spaceOf(path).free < FULL_BYTES,
  };
}
