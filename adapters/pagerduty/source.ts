/**
 * PagerDuty's webhooks v3: who sent it, and what it tells. One event per request.
 * developer-docs webhooks/01-Overview.md
 */
import {
  equalsHex,
  hmac,
  isRecord,
  listOf,
  memberOf,
  readJson,
  asText,
} from '../../src/contract/index.ts';
import type {
  JsonRecord,
  Parsed,
  ParseResult,
  RawRequest,
  SourcePart,
  Verified,
  VendorIncidentAction,
} from '../../src/contract/index.ts';
import { sourceConfig } from './config.ts';
import type { SourceConfig } from './config.ts';
import {
  carriesResponder,
  isOfResolve,
  isTakingPart,
  observationOf,
  personOf,
  summaryOf,
} from './incident.ts';
import type { Happening } from './incident.ts';

/**
 * `v1=<hex>[,v1=<hex>...]`, HMAC-SHA256 over the raw body, keyed with the secret as text; during a rotation PagerDuty
 * signs with each secret. No time of delivery is signed, so events are told apart by their own id alone.
 * developer-docs webhooks/04-Signatures.md
 */
function verify(request: RawRequest, config: SourceConfig): Verified {
  const header = request.headers['x-pagerduty-signature'];
  if (header === undefined)
    return { ok: false, reason: 'the header X-PagerDuty-Signature is missing' };
  const given = header.split(',').flatMap((one) => /^v1=(.*)$/.exec(one.trim())?.[1] ?? []);
  if (given.length === 0)
    return { ok: false, reason: 'X-PagerDuty-Signature holds no v1 signature' };
  let isSigned = false;
  for (const secret of config.secret) {
    const expected = hmac('sha256', secret.reveal(), request.body);
    for (const signature of given) isSigned = equalsHex(expected, signature) || isSigned;
  }
  if (!isSigned)
    return { ok: false, reason: 'no signature fits the body and a secret of this source' };
  return { ok: true, deliveryId: eventIdOf(request.body) };
}

/**
 * The event's own id, which is signed and the same in every delivery of it, by whatever subscription. `X-Webhook-Id` is
 * neither: with another one the same words could be said again.
 */
function eventIdOf(body: Uint8Array): string | null {
  const reading = readJson(body);
  return reading.ok ? asText(memberOf(memberOf(reading.value, 'event'), 'id')) : null;
}

/** Events whose `data` is the incident itself. */
const CHANGES: Readonly<Record<string, VendorIncidentAction>> = {
  'incident.triggered': 'triggered',
  'incident.acknowledged': 'acknowledged',
  'incident.unacknowledged': 'unacknowledged',
  'incident.resolved': 'resolved',
  'incident.reopened': 'reopened',
  'incident.escalated': 'escalated',
  'incident.reassigned': 'reassigned',
  // To another escalation policy, or with it to another service: other phones ring.
  'incident.delegated': 'reassigned',
  'incident.service_updated': 'reassigned',
  'incident.priority_updated': 'priority_changed',
};

function nameOr(reference: unknown, otherwise: string): string {
  return summaryOf(reference) ?? otherwise;
}

function trimmed(data: JsonRecord, text: string | null): string | null {
  return text !== null && memberOf(data, 'trimmed') === true ? `${text} […]` : text;
}

function fieldsText(data: JsonRecord): string {
  const changed = listOf(memberOf(data, 'changed_custom_fields'));
  const fields = changed.length > 0 ? changed : listOf(memberOf(data, 'custom_fields'));
  const texts = fields.map(
    (one) =>
      `${asText(memberOf(one, 'name')) ?? 'field'}: ${asText(memberOf(one, 'value')) ?? 'changed'}`,
  );
  return texts.join(', ') || 'Custom fields changed';
}

function rolesText(data: JsonRecord): string {
  const roles = listOf(memberOf(data, 'incident_role_assignments')).map((one) => {
    const role = nameOr(memberOf(one, 'role'), 'role');
    return `${role}: ${nameOr(memberOf(one, 'assignee'), 'nobody')}`;
  });
  return roles.join(', ') || 'A role was assigned';
}

function bridgeText(data: JsonRecord): string {
  const numbers = listOf(memberOf(data, 'conference_numbers')).map((one) =>
    asText(memberOf(one, 'number')),
  );
  const parts = [asText(memberOf(data, 'conference_url')), ...numbers].filter(
    (one) => one !== null,
  );
  return `Conference bridge: ${parts.join(', ') || 'removed'}`;
}

/** Events that leave the incident's state alone: a line for its timeline. */
const NOTES: Readonly<Record<string, (data: JsonRecord, event: string) => string | null>> = {
  'incident.annotated': (data) => trimmed(data, asText(memberOf(data, 'content'))),
  'incident.status_update_published': (data) => trimmed(data, asText(memberOf(data, 'message'))),
  'incident.responder.added': (data) =>
    `${nameOr(memberOf(data, 'user') ?? memberOf(data, 'escalation_policy'), 'A responder')} was asked to respond`,
  'incident.conference_bridge.updated': bridgeText,
  'incident.custom_field_values.updated': fieldsText,
  'incident.incident_type.changed': (data) =>
    `Incident type: ${asText(memberOf(memberOf(data, 'incident_type'), 'name')) ?? 'changed'}`,
  'incident.role.assigned': rolesText,
  'incident.task.created': taskText,
  'incident.task.updated': taskText,
  'incident.task.completed': taskText,
  'incident.workflow.started': workflowText,
  'incident.workflow.completed': workflowText,
  'incident.action_invocation.created': actionText,
  'incident.action_invocation.updated': actionText,
  'incident.action_invocation.terminated': actionText,
};

function lastWord(event: string): string {
  return event.slice(event.lastIndexOf('.') + 1);
}

function taskText(data: JsonRecord, event: string): string {
  return `Task ${lastWord(event)}: ${asText(memberOf(data, 'name')) ?? nameOr(data, 'unnamed')}`;
}

function workflowText(data: JsonRecord, event: string): string {
  return `Workflow ${lastWord(event)}: ${nameOr(memberOf(data, 'incident_workflow'), nameOr(data, 'unnamed'))}`;
}

function actionText(data: JsonRecord, event: string): string {
  return `Action ${lastWord(event)}: ${nameOr(memberOf(data, 'action'), 'unnamed')}`;
}

/** `data` is the incident only when its type says so; everything else refers to it, roles inside a list. */
function incidentOf(data: JsonRecord): JsonRecord | null {
  if (memberOf(data, 'type') === 'incident') return data;
  const inRole = memberOf(listOf(memberOf(data, 'incident_role_assignments'))[0], 'incident');
  const incident = memberOf(data, 'incident') ?? inRole;
  if (!isRecord(incident)) return null;
  const service = memberOf(data, 'service');
  return service === undefined ? incident : { ...incident, service };
}

interface Event {
  readonly type: string;
  readonly event: JsonRecord;
  readonly data: JsonRecord;
  readonly incident: JsonRecord;
}

/**
 * What the event says of the incident, or why it says nothing. A requested responder who takes part is an answer: it
 * is told like an acknowledgement, and is the only one an incident has that merely carries the request.
 */
function happeningOf({ type, event, data, incident }: Event): Happening | string {
  const base = {
    by: personOf(memberOf(event, 'agent')),
    observedAt: memberOf(event, 'occurred_at'),
  };
  const action = CHANGES[type];
  if (action !== undefined) {
    const isEmpty =
      carriesResponder(incident) &&
      ['triggered', 'acknowledged', 'unacknowledged'].includes(action);
    if (isEmpty)
      return 'the incident only carries a responder request: by itself it rings nobody, and its acknowledgement is nobody’s answer';
    return { ...base, action, note: null };
  }
  if (type === 'incident.responder.replied') {
    const user = personOf(memberOf(data, 'user'));
    const state = asText(memberOf(data, 'state')) ?? 'replied';
    if (isTakingPart(state))
      return { ...base, action: 'acknowledged', by: user ?? base.by, note: null };
    const note = `${user?.name ?? 'A responder'} answered the request to respond: ${state}`;
    return { ...base, action: 'noted', by: user ?? base.by, note };
  }
  const note = NOTES[type]?.(data, type) ?? lastWord(type);
  return { ...base, action: 'noted', by: isOfResolve(note) ? null : base.by, note };
}

function ignored(what: string, reason: string): ParseResult {
  return { ok: true, parsed: { observations: [], ignored: [{ what, reason }], truncated: 0 } };
}

function isKnown(type: string): boolean {
  return (
    Object.hasOwn(CHANGES, type) ||
    Object.hasOwn(NOTES, type) ||
    type === 'incident.responder.replied'
  );
}

function parse({ body }: Pick<RawRequest, 'body'>): ParseResult {
  const reading = readJson(body);
  if (!reading.ok) return reading;
  const event = memberOf(reading.value, 'event');
  const type = asText(memberOf(event, 'event_type'));
  if (!isRecord(event) || type === null)
    return { ok: false, reason: 'not a PagerDuty webhook (v3): `event.event_type` is missing' };
  if (type === 'pagey.ping') return ignored(type, 'the test of a webhook subscription');
  if (type.startsWith('service.'))
    return ignored(type, 'a change of a service, not of an incident');
  // "Additional event types may be added": developer-docs webhooks/01-Overview.md
  if (!isKnown(type)) return ignored(type, 'an event type that this version does not know');
  const data = memberOf(event, 'data');
  const incident = isRecord(data) ? incidentOf(data) : null;
  if (!isRecord(data) || incident === null) return ignored(type, 'it names no incident');
  const happening = happeningOf({ type, event, data, incident });
  if (typeof happening === 'string') return ignored(type, happening);
  const observation = observationOf(incident, happening);
  if (observation === null) return ignored(type, 'it names no incident');
  const parsed: Parsed = { observations: [observation], ignored: [], truncated: 0 };
  return { ok: true, parsed };
}

export const source: SourcePart<SourceConfig> = { config: sourceConfig, verify, parse };
