/** Which requests the sandbox answers wrongly, and how: the book of faults. */

/** The spellings of "come back later" that vendors use. */
export const RETRY_AFTER_SPELLINGS = [
  /** `Retry-After` in seconds: Slack, Statuspage, Atlassian. */
  'seconds',
  /** `Retry-After` as an HTTP date: proxies. */
  'http-date',
  /** `ratelimit-reset` in seconds: PagerDuty REST. */
  'ratelimit-reset',
  /** `X-RateLimit-Period-In-Sec`: Opsgenie. */
  'x-ratelimit-period-in-sec',
  /** Not said at all: PagerDuty Events. */
  'none',
] as const;

/** Answers that refuse us, whatever is asked: the account, or what stands between us and the vendor. */
export const DENIALS = [301, 302, 307, 308, 400, 401, 402, 403, 404, 405, 407] as const;

export type RetryAfterSpelling = (typeof RETRY_AFTER_SPELLINGS)[number];

export type Fault =
  /** The connection is reset before anything is read. */
  | { readonly fault: 'refuse' }
  /** Never answered. */
  | { readonly fault: 'hang' }
  | {
      readonly fault: '429';
      /** 429, or 420 as at Statuspage. */
      readonly status?: 420 | 429 | undefined;
      /** 30 s when absent. */
      readonly retryAfterMs?: number | undefined;
      readonly spelling?: RetryAfterSpelling | undefined;
    }
  /**
   * We are refused, whatever we ask: 403, 401 (a token that is not taken), 402 (not on this plan), sent elsewhere by a
   * redirect, or by a proxy that knows no such host or wants a login (400, 404, 405, 407). Never in the vendor's own words.
   */
  | { readonly fault: '403'; readonly status?: (typeof DENIALS)[number] | undefined }
  /** Answered 5xx (503 when absent), not carried out; with a time to come back only where one is given. */
  | {
      readonly fault: '5xx';
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly spelling?: RetryAfterSpelling | undefined;
    }
  /** Answered 5xx (504 when absent) and carried out all the same, at once or so much later. */
  | {
      readonly fault: '5xx-but-done';
      readonly status?: number | undefined;
      readonly doneAfterMs?: number | undefined;
    }
  /** Answered like a success, not carried out. */
  | { readonly fault: '202-but-lost' }
  /** Answered like a success, refused when it is worked off: who asks what became of it is told so. */
  | { readonly fault: '202-but-rejected' }
  /** The vendor refuses whom it is to ring, in its own words, as if they had left the account. */
  | { readonly fault: 'unknown-address' }
  /** Carried out and answered so much later (20 s when absent), also when the client has gone away by then. */
  | { readonly fault: 'slow'; readonly delayMs?: number | undefined }
  /** Carried out; the connection is reset in the middle of the answer. */
  | { readonly fault: 'reset' };

export const FAULT_NAMES = [
  'refuse',
  'hang',
  '429',
  '403',
  '5xx',
  '5xx-but-done',
  '202-but-lost',
  '202-but-rejected',
  'unknown-address',
  'slow',
  'reset',
] as const satisfies readonly Fault['fault'][];

export interface FaultScope {
  readonly target: string;
  /** Only this method; absent: every one. */
  readonly method?: string | undefined;
  /** Only paths that begin so, behind `/<target>`; absent: every one. */
  readonly path?: string | undefined;
  /** Strikes so many requests; absent: until cleared. */
  readonly times?: number | undefined;
  /** Epoch milliseconds from which it strikes; absent: at once. */
  readonly from?: number | undefined;
  /** Epoch milliseconds from which it no longer strikes; absent: until cleared. */
  readonly until?: number | undefined;
}

export type FaultOrder = FaultScope & Fault;

export type FaultRule = FaultOrder & {
  readonly id: string;
  /** How many requests it struck. */
  readonly hits: number;
};

export interface FaultList {
  add(order: FaultOrder): FaultRule;
  /** The fault that strikes this request, which counts as a hit; the oldest one in force wins. */
  strike(request: {
    readonly target: string;
    readonly method: string;
    readonly path: string;
  }): Fault | null;
  /** Those in force or still to come, oldest first. */
  list(): readonly FaultRule[];
  /** Ends those of the scope; an empty scope ends all. Returns how many there were. */
  clear(scope: { readonly target?: string | undefined; readonly id?: string | undefined }): number;
}

/**
 * @param options.now the time, epoch ms, asked at every use
 * @param options.changed called after every change, hits included
 */
export function createFaultList(options: {
  readonly now: () => number;
  readonly changed: () => void;
}): FaultList {
  const { now, changed } = options;
  let rules: readonly FaultRule[] = [];
  let made = 0;

  function hasEnded(rule: FaultRule): boolean {
    const isUsedUp = rule.hits >= (rule.times ?? Number.POSITIVE_INFINITY);
    return isUsedUp || now() >= (rule.until ?? Number.POSITIVE_INFINITY);
  }

  function replace(next: readonly FaultRule[]): void {
    rules = next.filter((rule) => !hasEnded(rule));
    changed();
  }

  return {
    add(order) {
      made += 1;
      const rule = { ...order, id: `fault-${made}`, hits: 0 };
      replace([...rules, rule]);
      return rule;
    },
    strike({ target, method, path }) {
      const struck = rules.find(
        (rule) =>
          rule.target === target &&
          !hasEnded(rule) &&
          now() >= (rule.from ?? 0) &&
          (rule.method ?? method) === method &&
          path.startsWith(rule.path ?? ''),
      );
      if (struck === undefined) return null;
      replace(rules.map((rule) => (rule === struck ? { ...rule, hits: rule.hits + 1 } : rule)));
      return struck;
    },
    list: () => rules.filter((rule) => !hasEnded(rule)),
    clear({ target, id }) {
      const before = rules.filter((rule) => !hasEnded(rule));
      const kept = before.filter(
        (rule) => (target ?? rule.target) !== rule.target || (id ?? rule.id) !== rule.id,
      );
      replace(kept);
      return before.length - kept.length;
    },
  };
}
