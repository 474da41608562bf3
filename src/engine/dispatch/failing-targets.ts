/** Targets at which nothing has worked for a while: a vendor that is down, a token that was revoked. */
import type { Reason } from '../../contract/outcome.ts';
import type { VendorAnswer } from '../vendors/orders.ts';

/** What says that the target itself is ill, whatever it was asked for. */
const ILL: ReadonlySet<Reason> = new Set<Reason>([
  'timeout',
  'network',
  'server_error',
  'unauthorized',
  'forbidden',
  'redirected',
  'forbidden_address',
]);
/** One that is asked no more is not known to be ill. */
const ASKED_WITHIN_MS = 30 * 60_000;
/** A single request that fails says little. */
const TIMES_MIN = 3;

interface Failing {
  readonly since: number;
  readonly last: number;
  readonly times: number;
}

export interface FailingTarget {
  readonly target: string;
  /** Epoch ms of the first failure since it last did what it was asked for. */
  readonly since: number;
}

export interface FailingTargets {
  note(target: string, answer: VendorAnswer, now: number): void;
  /** Those that fail now, the longest first. */
  all(now: number): readonly FailingTarget[];
}

function reasonOf(answer: VendorAnswer): Reason | null {
  if (answer.verb === 'read') return answer.result.ok ? null : answer.result.reason;
  return answer.verb === 'delivered' ? null : answer.reason;
}

export function createFailingTargets(): FailingTargets {
  const failing = new Map<string, Failing>();
  return {
    note: (target, answer, now) => {
      const reason = reasonOf(answer);
      if (reason === null) failing.delete(target);
      if (reason === null || !ILL.has(reason)) return;
      const before = failing.get(target);
      const isOld = before !== undefined && now - before.last > ASKED_WITHIN_MS;
      const since = isOld ? now : (before?.since ?? now);
      failing.set(target, { since, last: now, times: isOld ? 1 : (before?.times ?? 0) + 1 });
    },
    all: (now) =>
      [...failing]
        .filter(([, { last, times }]) => times >= TIMES_MIN && now - last <= ASKED_WITHIN_MS)
        .map(([target, { since }]) => ({ target, since }))
        .toSorted((a, b) => a.since - b.since),
  };
}
