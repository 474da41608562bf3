/** What a store offers of signed checkpoints, which lie outside the database; see signed-checkpoints.ts. */
import type { Instant } from '../core/model/alert.ts';
import type { Inclusion } from '../lib/merkle.ts';
import type { SignedCheckpoint } from './signed-checkpoints.ts';

/** The newest signed checkpoint, and what it is signed with. */
export interface SignedHead {
  /** The public key. */
  readonly key: string;
  /** Where the checkpoints are. */
  readonly file: string;
  /** Null: nothing has been signed yet. */
  readonly checkpoint: SignedCheckpoint | null;
}

/** That the events of an incident are among those that were signed for. */
export interface RecordProof {
  /** From the hash of its last event, to which the others lead, to the root of the checkpoint. */
  readonly inclusion: Inclusion | null;
  readonly checkpoint: SignedCheckpoint | null;
  /** Why there is none; null: there is. */
  readonly why: string | null;
}

/** Signed checkpoints, outside the database; see signed-checkpoints.ts. */
export interface Signing {
  /**
   * Appends one for what is committed now; null: the last one says the same.
   * @throws StoreUnavailable when it cannot be written
   */
  sign(now: Instant): SignedCheckpoint | null;
  head(): SignedHead;
  /** Proves it by the first checkpoint that stands for the event with that hash, in a thread of its own. */
  prove(head: string): Promise<RecordProof>;
}
