/** After how long without a word an alert counts as firing no more. */
import type { Instant } from '../model/alert.ts';
import type { SourcePolicy } from '../model/policy.ts';

/** How precisely it is known when an alert was heard of: that is not written down for every repeat. */
export const HEARD_WITHIN_MS = 60_000;

/** What was heard of last at this instant or before is stale; null: nothing of the source ever is. */
export function staleUntil(
  { staleAfterMs }: Pick<SourcePolicy, 'staleAfterMs'>,
  now: Instant,
): Instant | null {
  return staleAfterMs === null ? null : now - staleAfterMs - HEARD_WITHIN_MS;
}
