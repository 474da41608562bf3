/**
 * The state of a stored incident. What is stored is a cache of its events: one of another format, or one that a bad disk
 * or a hand has spoilt, is read from them instead.
 */
import type { fold } from '../core/model/events.ts';
import { INCIDENT_FORMAT, type Incident } from '../core/model/incident.ts';
import { type IncidentRow, type Reads, StoreUnavailable } from './store.ts';

/** Neither the stored state of the incident nor its events can be read. */
export class UnreadableIncident extends Error {
  override readonly name = 'UnreadableIncident';
  /** Where its first signal came from. */
  readonly source: string;
  constructor(message: string, source: string, options?: ErrorOptions) {
    super(message, options);
    this.source = source;
  }
}

export interface StateReading {
  readonly reads: Pick<Reads, 'timeline'>;
  readonly fold: typeof fold;
}

/** Whether the stored state is of this release, and of the version that the row is of. */
function isSound(row: IncidentRow): row is IncidentRow & { readonly state: Incident } {
  return row.state?.format === INCIDENT_FORMAT && row.state.version === row.version;
}

/** The state that is stored, or the one that the events lead to. Throws `UnreadableIncident`, and what the store throws. */
export async function readState(
  row: IncidentRow,
  { reads, fold }: StateReading,
): Promise<Incident> {
  if (isSound(row)) return row.state;
  try {
    const timeline = await reads.timeline(row.id);
    const state = fold(timeline.map(({ event }) => event));
    if (state === null) throw new Error('there are no events');
    return state;
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new UnreadableIncident(
      `neither the state nor the events of ${row.id} are readable: ${why}`,
      row.source,
      { cause: error },
    );
  }
}

/** The rows with their states, in their order, without those that cannot be read. */
export async function readableRows(
  rows: readonly IncidentRow[],
  reading: StateReading,
): Promise<readonly (IncidentRow & { readonly state: Incident })[]> {
  const states: (IncidentRow & { readonly state: Incident })[] = [];
  for (const row of rows) {
    try {
      states.push({ ...row, state: await readState(row, reading) });
    } catch (error) {
      const isArchiveGone = error instanceof StoreUnavailable && error.isOfArchive;
      if (!(error instanceof UnreadableIncident || isArchiveGone)) throw error;
    }
  }
  return states;
}
