/**
 * What a write at a vendor came to: three verbs, and the default reading of an HTTP answer.
 * Expected failures are values; anything thrown is a bug of the adapter.
 */
import type { HttpAnswer, HttpAnswered } from './http.ts';
import { httpDateOf } from './instant.ts';

/** Closed list: log field, metric label, documentation anchor. */
export type Reason =
  | 'timeout'
  | 'network'
  | 'server_error'
  | 'rate_limited'
  | 'unauthorized'
  | 'forbidden'
  | 'redirected'
  | 'not_found'
  | 'invalid_request'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'forbidden_address'
  | 'internal';

export interface Delivered {
  readonly verb: 'delivered';
  /** `accepted`: the vendor queued it; `confirmed`: it exists there. */
  readonly receipt: 'accepted' | 'confirmed';
  /** The vendor's id of what exists now; handed back in later orders. */
  readonly externalRef?: string;
  readonly url?: string;
}

export interface Retry {
  readonly verb: 'retry';
  readonly reason: Reason;
  /** Not before this many milliseconds from now (the vendor's Retry-After in any spelling). */
  readonly afterMs?: number;
  /** The request may have been carried out. Pages are repeated under the same key, posts are looked up first. */
  readonly ambiguous: boolean;
  readonly detail: string;
}

export interface Rejection {
  readonly verb: 'reject';
  readonly reason: Reason;
  readonly detail: string;
  /** What an operator should do. */
  readonly hint: string;
  /**
   * The vendor itself says, in its own words for errors, that what the order names is not there or cannot be rung: this
   * user, service, schedule or responder. Set by adapters alone. Absent: who refused is the account, the host or a proxy on
   * the way, and whoever is next would meet the same.
   */
  readonly ofAddress?: boolean;
}

export type Outcome = Delivered | Retry | Rejection;

/** An answer to a read: data, or why there is none. */
export type ReadResult<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly reason: Reason; readonly detail: string };

export function delivered(
  receipt: Delivered['receipt'],
  more: { externalRef?: string | undefined; url?: string | undefined } = {},
): Delivered {
  return {
    verb: 'delivered',
    receipt,
    ...(more.externalRef === undefined ? {} : { externalRef: more.externalRef }),
    ...(more.url === undefined ? {} : { url: more.url }),
  };
}

/** A vendor's deviation from the default reading, as data. */
export type StatusOverrides = Readonly<
  Record<number, { readonly reason: Reason; readonly retry: boolean; readonly hint?: string }>
>;

const HINTS: Readonly<Partial<Record<Reason, string>>> = {
  unauthorized: 'Check the token of this target: it was refused.',
  forbidden: 'The token is valid but may not do this; give it the missing permission.',
  redirected:
    'The vendor answers from another address, and a token is sent to none but the one configured; correct base_url.',
  not_found:
    'Either base_url does not lead to the vendor (a proxy may have answered), or the object named in the configuration does not exist there; compare both.',
  invalid_request:
    'The request was refused as malformed; see the detail. Where it is not in the words of the vendor, look at base_url and the proxies on the way; otherwise report it as a bug of the adapter.',
  conflict: 'The vendor reports a conflict with its current state; see the detail.',
  too_large: 'The vendor refused the size of the request.',
  unsupported: 'The vendor does not offer this on your plan.',
  forbidden_address:
    'The address of this target is private; name its host in server.allow_private_hosts, or correct base_url.',
};

/** Statuses that say more than their reason. */
const HINTS_OF_STATUS: Readonly<Record<number, string>> = {
  405: 'Whoever answered takes no such request: base_url does not lead to the API of the vendor, or a proxy on the way bars it.',
  407: 'A proxy on the way to the vendor wants a login: have it let Tocsin through, or correct base_url.',
};

function reasonOfStatus(status: number): { reason: Reason; retry: boolean } {
  if (status === 401) return { reason: 'unauthorized', retry: false };
  if (status === 402) return { reason: 'unsupported', retry: false };
  if (status === 403) return { reason: 'forbidden', retry: false };
  if (status === 404 || status === 410) return { reason: 'not_found', retry: false };
  if (status === 408) return { reason: 'timeout', retry: true };
  if (status === 409) return { reason: 'conflict', retry: false };
  if (status === 413) return { reason: 'too_large', retry: false };
  if (status === 420 || status === 429) return { reason: 'rate_limited', retry: true };
  if (status === 425 || status >= 500) return { reason: 'server_error', retry: true };
  if (status >= 300 && status < 400) return { reason: 'redirected', retry: false };
  if (status >= 100 && status < 200) return { reason: 'network', retry: true };
  return { reason: 'invalid_request', retry: false };
}

/**
 * The default reading of an answer that is not a success.
 * 3xx and unlisted 4xx are rejected, 408 420 425 429 and 5xx are retried; 5xx and 408 are ambiguous because vendors
 * are known to answer them after the work was done.
 * @param now epoch ms, to read a `Retry-After` date
 */
export function failure(
  answer: HttpAnswer,
  now: number,
  overrides: StatusOverrides = {},
): Retry | Rejection {
  if (answer.kind === 'failed') {
    if (answer.reason === 'forbidden_address')
      return {
        verb: 'reject',
        reason: answer.reason,
        detail: answer.detail,
        hint: HINTS[answer.reason] ?? '',
      };
    const reason = answer.reason === 'timeout' ? 'timeout' : 'network';
    return { verb: 'retry', reason, ambiguous: answer.sent, detail: answer.detail };
  }
  const override = overrides[answer.status];
  const { reason, retry } = override ?? reasonOfStatus(answer.status);
  const detail = `HTTP ${answer.status}: ${answer.text.slice(0, 300)}`;
  if (!retry) {
    const hint = override?.hint ?? HINTS_OF_STATUS[answer.status] ?? HINTS[reason] ?? detail;
    return { verb: 'reject', reason, detail, hint };
  }
  const afterMs = retryAfter(answer, now);
  const ambiguous = answer.status >= 500 || answer.status === 408;
  return {
    verb: 'retry',
    reason,
    ambiguous,
    detail,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

const RETRY_AFTER_MAX_MS = 10 * 60_000;

/** Statuses by which a vendor asks us to come back later (420: Statuspage). Others bear the same headers and do not mean it. */
const ASKS_TO_WAIT: ReadonlySet<number> = new Set([420, 429, 503]);

/**
 * How long the vendor asks us to wait, in milliseconds, from any of its spellings: `Retry-After` as seconds or as an
 * HTTP date, `ratelimit-reset` as seconds (PagerDuty REST), `x-ratelimit-period-in-sec` (Opsgenie). Capped at 10 minutes.
 * Undefined on any other status: PagerDuty puts its rate headers on every answer, proxies Retry-After on some,
 * and a page that waits for them is late for nothing.
 */
export function retryAfter(answer: HttpAnswered, now: number): number | undefined {
  if (!ASKS_TO_WAIT.has(answer.status)) return undefined;
  const raw =
    answer.headers['retry-after'] ??
    answer.headers['ratelimit-reset'] ??
    answer.headers['x-ratelimit-period-in-sec'];
  if (raw === undefined) return undefined;
  const text = raw.trim();
  const seconds = Number(text);
  const date = httpDateOf(text);
  const ms =
    text !== '' && Number.isFinite(seconds)
      ? seconds * 1000
      : date === null
        ? Number.NaN
        : date - now;
  if (!Number.isFinite(ms)) return undefined;
  return Math.min(Math.max(0, ms), RETRY_AFTER_MAX_MS);
}
