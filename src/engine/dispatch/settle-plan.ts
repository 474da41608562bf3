/** What an attempt's end means for its row and for the core. Pure. */
import { webAddressOf } from '../../contract/json.ts';
import type { PageFound, PostFound } from '../../contract/order.ts';
import type { Outcome, ReadResult, Reason, Rejection, Retry } from '../../contract/outcome.ts';
import type { Effect, Settled } from '../../core/model/effect.ts';
import type { ComponentStatus } from '../../core/model/policy.ts';
import type { Settlement } from '../../store/store.ts';
import { giveUpMs, retryWaitMs } from '../vendors/backoff.ts';

export type Found = {
  readonly verb: 'read';
  readonly result: ReadResult<PageFound | PostFound>;
  readonly by: string | null;
};

export interface Attempt {
  readonly effect: Effect;
  /** From 1. */
  readonly attempt: number;
  /** Why the target refused the attempt before it; null: it did not, or there was none. */
  readonly refusedBefore: Reason | null;
  /** An attempt before it ended without an answer. */
  readonly mayHaveArrived: boolean;
  readonly firstDueAt: number;
  readonly now: number;
  /** Of a public post: what the page was told to show of its components. */
  readonly components?: Readonly<Record<string, ComponentStatus>>;
}

export interface Plan {
  readonly status: Settlement['status'];
  /** For `pending` and `ambiguous`. */
  readonly dueAt: number;
  /** One line for the row. */
  readonly outcome: string;
  /** What the core hears; null: nothing, it is merely retried. */
  readonly settled: Settled | null;
  /** The target refused us and not what was asked for: all that waits there waits for that. */
  readonly refused?: Reason;
  /** For `pending`: the pause that holds the row. */
  readonly heldBy?: Settlement['heldBy'];
}

function ended(settled: Settled, status: Plan['status'], outcome: string): Plan {
  return { status, dueAt: 0, outcome, settled };
}

function rejected(
  { reason, detail, hint }: Pick<Rejection, 'reason' | 'detail' | 'hint'>,
  ofAccount: boolean,
): Plan {
  return ended(
    { result: 'rejected', ofAccount, reason, detail, hint },
    'dead',
    `rejected (${reason}): ${detail}`,
  );
}

function retried(outcome: Retry, at: Attempt): Plan {
  const { effect, now } = at;
  // Nobody knows whether it is on the page: it is looked up, never blindly repeated.
  if (effect.name === 'statusPage.publish' && outcome.ambiguous)
    return ended(
      { result: 'ambiguous', detail: outcome.detail },
      'done',
      `outcome unknown (${outcome.reason}): ${outcome.detail}`,
    );
  const dueAt = now + retryWaitMs(effect, at.attempt, outcome.afterMs);
  if (dueAt > at.firstDueAt + giveUpMs(effect)) {
    const minutes = Math.round(giveUpMs(effect) / 60_000);
    const hint = `Given up after ${at.attempt} attempts in ${minutes} minutes; the last error is the detail.`;
    return given({ ...outcome, hint }, at);
  }
  return {
    status: outcome.ambiguous ? 'ambiguous' : 'pending',
    dueAt,
    outcome: `retry (${outcome.reason}): ${outcome.detail}`,
    settled: null,
  };
}

const POST_WAIT_MIN_MS = 60_000;
const POST_WAIT_MAX_MS = 5 * 60_000;

/**
 * A public post is asked for on by the same order, after as long as it was refused, within bounds: a short trouble costs a
 * minute, a long one no flood. The core is told of each refusal, and knows which is news.
 */
function postRefused(outcome: Pick<Rejection, 'reason' | 'detail' | 'hint'>, at: Attempt): Plan {
  const waitMs = Math.max(at.now - at.firstDueAt, POST_WAIT_MIN_MS);
  const plan = rejected(outcome, true);
  return {
    ...plan,
    status: 'pending',
    dueAt: at.now + Math.min(waitMs, POST_WAIT_MAX_MS),
    refused: outcome.reason,
  };
}

/** The attempts are over; not those of a public post, which its page may take at last. */
function given(outcome: Pick<Rejection, 'reason' | 'detail' | 'hint'>, at: Attempt): Plan {
  return at.effect.name === 'statusPage.publish'
    ? postRefused(outcome, at)
    : rejected(outcome, false);
}

/** After the n-th look for a post: at 5, 15, 60, 180 and 300 s it is looked for, and every five minutes from then on. */
const LOOK_WAITS_MS = [10_000, 45_000, 120_000, 120_000];

function foundText(isFound: boolean, status: string | null): string {
  if (!isFound) return 'not found';
  return status === null ? 'found' : `found, ${status}`;
}

function read(found: Found, at: Attempt): Plan {
  const plan = answered(found, at.attempt);
  const { effect, attempt, now } = at;
  const { result } = found;
  if (effect.name !== 'statusPage.find' || (result.ok && result.data.found)) return plan;
  return {
    ...plan,
    status: 'pending',
    dueAt: now + (LOOK_WAITS_MS[attempt - 1] ?? POST_WAIT_MAX_MS),
    refused: result.ok ? 'not_found' : result.reason,
  };
}

function answered(found: Found, looks: number): Plan {
  const { result } = found;
  if (!result.ok)
    return ended(
      { result: 'read', read: null, looks, detail: result.detail },
      'done',
      `no answer (${result.reason}): ${result.detail}`,
    );
  const { data } = result;
  const status = 'status' in data ? data.status : null;
  const refused = 'refused' in data && !data.found ? data.refused : undefined;
  const saidAt = ('saidAt' in data ? data.saidAt : null) ?? null;
  const text = refused === undefined ? foundText(data.found, status) : `refused: ${refused}`;
  const { externalRef } = data;
  return ended(
    {
      result: 'read',
      read: {
        found: data.found,
        externalRef,
        status,
        by: found.by,
        saidAt,
        ...(refused === undefined ? {} : { refused }),
      },
      looks,
      detail: text,
    },
    'done',
    text,
  );
}

const URL_MAX = 2_000;

/** Where people see it: an address of the web, of a length that is no attack on whoever keeps it. */
function shownAt(url: string | undefined): string | null {
  const address = webAddressOf(url);
  return address === null || address.length > URL_MAX ? null : address;
}

/** Whether a phone rings on until it is carried out. */
function silences({ name }: Effect): boolean {
  return name === 'pager.acknowledge' || name === 'pager.resolve';
}

const REFUSED_WAIT_MAX_MS = 30_000;

/** It is asked again, half a minute apart in the end: a token may be renewed at any moment. */
function refusedWaitMs({ now, firstDueAt }: Attempt): number {
  return Math.min(now - firstDueAt, REFUSED_WAIT_MAX_MS);
}

/** The account or the way to it is ill, not what is asked: it is asked for on, of which the core hears once. */
function refusedForAll(outcome: Rejection, at: Attempt): Plan {
  const { effect } = at;
  if (effect.name === 'statusPage.publish') return postRefused(outcome, at);
  const plan = rejected(outcome, true);
  const { reason, detail } = outcome;
  const again = { verb: 'retry', reason, detail, ambiguous: false } as const;
  const waits = { ...again, afterMs: refusedWaitMs(at) };
  if (silences(effect)) return { ...retried(waits, at), refused: reason };
  if (effect.name !== 'pager.trigger') return plan;
  return {
    ...retried(waits, at),
    outcome: `refused (${reason}): ${detail}`,
    settled: at.refusedBefore === reason ? null : plan.settled,
    refused: reason,
  };
}

/** Only what the vendor itself says of the address is the address's; all else may pass, and is no step's fault. */
function refused(outcome: Rejection, at: Attempt): Plan {
  return outcome.ofAddress === true ? given(outcome, at) : refusedForAll(outcome, at);
}

/** What becomes of the row, and what the core hears. */
export function planOf(outcome: Outcome | Found, at: Attempt): Plan {
  switch (outcome.verb) {
    case 'delivered': {
      const { receipt, externalRef = null } = outcome;
      const { components, mayHaveArrived } = at;
      return ended(
        {
          result: 'delivered',
          receipt,
          externalRef,
          url: shownAt(outcome.url),
          mayHaveArrived,
          ...(components === undefined ? {} : { components }),
        },
        'done',
        receipt,
      );
    }
    case 'retry':
      return retried(outcome, at);
    case 'reject':
      return refused(outcome, at);
    case 'read':
      return read(outcome, at);
  }
}
