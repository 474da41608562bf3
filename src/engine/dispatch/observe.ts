/** What metrics and log keep of an attempt. */
import type { Log } from '../../contract/adapter.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Send } from './send.ts';
import type { Plan } from './settle-plan.ts';

/** Counts how an attempt ended, and tells the log. */
export function observe(
  send: Send,
  ended: {
    readonly plan: Plan;
    readonly verb: string;
    readonly reason: string;
    readonly now: number;
  },
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log },
): void {
  const { effect, firstDueAt } = send.row;
  metrics.effects.inc({
    name: effect.name,
    target: effect.target,
    outcome: ended.verb,
    reason: ended.reason,
  });
  if (effect.name === 'pager.trigger' && ended.verb === 'delivered')
    metrics.pageLatency.observe(
      { target: effect.target },
      Math.max(0, ended.now - firstDueAt) / 1000,
    );
  const fields = {
    effect: effect.id,
    name: effect.name,
    target: effect.target,
    attempt: send.row.attempt,
    outcome: ended.plan.outcome,
  };
  if (ended.verb === 'delivered' || ended.verb === 'read')
    log.info(fields, `${effect.name} ${ended.verb}`);
  else log.warn(fields, `${effect.name} ${ended.verb}`);
}
