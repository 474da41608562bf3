/** A fake `Io`: answers by a function, and remembers every request and log line. No network, no clock. */
import type {
  Http,
  HttpAnswer,
  HttpAnswered,
  HttpFailed,
  HttpRequest,
  Io,
  Log,
} from '../../src/contract/index.ts';

/** Answers the n-th request (from 0) of one call. */
export type Respond = (request: HttpRequest, index: number) => HttpAnswer;

export interface LogLine {
  readonly level: keyof Log;
  readonly fields: object;
  readonly message: string;
}

export interface FakeIo<C> {
  readonly io: Io<C>;
  /** Every request in order, as the adapter described it. */
  readonly requests: readonly HttpRequest[];
  readonly logs: readonly LogLine[];
}

/** 2026-01-15T09:00:00Z, a Thursday. */
export const TEST_NOW = 1_768_467_600_000;

/** A vendor that must not be asked: any request is a failure of the test. */
export const unasked: Respond = (request) => {
  throw new Error(`no request expected, got ${request.method} ${request.url}`);
};

/** @param now epoch ms that the adapter is told */
export function fakeIo<C>(config: C, respond: Respond, now: number = TEST_NOW): FakeIo<C> {
  const requests: HttpRequest[] = [];
  const logs: LogLine[] = [];
  const line = (level: keyof Log) => (fields: object, message: string) =>
    void logs.push({ level, fields, message });
  const http: Http = {
    send: async (request) => {
      const index = requests.push(structuredClone(request)) - 1;
      return respond(request, index);
    },
  };
  const log: Log = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
  return { io: { config, http, now, log }, requests, logs };
}

/** @param body sent as it is when a string, else as JSON */
export function answered(
  status: number,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = {},
): HttpAnswered {
  return {
    kind: 'answered',
    status,
    headers,
    text: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** @param sent false when the request certainly never left */
export function failed(reason: HttpFailed['reason'], sent: boolean): HttpFailed {
  return { kind: 'failed', reason, sent, detail: `${reason} (made by the test)` };
}

/** Answers the n-th request with the n-th answer, and every further one with the last. */
export function inTurn(first: HttpAnswer, ...rest: readonly HttpAnswer[]): Respond {
  const answers = [first, ...rest];
  return (_request, index) => answers[index] ?? answers.at(-1) ?? first;
}
