/** Which configuration is in use, and what held before it: known across restarts, for a restart is no reload. */
import type { Reload } from '../../core/model/lookups.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Reads, Tx } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Writer } from '../deciding/writer.ts';

interface ReloadKept {
  readonly since: number;
  /** The hash of the policy until then. */
  readonly before: string;
}

export interface PolicyInUse {
  readonly hash: string;
  /** Those that still counted at the last one, the oldest first. */
  readonly reloads: readonly ReloadKept[];
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

function isReload(value: unknown): value is ReloadKept {
  const { since, before } = (value ?? {}) as Partial<ReloadKept>;
  return typeof since === 'number' && typeof before === 'string';
}

/** Null: no server has run on the data yet. */
export async function readPolicyInUse(reads: Pick<Reads, 'meta'>): Promise<PolicyInUse | null> {
  const kept = parsed<Partial<PolicyInUse>>(await reads.meta(META));
  if (typeof kept?.hash !== 'string') return null;
  // A bad disk or a hand may have left something else than was written; without a reload nothing is held up.
  return {
    hash: kept.hash,
    reloads: Array.isArray(kept.reloads) ? kept.reloads.filter(isReload) : [],
  };
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

/**
 * The reloads that still count, without those of which nobody knows what held before.
 * @param known policies that need not be read again: one of thousands of rules takes a while
 */
export async function reloadsOf(
  reads: Pick<Reads, 'meta'>,
  { reloads }: PolicyInUse,
  { now, known = [] }: { readonly now: number; readonly known?: readonly Policy[] },
): Promise<readonly Reload[]> {
  const found = await Promise.all(
    reloads
      .filter((reload) => isFresh(reload, now))
      .map(async ({ since, before }) => ({
        since,
        before: known.find(({ hash }) => hash === before) ?? (await readPolicy(reads, before)),
      })),
  );
  return found.flatMap(({ since, before }) => (before === null ? [] : [{ since, before }]));
}

/** A policy as it is kept. */
interface Written {
  readonly hash: string;
  readonly text: string;
}

/** Keeps the policy, and that it is in use from now on, unless it is already. */
async function usePolicy(tx: Tx, { hash, text }: Written, now: number): Promise<PolicyInUse> {
  if ((await tx.meta(`${CONFIG}${hash}`)) === null) await tx.setMeta(`${CONFIG}${hash}`, text);
  const before = await readPolicyInUse(tx);
  if (before?.hash === hash) return before;
  const reloads = [
    ...(before?.reloads ?? []).filter((reload) => isFresh(reload, now)),
    ...(before === null ? [] : [{ since: now, before: before.hash }]),
  ];
  const inUse: PolicyInUse = { hash, reloads };
  await tx.setMeta(META, JSON.stringify(inUse));
  return inUse;
}

/** What is needed to keep a policy. */
interface Keeping {
  readonly writer: Pick<Writer, 'write'>;
  readonly clock: Pick<Clock, 'soon'>;
  /** Policies that need not be read again. */
  readonly known: readonly Policy[];
}

/** Keeps the policy by its hash, that it is the one in use, and returns the reloads that still count. */
export async function keepPolicy(
  policy: Policy,
  { writer, clock, known }: Keeping,
): Promise<readonly Reload[]> {
  const { hash } = policy;
  const text = JSON.stringify(policy);
  // The text of thousands of rules takes a while, and so does storing it: others come between the two.
  await new Promise<void>((goOn) => clock.soon(goOn));
  return writer.write(async ({ tx, now }) =>
    reloadsOf(tx, await usePolicy(tx, { hash, text }, now), { now, known }),
  );
}
