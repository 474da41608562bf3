/**
 * A row of many alerts is decided in slices, each as much as a turn has time for: everything else gets its turns in
 * between, but for what is about the same alerts. After a crash it is decided from its beginning: what was decided already
 * is a repeat then, which changes nothing.
 */
import type { Observation } from '../../core/model/alert.ts';
import type { Disposition, InboxRow } from '../../store/store.ts';
import type { ParsedRow } from './parsed.ts';
import type { Ranking } from './urgency.ts';

/** A row that is decided in part. */
export interface Slicing {
  readonly row: InboxRow;
  /** How many of its observations are decided. */
  readonly done: number;
  /** What came of those. */
  readonly disposition: Disposition;
}

/** Reading a larger body takes long enough to be all that a turn does. */
const HEAVY_BYTES = 256_000;
/** A row that brings more may take several slices. */
const SLICED_FROM = 32;

export function isHeavy({ body }: Pick<InboxRow, 'body'>): boolean {
  return body.byteLength > HEAVY_BYTES;
}

function hasDistinctKeys({ keys }: Pick<Ranking, 'keys'>): boolean {
  return new Set(keys).size === keys.length;
}

const isClearing = (one: Observation): boolean => one.kind === 'alert' && one.status === 'resolved';

/**
 * Alerts of one group stand together, for an incident is read and written once a slice, however many of its alerts are in
 * it. What fires comes first: were a slice of clearings to come before it, everything would have cleared in between, and
 * the next slice would be a relapse that nobody had. Only where no alert is told of twice, for then their order tells.
 */
export function arranged(ranking: Ranking): ParsedRow {
  const { parsed, groups } = ranking;
  if (parsed.kind !== 'observations' || parsed.observations.length <= SLICED_FROM) return parsed;
  if (!hasDistinctKeys(ranking)) return parsed;
  const together = [...groups.values()].flat();
  const observations = [
    ...together.filter((one) => !isClearing(one)),
    ...together.filter(isClearing),
  ];
  return { ...parsed, observations };
}

/** Of the incidents of one row so many are named. */
const INCIDENTS_MAX = 100;

function both(before: Disposition | null, now: Disposition): Disposition {
  if (before === null || now.kind === 'undecided') return now;
  if (before.kind === 'decided' && now.kind === 'decided') {
    const all = [...new Set([...before.incidents, ...now.incidents])];
    return { ...before, incidents: all.slice(0, INCIDENTS_MAX) };
  }
  const isWorse = before.kind === 'undecided' || before.kind === 'decided';
  return isWorse || (before.kind === 'suppressed' && now.kind !== 'decided') ? before : now;
}

/** What became of the row, with this slice. */
export function withSlice(before: Slicing | undefined, slice: Slicing): Slicing {
  return { ...slice, disposition: both(before?.disposition ?? null, slice.disposition) };
}
