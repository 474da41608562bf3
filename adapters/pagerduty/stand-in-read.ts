/** What PagerDuty's stand-in answers to reads of its REST API: https://developer.pagerduty.com/api-reference */
import { instantOf, isoOf, asText } from '../../src/contract/index.ts';
import type { StandInRequest } from '../../src/contract/index.ts';
import { isInMaintenance } from './stand-in-account.ts';
import type { Service, User } from './stand-in-account.ts';
import { responderJson } from './stand-in-responder.ts';
import { agentReference, noteIdOf, referenceTo } from './stand-in-state.ts';
import type { Incident, LogEntry, State } from './stand-in-state.ts';

export type Query = StandInRequest['query'];

/** Every value of a parameter; arrays are spelled `name[]`. */
export function valuesOf(query: Query, name: string): readonly string[] {
  const value = query[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function first(query: Query, name: string): string | null {
  return asText(valuesOf(query, name)[0]);
}

/** A page of a list; null when the caller asks beyond 10 000. developer-docs REST-API/09-Pagination.md */
export function paged(list: string, all: readonly object[], query: Query): object | null {
  const limit = Math.min(100, Math.max(1, Number(first(query, 'limit') ?? 25)));
  const offset = Math.max(0, Number(first(query, 'offset') ?? 0));
  if (offset + limit > 10_000) return null;
  const page = all.slice(offset, offset + limit);
  return { [list]: page, limit, offset, total: null, more: offset + limit < all.length };
}

export function userJson(user: User): object {
  return {
    id: user.id,
    type: 'user',
    summary: user.name,
    name: user.name,
    email: user.email,
    role: 'user',
    contact_methods: [
      { id: `${user.id}C1`, type: 'phone_contact_method' },
      { id: `${user.id}C2`, type: 'push_notification_contact_method' },
    ],
  };
}

export function serviceJson(state: State, service: Service, now: number): object {
  const isBusy = Object.values(state.incidents).some(
    (one) => one.service === service.id && one.status === 'triggered',
  );
  const active = isBusy ? 'critical' : 'active';
  const status = isInMaintenance(state.account, service.id, now) ? 'maintenance' : active;
  return {
    id: service.id,
    type: 'service',
    summary: service.name,
    name: service.name,
    status: service.isDisabled ? 'disabled' : status,
    alert_creation: 'create_alerts_and_incidents',
    incident_urgency_rule: { type: 'constant', urgency: 'severity_based' },
    escalation_policy: referenceTo(state, 'escalation_policy', service.policy),
    integrations: service.keys.map((key, i) => ({
      id: `${service.id}I${i}`,
      type: 'events_api_v2_inbound_integration',
      integration_key: key,
    })),
  };
}

export function policyJson(state: State, id: string): object | null {
  const policy = state.account.policies[id];
  if (policy === undefined) return null;
  return {
    id,
    type: 'escalation_policy',
    summary: policy.name,
    name: policy.name,
    num_loops: policy.loops,
    escalation_rules: policy.steps.map((step, i) => ({
      id: `${id}R${i}`,
      escalation_delay_in_minutes: step.delayMs / 60_000,
      targets: step.targets,
    })),
  };
}

function acknowledgerJson(state: State, user: string, isIncluded: boolean): object {
  const found = state.account.users[user];
  return isIncluded && found !== undefined ? userJson(found) : referenceTo(state, 'user', user);
}

export function incidentJson(
  state: State,
  incident: Incident,
  includes: readonly string[],
): object {
  const { id, service, walk } = incident;
  const policy = walk?.policy ?? state.account.services[service]?.policy ?? '';
  const isExpanded = includes.includes('acknowledgers');
  const requests = incident.responders.map((one) => ({
    responder_request_target: {
      ...referenceTo(state, one.target.type.replace(/_reference$/, ''), one.target.id),
      incidents_responders: [responderJson(state, id, one)],
    },
  }));
  return {
    ...referenceTo(state, 'incident', id),
    type: 'incident',
    summary: `[#${incident.number}] ${incident.title}`,
    incident_number: incident.number,
    title: incident.title,
    created_at: isoOf(incident.createdAt),
    status: incident.status,
    incident_key: incident.key,
    urgency: incident.urgency,
    service: referenceTo(state, 'service', service),
    assignments: incident.assignees.map((user) => ({
      at: isoOf(incident.changedAt),
      assignee: referenceTo(state, 'user', user),
    })),
    assigned_via: walk === null ? 'direct_assignment' : 'escalation_policy',
    acknowledgements: incident.acknowledgements.map(({ user, at: time }) => ({
      at: isoOf(time),
      acknowledger: acknowledgerJson(state, user, isExpanded),
    })),
    last_status_change_at: isoOf(incident.changedAt),
    last_status_change_by: agentReference(state, incident.changedBy),
    escalation_policy: referenceTo(state, 'escalation_policy', policy),
    teams: [],
    priority: incident.priority === null ? null : referenceTo(state, 'priority', incident.priority),
    resolve_reason:
      incident.mergedInto === null
        ? null
        : {
            type: 'merge_resolve_reason',
            incident: referenceTo(state, 'incident', incident.mergedInto),
          },
    incidents_responders: incident.responders.map((one) => responderJson(state, id, one)),
    responder_requests: requests.length === 0 ? [] : [{ responder_request_targets: requests }],
    ...(includes.includes('body')
      ? { body: { type: 'incident_body', details: incident.details } }
      : {}),
  };
}

/** GET /incidents/{id}/alerts: https://developer.pagerduty.com/api-reference (List alerts for an incident) */
export function alertsOf(state: State, incident: Incident): readonly object[] {
  return incident.alerts.map((alert, i) => ({
    id: `${incident.id}A${i}`,
    type: 'alert',
    status: incident.status === 'resolved' ? 'resolved' : 'triggered',
    alert_key: alert.key,
    service: referenceTo(state, 'service', incident.service),
    incident: referenceTo(state, 'incident', incident.id),
  }));
}

/** Default of `since`: one month. */
const MONTH_MS = 30 * 86_400_000;

function isInRange(at: number, query: Query, now: number): boolean {
  if (first(query, 'date_range') === 'all') return true;
  const since = instantOf(first(query, 'since')) ?? now - MONTH_MS;
  const until = instantOf(first(query, 'until')) ?? now;
  return since <= at && at <= until;
}

/** An incident with alerts has no key of its own and is found by the key of an alert. */
function hasKey(incident: Incident, key: string): boolean {
  return incident.key === key || incident.alerts.some((alert) => alert.key === key);
}

const STATUSES = ['triggered', 'acknowledged', 'resolved'];
const SORTS = ['incident_number', 'created_at', 'resolved_at', 'urgency'];

/** What the parameters of GET /incidents may be: https://developer.pagerduty.com/api-reference (List incidents) */
export function problemIn(query: Query): string | null {
  const strange = valuesOf(query, 'statuses[]').find((status) => !STATUSES.includes(status));
  if (strange !== undefined) return `Statuses: ${strange} is none`;
  const range = first(query, 'date_range');
  if (range !== null && range !== 'all') return 'Date range must be all';
  const sorts = (first(query, 'sort_by') ?? 'incident_number').split(',');
  const isSort = (text: string): boolean => {
    const [field = '', direction = 'asc'] = text.split(':');
    return SORTS.includes(field) && ['asc', 'desc'].includes(direction);
  };
  return sorts.length > 2 || !sorts.every(isSort) ? 'Sort by is invalid' : null;
}

/** GET /incidents */
export function incidentsFor(state: State, query: Query, now: number): readonly Incident[] {
  const statuses = valuesOf(query, 'statuses[]');
  const services = valuesOf(query, 'service_ids[]');
  const key = first(query, 'incident_key');
  const found = Object.values(state.incidents).filter(
    (one) =>
      (statuses.length === 0 || statuses.includes(one.status)) &&
      (services.length === 0 || services.includes(one.service)) &&
      (key === null || hasKey(one, key)) &&
      isInRange(one.createdAt, query, now),
  );
  const direction = first(query, 'sort_by') === 'created_at:desc' ? -1 : 1;
  return found.toSorted((a, b) => direction * (a.number - b.number));
}

function logEntryJson(state: State, entry: LogEntry, includes: readonly string[]): object {
  const incident = state.incidents[entry.incident];
  const isExpanded = includes.includes('incidents') && incident !== undefined;
  return {
    id: entry.id,
    type: entry.type,
    summary: entry.type.replaceAll('_', ' '),
    created_at: isoOf(entry.at),
    agent: agentReference(state, entry.agent),
    channel:
      entry.note === null
        ? { type: 'auto' }
        : { type: 'note', content: entry.note, summary: entry.note },
    note: entry.note,
    incident: isExpanded
      ? incidentJson(state, incident, [])
      : referenceTo(state, 'incident', entry.incident),
  };
}

/** GET /log_entries and GET /incidents/{id}/log_entries: the newest first. */
export function logFor(state: State, query: Query, only: string | null): readonly object[] {
  const since = instantOf(first(query, 'since')) ?? Number.NEGATIVE_INFINITY;
  const until = instantOf(first(query, 'until')) ?? Number.POSITIVE_INFINITY;
  const includes = valuesOf(query, 'include[]');
  return state.log
    .filter(
      (entry) =>
        (only === null || entry.incident === only) && since <= entry.at && entry.at <= until,
    )
    .toReversed()
    .map((entry) => logEntryJson(state, entry, includes));
}

/** GET /incidents/{id}/notes: all of them, not by pages. https://developer.pagerduty.com/api-reference (List notes) */
export function notesOf(state: State, incident: string): readonly object[] {
  return state.log
    .filter((entry) => entry.incident === incident && entry.type === 'annotate_log_entry')
    .map(({ id, at, agent, note }) => ({
      id: noteIdOf(id),
      user: agentReference(state, agent),
      content: note,
      created_at: isoOf(at),
    }));
}

/** GET /oncalls: the schedules, each on the first level of a policy. */
export function onCallsFor(state: State, query: Query): readonly object[] {
  const ids = valuesOf(query, 'schedule_ids[]');
  const isExpanded = valuesOf(query, 'include[]').includes('users');
  const schedules = Object.values(state.account.schedules).filter(
    (one) => ids.length === 0 || ids.includes(one.id),
  );
  return schedules.flatMap((schedule) =>
    schedule.onCall.map((user) => ({
      escalation_level: 1,
      escalation_policy: referenceTo(state, 'escalation_policy', `E${schedule.id}`),
      schedule: referenceTo(state, 'schedule', schedule.id),
      user: acknowledgerJson(state, user, isExpanded),
      start: null,
      end: null,
    })),
  );
}

/** GET /users?query: by name or e-mail. */
export function usersFor(state: State, query: Query): readonly object[] {
  const text = (first(query, 'query') ?? '').toLowerCase();
  const users = Object.values(state.account.users);
  return users
    .filter((one) => `${one.name} ${one.email}`.toLowerCase().includes(text))
    .map(userJson);
}
