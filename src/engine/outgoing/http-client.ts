/**
 * The HTTP behind `io.http`, on axios: one client with connect and total timeouts, size caps, no redirects, no retries,
 * the private-address guard, redaction and metrics. It never throws; a failure is a value that says whether the request
 * can have reached the vendor.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { getCACertificates } from 'node:tls';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import type { Http, HttpAnswer, HttpFailed, HttpRequest } from '../../contract/http.ts';
import {
  type Allow,
  ForbiddenAddress,
  guardedLookup,
  type ResolveHost,
  systemResolve,
  whyForbidden,
} from './address-guard.ts';
import type { Clock } from '../clock.ts';
import { refusalText } from './refusal-text.ts';

const CONNECT_MS = 3_000;
const TOTAL_MS = 10_000;
const RESPONSE_BYTES_MAX = 1_000_000;
const REQUEST_BYTES_MAX = 1_000_000;
/** A detail is stored in the outbox and read by people. */
const DETAIL_CHARS_MAX = 500;

export interface HttpClientOptions {
  readonly clock: Clock;
  readonly allow: Allow;
  /** For what is told of a failure; whoever answers may have cut it. */
  readonly redact: (text: string) => string;
  readonly userAgent: string;
  /** The system's resolver when absent. */
  readonly resolve?: ResolveHost;
  /** Certificates to trust beside the system's, PEM. */
  readonly ca?: string;
  readonly observe?: (done: {
    readonly target: string;
    readonly request: Pick<HttpRequest, 'method' | 'url'>;
    readonly answer: HttpAnswer;
    readonly ms: number;
  }) => void;
}

export interface HttpScope {
  /** For metrics. */
  readonly target: string;
  /** Monotonic ms after which nothing may be under way any more; absent: the total timeout alone. */
  readonly endsAt?: number;
}

export interface HttpClient {
  /** The client of one target, for as long as one send or read lasts. */
  scoped(scope: HttpScope): Http;
  /** Closes idle connections; requests under way end on their own. */
  close(): void;
}

/** What became known of one request while it was under way. */
interface Progress {
  connected: boolean;
  timedOut: 'connect' | 'total' | null;
  /** Armed on the socket, disarmed once connected. */
  onSocket(socket: Socket, secure: boolean): void;
}

/**
 * Axios hands requests to a transport. Ours pins the resolution and notices when the connection stands: until then
 * nothing of the request has left.
 */
function transport(lookup: LookupFunction, progress: Progress): object {
  return {
    request: (
      options: https.RequestOptions,
      onResponse: (response: http.IncomingMessage) => void,
    ) => {
      const secure = options.protocol === 'https:';
      const request = (secure ? https : http).request({ ...options, lookup }, onResponse);
      request.once('socket', (socket) => progress.onSocket(socket, secure));
      return request;
    },
  };
}

function watch(clock: Clock, controller: AbortController): Progress {
  const progress: Progress = {
    connected: false,
    timedOut: null,
    onSocket: (socket, secure) => {
      // A kept-alive socket is ready at once.
      if (!socket.connecting) {
        progress.connected = true;
        return;
      }
      const timer = clock.after(CONNECT_MS, () => {
        progress.timedOut ??= 'connect';
        controller.abort();
      });
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        progress.connected = true;
        timer.cancel();
      });
      socket.once('close', () => timer.cancel());
    },
  };
  return progress;
}

function lowerCase(headers: AxiosResponse['headers']): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) plain[name.toLowerCase()] = String(value);
  }
  return plain;
}

/** The error and what caused it: axios wraps errors, and node wraps the attempts at several addresses. */
function causes(error: unknown): readonly Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [error, ...causes(error.cause), ...inner.flatMap(causes)];
}

function failed(error: unknown, progress: Progress, redact: (text: string) => string): HttpFailed {
  const chain = causes(error);
  const text = chain
    .map((one) => one.message)
    .filter((one, i, all) => one !== '' && all.indexOf(one) === i);
  const detail = redact(text.join(': ') || String(error)).slice(0, DETAIL_CHARS_MAX);
  if (chain.some((one) => one instanceof ForbiddenAddress))
    return { kind: 'failed', reason: 'forbidden_address', sent: false, detail };
  if (progress.timedOut !== null) {
    const waited =
      progress.timedOut === 'connect'
        ? `no connection within ${CONNECT_MS / 1000} s`
        : 'no complete answer in time';
    return { kind: 'failed', reason: 'timeout', sent: progress.connected, detail: waited };
  }
  const tooLarge = detail.includes('maxContentLength') || detail.includes('maxBodyLength');
  return {
    kind: 'failed',
    reason: tooLarge ? 'too_large' : 'network',
    sent: progress.connected,
    detail,
  };
}

function bodyOf(request: HttpRequest): { data?: string; type?: string } {
  if (request.json !== undefined)
    return { data: JSON.stringify(request.json), type: 'application/json' };
  if (request.form !== undefined)
    return {
      data: new URLSearchParams(request.form).toString(),
      type: 'application/x-www-form-urlencoded',
    };
  return {};
}

function refuse(reason: HttpFailed['reason'], detail: string): HttpFailed {
  return { kind: 'failed', reason, sent: false, detail };
}

/** Why the URL itself is refused, or the URL. */
function checkedUrl(text: string, allow: Allow): URL | HttpFailed {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null)
    return refuse(
      'forbidden_address',
      'the URL of the request is malformed; check base_url of the target',
    );
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse('forbidden_address', `${url.protocol} is no HTTP; check base_url of the target`);
  if (url.username !== '' || url.password !== '')
    return refuse(
      'forbidden_address',
      'a URL must not carry credentials; put them where the target expects its token',
    );
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A literal address never passes the resolver, so it is checked here.
  const why = isIP(host) === 0 ? null : whyForbidden(host, host, allow);
  return why === null ? url : refuse('forbidden_address', why);
}

interface ClientParts {
  readonly options: HttpClientOptions;
  readonly client: AxiosInstance;
  readonly lookup: LookupFunction;
}

async function exchange(
  parts: ClientParts,
  request: HttpRequest,
  limitMs: number,
): Promise<HttpAnswer> {
  const { options, client, lookup } = parts;
  const url = checkedUrl(request.url, options.allow);
  if (!(url instanceof URL)) return url;
  const controller = new AbortController();
  const progress = watch(options.clock, controller);
  const timer = options.clock.after(limitMs, () => {
    progress.timedOut ??= 'total';
    controller.abort();
  });
  const { data, type } = bodyOf(request);
  try {
    const response = await client.request<string>({
      url: url.href,
      method: request.method,
      headers: {
        'user-agent': options.userAgent,
        ...(type === undefined ? {} : { 'content-type': type }),
        ...request.headers,
      },
      ...(data === undefined ? {} : { data }),
      signal: controller.signal,
      transport: transport(lookup, progress),
    });
    const { status, data: text } = response;
    const isSuccess = status >= 200 && status < 300;
    return {
      kind: 'answered',
      status,
      headers: lowerCase(response.headers),
      text: isSuccess ? text : refusalText(text, options.redact),
    };
  } catch (error) {
    return failed(error, progress, options.redact);
  } finally {
    timer.cancel();
  }
}

/** Builds the client with its connection pool. Nothing is opened before the first request. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agents = {
    httpAgent: new http.Agent({ keepAlive: true }),
    httpsAgent: new https.Agent({
      keepAlive: true,
      // What is named here takes the place of what is trusted otherwise.
      ...(options.ca === undefined ? {} : { ca: [...getCACertificates('default'), options.ca] }),
    }),
  };
  const client = axios.create({
    ...agents,
    adapter: 'http',
    maxRedirects: 0,
    proxy: false,
    responseType: 'text',
    // Texts pass through untouched: adapters parse, and a vendor's answer is never guessed to be JSON.
    transformRequest: (data: unknown) => data,
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
    maxContentLength: RESPONSE_BYTES_MAX,
    maxBodyLength: REQUEST_BYTES_MAX,
    // The timeout of axios does not cover a stalled body: the abort signal does.
    timeout: 0,
  });
  const parts: ClientParts = {
    options,
    client,
    lookup: guardedLookup(options.resolve ?? systemResolve, options.allow),
  };
  const { clock } = options;
  return {
    scoped: ({ target, endsAt }) => ({
      send: async (request) => {
        const started = clock.monotonic();
        const limitMs = Math.min(
          request.timeoutMs ?? TOTAL_MS,
          (endsAt ?? Number.POSITIVE_INFINITY) - started,
        );
        const answer =
          limitMs > 0
            ? await exchange(parts, request, limitMs)
            : refuse('timeout', 'the time for this send was used up');
        options.observe?.({ target, request, answer, ms: clock.monotonic() - started });
        return answer;
      },
    }),
    close: () => {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}
