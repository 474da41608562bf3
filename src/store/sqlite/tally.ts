/** What a transaction has done so far, for the count of what was committed. */
import type { Instant } from '../../core/model/alert.ts';

/** What one transaction adds to the count. */
export interface Tally {
  deliveries: number;
  events: number;
  /** Number of the incident opened last; 0: none was. */
  incidents: number;
  head: string | null;
  newestAt: Instant;
}

/** Nothing yet. */
export function emptyTally(): Tally {
  return { deliveries: 0, events: 0, incidents: 0, head: null, newestAt: 0 };
}
