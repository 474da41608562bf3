/** The table of all routes beside the webhooks. Nothing is served that does not stand here. */
import { z } from 'zod';
import { PAUSABLE } from '../core/model/lookups.ts';
import { pauseReply, tokenReply } from '../core/verbs/replies.ts';
import type { Verbs } from '../core/verbs/verb.ts';
import { HttpProblem } from './problem.ts';
import { CHECKPOINT_HEAD, EXPLANATION, EXPORT, INCIDENT, TIMELINE } from '../read/shapes.ts';
import { ALIVE, DESCRIPTION, HEALTH, INCIDENTS, PAUSES, READY, TOKENS, WHOAMI } from './replies.ts';
import { ready } from './readiness.ts';
import type { Api } from './options.ts';
import { type Call, define, EMPTY, paramOf, type HttpRoute, whoOf } from './route.ts';
import { routesOf, noIncident } from './verbs.ts';

const LIST_DEFAULT = 50;
const LIST_MAX = 200;

/** What is known of the incident in the path. @throws HttpProblem where there is none */
const ofIncident =
  <R>(read: (api: Api, id: string) => Promise<R | null>) =>
  async (call: Pick<Call<never, never>, 'api' | 'params'>): Promise<{ readonly json: R }> => {
    const id = paramOf(call, 'incident');
    const json = await read(call.api, id);
    if (json === null) throw noIncident(id);
    return { json };
  };

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
    handle: async ({ api, query }) => ({
      json: await api.views.list({
        open: query.open === undefined ? null : query.open === 'true',
        limit: query.limit,
        before: query.before ?? null,
      }),
    }),
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
    handle: ofIncident((api, id) => api.views.incident(id)),
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
    handle: ofIncident((api, id) => api.views.timeline(id)),
  }),
  define({
    method: 'get',
    path: '/api/v1/incidents/{incident}/export',
    access: 'read',
    summary: 'An incident as one document that proves itself: `tocsin verify --export` checks it',
    success: [
      200,
      'Its events with their hashes, and the way from the last one to what was signed',
    ],
    reply: EXPORT,
    body: EMPTY,
    query: EMPTY,
    handle: ofIncident((api, id) => api.record.export(id)),
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

const installation: readonly HttpRoute[] = [
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
        return pause === undefined ? [] : [pauseReply(what, pause, api.views.time)];
      });
      return { json: { pauses: list } };
    },
  }),
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
      json: { tokens: (await api.tokens.list()).map((row) => tokenReply(row, api.views.time)) },
    }),
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
      const name = person?.name ?? token.owner.id;
      return { json: { ...tokenReply(token, call.api.views.time), name } };
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
      json: { version: api.version, ...(await api.engine.health()), kept: api.keptFiles() },
    }),
  }),
  define({
    method: 'get',
    path: '/api/v1/checkpoint',
    access: 'read',
    summary: 'The newest signed checkpoint and the public key, to be kept elsewhere',
    success: [200, 'What stands for all events until then'],
    reply: CHECKPOINT_HEAD,
    body: EMPTY,
    query: EMPTY,
    handle: async ({ api }) => ({ json: api.record.checkpoint() }),
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
    query: z.looseObject({
      verbose: z.string().optional().describe('Tells of the targets as well, whatever it is'),
    }),
    handle: ready,
  }),
];

/** Every route, in the order of the OpenAPI document. */
export function allRoutes(verbs: Verbs): readonly HttpRoute[] {
  return [...reading, ...routesOf(verbs), ...installation, ...operations];
}
