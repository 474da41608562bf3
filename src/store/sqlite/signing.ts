/** Signs what is committed: the counts, and the root of the tree over all events. */
import { isoOf } from '../../contract/instant.ts';
import { rootOf } from '../../lib/merkle.ts';
import { oneAtATime } from '../../lib/one-at-a-time.ts';
import { createCheckpointFile } from '../checkpoint-file.ts';
import type { Lost } from '../lost.ts';
import type { BegunAnew } from '../signed-checkpoints.ts';
import type { RecordProof, Signing } from '../signing.ts';
import { beside } from './beside.ts';
import type { ProofTask } from './proof.ts';
import { readCommitted, readTree } from './committed.ts';
import type { Connection } from './connection.ts';

export interface SigningOptions {
  readonly reader: Connection;
  /** The data directory. */
  readonly directory: string;
  /** The folder in which the checkpoints are; the data directory when left out. */
  readonly checkpoints?: string | null;
  readonly instance: string;
  /** What somebody has gone on without before this start. */
  readonly accepted: Lost | null;
}

/** What was gone on with, of all that was signed for before. */
function begunWith({ common, ...lost }: Lost, events: number): BegunAnew {
  return { ...lost, events: Math.min(events, common ?? events) };
}

/** Signing for one open store. `isTold`: whether it stands in a checkpoint what was gone on with. */
export function createSigning({
  reader,
  accepted,
  instance,
  directory,
  checkpoints,
}: SigningOptions): Signing & { isTold(): boolean } {
  const folder = checkpoints ?? directory;
  const file = createCheckpointFile({ instance, directory, folder });
  const inTurn = oneAtATime();
  let anew = accepted === null ? null : begunWith(accepted, readTree(reader).size);
  const atOnce = reader.db.transaction(() => ({
    ...readCommitted(reader),
    tree: readTree(reader),
  }));
  return {
    sign: (now) => {
      const { commits, deliveries, tree } = atOnce();
      const head = { commits, deliveries, events: tree.size, root: rootOf(tree) };
      const signed = file.append({ at: isoOf(now), instance, ...head, anew });
      anew = null;
      return signed;
    },
    head: file.head,
    isTold: () => anew === null,
    prove: async (head) => {
      const task: ProofTask = { directory, folder, head };
      const thread = new URL('./proof-thread.ts', import.meta.url);
      // Each reads the hashes of all events: whoever asks for many waits.
      const proved = await inTurn(() => beside<RecordProof>(thread, task).outcome);
      return proved.ok ? proved.value : { inclusion: null, checkpoint: null, why: proved.what };
    },
  };
}
