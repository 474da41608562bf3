/** What views follow from, read from the data of a server that may be running or not: its policy and its pauses. */
import type { Policy } from '../core/policy.ts';
import type { Reads } from '../store/store.ts';
import { holdingAt, readKept } from './brakes.ts';
import { readPolicyInUse } from './policy-in-use.ts';
import type { ViewContext } from './views.ts';

/** @throws Error when no server has ever run on the data */
export async function storedContext(
  reads: Pick<Reads, 'meta' | 'config'>,
  now: number,
): Promise<ViewContext> {
  const inUse = await readPolicyInUse(reads);
  const text = inUse === null ? null : await reads.config(inUse.hash);
  if (inUse === null || text === null)
    throw new Error('the database holds no configuration yet; start `tocsin serve` on it once');
  const kept = await readKept(reads);
  return {
    // Written by the engine, from a policy.
    policy: JSON.parse(text) as Policy,
    lookups: {
      pauses: holdingAt(kept.pauses, now),
      pagingWasPaused: kept.past,
      policySince: inUse.since,
    },
  };
}
