/** The file of signed checkpoints and the key that signs them. Only ever appended to, by the one process that writes the data. */
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from '../lib/private-file.ts';
import { syncPath } from '../lib/sync-path.ts';
import {
  makeKey,
  nextLine,
  publicKeyOf,
  readLine,
  type SignedCheckpoint,
} from './signed-checkpoints.ts';
import { StoreUnavailable } from './store.ts';
import type { SignedHead } from './signing.ts';

const MODE = 0o600;
/** Many times a line. */
const TAIL_BYTES = 65_536;

/** The private key of an installation, in its data directory. */
export function keyFileOf(directory: string): string {
  return join(directory, 'checkpoint-key.pem');
}

/** The file of an installation, in its data directory or elsewhere. */
export function checkpointFileOf(folder: string, instance: string): string {
  return join(folder, `checkpoints-${instance}.jsonl`);
}

/** The lines that were written as a whole. */
export function readCheckpointFile(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

/** Whether a file of that name holds the checkpoints of an installation. */
export function isCheckpointFile(name: string): boolean {
  return /^checkpoints-[0-9a-z]+\.jsonl$/.test(name);
}

/** The last whole line of each file in the folder, as far as it can be read. */
export function newestCheckpoints(folder: string): readonly SignedCheckpoint[] {
  const names = existsSync(folder) ? readdirSync(folder).filter(isCheckpointFile) : [];
  return names.flatMap((name) => {
    const last = readCheckpointFile(join(folder, name)).at(-1);
    return (last === undefined ? null : readLine(last)) ?? [];
  });
}

function keyIn(directory: string): string {
  const path = keyFileOf(directory);
  if (!existsSync(path)) {
    writePrivate(path, makeKey());
    syncPath(directory);
  }
  return readFileSync(path, 'utf8');
}

/** The last whole line; what a killed process has left behind it is cut off. */
function lastLine(file: number): string | null {
  const { size } = fstatSync(file);
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  readSync(file, tail, 0, tail.length, size - tail.length);
  const text = tail.toString('latin1');
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) ftruncateSync(file, size - (text.length - end));
  return text.slice(0, end).trimEnd().split('\n').at(-1) || null;
}

export interface CheckpointFile {
  /** Appends a line, unless the last one says the same. @throws StoreUnavailable when it cannot be written */
  append(says: Parameters<typeof nextLine>[0]): SignedCheckpoint | null;
  /** What is there; the key is made where there is none. @throws StoreUnavailable when it cannot be read */
  head(): SignedHead;
}

export interface CheckpointFileOptions {
  /** The data directory, for the key. */
  readonly directory: string;
  /** Where the file is. */
  readonly folder: string;
  readonly instance: string;
}

function unavailable(folder: string, cause: unknown): StoreUnavailable {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StoreUnavailable(
    `signed checkpoints cannot be written in ${folder} (${why})`,
    'make the folder and give it to the user that runs Tocsin (`server.checkpoints`)',
    { cause },
  );
}

/** Nothing is opened before it is asked for something. */
export function createCheckpointFile({
  directory,
  folder,
  instance,
}: CheckpointFileOptions): CheckpointFile {
  const path = checkpointFileOf(folder, instance);
  /** Why the disk has not taken the line before. */
  let unsynced: Error | null = null;
  const sync = (isNew: boolean): void => {
    const own = openSync(path, 'r');
    fdatasync(own, (error) => {
      unsynced = error;
      closeSync(own);
    });
    if (isNew) syncPath(folder);
  };
  const withFile = <T>(work: (file: number) => T): T => {
    try {
      const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, MODE);
      try {
        fchmodSync(file, MODE);
        return work(file);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      throw unavailable(folder, error);
    }
  };
  return {
    append: (says) =>
      withFile((file) => {
        const failed = unsynced;
        unsynced = null;
        if (failed !== null) throw failed;
        const before = lastLine(file);
        const last = before === null ? null : readLine(before);
        // Commits that only note how late it is are no reason for one.
        const isSame =
          last?.root === says.root && last.deliveries === says.deliveries && says.anew === null;
        if (isSame) return null;
        const line = nextLine(says, { before, pem: keyIn(directory) });
        writeSync(file, `${line}\n`);
        sync(before === null);
        return readLine(line);
      }),
    head: () =>
      withFile((file) => {
        const last = lastLine(file);
        return {
          key: publicKeyOf(keyIn(directory)),
          file: path,
          checkpoint: last === null ? null : readLine(last),
        };
      }),
  };
}

/** What there is of it, read beside a server or without one; null: it is not there. */
export function readSignedHead(
  directory: string,
  instance: string | null,
): { readonly [K in keyof SignedHead]: SignedHead[K] | null } {
  const file = checkpointFileOf(directory, instance ?? '');
  const isThere = existsSync(file);
  const last = isThere ? readCheckpointFile(file).at(-1) : undefined;
  const pem = existsSync(keyFileOf(directory)) ? readFileSync(keyFileOf(directory), 'utf8') : null;
  return {
    key: pem === null ? null : publicKeyOf(pem),
    file: isThere ? file : null,
    checkpoint: last === undefined ? null : readLine(last),
  };
}
