/** What a transaction has done so far, for the count of what was committed. */
import type { Instant } from '../../core/model/alert.ts';

/** What one transaction adds to the count. */
export interface Tally {
  deliveries: number;
  /** Number of the incident opened last; 0: none was. */
  incidents: number;
  /** Hashes of the events, in the order in which they were written. */
  hashes: string[];
  newestAt: Instant;
  /** Events that were written before it; null: nobody has asked. */
  eventsBefore: number | null;
}

/** Nothing yet. */
export function emptyTally(): Tally {
  return { deliveries: 0, incidents: 0, hashes: [], newestAt: 0, eventsBefore: null };
}
