/** The reads of people: one incident, its timeline, and lists. Nothing here is asked by a decision. */
import { isoOf } from '../contract/instant.ts';
import { fold } from '../core/model/events.ts';
import { type Lookups, NO_LOOKUPS } from '../core/model/lookups.ts';
import type { Policy } from '../core/model/policy.ts';
import { incidentIdOf } from '../lib/incident-id.ts';
import { readableRows, readState } from '../store/read-state.ts';
import { checkRecord } from '../store/chain.ts';
import type { ChainLink, Reads, StoredRecord } from '../store/store.ts';
import { summaryOf, timelineOf, viewOfIncident } from './incident-view.ts';
import type { IncidentSummary, IncidentView, Timeline } from './shapes.ts';
import { unparsedOf } from './unparsed.ts';

/** How many alerts of an incident are shown. */
const ALERTS_MAX = 50;

export type ViewReads = Pick<
  Reads,
  'incident' | 'listIncidents' | 'timeline' | 'record' | 'outboxOf' | 'alertsOf' | 'inboxRow'
>;

/** What a view follows from beside the store; without lookups, pauses are left out of account. */
export interface ViewContext {
  readonly policy: Policy;
  readonly lookups?: Partial<Lookups>;
  /** Takes secrets out of a text that was cut off; absent: nobody knows any, for there is no configuration. */
  readonly redact?: (text: string) => string;
}

/** The events that can be read. */
function readable({ links }: StoredRecord): readonly ChainLink[] {
  return links.flatMap(({ event, ...link }) => (event === null ? [] : [{ ...link, event }]));
}

/** Everything that is known of one incident; null: there is none. `id` may be `7` for `inc-7`. */
export async function incidentView(
  reads: ViewReads,
  context: ViewContext,
  id: string,
): Promise<IncidentView | null> {
  const row = await reads.incident(incidentIdOf(id));
  if (row === null) return null;
  const state = await readState(row, { reads, fold });
  const links = readable(await reads.record(row.id));
  const outbox = await reads.outboxOf(row.id);
  const alerts = await reads.alertsOf(row.id, ALERTS_MAX);
  const lookups = { ...NO_LOOKUPS, ...context.lookups };
  const { policy, redact = (text: string) => text } = context;
  const unparsed = await unparsedOf(links, { reads, redact });
  return viewOfIncident({
    state,
    archive: row.archive,
    policy,
    lookups,
    links,
    outbox,
    alerts,
    unparsed,
  });
}

/** The timeline of one incident; null: there is none. `id` may be `7` for `inc-7`. */
export async function incidentTimeline(
  reads: Pick<Reads, 'incident' | 'record'>,
  id: string,
): Promise<Timeline | null> {
  const row = await reads.incident(incidentIdOf(id));
  if (row === null) return null;
  const record = await reads.record(row.id);
  return { timeline: timelineOf(readable(record)), record: checkRecord(record) };
}

export interface ListQuery {
  /** Null: open and closed ones. */
  readonly open: boolean | null;
  readonly limit: number;
  /** Id of the last incident of the page before. */
  readonly before: string | null;
}

export interface ListPage {
  readonly incidents: readonly IncidentSummary[];
  /** How many more of this page cannot be read. */
  readonly unreadable: number;
  /** What to give as `before` for the next page; null: there is none. */
  readonly next: string | null;
}

/** Incidents, newest first, without those that cannot be read. */
export async function incidentList(
  reads: Pick<Reads, 'listIncidents' | 'timeline'>,
  query: ListQuery,
): Promise<ListPage> {
  const before = query.before === null ? null : incidentIdOf(query.before);
  const rows = await reads.listIncidents({ ...query, before });
  const readable = await readableRows(rows, { reads, fold });
  const next = rows.length < query.limit ? null : (rows.at(-1)?.id ?? null);
  const unreadable = rows.length - readable.length;
  return { incidents: readable.map(summaryOf), unreadable, next };
}

export interface Views {
  incident(id: string): Promise<IncidentView | null>;
  timeline(id: string): Promise<Timeline | null>;
  list(query: ListQuery): Promise<ListPage>;
  /** ISO 8601 text of an instant, UTC. */
  time(at: number): string;
}

/** The views over a store, and the policy and lookups as they are when asked. */
export function createViews(reads: ViewReads, context: () => ViewContext): Views {
  return {
    incident: (id) => incidentView(reads, context(), id),
    timeline: (id) => incidentTimeline(reads, id),
    list: (query) => incidentList(reads, query),
    time: isoOf,
  };
}
