/** Opsgenie's REST API: how a request is written and how an answer is read. https://docs.opsgenie.com/docs/api-overview */
import { asText, failure, isRecord, jsonOf, memberOf } from '../../src/contract/index.ts';
import type {
  HttpAnswer,
  HttpRequest,
  Io,
  JsonRecord,
  Outcome,
  ReadResult,
  StatusOverrides,
} from '../../src/contract/index.ts';
import { apiUrlOf } from './config.ts';
import type { TargetConfig } from './config.ts';

export type OpsgenieIo = Io<TargetConfig>;

/** Where the vendor's answers mean more than their number says. https://docs.opsgenie.com/docs/response */
const STATUSES: StatusOverrides = {
  401: {
    reason: 'unauthorized',
    retry: false,
    hint: 'The api_key was refused. Use the key of an API integration, not of a person, and check the region: accounts in the EU need region: eu.',
  },
  403: {
    reason: 'forbidden',
    retry: false,
    hint: 'The key may not do this. Enable the integration and its "create and update access"; a key of a team integration sees only that team.',
  },
  422: {
    reason: 'invalid_request',
    retry: false,
    hint: 'Opsgenie refused the content; the detail names the field. Check priorities and the address of this page.',
  },
};

/** A path from its segments, each escaped: aliases hold slashes. */
export function pathOf(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

/** Sends one request. @param path begins with a slash, already escaped */
export async function send(
  io: OpsgenieIo,
  path: string,
  more: { readonly query?: Readonly<Record<string, string>>; readonly json?: unknown } = {},
): Promise<HttpAnswer> {
  const query = new URLSearchParams(more.query).toString();
  const request: HttpRequest = {
    method: more.json === undefined ? 'GET' : 'POST',
    url: `${apiUrlOf(io.config)}${path}${query === '' ? '' : `?${query}`}`,
    headers: {
      authorization: `GenieKey ${io.config.api_key.reveal()}`,
      accept: 'application/json',
    },
    ...(more.json === undefined ? {} : { json: more.json }),
  };
  return io.http.send(request);
}

/** A body as Opsgenie spells it, or undefined. */
function bodyOf(answer: HttpAnswer): JsonRecord | undefined {
  const body = answer.kind === 'answered' ? jsonOf(answer) : undefined;
  return isRecord(body) ? body : undefined;
}

/** The request id of an accepted write; null when the answer cannot be read. */
export function requestIdOf(answer: HttpAnswer): string | null {
  const id = memberOf(bodyOf(answer), 'requestId');
  return typeof id === 'string' && id !== '' ? id : null;
}

/** Whether Opsgenie took the request (2xx). */
export function isAccepted(answer: HttpAnswer): boolean {
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
}

/** What Opsgenie calls those who can be rung. */
export const NAMES_RESPONDER = /\b(?:responder|user|team|schedule|escalation)s?\b/i;

/**
 * Whether Opsgenie itself refuses whom the alert would ring: 422 in its own shape, which bears a request id, that names the
 * responders among the `errors`, or speaks of one where there are none. https://docs.opsgenie.com/docs/response
 */
function namesResponder(answer: HttpAnswer): boolean {
  if (answer.kind === 'failed' || answer.status !== 422 || requestIdOf(answer) === null)
    return false;
  const body = bodyOf(answer);
  const errors = memberOf(body, 'errors');
  if (isRecord(errors)) return Object.keys(errors).some((field) => field.startsWith('responders'));
  return NAMES_RESPONDER.test(asText(memberOf(body, 'message')) ?? '');
}

/** The verb for a write that was not accepted. */
export function refusalOf(
  answer: HttpAnswer,
  now: number,
): Exclude<Outcome, { verb: 'delivered' }> {
  const read = failure(answer, now, STATUSES);
  return read.verb === 'reject' ? { ...read, ofAddress: namesResponder(answer) } : read;
}

/** Reads `data` of an answer to a GET. */
export async function read(
  io: OpsgenieIo,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<ReadResult<unknown>> {
  const answer = await send(io, path, { query });
  if (!isAccepted(answer)) {
    const { reason, detail } = refusalOf(answer, io.now);
    return { ok: false, reason, detail };
  }
  const data = memberOf(bodyOf(answer), 'data');
  if (data === undefined)
    return { ok: false, reason: 'server_error', detail: `GET ${path} was answered without data` };
  return { ok: true, data };
}
