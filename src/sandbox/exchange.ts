/** One request to a vendor, from its headers to its answer, with the fault that strikes it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Temporal } from 'temporal-polyfill';
import type { StandInRequest, StandInResponse } from '../contract/index.ts';
import type { Account } from './account.ts';
import type { SandboxClock } from './clock.ts';
import type { Fault, RetryAfterSpelling } from './faults.ts';
import type { OpenRequest } from './traffic.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly account: Account;
  /** Path behind `/<target>`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly fault: Fault | null;
  readonly visit: OpenRequest;
  readonly clock: SandboxClock;
}

/** More than the largest limit of any vendor played here (Statuspage and Slack: well under 1 MB). */
const BODY_BYTES_MAX = 5 * 1024 * 1024;

/** Longer than Tocsin waits for an answer (10 s): the request fails there and is carried out all the same. */
const SLOW_MS = 20_000;

/** Answers the request, or leaves it as the fault says. Never rejects. */
export async function answerExchange(exchange: Exchange): Promise<void> {
  const { request, fault, visit } = exchange;
  if (fault?.fault === 'refuse') {
    request.socket.resetAndDestroy();
    return;
  }
  const read = await readRequest(exchange);
  if (read === null) return;
  if (fault?.fault === 'hang') {
    visit.park();
    return;
  }
  act(exchange, read);
}

/** The whole request; null when the client went away or was refused for its size. */
async function readRequest({
  request,
  response,
  path,
  query,
}: Exchange): Promise<StandInRequest | null> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) {
    response.shouldKeepAlive = false;
    write(response, { status: 413, body: `The sandbox reads at most ${BODY_BYTES_MAX} bytes.` });
    return null;
  }
  try {
    const body = await text(request);
    const headers = Object.entries(request.headers).map(([name, value]) => [
      name,
      [value].flat().join(', '),
    ]);
    return {
      method: request.method ?? 'GET',
      path,
      query: queryOf(query),
      headers: Object.fromEntries(headers) as Record<string, string>,
      body,
    };
  } catch {
    return null;
  }
}

function queryOf(query: URLSearchParams): StandInRequest['query'] {
  const names = [...new Set(query.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [first = '', ...rest] = query.getAll(name);
      return [name, rest.length === 0 ? first : [first, ...rest]];
    }),
  );
}

function act(exchange: Exchange, request: StandInRequest): void {
  const { response, account, fault, visit, clock } = exchange;
  switch (fault?.fault) {
    case undefined:
      return write(
        response,
        safely(account, () => account.carryOut(request)),
      );
    case '429':
      return write(response, rateLimited(fault, clock.now()));
    case '403':
      return write(response, denied(fault.status ?? 403));
    case '5xx':
      return write(response, {
        ...broken(fault.status ?? 503),
        headers: fault.retryAfterMs === undefined ? {} : waitHeaders(fault, clock.now()),
      });
    case '5xx-but-done': {
      const { doneAfterMs = 0 } = fault;
      if (doneAfterMs > 0) clock.after(doneAfterMs, () => void account.carryOut(request));
      else safely(account, () => account.carryOut(request));
      return write(response, broken(fault.status ?? 504));
    }
    case '202-but-lost':
      return write(
        response,
        safely(account, () => account.pretend(request)),
      );
    case '202-but-rejected':
      return write(
        response,
        safely(account, () => account.rejectLater(request)),
      );
    case 'unknown-address':
      return write(
        response,
        safely(account, () => account.refuseAddress(request)),
      );
    case 'slow':
      visit.park();
      clock.after(fault.delayMs ?? SLOW_MS, () => {
        visit.resume();
        write(
          response,
          safely(account, () => account.carryOut(request)),
        );
      });
      return;
    case 'reset':
      return breakOff(
        response,
        safely(account, () => account.carryOut(request)),
      );
    case 'refuse':
    case 'hang':
      return;
  }
}

/** A stand-in that throws is a bug of the stand-in; its caller sees a vendor that fails, with the reason in plain sight. */
function safely(account: Account, run: () => StandInResponse): StandInResponse {
  try {
    return run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { status: 500, body: { error: `The stand-in of ${account.vendor} failed: ${reason}` } };
  }
}

/** We are refused, whatever is asked; a redirect leads to where no token may go. */
function denied(status: number): StandInResponse {
  const body = { error: 'this account may not do that' };
  const location = 'https://elsewhere.example/';
  return status < 400 ? { status, headers: { location }, body } : { status, body };
}

function broken(status: number): StandInResponse {
  return { status, body: { error: `The sandbox was told to answer ${status}.` } };
}

const RETRY_AFTER_MS = 30_000;

interface Waiting {
  readonly retryAfterMs?: number | undefined;
  readonly spelling?: RetryAfterSpelling | undefined;
}

/** When to come back, as the vendor spells it. */
function waitHeaders(fault: Waiting, now: number): Readonly<Record<string, string>> {
  const { retryAfterMs = RETRY_AFTER_MS, spelling = 'seconds' } = fault;
  const seconds = String(Math.ceil(retryAfterMs / 1000));
  return {
    seconds: { 'retry-after': seconds },
    'http-date': { 'retry-after': httpDate(now + retryAfterMs) },
    'ratelimit-reset': {
      'ratelimit-limit': '960',
      'ratelimit-remaining': '0',
      'ratelimit-reset': seconds,
    },
    'x-ratelimit-period-in-sec': {
      'x-ratelimit-state': 'THROTTLED',
      'x-ratelimit-period-in-sec': seconds,
    },
    none: {},
  }[spelling];
}

function rateLimited(fault: Extract<Fault, { fault: '429' }>, now: number): StandInResponse {
  return { ...broken(fault.status ?? 429), headers: waitHeaders(fault, now) };
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** IMF-fixdate (RFC 9110), rounded up to the second: who comes back then is not too early. */
function httpDate(at: number): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(Math.ceil(at / 1000) * 1000);
  const time = instant.toZonedDateTimeISO('UTC');
  const date = `${WEEKDAYS[time.dayOfWeek - 1]}, ${two(time.day)} ${MONTHS[time.month - 1]} ${time.year}`;
  return `${date} ${two(time.hour)}:${two(time.minute)}:${two(time.second)} GMT`;
}

const two = (value: number): string => String(value).padStart(2, '0');

interface Wire {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

function wireOf({ headers = {}, body }: StandInResponse): Wire {
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  const payload = Buffer.from(body === undefined ? '' : isText ? body : JSON.stringify(body));
  const named = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { headers: { 'content-type': type, ...named }, payload };
}

const isBodiless = (status: number): boolean => status === 204 || status === 304;

function write(response: ServerResponse, answer: StandInResponse): void {
  if (response.destroyed) return;
  const { headers, payload } = wireOf(answer);
  if (isBodiless(answer.status)) response.writeHead(answer.status).end();
  else
    response
      .writeHead(answer.status, { ...headers, 'content-length': payload.length })
      .end(payload);
}

/** Announces one byte more than it has, sends half of them and resets the connection. */
function breakOff(response: ServerResponse, answer: StandInResponse): void {
  if (response.destroyed) return;
  const { headers, payload } = wireOf(answer);
  if (isBodiless(answer.status)) {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, { ...headers, 'content-length': payload.length + 1 });
  response.write(payload.subarray(0, Math.ceil(payload.length / 2)), () =>
    response.socket?.resetAndDestroy(),
  );
}
