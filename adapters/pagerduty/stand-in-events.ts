/**
 * Events API v2 of PagerDuty's stand-in. It answers 202 to whatever is well-formed, also to what it then drops.
 * developer-docs events-API-v2/02-Trigger-Events.md
 */
import { instantOf, isRecord, listOf, memberOf, asText } from '../../src/contract/index.ts';
import type { StandInRequest } from '../../src/contract/index.ts';
import type { Answered } from './stand-in-answer.ts';
import { acknowledged, opened, resolved, serviceRings } from './stand-in-incident.ts';
import { at, truly } from './stand-in-state.ts';
import type { Agent, Incident, State, Step } from './stand-in-state.ts';

const MINUTE_MS = 60_000;
/** developer-docs events-API-v2/05-Rate-Limits.md: per integration key, sliding. */
const PER_MINUTE_MAX = 120;
const BODY_BYTES_MAX = 512 * 1024;
const KEY_LENGTH = 32;
const SUMMARY_MAX = 1024;
const DEDUP_KEY_MAX = 255;

/** The state in which this request is counted, or null when it is one too many. */
export function counted(
  state: State,
  { of, max, now }: { readonly of: string; readonly max: number; readonly now: number },
): State | null {
  const recent = (state.sent[of] ?? []).filter((one) => one > now - MINUTE_MS);
  if (recent.length >= max) return null;
  return { ...state, sent: { ...state.sent, [of]: [...recent, now] } };
}

function refused(state: State, status: number, errors: readonly string[]): Answered {
  const body =
    status === 429
      ? {
          status: 'throttle exceeded',
          message: 'Requests for this service are arriving too quickly.',
        }
      : { status: 'invalid event', message: 'Event object is invalid', errors };
  return { ...at(state), response: { status, body } };
}

/** A key that belongs to no integration: developer-docs events-API-v2/01-Overview.md (400, never repeat) */
export function keyRefused(state: State): Answered {
  return refused(state, 400, ['Invalid routing key']);
}

function hrefErrors(body: unknown, list: string, field: string): readonly string[] {
  const value = memberOf(body, list);
  if (value === undefined) return [];
  const isFine =
    Array.isArray(value) && listOf(value).every((one) => typeof memberOf(one, field) === 'string');
  return isFine ? [] : [`'${list}' must be a list of objects with '${field}'`];
}

function payloadErrors(payload: unknown): readonly string[] {
  if (!isRecord(payload)) return ["'payload' is missing or blank"];
  const errors = ['summary', 'source', 'severity']
    .filter((field) => (asText(payload[field]) ?? '').trim() === '')
    .map((field) => `'payload.${field}' is missing or blank`);
  const { summary, severity, timestamp, custom_details: details } = payload;
  if (typeof summary === 'string' && [...summary].length > SUMMARY_MAX)
    errors.push(`'payload.summary' must be at most ${SUMMARY_MAX} characters`);
  if (
    severity !== undefined &&
    !['critical', 'error', 'warning', 'info'].includes(asText(severity) ?? '')
  )
    errors.push(
      "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
    );
  if (timestamp !== undefined && instantOf(timestamp) === null)
    errors.push("'payload.timestamp' is no ISO 8601 time");
  if (details !== undefined && !isRecord(details))
    errors.push("'payload.custom_details' must be an object");
  return errors;
}

function errorsOf(state: State, body: unknown): readonly string[] {
  const action = asText(memberOf(body, 'event_action'));
  const dedupKey = memberOf(body, 'dedup_key');
  const key = memberOf(body, 'routing_key');
  const errors: string[] = [];
  if (typeof key !== 'string' || key === '') errors.push("'routing_key' is missing or blank");
  else if (serviceBy(state, key) === null && key.length !== KEY_LENGTH)
    errors.push(`Length of 'routing_key' is incorrect (should be ${KEY_LENGTH} characters)`);
  if (action === null || !['trigger', 'acknowledge', 'resolve'].includes(action))
    errors.push("'event_action' is missing or invalid");
  if (dedupKey !== undefined && (typeof dedupKey !== 'string' || dedupKey.length > DEDUP_KEY_MAX))
    errors.push(`'dedup_key' must be a text of at most ${DEDUP_KEY_MAX} characters`);
  if (action !== 'trigger')
    return asText(dedupKey) === null ? [...errors, "'dedup_key' is missing or blank"] : errors;
  errors.push(...payloadErrors(memberOf(body, 'payload')));
  return [...errors, ...hrefErrors(body, 'links', 'href'), ...hrefErrors(body, 'images', 'src')];
}

function serviceBy(state: State, key: string): string | null {
  return Object.values(state.account.services).find((one) => one.keys.includes(key))?.id ?? null;
}

/** The open incident of an alert; the same dedup key means the same alert only under the same integration key. */
function openBy(state: State, routingKey: string, dedupKey: string): Incident | null {
  const isSame = (one: Incident): boolean =>
    one.status !== 'resolved' &&
    one.alerts.some((alert) => alert.key === dedupKey && alert.routingKey === routingKey);
  return Object.values(state.incidents).find(isSame) ?? null;
}

/** Dynamic notifications: https://support.pagerduty.com/main/docs/dynamic-notifications */
function urgencyOf(severity: unknown): 'high' | 'low' {
  return severity === 'critical' || severity === 'error' ? 'high' : 'low';
}

interface Event {
  readonly body: unknown;
  readonly routingKey: string;
  readonly dedupKey: string;
  readonly service: string;
}

function triggered(step: Step, { body, routingKey, dedupKey, service }: Event, now: number): Step {
  const open = openBy(step.state, routingKey, dedupKey);
  if (open !== null) return truly(step, open.id, 'repeated');
  // A disabled service, and one in maintenance, swallows the event: https://support.pagerduty.com/main/docs/maintenance-windows
  if (!serviceRings(step.state, service, now)) return step;
  const payload = memberOf(body, 'payload');
  const opening = {
    title: asText(memberOf(payload, 'summary')) ?? '',
    details: JSON.stringify(memberOf(payload, 'custom_details') ?? {}),
    urgency: urgencyOf(memberOf(payload, 'severity')),
    service,
    priority: null,
    key: null,
    alerts: [{ key: dedupKey, routingKey }],
    callee: null,
    agent: { id: service, type: 'service' },
  };
  return opened(step, opening, now);
}

function carriedOut(step: Step, event: Event, now: number): Step {
  const action = memberOf(event.body, 'event_action');
  if (action === 'trigger') return triggered(step, event, now);
  const open = openBy(step.state, event.routingKey, event.dedupKey);
  // "dropped": an acknowledge or resolve without an open alert has been answered 202 all the same.
  if (open === null) return step;
  const agent: Agent = { id: event.service, type: 'service' };
  if (action === 'resolve') return resolved(step, open.id, { agent, now });
  return open.status === 'acknowledged'
    ? step
    : acknowledged(step, open.id, { user: null, agent, now });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** POST /v2/enqueue */
export function enqueued(state: State, request: StandInRequest, now: number): Answered {
  if (Buffer.byteLength(request.body) > BODY_BYTES_MAX)
    return refused(state, 413, ['the event is larger than 512 KB']);
  const body = jsonOf(request.body);
  if (!isRecord(body)) return refused(state, 400, ['the body is no JSON object']);
  const errors = errorsOf(state, body);
  if (errors.length > 0) return refused(state, 400, errors);
  const routingKey = asText(body['routing_key']) ?? '';
  const after = counted(state, { of: `key ${routingKey}`, max: PER_MINUTE_MAX, now });
  if (after === null) return refused(state, 429, []);
  const dedupKey = asText(body['dedup_key']) ?? `generated${state.next}`;
  const service = serviceBy(after, routingKey);
  const numbered = at({ ...after, next: after.next + 1 });
  const step =
    service === null
      ? numbered
      : carriedOut(numbered, { body, routingKey, dedupKey, service }, now);
  const answer = { status: 'success', message: 'Event processed', dedup_key: dedupKey };
  return { ...step, response: { status: 202, body: answer } };
}
