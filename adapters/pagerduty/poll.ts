/**
 * What happened at PagerDuty since an instant: its log entries, which tell each change with its time and actor. Needed
 * after an outage of ours, since PagerDuty drops webhooks after 48 h and switches a subscription off after three refusals.
 */
import { isoOf, memberOf, asText } from '../../src/contract/index.ts';
import type {
  Io,
  Observation,
  PollPart,
  ReadResult,
  VendorIncident,
  VendorIncidentAction,
} from '../../src/contract/index.ts';
import { PAGES_MAX, readList } from './api.ts';
import type { Config } from './config.ts';
import { carriesResponder, isOfResolve, observationOf, personOf, summaryOf } from './incident.ts';

/** https://developer.pagerduty.com/api-reference (Log Entries); other types tell of notifications, not of changes. */
const ACTIONS: Readonly<Record<string, VendorIncidentAction>> = {
  trigger_log_entry: 'triggered',
  acknowledge_log_entry: 'acknowledged',
  unacknowledge_log_entry: 'unacknowledged',
  resolve_log_entry: 'resolved',
  reopen_log_entry: 'reopened',
  escalate_log_entry: 'escalated',
  assign_log_entry: 'reassigned',
  delegate_log_entry: 'reassigned',
  priority_change_log_entry: 'priority_changed',
  annotate_log_entry: 'noted',
};

function noteOf(entry: unknown): string | null {
  const channel = memberOf(entry, 'channel');
  return (
    asText(memberOf(entry, 'note')) ?? asText(memberOf(channel, 'content')) ?? summaryOf(channel)
  );
}

function observationOfEntry(
  entry: unknown,
  services: ReadonlySet<string> | null,
): VendorIncident | null {
  const type = asText(memberOf(entry, 'type')) ?? '';
  const action = Object.hasOwn(ACTIONS, type) ? ACTIONS[type] : undefined;
  const incident = memberOf(entry, 'incident');
  if (action === undefined) return null;
  const note = action === 'noted' ? noteOf(entry) : null;
  const observation = observationOf(incident, {
    action,
    by: isOfResolve(note) ? null : personOf(memberOf(entry, 'agent')),
    note,
    observedAt: memberOf(entry, 'created_at'),
  });
  if (observation === null) return null;
  if (services !== null && !services.has(observation.service?.id ?? '')) return null;
  // What only carries a responder request rings nobody by itself, and its acknowledgement is nobody's answer.
  const isEmpty = ['triggered', 'acknowledged', 'unacknowledged'].includes(action);
  return isEmpty && carriesResponder(incident) ? null : observation;
}

async function since(from: number, io: Io<Config>): Promise<ReadResult<readonly Observation[]>> {
  const listed = await readList(io, {
    path: '/log_entries',
    query: [
      ['since', isoOf(from)],
      // Without an end, entries that arrive meanwhile would shift the pages.
      ['until', isoOf(io.now + 1000)],
      ['is_overview', 'false'],
      ['include[]', 'incidents'],
      ['include[]', 'channels'],
    ],
    list: 'log_entries',
    pagesMax: PAGES_MAX,
  });
  if (!listed.ok) return listed;
  if (listed.data.truncated)
    io.log.warn(
      { from, read: listed.data.items.length },
      'PagerDuty lists 10 000 log entries at most: the oldest are missing',
    );
  const named = io.config.poll_services;
  const services = named === undefined ? null : new Set(named.map((one) => one.id));
  const observations = listed.data.items
    // PagerDuty lists the newest first.
    .toReversed()
    .map((entry) => observationOfEntry(entry, services))
    .filter((one) => one !== null)
    .toSorted((a, b) => (a.observedAt ?? 0) - (b.observedAt ?? 0));
  return { ok: true, data: observations };
}

export const poll: PollPart<Config> = { since };
