/**
 * What PagerDuty's stand-in knows, and how a change of it is told: to the hidden truth, to the log, and signed to the
 * webhook.
 */
import { hmac, isoOf } from '../../src/contract/index.ts';
import type { StandInStep, StandInWebhook, Truth } from '../../src/contract/index.ts';
import type { Account } from './stand-in-account.ts';

export type Status = 'triggered' | 'acknowledged' | 'resolved';

export interface Responder {
  readonly target: { readonly id: string; readonly type: string };
  readonly user: string;
  readonly state: 'pending' | 'accepted' | 'declined' | 'user_cancelled';
  readonly requester: string;
  readonly message: string;
  readonly at: number;
}

/** Who is rung: a policy whose steps are walked, or users to whom it was assigned directly (those never escalate). */
export interface Walk {
  readonly policy: string;
  readonly level: number;
  readonly loop: number;
  readonly nextAt: number | null;
}

export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly details: string;
  readonly status: Status;
  readonly urgency: 'high' | 'low';
  readonly service: string;
  readonly priority: string | null;
  /** `incident_key`; an incident with alerts has none: it is found by the keys of its alerts. */
  readonly key: string | null;
  readonly alerts: readonly { readonly key: string; readonly routingKey: string }[];
  /** What rings, as PagerDuty names it: a service, an escalation policy, a user. */
  readonly address: string;
  readonly walk: Walk | null;
  readonly assignees: readonly string[];
  readonly acknowledgements: readonly { readonly user: string; readonly at: number }[];
  readonly responders: readonly Responder[];
  readonly createdAt: number;
  readonly changedAt: number;
  readonly changedBy: Agent | null;
  readonly mergedInto: string | null;
}

export interface Agent {
  readonly id: string;
  readonly type: string;
}

export interface LogEntry {
  readonly id: string;
  readonly type: string;
  readonly at: number;
  readonly incident: string;
  readonly agent: Agent | null;
  readonly note: string | null;
}

export interface State {
  readonly account: Account;
  readonly incidents: Readonly<Record<string, Incident>>;
  readonly log: readonly LogEntry[];
  /** Requests of the last minute by key or token, for the rate limits. */
  readonly sent: Readonly<Record<string, readonly number[]>>;
  /** Of incidents, events and deliveries. */
  readonly next: number;
  readonly webhookSecret: string | null;
  readonly webhookHeaders: Readonly<Record<string, string>>;
}

export type Step = StandInStep<State>;

export function at(state: State): Step {
  return { state, truth: [], webhooks: [] };
}

const WEB = 'https://stand-in.pagerduty.com';

export const FOLDERS: Readonly<Record<string, string>> = {
  user: 'users',
  service: 'services',
  escalation_policy: 'escalation_policies',
  schedule: 'schedules',
  priority: 'priorities',
  incident: 'incidents',
};

function nameOf(state: State, type: string, id: string): string | null {
  const { account, incidents } = state;
  const named: Readonly<Record<string, string | undefined>> = {
    user: account.users[id]?.name,
    service: account.services[id]?.name,
    escalation_policy: account.policies[id]?.name,
    schedule: account.schedules[id]?.name,
    priority: account.priorities.find((one) => one.id === id)?.name,
    incident: incidents[id]?.title,
  };
  return named[type] ?? null;
}

/** A reference as PagerDuty writes it. @param type without `_reference` */
export function referenceTo(state: State, type: string, id: string): object {
  const folder = FOLDERS[type] ?? `${type}s`;
  return {
    id,
    type: `${type}_reference`,
    summary: nameOf(state, type, id),
    self: `https://api.pagerduty.com/${folder}/${id}`,
    html_url: `${WEB}/${folder}/${id}`,
  };
}

export function agentReference(state: State, agent: Agent | null): object | null {
  return agent === null ? null : referenceTo(state, agent.type, agent.id);
}

/** `data` of an event about the incident: developer-docs webhooks/01-Overview.md */
function webhookData(state: State, incident: Incident): object {
  const policy = incident.walk?.policy ?? state.account.services[incident.service]?.policy;
  return {
    id: incident.id,
    type: 'incident',
    self: `https://api.pagerduty.com/incidents/${incident.id}`,
    html_url: `${WEB}/incidents/${incident.id}`,
    number: incident.number,
    status: incident.status,
    incident_key: incident.key,
    created_at: isoOf(incident.createdAt),
    title: incident.title,
    incident_type: { name: 'incident_default' },
    service: referenceTo(state, 'service', incident.service),
    assignees: incident.assignees.map((id) => referenceTo(state, 'user', id)),
    escalation_policy:
      policy === undefined ? null : referenceTo(state, 'escalation_policy', policy),
    teams: [],
    priority: incident.priority === null ? null : referenceTo(state, 'priority', incident.priority),
    urgency: incident.urgency,
    conference_bridge: null,
    resolve_reason:
      incident.mergedInto === null
        ? null
        : {
            type: 'merge_resolve_reason',
            incident: referenceTo(state, 'incident', incident.mergedInto),
          },
  };
}

/** An id of PagerDuty's form. */
export function serial(prefix: string, number: number): string {
  return (
    prefix +
    number
      .toString(36)
      .toUpperCase()
      .padStart(13 - prefix.length, '0')
  );
}

interface ChangeTold {
  readonly type: string;
  readonly incident: string;
  readonly agent: Agent | null;
  /** Absent: the incident itself. */
  readonly data?: object;
  /** Type of the log entry, if the change is logged. */
  readonly entry?: string;
  readonly note?: string;
}

/** developer-docs webhooks/04-Signatures.md */
function signed(state: State, event: object): StandInWebhook[] {
  if (state.webhookSecret === null) return [];
  const body = JSON.stringify({ event });
  return [
    {
      headers: {
        'content-type': 'application/json',
        'user-agent': 'PagerDuty-Webhook/V3.0',
        'x-webhook-id': serial('W', state.next),
        'x-webhook-subscription': 'PSTANDIN',
        'x-pagerduty-signature': `v1=${hmac('sha256', state.webhookSecret, body).toString('hex')}`,
        ...state.webhookHeaders,
      },
      body,
    },
  ];
}

/** The id that the next entry of the log gets. */
export function entryIdOf(state: State): string {
  return serial('R', state.next);
}

/** The id of the note that this entry of the log tells of. */
export function noteIdOf(entry: string): string {
  return `PNOTE${entry}`;
}

/** Writes a change to the log and sends its event. */
export function tell(step: Step, told: ChangeTold, now: number): Step {
  const { state } = step;
  const incident = state.incidents[told.incident];
  if (incident === undefined) return step;
  const event = {
    id: serial('01', state.next),
    event_type: told.type,
    resource_type: 'incident',
    occurred_at: isoOf(now),
    agent: agentReference(state, told.agent),
    client: null,
    data: told.data ?? webhookData(state, incident),
  };
  const { incident: id, agent } = told;
  const entry = {
    id: entryIdOf(state),
    at: now,
    incident: id,
    agent,
    note: told.note ?? null,
  };
  const log = told.entry === undefined ? state.log : [...state.log, { ...entry, type: told.entry }];
  return {
    state: { ...state, log, next: state.next + 1 },
    truth: step.truth,
    webhooks: [...step.webhooks, ...signed(state, event)],
  };
}

export function changed(step: Step, id: string, change: Partial<Incident>): Step {
  const old = step.state.incidents[id];
  if (old === undefined) return step;
  const incidents = { ...step.state.incidents, [id]: { ...old, ...change } };
  return { ...step, state: { ...step.state, incidents } };
}

type PageTruth = Extract<Truth, { kind: 'page' }>;

/** What really rang or stopped, at the incident's own address. */
export function truly(step: Step, id: string, event: PageTruth['event']): Step {
  return trulyAt(step, step.state.incidents[id]?.address ?? '', { id, event });
}

/** What really rang or stopped at this address: a responder's, beside the incident's own. */
export function trulyAt(
  step: Step,
  address: string,
  { id, event, ...more }: { readonly id: string } & Pick<PageTruth, 'event' | 'note'>,
): Step {
  const incident = step.state.incidents[id];
  if (incident === undefined) return step;
  const page: PageTruth = {
    kind: 'page',
    event,
    address,
    urgency: incident.urgency,
    key: incident.key ?? incident.alerts[0]?.key ?? null,
    ref: id,
    title: incident.title,
    ...more,
  };
  return { ...step, truth: [...step.truth, page] };
}
