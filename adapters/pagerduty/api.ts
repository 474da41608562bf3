/** PagerDuty's REST API v2 as this adapter uses it: requests, refusals in the vendor's codes, and pages of lists. */
import { z } from 'zod';
import { failure, jsonOf } from '../../src/contract/index.ts';
import type {
  HttpAnswer,
  HttpAnswered,
  HttpRequest,
  Io,
  Reason,
  ReadResult,
  Rejection,
  Retry,
  StatusOverrides,
} from '../../src/contract/index.ts';
import { regionalUrlOf } from './config.ts';
import type { Config } from './config.ts';
import { NO_TOKEN } from './lacks.ts';

export type Query = readonly (readonly [string, string])[];

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: Query;
  readonly json?: object;
}

/** Why nothing can be asked: the target has no token. */
function withoutToken(what: string): Rejection {
  return {
    verb: 'reject',
    reason: 'unsupported',
    detail: `${what} needs the REST API, and this target has no token`,
    hint: NO_TOKEN.instead,
  };
}

/**
 * Asks the REST API; the caller has made sure of the token.
 * Headers: developer-docs REST-API/01-Overview.md ("Token token=", not Bearer; From names a user).
 */
export function send(io: Io<Config>, ask: Ask): Promise<HttpAnswer> {
  const { token, from } = io.config;
  const query = new URLSearchParams();
  for (const [key, value] of ask.query ?? []) query.append(key, value);
  const search = query.size === 0 ? '' : `?${query.toString()}`;
  const request: HttpRequest = {
    method: ask.method,
    url: `${regionalUrlOf(io.config, 'rest')}${ask.path}${search}`,
    headers: {
      authorization: `Token token=${token?.reveal() ?? ''}`,
      accept: 'application/vnd.pagerduty+json;version=2',
      ...(ask.method === 'GET' || from === undefined ? {} : { from }),
    },
    ...(ask.json === undefined ? {} : { json: ask.json }),
  };
  return io.http.send(request);
}

export function isSuccess(answer: HttpAnswer): answer is HttpAnswered {
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
}

/** developer-docs REST-API/14-Errors.md */
const STATUSES: StatusOverrides = {
  401: {
    reason: 'unauthorized',
    retry: false,
    hint: 'PagerDuty refused the token: create a REST API key (Integrations > API Access Keys) and put it into this target.',
  },
  402: {
    reason: 'unsupported',
    retry: false,
    hint: 'The PagerDuty account lacks this ability (priorities and responder requests depend on the plan).',
  },
  403: {
    reason: 'forbidden',
    retry: false,
    hint: 'The token may not do this: it needs write permission, and `from` a user who may respond to incidents.',
  },
};

export const CODE = {
  alreadyResolved: 1001,
  alreadyAcknowledged: 1002,
  changedMeanwhile: 1005,
  noSuchUser: 1007,
  unknownFrom: 1008,
  noSuchPolicy: 1014,
  nobodyOnCall: 1015,
  invalidPriority: 1020,
  invalidInput: 2001,
  argumentsError: 2002,
  notFound: 2100,
} as const;

/** Codes that say more than their status: developer-docs REST-API/14-Errors.md */
const CODES: Readonly<Record<number, { readonly reason: Reason; readonly hint: string }>> = {
  [CODE.unknownFrom]: {
    reason: 'unauthorized',
    hint: '`from` of this target is not the e-mail of a PagerDuty user: correct it.',
  },
  [CODE.invalidPriority]: {
    reason: 'invalid_request',
    hint: 'An id under `priorities` of this target does not exist in the account: run tocsin doctor.',
  },
  [CODE.noSuchUser]: {
    reason: 'not_found',
    hint: 'The user to be rung does not exist in the account: run tocsin doctor.',
  },
  [CODE.noSuchPolicy]: {
    reason: 'not_found',
    hint: 'The escalation policy does not exist in the account: run tocsin doctor.',
  },
  [CODE.nobodyOnCall]: {
    reason: 'conflict',
    hint: 'Nobody is on call on the escalation policy: fill its schedule at PagerDuty.',
  },
  1018: { reason: 'forbidden', hint: STATUSES[403]?.hint ?? '' },
  2010: { reason: 'forbidden', hint: STATUSES[403]?.hint ?? '' },
  2014: { reason: 'unsupported', hint: STATUSES[402]?.hint ?? '' },
  [CODE.notFound]: {
    reason: 'not_found',
    hint: 'An id of the configuration does not exist in the account: run tocsin doctor.',
  },
};

/** Codes by which PagerDuty itself says that whom we name cannot be rung. */
const OF_CALLEE: ReadonlySet<number | null> = new Set([
  CODE.noSuchUser,
  CODE.noSuchPolicy,
  CODE.nobodyOnCall,
]);

const CANNOT_RING =
  'PagerDuty does not ring whom this page names: see the detail, compare the id of the user, service or escalation policy, and run tocsin doctor.';

/** Codes that say in words alone what is wrong, e.g. "Service not found". */
const IN_WORDS: ReadonlySet<number | null> = new Set([
  CODE.invalidInput,
  CODE.argumentsError,
  CODE.notFound,
]);
const NAMES_CALLEE = /\b(?:assign\w*|user|escalation policy|schedule|responder)\b/i;
const NAMES_SERVICE = /\bservice\b/i;
/** The requester is one and the same for everybody whom we call. */
const NAMES_REQUESTER = /\brequester\b/i;
/** "Open incident with matching dedup key already exists on this service"; its code is that of any wrong argument. */
const IS_OPEN_ALREADY = /\bdedup key\b.*\balready exists\b/i;

const errorSchema = z.object({
  error: z.object({
    message: z.string().catch(''),
    code: z.number().nullable().catch(null),
    errors: z.array(z.string()).catch([]),
  }),
});

type ErrorBody = z.infer<typeof errorSchema>['error'];

/** The error in PagerDuty's own shape; null: something else has answered. */
function errorOf(answer: HttpAnswer): ErrorBody | null {
  if (answer.kind === 'failed') return null;
  const parsed = errorSchema.safeParse(jsonOf(answer));
  return parsed.success ? parsed.data.error : null;
}

/** PagerDuty's own error code, or null. */
export function codeOf(answer: HttpAnswer): number | null {
  return errorOf(answer)?.code ?? null;
}

function says({ message, errors }: ErrorBody, words: RegExp): boolean {
  return [message, ...errors].some((text) => words.test(text) && !NAMES_REQUESTER.test(text));
}

/** Whether PagerDuty refuses a second open incident under one key. */
export function saysOpenAlready(answer: HttpAnswer): boolean {
  const error = errorOf(answer);
  return error !== null && says(error, IS_OPEN_ALREADY);
}

/** Whether it names the user, the escalation policy or the responder. */
function namesCallee(error: ErrorBody): boolean {
  const { code } = error;
  return OF_CALLEE.has(code) || (IN_WORDS.has(code) && says(error, NAMES_CALLEE));
}

/** What of a request is of the address that is rung, and of no other one. */
export type OwnPart = 'all' | 'callee' | 'nothing';

/** Whether PagerDuty itself refuses that part. An answer without an error of its making is that of a proxy. */
function isOfOwn(error: ErrorBody, own: OwnPart): boolean {
  if (own === 'nothing') return false;
  if (namesCallee(error)) return true;
  if (own === 'callee') return false;
  const isOfService = says(error, NAMES_SERVICE) && !says(error, IS_OPEN_ALREADY);
  return error.code === CODE.notFound || (IN_WORDS.has(error.code) && isOfService);
}

/** The reading of anything that is not a success, in PagerDuty's own words where it has some. */
export function refusal(answer: HttpAnswer, now: number, own: OwnPart = 'all'): Retry | Rejection {
  const read = failure(answer, now, STATUSES);
  if (answer.kind === 'failed') return read;
  const error = errorOf(answer);
  if (error === null) return read;
  const { message, code, errors } = error;
  const said = [message, ...errors].filter((text) => text !== '').join('; ');
  const detail = `HTTP ${answer.status}, code ${code ?? 'none'}: ${said}`.slice(0, 500);
  // Somebody was faster; the same request may pass now.
  if (code === CODE.changedMeanwhile && read.verb === 'reject')
    return { verb: 'retry', reason: 'conflict', ambiguous: false, detail };
  const known = code === null ? undefined : CODES[code];
  if (read.verb === 'retry') return { ...read, detail };
  const ofAddress = isOfOwn(error, own);
  const hint = ofAddress ? CANNOT_RING : read.hint;
  return { ...read, hint, ...known, detail, ofAddress };
}

/** A success that cannot be read: what was asked may have happened. Its text is not shown, for it may hold keys. */
export function unreadable(answer: HttpAnswered): Retry {
  return {
    verb: 'retry',
    reason: 'server_error',
    ambiguous: true,
    detail: `HTTP ${answer.status} without the expected content (${answer.text.length} characters)`,
  };
}

/** A read of one object: its content by schema, or the reason why there is none. */
export async function read<T>(
  io: Io<Config>,
  ask: Ask,
  schema: z.ZodType<T>,
): Promise<ReadResult<T>> {
  if (io.config.token === undefined) return asRead(withoutToken(`GET ${ask.path}`));
  const answer = await send(io, ask);
  if (!isSuccess(answer)) return asRead(refusal(answer, io.now));
  const parsed = schema.safeParse(jsonOf(answer));
  if (!parsed.success) return asRead(unreadable(answer));
  return { ok: true, data: parsed.data };
}

function asRead({ reason, detail }: Retry | Rejection): ReadResult<never> {
  return { ok: false, reason, detail };
}

/** developer-docs REST-API/09-Pagination.md: at most 100 a page, 10 000 in all. */
export const PAGE_SIZE = 100;
export const PAGES_MAX = 100;

const listSchema = z.record(z.string(), z.unknown());

export interface ListAsk {
  readonly path: string;
  readonly query: Query;
  /** Name of the list in the answer. */
  readonly list: string;
  /** How many pages to read at most. */
  readonly pagesMax: number;
}

export interface Listed {
  /** As the vendor sent them: untrusted. */
  readonly items: readonly unknown[];
  /** More exist than were read. */
  readonly truncated: boolean;
}

/** One page of a list (classic pagination: `limit`, `offset`, `more`), counted from 0. */
export async function readPage(
  io: Io<Config>,
  ask: Omit<ListAsk, 'pagesMax'>,
  page: number,
): Promise<ReadResult<{ readonly items: readonly unknown[]; readonly more: boolean }>> {
  const place: Query = [
    ['limit', String(PAGE_SIZE)],
    ['offset', String(page * PAGE_SIZE)],
  ];
  const found = await read(
    io,
    { method: 'GET', path: ask.path, query: [...ask.query, ...place] },
    listSchema,
  );
  if (!found.ok) return found;
  const items: unknown = found.data[ask.list];
  if (!Array.isArray(items))
    return {
      ok: false,
      reason: 'server_error',
      detail: `${ask.path}: no ${ask.list} in the answer`,
    };
  return { ok: true, data: { items, more: found.data['more'] === true && items.length > 0 } };
}

/** Reads a list page by page. */
export async function readList(io: Io<Config>, ask: ListAsk): Promise<ReadResult<Listed>> {
  const items: unknown[] = [];
  for (let page = 0; page < Math.min(ask.pagesMax, PAGES_MAX); page += 1) {
    const found = await readPage(io, ask, page);
    if (!found.ok) return found;
    items.push(...found.data.items);
    if (!found.data.more) return { ok: true, data: { items, truncated: false } };
  }
  return { ok: true, data: { items, truncated: true } };
}
