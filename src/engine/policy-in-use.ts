/** Which configuration is in use, and since when: known across restarts, for a restart is no reload. */
import type { Reads, Tx } from '../store/store.ts';

export interface PolicyInUse {
  readonly hash: string;
  readonly since: number;
}

const META = 'policy';

function parsed(text: string | null): PolicyInUse | null {
  // Written by `usePolicy` below.
  return text === null ? null : (JSON.parse(text) as PolicyInUse);
}

/** Null: no server has run on the data yet. */
export async function readPolicyInUse(reads: Pick<Reads, 'meta'>): Promise<PolicyInUse | null> {
  return parsed(await reads.meta(META));
}

/** Writes down that the policy of the hash is in use from now on, unless it is already; returns since when. */
export async function usePolicy(tx: Tx, hash: string, now: number): Promise<number> {
  const before = parsed(await tx.meta(META));
  if (before?.hash === hash) return before.since;
  await tx.setMeta(META, JSON.stringify({ hash, since: now }));
  return now;
}
