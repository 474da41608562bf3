/** Problem documents (RFC 9457): what is wrong, where, and what to do. */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { FieldError } from '../lib/fields.ts';

export interface ProblemOptions {
  readonly status: number;
  readonly detail: string;
  /** Stable word for programs. */
  readonly code?: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by handlers and turned into the answer in one place. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly options: ProblemOptions;
  constructor(options: ProblemOptions) {
    super(options.detail);
    this.options = options;
  }
}

export interface ProblemDocument {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code?: string;
  readonly errors?: readonly FieldError[];
}

export function documentOf({ status, detail, code, errors }: ProblemOptions): ProblemDocument {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(code === undefined ? {} : { code }),
    ...(errors === undefined ? {} : { errors }),
  };
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes an answer; a client that has gone is left alone. */
export function send(response: ServerResponse, { status, type, body, headers = {} }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function sendJson(
  response: ServerResponse,
  value: unknown,
  more: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): void {
  send(response, {
    status: more.status ?? 200,
    type: 'application/json; charset=utf-8',
    body: `${JSON.stringify(value)}\n`,
    ...(more.headers === undefined ? {} : { headers: more.headers }),
  });
}

export function sendProblem(response: ServerResponse, options: ProblemOptions): void {
  send(response, {
    status: options.status,
    type: 'application/problem+json',
    body: `${JSON.stringify(documentOf(options))}\n`,
    ...(options.headers === undefined ? {} : { headers: options.headers }),
  });
}

/** The engine's errors by name: the layer table lets only types of the engine and the store in here. */
interface Unavailable extends Error {
  readonly retryAfterSeconds?: number;
  readonly hint?: string;
}

const UNAVAILABLE = new Set(['Overloaded', 'StoreUnavailable']);
const RETRY_AFTER_S = 5;

/** The answer to something thrown: a problem as it is, ours to blame and worth trying again 503, else null. */
export function problemOf(error: unknown): ProblemOptions | null {
  if (error instanceof Problem) return error.options;
  if (!(error instanceof Error) || !UNAVAILABLE.has(error.name)) return null;
  const { message, hint, retryAfterSeconds = RETRY_AFTER_S }: Unavailable = error;
  return {
    status: 503,
    code: error.name === 'Overloaded' ? 'overloaded' : 'store_unavailable',
    detail: hint === undefined ? message : `${message}; ${hint}`,
    headers: { 'retry-after': String(retryAfterSeconds) },
  };
}
