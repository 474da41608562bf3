/** Paging by REST incidents: reading them by key or id, opening one, changing its state. */
import { z } from 'zod';
import { delivered, jsonOf } from '../../src/contract/index.ts';
import type {
  Delivered,
  HttpAnswer,
  HttpAnswered,
  Io,
  Outcome,
  PageOrder,
  ReadResult,
  Rejection,
  Retry,
} from '../../src/contract/index.ts';
import {
  CODE,
  codeOf,
  isSuccess,
  read,
  refusal,
  saysOpenAlready,
  send,
  unreadable,
} from './api.ts';
import type { OwnPart, Query } from './api.ts';
import type { Config, Named } from './config.ts';
import { cut, DETAILS_MAX, LINKS_MAX, orElse, SUMMARY_MAX } from './text.ts';

const STATUSES = ['triggered', 'acknowledged', 'resolved'] as const;

const reference = z.object({
  id: z.string().nullish().catch(null),
  type: z.string().nullish().catch(null),
  summary: z.string().nullish().catch(null),
  name: z.string().nullish().catch(null),
  email: z.string().nullish().catch(null),
});

const responder = z.object({
  state: z.string().nullish().catch(null),
  updated_at: z.string().nullish().catch(null),
  user: reference.nullish().catch(null),
});

const request = z.object({
  responder_request_targets: z
    .array(z.object({ responder_request_target: reference.nullish().catch(null) }))
    .catch([]),
});

/** Only what is used is described; whatever else PagerDuty sends or leaves null does not matter. */
export const incidentSchema = z.object({
  id: z.string().min(1),
  status: z.enum(STATUSES),
  html_url: z.string().min(1).nullish().catch(null),
  incident_key: z.string().nullish().catch(null),
  service: reference.nullish().catch(null),
  acknowledgements: z
    .array(
      z.object({
        at: z.string().nullish().catch(null),
        acknowledger: reference.nullish().catch(null),
      }),
    )
    .catch([]),
  /** Of a merge: it names the incident that took over. */
  resolve_reason: z
    .object({
      type: z.string().nullish().catch(null),
      incident: reference.nullish().catch(null),
    })
    .nullish()
    .catch(null),
  created_at: z.string().nullish().catch(null),
  last_status_change_at: z.string().nullish().catch(null),
  last_status_change_by: reference.nullish().catch(null),
  /** Null: the answer leaves them out. */
  incidents_responders: z.array(responder).nullable().catch(null),
  responder_requests: z.array(request).nullable().catch(null),
});

export type Incident = z.infer<typeof incidentSchema>;

const one = z.object({ incident: incidentSchema });
const many = z.object({ incidents: z.array(incidentSchema) });

const INCLUDES: Query = [['include[]', 'acknowledgers']];

/**
 * Every incident that is open, the youngest first. `date_range=all`: without it only those of the last month are listed.
 * https://developer.pagerduty.com/api-reference (List incidents)
 */
export const OPEN_INCIDENTS = {
  path: '/incidents',
  query: [
    ['statuses[]', 'triggered'],
    ['statuses[]', 'acknowledged'],
    ['date_range', 'all'],
    ['sort_by', 'created_at:desc'],
    ...INCLUDES,
  ],
  list: 'incidents',
} as const satisfies { path: string; query: Query; list: string };

/** The incident with this id. */
export async function incidentById(id: string, io: Io<Config>): Promise<ReadResult<Incident>> {
  const path = `/incidents/${encodeURIComponent(id)}`;
  const found = await read(io, { method: 'GET', path, query: INCLUDES }, one);
  return found.ok ? { ok: true, data: found.data.incident } : found;
}

/**
 * The incident under this key, an open one before a resolved one, else the youngest; null: there is none. An incident
 * made from an event has no key of its own: PagerDuty then finds it by the key of its alert.
 */
export async function incidentByKey(
  { key, service }: { readonly key: string; readonly service: string | null },
  io: Io<Config>,
): Promise<ReadResult<Incident | null>> {
  const query: Query = [
    ['incident_key', key],
    ['date_range', 'all'],
    ...STATUSES.map((status) => ['statuses[]', status] as const),
    ...(service === null ? [] : [['service_ids[]', service] as const]),
    ['sort_by', 'created_at:desc'],
    ...INCLUDES,
  ];
  const found = await read(io, { method: 'GET', path: '/incidents', query }, many);
  if (!found.ok) return found;
  const own = found.data.incidents.filter(
    (each) => each.incident_key == null || each.incident_key === key,
  );
  return { ok: true, data: own.find((each) => each.status !== 'resolved') ?? own[0] ?? null };
}

/** Whom a new incident rings: one assignee, an escalation policy, or (null) the policy of its service. */
export type Callee = { readonly assignee: string } | { readonly policy: string } | null;

export interface Opening {
  readonly order: PageOrder;
  readonly key: string;
  readonly service: Named;
  readonly own: OwnPart;
  readonly callee: Callee;
}

function calleeOf(callee: Callee): object {
  if (callee === null) return {};
  if ('policy' in callee)
    return { escalation_policy: { id: callee.policy, type: 'escalation_policy_reference' } };
  return { assignments: [{ assignee: { id: callee.assignee, type: 'user_reference' } }] };
}

/** An incident has no field for links: they follow the first line, which says why it rings; a long text is cut at its end. */
function detailsOf({ links, body, title }: PageOrder): string {
  const [why = '', ...more] = orElse(body, title).split('\n');
  const lines = links.slice(0, LINKS_MAX).map(({ text, url }) => `${text}: ${url}`);
  return [why, ...lines, ...more].join('\n');
}

/** Body of POST /incidents: developer-docs REST-API/15-Incident-Creation-API.md */
function bodyOf({ order, key, service, callee }: Opening, priority: Named | undefined): object {
  return {
    incident: {
      type: 'incident',
      title: cut(orElse(order.title, 'Incident without a title'), SUMMARY_MAX),
      service: { id: service.id, type: 'service_reference' },
      urgency: order.urgency,
      incident_key: key,
      body: { type: 'incident_body', details: cut(detailsOf(order), DETAILS_MAX) },
      ...(priority === undefined
        ? {}
        : { priority: { id: priority.id, type: 'priority_reference' } }),
      ...calleeOf(callee),
    },
  };
}

export type Opened =
  | { readonly ok: true; readonly incident: Incident; readonly isNew: boolean }
  /** `isThere`: one is open under the key, and could not be read. */
  | { readonly ok: false; readonly outcome: Retry | Rejection; readonly isThere: boolean };

function failed(outcome: Retry | Rejection): Opened {
  return { ok: false, outcome, isThere: false };
}

function openedBy(answer: HttpAnswered): Opened {
  const parsed = one.safeParse(jsonOf(answer));
  if (!parsed.success) return failed(unreadable(answer));
  return { ok: true, incident: parsed.data.incident, isNew: true };
}

/**
 * PagerDuty refuses a second open incident under one key with 400 ("Open incident with matching dedup key already
 * exists on this service"); the words may change, so the key is looked up after any 400.
 */
async function afterRefusal(answer: HttpAnswer, opening: Opening, io: Io<Config>): Promise<Opened> {
  const refused = refusal(answer, io.now, opening.own);
  if (answer.kind === 'failed' || answer.status !== 400) return failed(refused);
  const { key, service } = opening;
  const found = await incidentByKey({ key, service: service.id }, io);
  if (found.ok && found.data !== null)
    return found.data.status === 'resolved'
      ? failed(refused)
      : { ok: true, incident: found.data, isNew: false };
  if (!saysOpenAlready(answer)) return failed(refused);
  // PagerDuty says itself that it is there: that it cannot be shown now is no reason to call it undeliverable.
  const reason = found.ok ? 'conflict' : found.reason;
  const detail = `${refused.detail}; it could not be looked up`;
  return { ok: false, outcome: { verb: 'retry', reason, ambiguous: true, detail }, isThere: true };
}

/** Opens the incident, or finds the one that is open under its key. */
export async function openIncident(opening: Opening, io: Io<Config>): Promise<Opened> {
  const { severity } = opening.order;
  const priority = severity === null ? undefined : io.config.priorities[severity];
  const post = (body: object): Promise<HttpAnswer> =>
    send(io, { method: 'POST', path: '/incidents', json: body });
  const answer = await post(bodyOf(opening, priority));
  if (isSuccess(answer)) return openedBy(answer);
  if (priority === undefined || codeOf(answer) !== CODE.invalidPriority)
    return afterRefusal(answer, opening, io);
  io.log.warn({ priority, severity }, 'PagerDuty does not know the priority: paging without one');
  const second = await post(bodyOf(opening, undefined));
  return isSuccess(second) ? openedBy(second) : afterRefusal(second, opening, io);
}

export function confirmed(incident: Pick<Incident, 'id' | 'html_url'>): Delivered {
  return delivered('confirmed', { externalRef: incident.id, url: incident.html_url ?? undefined });
}

/** Refused in PagerDuty's own words, and not our account: it is about this incident, and no repeat changes it. */
function isOfObject(answer: HttpAnswer): boolean {
  const code = codeOf(answer);
  if (answer.kind === 'failed' || code === null || code === CODE.unknownFrom) return false;
  return answer.status === 400 || answer.status === 404;
}

/** The reading of what is not done to an incident that is there. */
export function refusalOfObject(answer: HttpAnswer, now: number): Retry | Rejection {
  const refused = refusal(answer, now);
  return refused.verb === 'retry' ? refused : { ...refused, ofAddress: isOfObject(answer) };
}

/**
 * Sets the state of an incident. Already resolved (1001) and already acknowledged (1002) are what was wanted.
 */
export async function setStatus(
  id: string,
  status: 'acknowledged' | 'resolved',
  io: Io<Config>,
): Promise<Outcome> {
  const answer = await send(io, {
    method: 'PUT',
    path: `/incidents/${encodeURIComponent(id)}`,
    json: { incident: { type: 'incident_reference', status } },
  });
  if (isSuccess(answer)) {
    const parsed = one.safeParse(jsonOf(answer));
    return parsed.success ? confirmed(parsed.data.incident) : unreadable(answer);
  }
  const refused = refusalOfObject(answer, io.now);
  const code = codeOf(answer);
  const isSo = code === CODE.alreadyResolved || code === CODE.alreadyAcknowledged;
  return refused.verb === 'reject' && isSo ? delivered('confirmed', { externalRef: id }) : refused;
}
