/** Evidence moves the severity once only: what a rule, a trigger or a level's time has said. */
import type { Incident } from './incident.ts';
import type { Routing } from './input.ts';
import { encodeEvidence, type EvidenceId } from './keys.ts';

/** The word of a rule (or source) on the level: one piece of evidence, however often its alerts repeat it. */
export function ruleEvidence(routing: Routing): EvidenceId {
  return encodeEvidence({
    kind: 'rule',
    rule: routing.rule?.name ?? null,
    source: routing.source,
    level: routing.level,
  });
}

export function isSpent(state: Pick<Incident, 'spent'>, evidence: EvidenceId): boolean {
  return state.spent.includes(evidence);
}
