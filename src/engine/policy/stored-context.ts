/** What views follow from, read from the data of a server that may be running or not: its policy and its pauses. */
import type { Lookups } from '../../core/model/lookups.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Reads } from '../../store/store.ts';
import { holdingAt, pastAt, readKept } from '../pauses/kept-pauses.ts';
import { readPolicy, readPolicyInUse, reloadsOf } from './policy-in-use.ts';

export interface StoredContext {
  readonly policy: Policy;
  readonly lookups: Pick<Lookups, 'pauses' | 'pagingWasPaused' | 'reloads'>;
}

/** @throws Error when no server has ever run on the data */
export async function storedContext(
  reads: Pick<Reads, 'meta'>,
  now: number,
): Promise<StoredContext> {
  const inUse = await readPolicyInUse(reads);
  const policy = inUse === null ? null : await readPolicy(reads, inUse.hash);
  if (inUse === null || policy === null)
    throw new Error('the database holds no configuration yet; start `tocsin serve` on it once');
  const kept = await readKept(reads);
  return {
    policy,
    lookups: {
      pauses: holdingAt(kept, now),
      pagingWasPaused: pastAt(kept, now),
      reloads: await reloadsOf(reads, inUse, { now }),
    },
  };
}
