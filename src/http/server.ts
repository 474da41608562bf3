/** The HTTP server: deliveries by plain node:http, everything else by the table of routes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { API_BYTES, createApi } from './api.ts';
import { clientAddressOf } from './client-address.ts';
import { isHopeless, tooLarge } from './body.ts';
import { limitConnections } from './connections.ts';
import { openApiOf } from './openapi.ts';
import type { Api, HttpOptions, Limits } from './options.ts';
import { urlOf } from './own-address.ts';
import { apiAnswers } from './problem.ts';
import { allRoutes } from './routes.ts';
import { type IntakeOptions, takeDelivery, WEBHOOKS } from './webhooks.ts';

export type { HttpOptions } from './options.ts';

export interface HttpServer {
  /** `http://127.0.0.1:8080`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Requests being answered. A stepped clock waits for 0. */
  inFlight(): number;
  /** From now on not ready, and deliveries are sent away with 503; what is under way goes on. */
  drain(): void;
  /** Drains, waits for what is under way (5 s at most) and closes. */
  close(): Promise<void>;
}

const LIMITS: Limits = {
  // Alertmanager sends a whole group at once and drops it on a 4xx: ten thousand alerts must still fit.
  deliveryBytes: 8_000_000,
  apiBytes: API_BYTES,
  headersTimeoutMs: 5_000,
  // With the second until Node looks, who sends slowly holds a connection for 10 s.
  requestTimeoutMs: 9_000,
  connections: 2_000,
  connectionsPerClient: 250,
};
const IDLE_MS = 5_000;
/** Node looks for connections that are too slow only this often. */
const CHECK_MS = 1_000;
/** Connections that wait until they are taken, as far as the system allows; who finds no room waits for a second. */
const BACKLOG = 4_096;
const CLOSE_WITHIN_MS = 5_000;

interface State {
  isStopping: boolean;
  inFlight: number;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What may be said of a request: the query, and what stands behind the name of a source, are the sender's own. */
function about(request: IncomingMessage, client: string): Readonly<Record<string, unknown>> {
  const [path = ''] = (request.url ?? '').split('?');
  const shown = path.startsWith(WEBHOOKS) ? path.split('/').slice(0, 3).join('/') : path;
  return { method: request.method, path: shown, client };
}

function handlerOf(options: HttpOptions, limits: Limits, state: State): Handler {
  const isStopping = (): boolean => state.isStopping;
  const routes = allRoutes(options.verbs);
  // Made when it is first asked for: it would delay every start.
  let document: ReturnType<typeof openApiOf> | null = null;
  const openApi = () => (document ??= openApiOf(routes, options.version));
  const api: Api = { ...options, limits, isStopping, openApi };
  const app = createApi(api, routes);
  const intake: IntakeOptions = {
    accept: (delivery) => options.engine.accept(delivery),
    tooLarge: (source) => options.engine.tooLarge(source),
    log: options.log,
    limit: limits.deliveryBytes,
    isStopping,
  };
  return (request, response) => {
    state.inFlight += 1;
    const started = options.clock.monotonic();
    // Now, for a connection that is gone has no address.
    const peer = request.socket.remoteAddress;
    response.on('close', () => {
      state.inFlight -= 1;
      options.log.debug(() => {
        const ms = Math.round(options.clock.monotonic() - started);
        const from = { headers: request.headers, socket: { remoteAddress: peer } };
        const client = clientAddressOf(from, options.trustedProxies);
        return { ...about(request, client), status: response.statusCode, ms };
      }, 'a request was answered');
    });
    if (request.url?.startsWith(WEBHOOKS) === true)
      void takeDelivery({ request, response }, intake);
    else app(request, response);
  };
}

function serverOf(options: HttpOptions, limits: Limits, answer: Handler): Server {
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: IDLE_MS,
  });
  const { trustedProxies: trusted, clock, log } = options;
  const connections = limitConnections(server, { limits, trusted, clock, log });
  const handler: Handler = (request, response) => {
    connections.answering(request, response);
    answer(request, response);
  };
  server.on('request', handler);
  // Who asks first is told before a body that is far too large is sent at all.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (isHopeless(request, limits.deliveryBytes))
      return apiAnswers.problem(response, tooLarge(limits.deliveryBytes, false));
    response.writeContinue();
    handler(request, response);
  });
  return server;
}

function listening(server: Server, { host, port }: HttpOptions['listen']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hint = error.code === 'EADDRINUSE' ? 'it is in use; choose another one' : error.message;
      reject(new Error(`Cannot listen on ${host}:${port}: ${hint}.`, { cause: error }));
    });
    server.listen({ port, host, backlog: BACKLOG }, () => {
      // A server on a TCP port has an address with a port; only one on a pipe has not.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closing(server: Server, clock: HttpOptions['clock']): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(CLOSE_WITHIN_MS, () => server.closeAllConnections());
    server.close(() => {
      timer.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Listens and serves. Rejects when the address cannot be had. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const limits = { ...LIMITS, ...options.limits };
  const state: State = { isStopping: false, inFlight: 0 };
  const server = serverOf(options, limits, handlerOf(options, limits, state));
  const port = await listening(server, options.listen);
  // Such as one connection too many for the process: those that there are go on.
  server.on('error', (error) => options.log.error({ error }, 'a connection could not be taken'));
  return {
    url: urlOf({ host: options.listen.host, port }),
    port,
    inFlight: () => state.inFlight,
    drain: () => {
      state.isStopping = true;
    },
    close: async () => {
      state.isStopping = true;
      await closing(server, options.clock);
    },
  };
}
