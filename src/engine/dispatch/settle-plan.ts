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

function given(settled: Settled, status: Plan['status'], outcome: string): Plan {
  return { status, dueAt: 0, outcome, settled };
}

function rejected(
  { reason, detail, hint }: Pick<Rejection, 'reason' | 'detail' | 'hint'>,
  ofAccount: boolean,
): Plan {
  return given(
    { result: 'rejected', ofAccount, reason, detail, hint },
    'dead',
    `rejected (${reason}): ${detail}`,
  );
}

function retried(outcome: Retry, at: Attempt): Plan {
  const { effect, now } = at;
  // Nobody knows whether it is on the page: it is looked up, never blindly repeated.
  if (effect.name === 'statusPage.publish' && outcome.ambiguous)
    return given(
      { result: 'ambiguous', detail: outcome.detail },
      'done',
      `outcome unknown (${outcome.reason}): ${outcome.detail}`,
    );
  const dueAt = now + retryWaitMs(effect, at.attempt, outcome.afterMs);
  if (dueAt > at.firstDueAt + giveUpMs(effect)) {
    const minutes = Math.round(giveUpMs(effect) / 60_000);
    const hint = `Given up after ${at.attempt} attempts in ${minutes} minutes; the last error is the detail.`;
    return rejected({ ...outcome, hint }, false);
  }
  return {
    status: outcome.ambiguous ? 'ambiguous' : 'pending',
    dueAt,
    outcome: `retry (${outcome.reason}): ${outcome.detail}`,
    settled: null,
  };
}

function foundText(isFound: boolean, status: string | null): string {
  if (!isFound) return 'not found';
  return status === null ? 'found' : `found, ${status}`;
}

function read(found: Found): Plan {
  const { result } = found;
  if (!result.ok)
    return given(
      { result: 'read', read: null, detail: result.detail },
      'done',
      `no answer (${result.reason}): ${result.detail}`,
    );
  const { data } = result;
  const status = 'status' in data ? data.status : null;
  const refused = 'refused' in data && !data.found ? data.refused : undefined;
  const saidAt = ('saidAt' in data ? data.saidAt : null) ?? null;
  const text = refused === undefined ? foundText(data.found, status) : `refused: ${refused}`;
  const { externalRef } = data;
  return given(
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
  return outcome.ofAddress === true ? rejected(outcome, false) : refusedForAll(outcome, at);
}

/** What becomes of the row, and what the core hears. */
export function planOf(outcome: Outcome | Found, at: Attempt): Plan {
  switch (outcome.verb) {
    case 'delivered': {
      const { receipt, externalRef = null } = outcome;
      const { components, mayHaveArrived } = at;
      return given(
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
      return read(outcome);
  }
}
