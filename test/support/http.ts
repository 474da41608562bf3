/** The HTTP door over the real engine of `engine.ts`, spoken to over real sockets. */
import { request as httpRequest } from 'node:http';
import { expect } from 'vitest';
import { explain } from '../../src/read/explain.ts';
import { createNetworks } from '../../src/lib/networks.ts';
import { createRecordViews } from '../../src/read/export.ts';
import { createViews } from '../../src/read/views.ts';
import { storedTokens } from '../../src/http/token-rows.ts';
import { createTokens, firstToken, type Owner, type Tokens } from '../../src/http/auth.ts';
import type { HttpOptions } from '../../src/http/options.ts';
import { createInstallation, type InstallationOptions } from '../../src/engine/installation.ts';
import type { Scope } from '../../src/core/verbs/replies.ts';
import { VERBS } from '../../src/core/verbs/table.ts';
import { type HttpServer, startHttp } from '../../src/http/server.ts';
import { undescribed } from './described.ts';
import { type Harness, type HarnessOptions, startEngine } from './engine.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers by matching
  readonly json: any;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly token?: string | null;
}

export interface ApiServer {
  readonly h: Harness;
  readonly http: HttpServer;
  readonly tokens: Tokens;
  /** Every scope. */
  readonly admin: string;
  issue(scopes: readonly Scope[], owner?: Owner): Promise<string>;
  ask(path: string, asking?: Asking): Promise<Answered>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  end(): Promise<void>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** One request on a connection of its own. */
export function speak(url: string, asking: Asking = {}): Promise<Answered> {
  const { body, method = body === undefined ? 'GET' : 'POST', headers = {}, token } = asking;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      {
        method,
        agent: false,
        headers: {
          ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}),
          ...(token == null ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const said = Buffer.concat(chunks).toString();
          const { statusCode = 0 } = response;
          resolve({
            status: statusCode,
            headers: response.headers,
            text: said,
            json: parsed(said),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

/** What the door is handed, and what becomes of a reload. */
type Handed = HttpOptions & Pick<InstallationOptions, 'reload'>;

/** A started engine with its door; `change` overrides what the door is handed. */
export async function openApiServer(
  options: HarnessOptions = {},
  change: (h: Harness) => Partial<Handed> = () => ({}),
): Promise<ApiServer> {
  const h = await startEngine(options);
  let serial = 0;
  const line = (fields: object, message: string) =>
    void h.logs.push({ level: 'http', message, fields });
  const log = { debug: line, info: line, warn: line, error: line };
  const policy = () => h.engine.setup().policy;
  const tokens = createTokens({
    store: {
      ...storedTokens({
        metas: (prefix) => h.store.reads.metas(prefix),
        meta: (key) => h.store.reads.meta(key),
        setMeta: (key, value) => h.store.transact((tx) => tx.setMeta(key, value)),
        alarm: h.engine.selfAlert,
      }),
    },
    clock: h.clock,
    policy,
    log,
    random: (bytes) => new Uint8Array(bytes).fill((serial += 1)),
  });
  const admin = (await firstToken(tokens)) ?? '';
  const { reload = async () => ({ ok: true, problems: [], kept: [] }), ...changed } = change(h);
  const { clock } = h;
  const http = await startHttp({
    listen: { host: '127.0.0.1', port: 0 },
    engine: h.engine,
    reads: h.store.reads,
    views: createViews(h.store.reads, () => ({ policy: policy(), lookups: h.engine.lookups() })),
    explain: (delivery) =>
      explain({ ...h.engine.setup(), lookups: h.engine.lookups() }, delivery, h.clock.now()),
    tokens,
    policy,
    installation: createInstallation({
      engine: h.engine,
      tokens,
      reload,
      policy,
      clock: h.engineClock(),
      log,
    }),
    record: createRecordViews(h.store, {
      context: () => ({ policy: policy(), lookups: h.engine.lookups() }),
      now: () => h.clock.now(),
    }),
    keptFiles: () => [],
    clock,
    log,
    registry: h.metrics.registry,
    version: '0.0.0',
    verbs: VERBS,
    trustedProxies: createNetworks([]),
    ...changed,
  });
  const ask = async (path: string, asking: Asking = {}): Promise<Answered> => {
    const answered = await speak(`${http.url}${path}`, { token: admin, ...asking });
    const method = asking.method ?? (asking.body === undefined ? 'GET' : 'POST');
    expect(undescribed(`${method} ${path}`, answered)).toEqual([]);
    return answered;
  };
  return {
    h,
    http,
    tokens,
    admin,
    issue: async (scopes, owner = { kind: 'machine', id: 'robot' }) =>
      (await tokens.issue({ owner, scopes, expiresAt: null })).token,
    ask,
    post: (path, body = {}, headers = {}) => ask(path, { method: 'POST', body, headers }),
    end: async () => {
      await http.close();
      await h.end();
    },
  };
}
