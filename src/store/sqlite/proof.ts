/** Proves that the events of an incident are among those that were signed for. */
import { existsSync } from 'node:fs';
import { inclusionPath, leafHash, rootByPath } from '../../lib/merkle.ts';
import { checkpointFileOf, readCheckpointFile } from '../checkpoint-file.ts';
import { readLine, type SignedCheckpoint } from '../signed-checkpoints.ts';
import type { RecordProof } from '../signing.ts';
import { openReader } from './connection.ts';
import { databaseOf } from './directory.ts';
import { readLeaves } from './leaves.ts';
import { OWN_KEYS, createRecords } from './records.ts';

export interface ProofTask {
  /** The data directory. */
  readonly directory: string;
  /** Where the checkpoints are. */
  readonly folder: string;
  /** Chain hash of the incident's last event: the others lead to it. */
  readonly head: string;
}

function unproved(why: string): RecordProof {
  return { inclusion: null, checkpoint: null, why };
}

/** Of the history that goes on: what was given up stands for nothing any more. */
function currentLines(lines: readonly (SignedCheckpoint | null)[]): readonly SignedCheckpoint[] {
  const from = lines.findLastIndex((line) => line?.anew != null);
  return lines.slice(Math.max(0, from)).filter((line) => line !== null);
}

/** Reads every event's hash: what it takes grows with all that was ever recorded. */
export function proofOf({ directory, folder, head }: ProofTask): RecordProof {
  const connection = openReader(databaseOf(directory));
  try {
    const instance = createRecords(connection).meta(OWN_KEYS.instance) ?? '';
    const file = checkpointFileOf(folder, instance);
    const lines = existsSync(file) ? readCheckpointFile(file).map(readLine) : [];
    const { hashes, missing } = connection.db.transaction(() =>
      readLeaves(connection, directory),
    )();
    if (missing.length > 0)
      return unproved(`files of the archive are missing: ${missing.join(', ')}`);
    const index = hashes.indexOf(head);
    const checkpoint = currentLines(lines).find(
      ({ events }) => events > index && events <= hashes.length,
    );
    if (index < 0 || checkpoint === undefined)
      return unproved('no checkpoint stands for its last event yet');
    const size = checkpoint.events;
    const path = inclusionPath(hashes.slice(0, size).map(leafHash), index);
    const inclusion = { leaf: leafHash(head), index, size, path };
    return rootByPath(inclusion) === checkpoint.root
      ? { inclusion, checkpoint, why: null }
      : unproved('the events are not those that were signed for: run tocsin verify');
  } finally {
    connection.db.close();
  }
}
