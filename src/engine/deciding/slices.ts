/**
 * A delivery of very many alerts, decided slice by slice, a turn each: everything else gets its turns in between. No
 * other row is decided before all of it is, for what comes later may be about the same alerts. After a crash it is decided
 * from its beginning: what was decided already is a repeat then, which changes nothing.
 */
import type { Observation } from '../../core/model/alert.ts';
import type { Disposition, InboxRow } from '../../store/store.ts';
import type { ParsedRow } from './parsed.ts';

/** Alerts of one batch, and of one slice. */
export const BATCH_ALERTS_MAX = 3_072;
/** A row that brings more may take several turns: each of its alerts may open an incident. */
const SLICED_FROM = 512;
/** Reading a larger body takes long enough to be all that a turn does. */
const HEAVY_BYTES = 256_000;

type Many = Extract<ParsedRow, { kind: 'observations' }>;

export interface Slicing {
  readonly row: InboxRow;
  readonly parsed: Many;
  /** How many of its observations are decided. */
  readonly done: number;
  /** What came of those; null: nothing was decided yet. */
  readonly disposition: Disposition | null;
}

function hasDistinctKeys(observations: readonly Observation[]): boolean {
  const keys = new Set(observations.map((one) => (one.kind === 'alert' ? one.dedupKey : one.ref)));
  return keys.size === observations.length;
}

/**
 * What fires comes first: were a slice of clearings to come before it, everything would have cleared in between, and the
 * next slice would be a relapse that nobody had. Only where no alert is told of twice, for then their order tells.
 */
function firingFirst(observations: readonly Observation[]): readonly Observation[] {
  const isClearing = (one: Observation): boolean =>
    one.kind === 'alert' && one.status === 'resolved';
  if (!observations.some(isClearing) || !hasDistinctKeys(observations)) return observations;
  return [...observations.filter((one) => !isClearing(one)), ...observations.filter(isClearing)];
}

export function isHeavy({ body }: Pick<InboxRow, 'body'>): boolean {
  return body.byteLength > HEAVY_BYTES;
}

/** Whether the row may be too much for one turn. */
export function isMany(parsed: ParsedRow): boolean {
  return parsed.kind === 'observations' && parsed.observations.length > SLICED_FROM;
}

/** The row before its first slice; null: it needs none. */
export function slicingOf(row: InboxRow, parsed: ParsedRow): Slicing | null {
  if (parsed.kind !== 'observations' || !isMany(parsed)) return null;
  const observations = firingFirst(parsed.observations);
  return { row, parsed: { ...parsed, observations }, done: 0, disposition: null };
}

/** What its next turn decides at most. */
export function nextSlice({ parsed, done }: Slicing): Many {
  return { ...parsed, observations: parsed.observations.slice(done, done + BATCH_ALERTS_MAX) };
}

export function isSliced({ parsed, done }: Slicing): boolean {
  return done >= parsed.observations.length;
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

/** @param decided what came of the slice, and how many of its observations were decided */
export function afterSlice(
  slicing: Slicing,
  decided: { readonly count: number; readonly disposition: Disposition },
): Slicing {
  return {
    ...slicing,
    done: slicing.done + decided.count,
    disposition: both(slicing.disposition, decided.disposition),
  };
}
