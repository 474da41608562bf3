/** Answering an HTTP request: a text, JSON, or a problem document (RFC 9457) that says what is wrong, where, and what to do. */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { FieldError } from './fields.ts';

type Headers = Readonly<Record<string, string>>;

export interface Answer {
  /** 200 when absent. */
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Headers;
}

export interface ProblemOptions {
  readonly status: number;
  readonly detail: string;
  /** Stable word for programs. */
  readonly code?: string;
  /** The fields that are wrong. */
  readonly errors?: readonly FieldError[];
  readonly headers?: Headers;
}

/** What one server has in common in all its answers. */
export interface AnswersOptions {
  /** With every answer. */
  readonly headers?: Headers;
  /** Blanks per level of JSON, for people; none when absent. */
  readonly indent?: number;
}

export interface Answers {
  /** A client that has gone is left alone. */
  send(response: ServerResponse, answer: Answer): void;
  json(
    response: ServerResponse,
    value: unknown,
    more?: { readonly status?: number; readonly headers?: Headers },
  ): void;
  problem(response: ServerResponse, problem: ProblemOptions): void;
}

function documentOf({ status, detail, code, errors }: ProblemOptions): object {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(code === undefined ? {} : { code }),
    ...(errors === undefined ? {} : { errors }),
  };
}

/** What every server says: nothing of it is for a cache, and what it is stands in its type. */
const ALWAYS: Headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** The ways in which one server answers. */
export function createAnswers({ headers: common = {}, indent }: AnswersOptions = {}): Answers {
  const jsonOf = (value: unknown): string => `${JSON.stringify(value, null, indent)}\n`;
  const send: Answers['send'] = (response, { status = 200, type, body, headers = {} }) => {
    if (response.destroyed || response.headersSent) return;
    response.writeHead(status, {
      ...ALWAYS,
      ...common,
      ...headers,
      'content-type': type,
      'content-length': Buffer.byteLength(body),
    });
    response.end(response.req.method === 'HEAD' ? undefined : body);
  };
  return {
    send,
    json: (response, value, { status = 200, headers = {} } = {}) =>
      send(response, {
        status,
        headers,
        type: 'application/json; charset=utf-8',
        body: jsonOf(value),
      }),
    problem: (response, problem) =>
      send(response, {
        status: problem.status,
        headers: problem.headers ?? {},
        type: 'application/problem+json',
        body: jsonOf(documentOf(problem)),
      }),
  };
}
