/** Express over the table of routes: who asks, may they, what do they say, and the answer. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { Counter } from 'prom-client';
import { flatHeaders, readRaw, tooLarge } from './body.ts';
import { clientAddressOf } from './client-address.ts';
import type { Api } from './options.ts';
import { apiAnswers, HttpProblem, problemOf } from './problem.ts';
import type { ProblemOptions } from '../lib/answers.ts';
import type { AnyReply, RawCall, HttpRoute, Who } from './route.ts';

const KEY_SHAPE = /^[\x21-\x7e]{1,255}$/;

function unauthorized(detail: string): HttpProblem {
  return new HttpProblem({
    status: 401,
    code: 'unauthorized',
    detail,
    headers: { 'www-authenticate': 'Bearer' },
  });
}

async function authenticate(api: Api, route: HttpRoute, request: Request): Promise<Who | null> {
  if (route.access === 'none') return null;
  const address = clientAddressOf(request, api.trustedProxies);
  const found = await api.tokens.authenticate(request.headers.authorization, address);
  if (!found.ok && found.status === 401) throw unauthorized(found.detail);
  if (!found.ok)
    throw new HttpProblem({
      status: 429,
      code: 'too_many_tries',
      detail: found.detail,
      headers: { 'retry-after': String(found.retryAfterSeconds) },
    });
  const { row } = found;
  if (route.access !== 'any' && !row.scopes.includes(route.access))
    throw new HttpProblem({
      status: 403,
      code: 'scope_missing',
      detail: `This needs a token with the scope ${route.access}; yours has ${row.scopes.join(', ')}. Whoever may, makes one: \`tocsin token create --person NAME --scopes ${route.access}\`.`,
      headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${route.access}"` },
    });
  const origin = request.headers['x-tocsin-via'] === 'cli' ? 'cli' : 'api';
  return { token: row, origin, actor: { kind: row.owner.kind, id: row.owner.id, via: origin } };
}

function jsonOf(request: Request, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  const [type = ''] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/json')
    throw new HttpProblem({
      status: 415,
      code: 'unsupported_type',
      detail: `Send the body as application/json, not as ${type.trim() || 'an unnamed type'}.`,
      headers: { accept: 'application/json' },
    });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    const message = `The body is not JSON: ${error instanceof Error ? error.message : String(error)}.`;
    throw new HttpProblem({
      status: 400,
      code: 'invalid_json',
      detail: message,
      errors: [{ field: '', message }],
    });
  }
}

function keyOf(route: HttpRoute, request: Request, who: Who | null): string | null {
  const key = request.get('idempotency-key');
  if (key === undefined || route.isIdempotent !== true || who === null) return null;
  if (KEY_SHAPE.test(key)) return `${who.token.id}:${key}`;
  const message = 'It must be 1 to 255 printable characters without blanks.';
  throw new HttpProblem({
    status: 400,
    code: 'invalid_header',
    detail: `Idempotency-Key: ${message}`,
    errors: [{ field: 'Idempotency-Key', message }],
  });
}

function paramsOf(request: Request): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.params))
    params[name] = typeof value === 'string' ? value : value.join('/');
  return params;
}

function answer(response: Response, { status = 200, json, text, headers = {} }: AnyReply): void {
  if (text !== undefined) return apiAnswers.send(response, { status, headers, ...text });
  if (json !== undefined) return apiAnswers.json(response, json, { status, headers });
  response.writeHead(status, { 'cache-control': 'no-store', ...headers });
  response.end();
}

async function serve(
  api: Api,
  route: HttpRoute,
  visit: { request: Request; response: Response },
): Promise<void> {
  const { request, response } = visit;
  const who = await authenticate(api, route, request);
  const idempotencyKey = keyOf(route, request, who);
  const limit =
    (route.takes === 'raw' ? api.limits?.deliveryBytes : undefined) ??
    api.limits?.apiBytes ??
    API_BYTES;
  const body =
    route.method === 'post'
      ? await readRaw(request, limit)
      : { kind: 'bytes' as const, bytes: Buffer.alloc(0) };
  if (body.kind === 'gone') return;
  if (body.kind === 'too_large') throw new HttpProblem(tooLarge(limit, body.drained));
  const call: RawCall = {
    api,
    who,
    idempotencyKey,
    params: paramsOf(request),
    headers: flatHeaders(request),
    query: request.query,
    json: route.takes === 'raw' ? {} : jsonOf(request, body.bytes),
    bytes: body.bytes,
  };
  answer(response, await route.run(call));
}

/** Bytes of one request of the API when the options name no limit. */
export const API_BYTES = 1_000_000;

/** `{name}` as Express writes it. */
function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function refusalOf(error: unknown): ProblemOptions {
  const problem = problemOf(error);
  if (problem !== null) return problem;
  // What Express itself refuses, such as an address that cannot be decoded.
  if (error instanceof Error && 'status' in error && error.status === 400)
    return { status: 400, code: 'invalid_address', detail: 'The address cannot be read.' };
  return {
    status: 500,
    code: 'internal',
    detail: 'Something went wrong on our side; the log of the server says what.',
  };
}

function addMissing(app: Express, routes: readonly HttpRoute[]): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path);
    const allow = allowed.map((route) => route.method.toUpperCase()).join(', ');
    app.all(expressPath(path), (_request: Request, response: Response) =>
      apiAnswers.problem(response, {
        status: 405,
        code: 'method_not_allowed',
        detail: `This address takes ${allow}.`,
        headers: { allow },
      }),
    );
  }
  app.use((request: Request, response: Response) =>
    apiAnswers.problem(response, {
      status: 404,
      code: 'not_found',
      detail: `There is nothing at ${request.path}; see /api/v1/openapi.json.`,
    }),
  );
}

/** The Express application of the routes. */
export function createApi(api: Api, routes: readonly HttpRoute[]): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.enable('case sensitive routing');
  const counted = new Counter({
    name: 'tocsin_api_requests_total',
    help: 'Requests of the API by route and status',
    labelNames: ['method', 'route', 'status'],
    registers: [api.registry],
  });
  for (const route of routes) {
    app[route.method](expressPath(route.path), async (request: Request, response: Response) => {
      response.once('finish', () =>
        counted.inc({ method: route.method, route: route.path, status: response.statusCode }),
      );
      await serve(api, route, { request, response });
    });
  }
  addMissing(app, routes);
  // eslint-disable-next-line max-params -- Express tells an error handler by its four parameters
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const refusal = refusalOf(error);
    if (refusal.status === 500)
      api.log.error({ error, method: request.method, path: request.path }, 'a request failed');
    apiAnswers.problem(response, refusal);
  });
  return app;
}
