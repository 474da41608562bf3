/** Facts that may move the severity once only: what a rule, a trigger or a level's time has said. */
import type { Incident } from './incident.ts';
import type { RoutingFacts } from './input.ts';
import { encodeFact, type FactId } from './keys.ts';

/** The word of a rule (or source) on the level: one fact, however often its alerts repeat it. */
export function ruleFact(facts: RoutingFacts): FactId {
  return encodeFact({
    kind: 'rule',
    rule: facts.rule?.name ?? null,
    source: facts.source,
    level: facts.level,
  });
}

/** A timed trigger fires once per entry into a level. */
export function timedFact(state: Pick<Incident, 'level' | 'levelSince'>, trigger: string): FactId {
  const { level, levelSince: since } = state;
  return encodeFact({ kind: 'no_root_cause', trigger, level, since });
}

export function isSpent(state: Pick<Incident, 'spent'>, fact: FactId): boolean {
  return state.spent.includes(fact);
}
