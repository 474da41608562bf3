/** What an answer means beyond its row: it is counted and logged, and a target that asks for it is left alone. */
import type { Log } from '../../contract/adapter.ts';
import type { Outcome } from '../../contract/outcome.ts';
import type { Effect } from '../../core/model/effect.ts';
import type { OutboxRow } from '../../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Found, Plan } from './settle-plan.ts';
import type { Slots } from './slots.ts';

interface Ended {
  readonly plan: Plan;
  readonly answer: Outcome | Found;
  readonly now: number;
}

/** Counts and logs it. */
export function observe(
  { effect, firstDueAt, attempt }: OutboxRow,
  { plan, answer, now }: Ended,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log },
): void {
  const { name, target } = effect;
  const { verb } = answer;
  const reason = answer.verb === 'retry' || answer.verb === 'reject' ? answer.reason : '';
  metrics.effects.inc({ name, target, outcome: verb, reason });
  if (name === 'pager.trigger' && verb === 'delivered')
    metrics.pageLatency.observe({ target }, Math.max(0, now - firstDueAt) / 1000);
  const fields = { effect: effect.id, name, target, attempt, outcome: plan.outcome };
  if (verb === 'delivered' || verb === 'read') log.info(fields, `${name} ${verb}`);
  else log.warn(fields, `${name} ${verb}`);
}

/** A pager that has had enough of questions is asked none for so long. */
const READ_BACKS_REST_MS = 60_000;

/**
 * Leaves the target alone for as long as it asks; one that has had enough of questions and notes gets less of them, and is
 * sent pages all the same.
 * @param noteDue told when it may be called again
 */
export function rest(
  { lane, target }: Pick<Effect, 'lane' | 'target'>,
  { answer, now }: Pick<Ended, 'answer' | 'now'>,
  { slots, noteDue }: { readonly slots: Slots; readonly noteDue: (at: number) => void },
): void {
  if (answer.verb === 'read' && !answer.result.ok && answer.result.reason === 'rate_limited')
    slots.pauseReadBacks(target, now + READ_BACKS_REST_MS);
  if (answer.verb !== 'retry' || answer.afterMs === undefined || answer.afterMs <= 0) return;
  if (lane === 'housekeeping') slots.pauseReadBacks(target, now + answer.afterMs);
  else slots.pause(target, now + answer.afterMs);
  noteDue(now + answer.afterMs);
}
