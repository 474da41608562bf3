/**
 * PagerDuty in the sandbox: Events API v2, the part of REST v2 that pages and explains, webhooks v3, and escalation
 * policies that walk their steps. It rings what PagerDuty would ring: a service, an escalation policy, a user.
 */
import { asText, isoOf, listOf, memberOf } from '../../src/contract/index.ts';
import type { StandIn, StandInRequest } from '../../src/contract/index.ts';
import { accountOf } from './stand-in-account.ts';
import * as admin from './stand-in-admin.ts';
import {
  answered,
  argumentsError,
  invalid,
  NO_SUCH_USER,
  notFound,
  refused,
} from './stand-in-answer.ts';
import type { Answered, Write } from './stand-in-answer.ts';
import { counted, enqueued, keyRefused } from './stand-in-events.ts';

import { acknowledged, escalated, resolved } from './stand-in-incident.ts';
import * as reads from './stand-in-read.ts';
import { accepted } from './stand-in-responder.ts';
import { at } from './stand-in-state.ts';
import type { Incident, State, Step } from './stand-in-state.ts';
import * as writes from './stand-in-write.ts';

/** developer-docs REST-API/04-Rate-Limits.md: per account key and minute. */
const REST_PER_MINUTE_MAX = 960;

interface Call {
  readonly state: State;
  readonly request: StandInRequest;
  readonly id: string;
  readonly now: number;
}

type Read = (call: Call) => object | null;
type Handle = (write: Write) => Answered;

function list(name: string, all: readonly object[], { request }: Call): object | null {
  return reads.paged(name, all, request.query);
}

function one(name: string, found: object | null | undefined): object | null {
  return found == null ? null : { [name]: found };
}

const READS: readonly (readonly [RegExp, Read])[] = [
  [
    /^\/abilities$/,
    () => ({ abilities: ['coordinated_responding', 'response_operations', 'urgencies'] }),
  ],
  [/^\/users$/, (call) => list('users', reads.usersFor(call.state, call.request.query), call)],
  [
    /^\/users\/(\w+)$/,
    ({ state, id }) => {
      const user = state.account.users[id];
      return user === undefined ? null : one('user', reads.userJson(user));
    },
  ],
  [
    /^\/services$/,
    (call) => {
      const { state, now } = call;
      return list(
        'services',
        Object.values(state.account.services).map((each) => reads.serviceJson(state, each, now)),
        call,
      );
    },
  ],
  [
    /^\/services\/(\w+)$/,
    ({ state, id, now }) => {
      const service = state.account.services[id];
      return service === undefined ? null : one('service', reads.serviceJson(state, service, now));
    },
  ],
  [
    /^\/escalation_policies\/(\w+)$/,
    ({ state, id }) => one('escalation_policy', reads.policyJson(state, id)),
  ],
  [/^\/schedules\/(\w+)$/, ({ state, id }) => one('schedule', state.account.schedules[id])],
  [
    /^\/schedules\/(\w+)\/users$/,
    ({ state, id }) => {
      const schedule = state.account.schedules[id];
      if (schedule === undefined) return null;
      return {
        users: schedule.onCall
          .flatMap((user) => state.account.users[user] ?? [])
          .map(reads.userJson),
      };
    },
  ],
  [/^\/priorities$/, (call) => list('priorities', call.state.account.priorities, call)],
  [
    /^\/oncalls$/,
    (call) => list('oncalls', reads.onCallsFor(call.state, call.request.query), call),
  ],
  [
    /^\/maintenance_windows$/,
    (call) => {
      const windows = call.state.account.maintenance.filter(
        (each) => each.from <= call.now && call.now < each.to,
      );
      return list(
        'maintenance_windows',
        windows.map(({ id, from, to }) => ({ id, start_time: isoOf(from), end_time: isoOf(to) })),
        call,
      );
    },
  ],
  [
    /^\/incidents$/,
    (call) => {
      const { state, request, now } = call;
      const includes = reads.valuesOf(request.query, 'include[]');
      const found = reads.incidentsFor(state, request.query, now);
      return list(
        'incidents',
        found.map((each) => reads.incidentJson(state, each, includes)),
        call,
      );
    },
  ],
  [
    /^\/incidents\/(\w+)$/,
    ({ state, request, id }) => {
      const incident = state.incidents[id];
      if (incident === undefined) return null;
      return one(
        'incident',
        reads.incidentJson(state, incident, reads.valuesOf(request.query, 'include[]')),
      );
    },
  ],
  [
    /^\/incidents\/(\w+)\/alerts$/,
    (call) => {
      const incident = call.state.incidents[call.id];
      return incident === undefined
        ? null
        : list('alerts', reads.alertsOf(call.state, incident), call);
    },
  ],
  [
    /^\/incidents\/(\w+)\/notes$/,
    ({ state, id }) =>
      state.incidents[id] === undefined ? null : { notes: reads.notesOf(state, id) },
  ],
  [
    /^\/incidents\/(\w+)\/log_entries$/,
    (call) => {
      const { state, request, id } = call;
      return state.incidents[id] === undefined
        ? null
        : list('log_entries', reads.logFor(state, request.query, id), call);
    },
  ],
  [
    /^\/log_entries$/,
    (call) => list('log_entries', reads.logFor(call.state, call.request.query, null), call),
  ],
];

/** Third: whether the `From` header is required (API reference; not for responder requests). */
const WRITES: readonly (readonly [string, RegExp, boolean, Handle])[] = [
  ['POST', /^\/incidents$/, true, writes.createIncident],
  ['PUT', /^\/incidents$/, true, writes.updateIncidents],
  ['PUT', /^\/incidents\/(\w+)$/, true, writes.updateIncident],
  ['POST', /^\/incidents\/(\w+)\/notes$/, true, writes.createNote],
  ['PUT', /^\/incidents\/(\w+)\/merge$/, true, writes.mergeIncidents],
  ['POST', /^\/incidents\/(\w+)\/responder_requests$/, false, writes.requestResponders],
  ['PUT', /^\/incidents\/(\w+)\/responder_requests\/cancel$/, false, writes.cancelResponders],
  ['PUT', /^\/services\/(\w+)$/, false, admin.updateService],
  ['PUT', /^\/escalation_policies\/(\w+)$/, false, admin.updatePolicy],
  ['POST', /^\/maintenance_windows$/, true, admin.createMaintenance],
];

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What every REST request must bring: developer-docs REST-API/01-Overview.md */
function gate(state: State, { method, headers }: StandInRequest): Answered | null {
  const { token } = state.account;
  // "Token token=", not Bearer.
  if (token === null || headers['authorization'] !== `Token token=${token}`)
    return {
      ...at(state),
      response: { status: 401, body: { error: { code: 2006, message: 'Unauthorized' } } },
    };
  if (!(headers['accept'] ?? '').includes('version=2'))
    return refused(state, 406, { code: 2001, message: 'Not Acceptable' });
  const isJson = (headers['content-type'] ?? '').startsWith('application/json');
  if (method !== 'GET' && !isJson)
    return refused(state, 415, { code: 2001, message: 'Unsupported Media Type' });
  return null;
}

function readAnswer(call: Call): Answered {
  const { state, request } = call;
  const problem = request.path === '/api/incidents' ? reads.problemIn(request.query) : null;
  if (problem !== null) return invalid(state, problem);
  for (const [pattern, handle] of READS) {
    const match = pattern.exec(request.path.slice('/api'.length));
    if (match === null) continue;
    const offset = Number(reads.valuesOf(request.query, 'offset')[0] ?? 0);
    const body = handle({ ...call, id: match[1] ?? '' });
    if (body !== null) return answered(at(state), 200, body);
    return offset > 0 ? invalid(state, 'Offset is too large') : notFound(state);
  }
  return notFound(state);
}

function writeAnswer({ state, request, now }: Call): Answered {
  const path = request.path.slice('/api'.length);
  for (const [method, pattern, needsFrom, handle] of WRITES) {
    const match = method === request.method ? pattern.exec(path) : null;
    if (match === null) continue;
    const from = (request.headers['from'] ?? '').toLowerCase();
    const user = Object.values(state.account.users).find(
      (each) => each.email.toLowerCase() === from,
    );
    if (needsFrom && user === undefined)
      return refused(state, 400, { code: 1008, message: 'Requester User Not Found' });
    return handle({
      state,
      body: jsonOf(request.body),
      user: user?.id ?? '',
      id: match[1] ?? '',
      now,
    });
  }
  return notFound(state);
}

/** Whoever opens an incident for themselves, to ask others to join it, has not left the account. */
function isSender(state: State, assignment: unknown, { headers }: StandInRequest): boolean {
  const id = asText(memberOf(memberOf(assignment, 'assignee'), 'id')) ?? '';
  return state.account.users[id]?.email.toLowerCase() === (headers['from'] ?? '').toLowerCase();
}

function restAnswer(state: State, request: StandInRequest, now: number): Answered {
  const stopped = gate(state, request);
  if (stopped !== null) return stopped;
  const after = counted(state, { of: 'rest', max: REST_PER_MINUTE_MAX, now });
  if (after === null) {
    const limited = refused(state, 429, { code: 2020, message: 'Rate Limit Exceeded' });
    return { ...limited, response: { ...limited.response, headers: { 'ratelimit-reset': '60' } } };
  }
  const call = { state: after, request, id: '', now };
  return request.method === 'GET' ? readAnswer(call) : writeAnswer(call);
}

/** The user whom the configuration, or a person at the sandbox's page, calls so. */
function userCalled(state: State, name: string | null): string | null {
  if (name === null) return null;
  const wanted = name.toLowerCase();
  const isMeant = (texts: readonly string[]): boolean =>
    texts.some((text) => text.toLowerCase() === wanted);
  const users = Object.values(state.account.users);
  return users.find((each) => isMeant([each.id, each.email, each.name]))?.id ?? null;
}

function isWaiting(incident: Incident, address: string): boolean {
  return incident.responders.some((each) => each.target.id === address && each.state === 'pending');
}

interface Answering {
  readonly address: string;
  readonly ref: string | null;
  readonly verb: 'acknowledge' | 'resolve';
}

/** The youngest open incident that rings at the address (or the one with this id). */
function ringing(state: State, { address, ref, verb }: Answering): Incident | null {
  const isMeant = (each: Incident): boolean => {
    if (each.status === 'resolved' || (ref !== null && each.id !== ref)) return false;
    if (isWaiting(each, address)) return true;
    return each.address === address && (verb === 'resolve' || each.status === 'triggered');
  };
  return (
    Object.values(state.incidents)
      .toSorted((a, b) => b.number - a.number)
      .find(isMeant) ?? null
  );
}

export const standIn: StandIn<State> = {
  name: 'pagerduty',
  urls: { base_url: '/api', events_url: '/events' },

  initial: (seed) => ({
    account: accountOf(seed),
    incidents: {},
    log: [],
    sent: {},
    next: 1,
    webhookSecret: seed.webhookSecret,
    webhookHeaders: seed.webhookHeaders,
  }),

  handle(state, request, now) {
    if (request.path.startsWith('/api/')) return restAnswer(state, request, now);
    if (request.method === 'POST' && request.path === '/events/v2/enqueue')
      return enqueued(state, request, now);
    return notFound(state);
  },

  lost: (before, { next }) => ({ ...before, next }),

  refuseAddress(state, request) {
    const body = jsonOf(request.body);
    if (request.method !== 'POST') return null;
    if (request.path === '/events/v2/enqueue')
      return memberOf(body, 'event_action') === 'trigger' ? keyRefused(state).response : null;
    if (request.path === '/api/incidents') {
      const [assignment] = listOf(memberOf(memberOf(body, 'incident'), 'assignments'));
      if (assignment !== undefined && isSender(state, assignment, request)) return null;
      const refused =
        assignment !== undefined
          ? invalid(state, NO_SUCH_USER)
          : argumentsError(state, 'Service not found');
      return refused.response;
    }
    return request.path.endsWith('/responder_requests') ? notFound(state).response : null;
  },

  answer(state, action, now) {
    const incident = ringing(state, action);
    if (incident === null) return at(state);
    const user = userCalled(state, action.by) ?? incident.assignees[0] ?? null;
    const by = userCalled(state, action.by);
    if (action.verb === 'acknowledge' && isWaiting(incident, action.address))
      return accepted(at(state), incident.id, { target: action.address, user: by, now });
    if (action.verb === 'acknowledge') return acknowledged(at(state), incident.id, { user, now });
    const agent = user === null ? null : { id: user, type: 'user' };
    return resolved(at(state), incident.id, { agent, now });
  },

  nextAt(state) {
    const planned = Object.values(state.incidents).flatMap((each) => each.walk?.nextAt ?? []);
    return planned.length === 0 ? null : Math.min(...planned);
  },

  advance(state, now) {
    let step: Step = at(state);
    for (const incident of Object.values(state.incidents)) {
      const due = incident.walk?.nextAt ?? null;
      if (due !== null && due <= now) step = escalated(step, incident.id, { agent: null, now });
    }
    return step;
  },
};
