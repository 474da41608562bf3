/**
 * A small file that is written in place, in space that it has had from the beginning: it can be written where the disk is
 * full, and says whether what it holds is what was written.
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
import { dirname } from 'node:path';
import { sha256 } from './hash.ts';
import { syncPath } from './sync-path.ts';

const FILE_MODE = 0o600;
const SUM_LENGTH = 16;

/** What is at a path. `spoilt`: a file that nobody has written so. */
export type FoundReserved<T> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'spoilt' }
  | { readonly kind: 'kept'; readonly value: T };

function sumOf(text: string): string {
  return sha256(text).slice(0, SUM_LENGTH);
}

/** @throws when there is more to write than there is space */
function encode(value: unknown, bytes: number): Buffer {
  const kept = JSON.stringify(value);
  const text = Buffer.from(`{"kept":${kept},"sum":"${sumOf(kept)}"}\n`);
  const missing = bytes - text.byteLength;
  if (missing < 0) throw new Error(`${text.byteLength} bytes do not fit into ${bytes}`);
  return Buffer.concat([Buffer.alloc(missing, ' '), text]);
}

/** Reads what was written last. It is of the type that was written there: nothing else has that sum. */
export function readReserved<T>(path: string): FoundReserved<T> {
  try {
    const { kept, sum } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly kept: T;
      readonly sum: string;
    };
    return sumOf(JSON.stringify(kept)) === sum ? { kind: 'kept', value: kept } : { kind: 'spoilt' };
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { kind: isAbsent ? 'absent' : 'spoilt' };
  }
}

export interface ReservedFile<T> {
  /** In the place of what was there. @throws what the file system says, or when it is too long */
  write(value: T): void;
  /** Has the disk take what was written, at its own pace. Never throws. */
  sync(): void;
  /** Once the disk has taken it. */
  close(): void;
}

/**
 * Opens the file for writing, its owner's alone, and writes the first value. Synced: from here on it can be gone by.
 * @param bytes its size; what is no more than a sector of the disk is there as a whole or as it was before
 * @throws what the file system says
 */
export function openReserved<T>(path: string, bytes: number, first: T): ReservedFile<T> {
  // Not emptied: a power cut right now leaves what was there.
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
  const write = (value: T): void => void writeSync(file, encode(value, bytes), 0, bytes, 0);
  try {
    // Whatever the process lets others and itself do with new files.
    fchmodSync(file, FILE_MODE);
    write(first);
    fsyncSync(file);
    syncPath(dirname(path));
  } catch (error) {
    closeSync(file);
    throw error;
  }
  return {
    write,
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
