/** One attempt at a target: the deadline is checked, the adapter is called once, and whatever happens is an outcome. */
import type { Log } from '../../contract/adapter.ts';
import type { Outcome, Retry } from '../../contract/outcome.ts';
import type { Secret } from '../../contract/secret.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Wanted } from '../../core/deciding/send.ts';
import type { OutboxRow } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import { type VendorAnswer, carryOut } from '../vendors/orders.ts';
import { answererOf } from '../deciding/people.ts';
import type { Found } from './settle-plan.ts';
import type { Target } from '../vendors/targets.ts';

/** Leased rows are ours for this long; goal: a dead node's rows are taken over within 20 s. */
export const LEASE_MS = 15_000;
/** The attempt must have begun this long before the lease ends: a request may take 10 s. */
const START_WITHIN_MS = LEASE_MS - 10_000;
/** Whatever the adapter does, its outcome is known before somebody else may take the row over. */
const END_WITHIN_MS = LEASE_MS - 1_000;

export interface Send {
  readonly row: OutboxRow;
  readonly target: Target;
  readonly wanted: Extract<Wanted, { verdict: 'send' }>;
  /** Monotonic ms at which the lease was taken. */
  readonly leasedAt: number;
}

export interface SendOptions {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly log: Log;
  readonly policy: () => Policy;
  readonly secrets: () => Readonly<Record<string, Secret>>;
}

function retry(reason: Retry['reason'], detail: string, ambiguous: boolean): Retry {
  return { verb: 'retry', reason, detail, ambiguous };
}

/** The adapter's answer, or what its silence or its bug amounts to. */
function call(send: Send, options: SendOptions): Promise<VendorAnswer> {
  const { clock, log, http } = options;
  const { row, target, wanted } = send;
  const { effect } = row;
  const endsAt = send.leasedAt + END_WITHIN_MS;
  return new Promise((resolve) => {
    const timer = clock.after(endsAt - clock.monotonic(), () =>
      resolve(retry('timeout', 'the adapter did not come back before the lease ended', true)),
    );
    const io = {
      config: target.part.config,
      http: http.scoped({ target: effect.target, endsAt: endsAt - 500 }),
      now: clock.now(),
      log,
    };
    const context = {
      deadline: clock.now() + START_WITHIN_MS,
      ref: wanted.ref,
      channel: wanted.channel,
      components: wanted.components,
      ...(wanted.words === undefined ? {} : { words: wanted.words }),
      secrets: options.secrets(),
      publicUrl: options.policy().publicUrl,
    };
    carryOut(effect, { adapter: target.part.adapter, io }, context)
      .catch((error: unknown) => {
        log.error(
          { error, effect: effect.id, name: effect.name, target: effect.target },
          'an adapter threw: this is a bug of the adapter',
        );
        return retry('internal', error instanceof Error ? error.message : String(error), true);
      })
      .then(resolve, resolve)
      .finally(() => timer.cancel());
  });
}

/** Carries the row out, once. Never throws. */
export async function attempt(send: Send, options: SendOptions): Promise<Outcome | Found> {
  const { target } = send;
  if (options.clock.monotonic() > send.leasedAt + START_WITHIN_MS)
    return retry(
      'internal',
      'the machine was so slow or asleep that the lease was nearly over before the request',
      false,
    );
  const answer = await call(send, options);
  if (answer.verb !== 'read') return answer;
  const by = answer.result.ok && 'by' in answer.result.data ? answer.result.data.by : null;
  return { ...answer, by: answererOf(by, target.part.adapter.name, options.policy()).by };
}
