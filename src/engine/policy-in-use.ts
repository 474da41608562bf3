/** Which configuration is in use, and since when: known across restarts, for a restart is no reload. */
import type { Reload } from '../core/input.ts';
import { AFTER_RELOAD_MS } from '../core/owed.ts';
import type { Policy } from '../core/policy.ts';
import type { Reads, Tx } from '../store/store.ts';

export interface PolicyInUse {
  readonly hash: string;
  readonly since: number;
  /** The hash of the policy until then, or until a row of reloads began; null: it is the first. */
  readonly before: string | null;
}

const META = 'policy';
/** Every configuration that was ever in use, by hash: events name the one by which they were decided. */
const CONFIG = 'config:';

/** What `usePolicy` below has written; null: nothing, or it was spoilt since. */
function parsed<T>(text: string | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** Null: no server has run on the data yet. */
export async function readPolicyInUse(reads: Pick<Reads, 'meta'>): Promise<PolicyInUse | null> {
  return parsed(await reads.meta(META));
}

/** The policy of the hash; null: it was never in use here, or cannot be read. */
export async function readPolicy(reads: Pick<Reads, 'meta'>, hash: string): Promise<Policy | null> {
  return parsed(await reads.meta(`${CONFIG}${hash}`));
}

/** After this long a reload holds nothing up any more, and decisions need not ask what held before it. */
const RELOAD_COUNTS_MS = 120_000;

/** Whether the reload still counts; one that is yet to come was written by a clock that was wrong. */
export function isFresh({ since }: Pick<Reload, 'since'>, now: number): boolean {
  return since <= now && now - since < RELOAD_COUNTS_MS;
}

/** The reload by which the policy came into use; null: it is long over, or nobody knows what held before. */
export async function reloadOf(
  reads: Pick<Reads, 'meta'>,
  { since, before: hash }: PolicyInUse,
  now: number,
): Promise<Reload | null> {
  const before = hash === null || !isFresh({ since }, now) ? null : await readPolicy(reads, hash);
  return before === null ? null : { since, before };
}

/** Keeps the policy, and that it is in use from now on, unless it is already. */
export async function usePolicy(tx: Tx, policy: Policy, now: number): Promise<PolicyInUse> {
  const { hash } = policy;
  if ((await tx.meta(`${CONFIG}${hash}`)) === null)
    await tx.setMeta(`${CONFIG}${hash}`, JSON.stringify(policy));
  const before = parsed<PolicyInUse>(await tx.meta(META));
  if (before?.hash === hash) return before;
  // What the reload before holds up still is held up by this one: what counts is what held before both.
  const isHolding = before !== null && now - before.since < AFTER_RELOAD_MS;
  const held = isHolding ? before.before : null;
  const inUse: PolicyInUse = { hash, since: now, before: held ?? before?.hash ?? null };
  await tx.setMeta(META, JSON.stringify(inUse));
  return inUse;
}
