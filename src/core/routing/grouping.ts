/** Which alerts share an incident: those of one rule that have the same values of the labels by which it groups. */
import type { Alert } from '../model/alert.ts';
import { encodeGroup } from '../model/arriving-keys.ts';
import { own } from '../model/own.ts';
import type { Rule } from '../model/policy.ts';

/** A label without a value is not there, as in a matcher. */
function valueOf({ labels }: Alert, label: string): string {
  return own(labels, label) ?? '';
}

/**
 * Whether the alert has what its rule groups by. What alerts lack is nothing that they have in common: one without any of
 * the labels stands alone. A vendor's own incident rings a phone of its own, and whoever answers it has heard of nothing
 * else: it shares an incident only where all of the labels are really there.
 */
function isGrouped(alert: Alert, { groupBy }: Rule): boolean {
  const isThere = (label: string): boolean => valueOf(alert, label) !== '';
  if (alert.ofObject === true) return groupBy.length > 0 && groupBy.every(isThere);
  // Without any label in it the rule says that all of its alerts belong together.
  return groupBy.length === 0 || groupBy.some(isThere);
}

/** The group of the alert; null as the rule: what no rule takes stands alone. */
export function groupKeyOf(
  alert: Alert,
  source: string,
  { team, rule }: { readonly team: string; readonly rule: Rule | null },
): string {
  if (rule === null || !isGrouped(alert, rule))
    return encodeGroup({
      kind: 'alert',
      team,
      rule: rule?.name ?? null,
      source,
      alert: alert.dedupKey,
    });
  const labels = rule.groupBy.map((label) => [label, valueOf(alert, label)] as const);
  return encodeGroup({ kind: 'rule', team, rule: rule.name, labels });
}
