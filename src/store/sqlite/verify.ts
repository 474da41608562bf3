/** Whether all that was ever recorded is as it was written: each incident by itself, and all of them by what was signed. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rootOf } from '../../lib/merkle.ts';
import { type VerifiedRecords, verifyRecords } from '../chain.ts';
import { readCheckpointFile } from '../checkpoint-file.ts';
import { type CheckedLines, checkLines, readLine } from '../signed-checkpoints.ts';
import { StoreUnavailable } from '../store.ts';
import type { ReadArchive } from './archive-reads.ts';
import { readTree } from './committed.ts';
import type { Connection } from './connection.ts';
import { type Leaves, readLeaves, rootsOf } from './leaves.ts';
import { createReads } from './reads.ts';
import { OWN_KEYS, createRecords } from './records.ts';

export interface VerifyOptions {
  /** The file of checkpoints, or the folder in which it is; null: the data directory. */
  readonly checkpoints: string | null;
  /** The public key that they must be signed with; null: whichever they name. */
  readonly key: string | null;
}

export interface VerifiedData extends VerifiedRecords {
  /** Null: there is no file of checkpoints. */
  readonly signed:
    | (CheckedLines & {
        readonly file: string;
        /** Events that there are, of which the last checkpoint stands for the first ones. */
        readonly events: number;
      })
    | null;
  /** Why the events are not those that were counted, as a sentence; null: they are. */
  readonly tree: string | null;
}

/** Null: there is none, where none was named. @throws StoreUnavailable when the one that was named is not there */
function fileOf(directory: string, named: string | null, instance: string): string | null {
  const path = named ?? directory;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) return path;
  const own = `checkpoints-${instance}.jsonl`;
  const isThere = found?.isDirectory() === true && readdirSync(path).includes(own);
  if (isThere) return join(path, own);
  if (named === null) return null;
  throw new StoreUnavailable(
    `there are no checkpoints of this installation at ${named}`,
    `name the file ${own}, or the folder in which it is`,
  );
}

/** Compares what the database has counted with what there is. */
function treeTrouble(connection: Connection, { hashes, missing }: Leaves): string | null {
  if (missing.length > 0)
    return `what was signed cannot be compared as long as files of the archive are missing: ${missing.join(', ')}`;
  const tree = readTree(connection);
  const root = rootsOf(hashes, [tree.size]).get(tree.size);
  if (hashes.length === tree.size && root === rootOf(tree)) return null;
  return hashes.length === tree.size
    ? `the ${tree.size} events are not those that were counted: one of them was changed, or written anew`
    : `there are ${hashes.length} events, and ${tree.size} were counted`;
}

export interface VerifiedSource {
  readonly connection: Connection;
  readonly directory: string;
  readonly readArchive: ReadArchive;
}

/** Recomputes everything, reading only. @throws StoreUnavailable when there are no checkpoints where they were named */
export async function verifyData(
  { connection, directory, readArchive }: VerifiedSource,
  { checkpoints, key }: VerifyOptions,
): Promise<VerifiedData> {
  const records = await verifyRecords(createReads(connection, readArchive));
  const instance = createRecords(connection).meta(OWN_KEYS.instance) ?? '';
  const file = fileOf(directory, checkpoints, instance);
  // Before the events: what is signed meanwhile would stand for more than was read.
  const lines = file === null ? [] : readCheckpointFile(file);
  const { leaves, tree } = connection.db.transaction(() => {
    const read = readLeaves(connection, directory);
    return { leaves: read, tree: treeTrouble(connection, read) };
  })();
  if (file === null) return { ...records, tree, signed: null };
  const sizes = lines.flatMap((line) => readLine(line)?.events ?? []);
  const roots = rootsOf(leaves.hashes, sizes);
  const isWhole = leaves.missing.length === 0;
  const rootAt = isWhole ? (events: number) => roots.get(events) ?? null : null;
  const checked = checkLines(lines, { rootAt, instance, key });
  return { ...records, tree, signed: { ...checked, file, events: leaves.hashes.length } };
}
