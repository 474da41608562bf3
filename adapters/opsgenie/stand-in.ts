/**
 * Opsgenie in the sandbox: alert writes are accepted at once and carried out a moment later, an alias that is open only
 * counts, an action on the wrong identifier fails behind its 202. It rings the responders of the alert and nobody else.
 */
import { isRecord, isoOf, listOf, memberOf, asText } from '../../src/contract/index.ts';
import type { StandIn, StandInRequest, StandInResponse } from '../../src/contract/index.ts';
import { accountOf } from './stand-in-account.ts';
import type { Account, Named } from './stand-in-account.ts';
import { advanced, changed, lookedUp, stored, uuid, webhookOf } from './stand-in-alert.ts';
import type { Accepted, OpsgenieState, Processed, Step, StoodAlert } from './stand-in-alert.ts';

/** How long an accepted request waits to be carried out. */
const PROCESSING_MS = 300;

type Answered = Step & { readonly response: StandInResponse };

function answerWith(state: OpsgenieState, status: number, body: object): Answered {
  const headers = { 'x-ratelimit-state': status === 429 ? 'THROTTLED' : 'OK' };
  const whole = { ...body, took: 0.003, requestId: uuid(state.next) };
  return { state, truth: [], webhooks: [], response: { status, headers, body: whole } };
}

/** Error bodies: https://docs.opsgenie.com/docs/response */
function invalid(state: OpsgenieState, errors: Readonly<Record<string, string>>): Answered {
  return answerWith(state, 422, {
    message: 'Request body is not processable. Please check the errors.',
    errors,
  });
}

const TEXT_LIMITS = {
  message: 130,
  alias: 512,
  description: 15_000,
  entity: 512,
  source: 100,
  user: 100,
  note: 25_000,
} as const;
const PRIORITIES = ['P1', 'P2', 'P3', 'P4', 'P5'];
const RESPONDER_TYPES = ['team', 'user', 'escalation', 'schedule'];

/** Fields and limits of "Create Alert": https://docs.opsgenie.com/docs/alert-api */
function createErrors(body: unknown): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const [field, max] of Object.entries(TEXT_LIMITS)) {
    const value = memberOf(body, field);
    if (value === undefined) continue;
    if (typeof value !== 'string') errors[field] = 'must be a string';
    else if (value.length > max) errors[field] = `must be at most ${max} characters`;
  }
  if (asText(memberOf(body, 'message')) === null) errors['message'] = 'must not be empty';
  const priority = memberOf(body, 'priority');
  if (priority !== undefined && !PRIORITIES.includes(asText(priority) ?? ''))
    errors['priority'] = 'must be one of [P1, P2, P3, P4, P5]';
  const tags = listOf(memberOf(body, 'tags'));
  if (tags.length > 20 || tags.some((tag) => typeof tag !== 'string' || tag.length > 50))
    errors['tags'] = 'at most 20 tags of 50 characters';
  const details = Object.entries(memberOf(body, 'details') ?? {});
  if (details.some(([, value]) => typeof value !== 'string'))
    errors['details'] = 'values must be strings';
  if (details.reduce((sum, [name, value]) => sum + name.length + String(value).length, 0) > 8000)
    errors['details'] = 'must be at most 8000 characters in all';
  const responders = listOf(memberOf(body, 'responders'));
  if (responders.length > 50) errors['responders'] = 'at most 50';
  if (responders.some((one) => !RESPONDER_TYPES.includes(String(memberOf(one, 'type')))))
    errors['responders'] = 'type must be one of [team, user, escalation, schedule]';
  return errors;
}

const ACTIONS: Readonly<Record<string, string>> = {
  acknowledge: 'Acknowledge',
  unacknowledge: 'UnAcknowledge',
  close: 'Close',
  notes: 'AddNote',
};

function accept(
  state: OpsgenieState,
  accepted: Omit<Accepted, 'requestId' | 'dueAt' | 'isRefused'>,
  now: number,
): Answered {
  const requestId = uuid(state.next);
  const request = { ...accepted, requestId, dueAt: now + PROCESSING_MS, isRefused: false };
  const waiting = [...state.waiting, request];
  const answered = answerWith(state, 202, { result: 'Request will be processed' });
  return { ...answered, state: { ...state, waiting, next: state.next + 1 } };
}

function write(state: OpsgenieState, request: StandInRequest, now: number): Answered {
  const [, , collection, identifier, verb] = segmentsOf(request.path);
  const body = parsed(request.body === '' ? '{}' : request.body);
  if (!isRecord(body))
    return answerWith(state, 400, { message: 'Request body could not be parsed as JSON.' });
  if (collection !== 'alerts') return notFound(state);
  if (identifier === undefined) {
    const errors = createErrors(body);
    if (Object.keys(errors).length > 0) return invalid(state, errors);
    return accept(
      state,
      {
        action: 'Create',
        identifier: asText(memberOf(body, 'alias')) ?? '',
        identifierType: 'alias',
        body,
      },
      now,
    );
  }
  const action = memberOf(ACTIONS, verb ?? '');
  if (typeof action !== 'string') return notFound(state);
  // Default `id`: an alias given without identifierType is looked up as an id, which fails later and silently.
  const identifierType = asText(request.query['identifierType']) ?? 'id';
  if (!['id', 'alias', 'tiny'].includes(identifierType))
    return invalid(state, { identifierType: 'must be one of [id, alias, tiny]' });
  return accept(state, { action, identifier, identifierType, body }, now);
}

/** The path's segments, unescaped; one that is escaped wrongly is taken as it stands and so names nothing. */
function segmentsOf(path: string): readonly string[] {
  return path.split('/').map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function notFound(state: OpsgenieState): Answered {
  return answerWith(state, 404, { message: 'No resource found for the given identifier or path.' });
}

function read(state: OpsgenieState, request: StandInRequest): Answered {
  const [, version, collection, identifier, verb] = segmentsOf(request.path);
  const data = (value: unknown): Answered =>
    value === undefined ? notFound(state) : answerWith(state, 200, { data: value });
  if (version === 'v1') return collection === 'maintenance' ? data([]) : notFound(state);
  const { account } = state;
  if (collection === 'alerts' && identifier === 'requests')
    return data(requestStatus(state, verb ?? ''));
  if (collection === 'alerts' && identifier === undefined) {
    const errors = listErrors(request.query);
    return Object.keys(errors).length > 0 ? invalid(state, errors) : data(listed(state, request));
  }
  if (collection === 'alerts') {
    const alert = lookedUp(
      state,
      identifier ?? '',
      asText(request.query['identifierType']) ?? 'id',
    );
    if (alert === undefined) return notFound(state);
    return verb === 'notes' ? notesOf(state, alert, request.query) : data(shown(alert));
  }
  if (collection === 'users')
    return data(
      account.users
        .filter((user) => user === identifier)
        .map((username) => ({ id: username, username, blocked: false, verified: true }))[0],
    );
  const collections: Readonly<Record<string, readonly Named[]>> = {
    teams: account.teams,
    schedules: account.schedules,
    escalations: account.escalations,
  };
  const named = (collections[collection ?? ''] ?? []).find((one) => one.id === identifier);
  if (named === undefined) return notFound(state);
  if (collection === 'schedules' && verb === 'on-calls')
    return data({ _parent: { ...named, enabled: true }, onCallRecipients: onDuty(account, named) });
  return data(collection === 'schedules' ? { ...named, enabled: true } : named);
}

/** The account knows users and schedules, but not who serves when: they take turns in the order of the configuration. */
function onDuty(account: Account, schedule: Named): readonly string[] {
  const place = account.schedules.findIndex((one) => one.id === schedule.id);
  return account.users.slice(place % Math.max(1, account.users.length)).slice(0, 1);
}

type Query = StandInRequest['query'];

/** https://docs.opsgenie.com/docs/pagination; the sum of offset and limit: https://docs.opsgenie.com/docs/alert-api */
const LIMIT_MAX = 100;
const SUM_MAX = 20_000;
const SORTS = ['createdAt', 'updatedAt'] as const;

function rangeOf(query: Query): { readonly offset: number; readonly limit: number } {
  return { offset: Number(query['offset'] ?? 0), limit: Number(query['limit'] ?? 20) };
}

/** The one search that is understood: https://docs.opsgenie.com/docs/alerts-search-query-help */
const STATUS_QUERY = /^status\s*:\s*(open|closed)$/;

function listErrors(query: Query): Readonly<Record<string, string>> {
  const { offset, limit } = rangeOf(query);
  const errors: Record<string, string> = {};
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    errors['limit'] = `must be between 1 and ${LIMIT_MAX}`;
  if (!Number.isInteger(offset) || offset < 0 || offset + limit > SUM_MAX)
    errors['offset'] = `must be positive, and at most ${SUM_MAX} together with limit`;
  if (!SORTS.includes(query['sort'] as (typeof SORTS)[number]) && query['sort'] !== undefined)
    errors['sort'] = 'is no field to sort by';
  if (!['asc', 'desc', undefined].includes(query['order'] as string | undefined))
    errors['order'] = 'must be one of [asc, desc]';
  if (query['query'] !== undefined && !STATUS_QUERY.test(String(query['query'])))
    errors['query'] = 'could not be parsed';
  return errors;
}

/** An acknowledged alert is open, too: https://docs.opsgenie.com/docs/alerts-search-query-help */
function listed(state: OpsgenieState, { query }: StandInRequest): readonly object[] {
  const { offset, limit } = rangeOf(query);
  const status = STATUS_QUERY.exec(String(query['query'] ?? ''))?.[1];
  const sort = query['sort'] === 'updatedAt' ? 'updatedAt' : 'createdAt';
  const direction = query['order'] === 'asc' ? 1 : -1;
  return state.alerts
    .filter((alert) => status === undefined || alert.status === status)
    .toSorted((a, b) => direction * (a[sort] - b[sort]))
    .slice(offset, offset + limit)
    .map(shown);
}

function requestStatus(state: OpsgenieState, requestId: string): object | undefined {
  const found = memberOf(state.processed, requestId) as Processed | undefined;
  return found === undefined
    ? undefined
    : { ...found, success: found.isSuccess, processedAt: isoOf(found.processedAt) };
}

/** Its report counts in milliseconds from its creation: https://docs.opsgenie.com/docs/alert-api (Get Alert) */
function reportOf(alert: StoodAlert): object {
  const { acknowledgedBy, acknowledgedAt, closedBy, closedAt, createdAt } = alert;
  return {
    ...(alert.acknowledged ? { acknowledgedBy, ackTime: acknowledgedAt - createdAt } : {}),
    ...(alert.status === 'closed' ? { closedBy, closeTime: closedAt - createdAt } : {}),
  };
}

function shown(alert: StoodAlert): object {
  const { createdAt, updatedAt, notes: _apart, closedBy: _closer, ...rest } = alert;
  const { acknowledgedAt: _answered, closedAt: _closed, acknowledgedBy: owner, ...more } = rest;
  return {
    ...more,
    owner,
    report: reportOf(alert),
    createdAt: isoOf(createdAt),
    updatedAt: isoOf(updatedAt),
  };
}

/** The newest first unless it is said otherwise: https://docs.opsgenie.com/docs/alert-api (List Alert Notes) */
function notesOf(state: OpsgenieState, { notes }: StoodAlert, query: Query): Answered {
  const limit = Number(query['limit'] ?? LIMIT_MAX);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    return invalid(state, { limit: `must be between 1 and ${LIMIT_MAX}` });
  const inOrder = query['order'] === 'asc' ? notes : notes.toReversed();
  const some = inOrder.slice(0, limit).map(({ note, owner, createdAt }) => ({
    note,
    owner,
    createdAt: isoOf(createdAt),
    offset: `${createdAt}`,
  }));
  return answerWith(state, 200, { data: some });
}

function isAuthorized(state: OpsgenieState, request: StandInRequest): boolean {
  return (
    state.account.apiKey !== '' &&
    request.headers['authorization'] === `GenieKey ${state.account.apiKey}`
  );
}

function handle(before: OpsgenieState, request: StandInRequest, now: number): Answered {
  const past = advanced(before, now);
  const answer = !isAuthorized(past.state, request)
    ? answerWith(past.state, 401, { message: 'Could not authenticate' })
    : request.method === 'GET'
      ? read(past.state, request)
      : request.method === 'POST'
        ? write(past.state, request, now)
        : answerWith(past.state, 405, { message: 'Method not allowed' });
  return { ...answer, truth: past.truth, webhooks: past.webhooks };
}

export const opsgenieStandIn: StandIn<OpsgenieState> = {
  name: 'opsgenie',
  urls: { base_url: '' },
  initial: (seed) => ({
    account: accountOf(seed),
    alerts: [],
    waiting: [],
    processed: {},
    next: 1,
  }),
  handle,
  lost: (before, { next }) => ({ ...before, next }),
  // What became of an accepted request stands in its status: https://docs.opsgenie.com/docs/alert-api (Get Request Status)
  rejectLater: (before, request, now) => {
    const answered = handle(before, request, now);
    const known = new Set(before.waiting.map(({ requestId }) => requestId));
    const waiting = answered.state.waiting.map((one) =>
      known.has(one.requestId) ? one : { ...one, isRefused: true },
    );
    return { ...answered, state: { ...answered.state, waiting } };
  },
  refuseAddress: (state, { method, path }) =>
    method === 'POST' && path === '/v2/alerts'
      ? invalid(state, { responders: 'Responder does not exist' }).response
      : null,
  answer: (before, action, now) => {
    const past = advanced(before, now);
    const by = action.by ?? (action.address.includes('@') ? action.address : 'System');
    const verb = action.verb === 'acknowledge' ? 'Acknowledge' : 'Close';
    const alert = past.state.alerts.findLast(
      (one) =>
        one.status === 'open' &&
        (action.ref === null
          ? one.responders.some(({ id }) => id === action.address)
          : one.id === action.ref),
    );
    const change = alert === undefined ? 'no alert rings there' : changed(alert, verb, { by, now });
    if (typeof change === 'string') return past;
    const told = webhookOf(past.state, change.alert, {
      action: verb,
      by,
      source: { name: '', type: 'web' },
    });
    return {
      state: stored(past.state, change.alert),
      truth: [...past.truth, ...change.truth],
      webhooks: [...past.webhooks, told],
    };
  },
  nextAt: (state) =>
    state.waiting.length === 0 ? null : Math.min(...state.waiting.map((request) => request.dueAt)),
  advance: advanced,
};
