/**
 * What waits at a pager that refused our account goes out as soon as the pager takes anything: then it is known to be well,
 * and a wait that was meant for its illness only makes people late.
 */
import type { OutboxRow } from '../../store/store.ts';
import type { Turn } from '../deciding/turns.ts';
import type { Plan } from './settle-plan.ts';

/** A pager that takes some and refuses others is not asked for all that waits whenever it takes one. */
const RELEASES_APART_MS = 5_000;

export interface Releases {
  /** An attempt has ended so; within the turn in which that is settled. */
  heard(turn: Turn, row: OutboxRow, plan: Pick<Plan, 'settled' | 'refused'>): Promise<void>;
}

interface Known {
  readonly isRefusing: boolean;
  readonly releasedAt: number;
}

/** What was before the start nobody knows. */
const UNKNOWN: Known = { isRefusing: true, releasedAt: Number.NEGATIVE_INFINITY };

/** Builds it; it remembers how each pager answered last. */
export function createReleases(): Releases {
  const pagers = new Map<string, Known>();
  return {
    heard: async (turn, { effect: { lane, target } }, { settled, refused }) => {
      if (lane !== 'page') return;
      const known = pagers.get(target) ?? UNKNOWN;
      const learn = (now: Known): void => turn.afterCommit(() => void pagers.set(target, now));
      if (refused !== undefined) learn({ ...known, isRefusing: true });
      if (settled?.result !== 'delivered' || !known.isRefusing) return;
      if (turn.now - known.releasedAt < RELEASES_APART_MS) return;
      await turn.tx.wake({ pagesAt: target }, turn.now);
      learn({ isRefusing: false, releasedAt: turn.now });
    },
  };
}
