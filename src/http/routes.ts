/** The table of all routes beside the webhooks. Nothing is served that does not stand here. */
import { z } from 'zod';
import { PAUSABLE, PAUSE_MAX_MS, type Pausable } from '../core/model/lookups.ts';
import type { Verbs } from '../core/verbs/verb.ts';
import { parseDuration } from '../lib/duration.ts';
import type { TokenRow } from './token-rows.ts';
import { SCOPES } from './auth.ts';
import type { Api } from './options.ts';
import { HttpProblem } from './problem.ts';
import { EXPLANATION, INCIDENT, TIMELINE, type Frozen } from '../read/shapes.ts';
import {
  ALIVE,
  DESCRIPTION,
  HEALTH,
  INCIDENTS,
  ISSUED,
  type PAUSE,
  PAUSED,
  PAUSES,
  READY,
  RELOADED,
  type TOKEN,
  TOKENS,
  WHOAMI,
} from './replies.ts';
import { ready } from './readiness.ts';
import { define, EMPTY, paramOf, type HttpRoute, whoOf } from './route.ts';
import { routesOf, noIncident } from './verbs.ts';

const LIST_DEFAULT = 50;
const LIST_MAX = 200;
const REASON_MAX = 1_000;
const NAME_MAX = 200;

const reading: readonly HttpRoute[] = [
  define({
    method: 'get',
    path: '/api/v1/incidents',
    access: 'read',
    summary: 'List incidents, newest first',
    success: [200, 'Incidents in short, and what to ask for the next page'],
    reply: INCIDENTS,
    body: EMPTY,
    query: z.strictObject({
      open: z.enum(['true', 'false']).optional().describe('Only open, or only closed ones'),
      limit: z.coerce.number().int().min(1).max(LIST_MAX).default(LIST_DEFAULT),
      before: z.string().optional().describe('Id of the last incident of the page before'),
    }),
    handle: async ({ api, query }) => {
      const incidents = await api.views.list({
        open: query.open === undefined ? null : query.open === 'true',
        limit: query.limit,
        before: query.before ?? null,
      });
      const next = incidents.length < query.limit ? null : (incidents.at(-1)?.id ?? null);
      return { json: { incidents, next } };
    },
  }),
  define({
    method: 'get',
    path: '/api/v1/incidents/{incident}',
    access: 'read',
    summary: 'Show and explain an incident',
    success: [
      200,
      'All that is known: why this severity, who was rung and what came back, what is owed next',
    ],
    reply: INCIDENT,
    body: EMPTY,
    query: EMPTY,
    handle: async (call) => {
      const id = paramOf(call, 'incident');
      const json = await call.api.views.incident(id);
      if (json === null) throw noIncident(id);
      return { json };
    },
  }),
  define({
    method: 'get',
    path: '/api/v1/incidents/{incident}/timeline',
    access: 'read',
    summary: 'The timeline of an incident, oldest first',
    success: [200, 'Entries with time, actor, sentence and their link in the hash chain'],
    reply: TIMELINE,
    body: EMPTY,
    query: EMPTY,
    handle: async (call) => {
      const id = paramOf(call, 'incident');
      const timeline = await call.api.views.timeline(id);
      if (timeline === null) throw noIncident(id);
      return { json: timeline };
    },
  }),
  define({
    method: 'post',
    path: '/api/v1/explain/{source}',
    access: 'read',
    summary:
      'What would happen to a delivery of this source, and why not otherwise; nothing is stored',
    success: [200, 'Per observation the rule, the level and who would be rung'],
    takes: 'raw',
    reply: EXPLANATION,
    body: EMPTY,
    query: EMPTY,
    handle: async (call) => {
      const { authorization: _, ...headers } = call.headers;
      const source = paramOf(call, 'source');
      const said = call.api.explain({ source, body: call.bytes, headers });
      if (said.ok) return { json: said };
      throw new HttpProblem({
        status: said.reason === 'unknown_source' ? 404 : 422,
        code: said.reason,
        detail: said.message,
      });
    },
  }),
];

function pausableOf(name: string): Pausable {
  const what = PAUSABLE.find((one) => one === name);
  if (what !== undefined) return what;
  throw new HttpProblem({
    status: 404,
    code: 'unknown_pause',
    detail: `What can be paused is ${PAUSABLE.join(', ')}; "${name}" is not among them.`,
  });
}

function pauseView(
  api: Api,
  what: Pausable,
  pause: { since: number; until: number; by: string; why: string },
): Frozen<z.output<typeof PAUSE>> {
  const { by, why } = pause;
  return { what, by, why, since: api.views.time(pause.since), until: api.views.time(pause.until) };
}

/** Whoever asks for a shorter one may not know of the longer one, whose author counts on it. */
function pausedLonger(what: Pausable, asked: string, open: string): HttpProblem {
  const end = /[.!?]$/.test(open) ? '' : '.';
  return new HttpProblem({
    status: 409,
    code: 'paused_longer',
    detail: `${what} is ${open}${end} A pause of ${asked} would end that earlier. \`tocsin resume ${what}\` ends it now; \`tocsin pause ${what} ${asked} --shorten --why "..."\` ends it with yours.`,
  });
}

const pausing: readonly HttpRoute[] = [
  define({
    method: 'get',
    path: '/api/v1/pauses',
    access: 'read',
    summary: 'What is paused now, by whom, why and until when',
    success: [200, 'Pauses'],
    reply: PAUSES,
    body: EMPTY,
    query: EMPTY,
    handle: async ({ api }) => {
      const { pauses } = await api.engine.health();
      const list = PAUSABLE.flatMap((what) => {
        const pause = pauses[what];
        return pause === undefined ? [] : [pauseView(api, what, pause)];
      });
      return { json: { pauses: list } };
    },
  }),
  define({
    method: 'post',
    path: '/api/v1/pauses',
    access: 'act',
    summary: 'Pause public posts, paging or automation for a while',
    success: [201, 'The pause; it ends by itself'],
    reply: PAUSED,
    body: z.strictObject({
      what: z.enum(PAUSABLE),
      for: z
        .string()
        .refine((given) => {
          const ms = parseDuration(given);
          return ms !== null && ms > 0 && ms <= PAUSE_MAX_MS;
        }, 'Write a duration of at most 7 days, such as 30m or 2h.')
        .describe('Duration, such as 30m'),
      why: z.string().trim().min(1, 'It must not be empty.').max(REASON_MAX),
      shorten: z
        .boolean()
        .optional()
        .describe('Let it end a pause earlier that is open for longer'),
    }),
    query: EMPTY,
    handle: async (call) => {
      const { what, why, shorten } = call.body;
      const forMs = parseDuration(call.body.for) ?? 0;
      const by = whoOf(call).actor.id;
      const set = await call.api.engine.pause(what, { by, why, forMs, shorten });
      if (!set.ok) throw pausedLonger(what, call.body.for, set.open);
      const remark = set.before === null ? null : `It was ${set.before}`;
      return { status: 201, json: { ...pauseView(call.api, what, set.pause), remark } };
    },
  }),
  define({
    method: 'delete',
    path: '/api/v1/pauses/{what}',
    access: 'act',
    summary: 'Resume what is paused',
    success: [204, 'It goes on'],
    body: EMPTY,
    query: EMPTY,
    handle: async (call) => {
      const what = pausableOf(paramOf(call, 'what'));
      if (await call.api.engine.resume(what, whoOf(call).actor.id)) return { status: 204 };
      throw new HttpProblem({
        status: 409,
        code: 'not_paused',
        detail: `${what} is not paused. To pause it: \`tocsin pause ${what} 30m --why "..."\`.`,
      });
    },
  }),
];

function tokenView(api: Api, row: TokenRow): Frozen<z.output<typeof TOKEN>> {
  const time = (at: number | null): string | null => (at === null ? null : api.views.time(at));
  return {
    id: row.id,
    owner: row.owner,
    scopes: row.scopes,
    createdAt: api.views.time(row.createdAt),
    expiresAt: time(row.expiresAt),
    revokedAt: time(row.revokedAt),
    lastUsedAt: time(row.lastUsedAt),
  };
}

const tokens: readonly HttpRoute[] = [
  define({
    method: 'get',
    path: '/api/v1/tokens',
    access: 'admin',
    summary: 'List tokens, without their secrets',
    success: [200, 'Tokens'],
    reply: TOKENS,
    body: EMPTY,
    query: EMPTY,
    handle: async ({ api }) => ({
      json: { tokens: (await api.tokens.list()).map((row) => tokenView(api, row)) },
    }),
  }),
  define({
    method: 'post',
    path: '/api/v1/tokens',
    access: 'admin',
    summary: 'Issue a token to one person or machine',
    success: [201, 'The token, shown this once'],
    reply: ISSUED,
    body: z.strictObject({
      owner: z.strictObject({
        kind: z.enum(['person', 'machine']),
        id: z.string().trim().min(1, 'It must not be empty.').max(NAME_MAX),
      }),
      scopes: z.array(z.enum(SCOPES)).min(1, 'Name at least one scope.'),
      expires_in: z
        .string()
        .refine((given) => (parseDuration(given) ?? 0) > 0, 'Write a duration such as 90d.')
        .optional()
        .describe('Duration, such as 90d; absent: it does not expire'),
    }),
    query: EMPTY,
    handle: async ({ api, body }) => {
      const { owner, scopes } = body;
      if (owner.kind === 'person' && !Object.hasOwn(api.policy().people, owner.id)) {
        const message = `There is no person ${owner.id} under \`people:\` in the configuration. For a program: \`tocsin token create --machine NAME\`.`;
        throw new HttpProblem({
          status: 400,
          code: 'unknown_person',
          detail: message,
          errors: [{ field: 'owner.id', message }],
        });
      }
      const lasts = body.expires_in === undefined ? null : parseDuration(body.expires_in);
      const expiresAt = lasts === null ? null : api.clock.now() + lasts;
      const { token, row } = await api.tokens.issue({ owner, scopes, expiresAt });
      return { status: 201, json: { token, ...tokenView(api, row) } };
    },
  }),
  define({
    method: 'delete',
    path: '/api/v1/tokens/{token}',
    access: 'admin',
    summary: 'Revoke a token',
    success: [204, 'It is refused from now on'],
    body: EMPTY,
    query: EMPTY,
    handle: async (call) => {
      const id = paramOf(call, 'token');
      if (await call.api.tokens.revoke(id)) return { status: 204 };
      throw new HttpProblem({
        status: 404,
        code: 'unknown_token',
        detail: `There is no token ${id}. To see those that there are: \`tocsin token list\`.`,
      });
    },
  }),
];

const operations: readonly HttpRoute[] = [
  define({
    method: 'get',
    path: '/api/v1/whoami',
    access: 'any',
    summary: 'Whose token this is and what it may do',
    success: [200, 'The token, without its secret'],
    reply: WHOAMI,
    body: EMPTY,
    query: EMPTY,
    handle: async (call) => {
      const { token } = whoOf(call);
      const person =
        token.owner.kind === 'person' ? call.api.policy().people[token.owner.id] : null;
      return { json: { ...tokenView(call.api, token), name: person?.name ?? token.owner.id } };
    },
  }),
  define({
    method: 'get',
    path: '/api/v1/health',
    access: 'read',
    summary: 'How the engine is: backlog, lateness, pauses',
    success: [200, 'Counts, conditions and what cannot be used; instants are epoch milliseconds'],
    reply: HEALTH,
    body: EMPTY,
    query: EMPTY,
    handle: async ({ api }) => ({
      json: { ...(await api.engine.health()), kept: api.keptFiles() },
    }),
  }),
  define({
    method: 'post',
    path: '/-/reload',
    access: 'admin',
    summary: 'Read the configuration again; it is swapped as a whole or not at all',
    success: [200, 'It was swapped; warnings, if any, and whose files keep their last good copies'],
    reply: RELOADED,
    body: EMPTY,
    query: EMPTY,
    handle: async ({ api }) => {
      const { ok, problems, kept } = await api.reload();
      if (ok) return { json: { ok: true as const, problems, kept } };
      throw new HttpProblem({
        status: 409,
        code: 'configuration_refused',
        detail:
          'The configuration has problems; the one before stays in force. Mend them, and look with `tocsin check FILE` before the next reload.',
        errors: problems.map((message) => ({ field: '', message })),
      });
    },
  }),
  define({
    method: 'get',
    path: '/api/v1/openapi.json',
    access: 'none',
    summary: 'This description',
    success: [200, 'OpenAPI 3.1'],
    reply: DESCRIPTION,
    body: EMPTY,
    query: EMPTY,
    handle: async ({ api }) => ({ json: api.openApi() }),
  }),
  define({
    method: 'get',
    path: '/metrics',
    access: 'none',
    summary: 'Metrics for Prometheus',
    success: [200, 'Text exposition format'],
    body: EMPTY,
    query: z.unknown(),
    handle: async ({ api }) => ({
      text: { type: api.registry.contentType, body: await api.registry.metrics() },
    }),
  }),
  define({
    method: 'get',
    path: '/livez',
    access: 'none',
    summary: 'Whether the process answers',
    success: [200, 'It does'],
    reply: ALIVE,
    body: EMPTY,
    query: z.unknown(),
    handle: async () => ({ json: { alive: true as const } }),
  }),
  define({
    method: 'get',
    path: '/readyz',
    access: 'none',
    summary:
      'Whether deliveries can be taken: database writable, nothing late or undecided by 60 s, not stopping',
    success: [200, 'Ready'],
    otherwise: [503, 'Not ready; the checks say why'],
    reply: READY,
    body: EMPTY,
    query: z.unknown(),
    handle: ready,
  }),
];

/** Every route, in the order of the OpenAPI document. */
export function allRoutes(verbs: Verbs): readonly HttpRoute[] {
  return [...reading, ...routesOf(verbs), ...pausing, ...tokens, ...operations];
}
