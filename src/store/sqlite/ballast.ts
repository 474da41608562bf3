/**
 * A file that only takes up space. When the disk is full it is deleted, so that decisions, settlements and wake-ups of
 * open incidents still fit while new deliveries are refused. It comes back once there is room.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Space that must be left beside the ballast before deliveries are taken again. */
const ROOM_BYTES = 48_000_000;
const CHUNK_BYTES = 1_048_576;

export interface Ballast {
  /** Deletes the file, if there is one. */
  free(): void;
  /** True when there is room: the file is in its place (again). */
  restore(): boolean;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function hasRoom(path: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize >= bytes + ROOM_BYTES;
}

function write(path: string, bytes: number): void {
  // Random, so that a file system that compresses cannot make it small.
  const chunk = randomBytes(Math.min(CHUNK_BYTES, bytes));
  const file = openSync(path, 'w', 0o600);
  try {
    for (let left = bytes; left > 0; left -= chunk.length)
      writeSync(file, chunk, 0, Math.min(left, chunk.length));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** @param bytes size of the file; 0: no ballast is kept */
export function openBallast(path: string, bytes: number): Ballast {
  const free = (): void => rmSync(path, { force: true });
  const restore = (): boolean => {
    if (bytes > 0 && sizeOf(path) === bytes) return true;
    try {
      if (!hasRoom(path, bytes)) return false;
      if (bytes > 0) write(path, bytes);
      return true;
    } catch {
      // The disk filled up in between: the space belongs to the database.
      free();
      return false;
    }
  };
  return { free, restore };
}
