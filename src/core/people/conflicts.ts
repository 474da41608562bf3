/** Roles that must stay apart: who may not be given a role, or rung for it, because of another that they hold or are rung for. */
import { roleOf, type Look } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import { isOwed, type Escalation } from '../model/incident.ts';
import type { EscalationId } from '../model/keys.ts';
import type { Candidate } from './candidates.ts';

/** Whether two people must have the roles: a rule says so, or one stands in for the other, which nobody does for themselves. */
export function areApart(look: Look<'state' | 'policy'>, one: string, other: string): boolean {
  const bars = (role: string, from: string): boolean => {
    const known = roleOf(look, role);
    return known?.neverWith.includes(from) === true || known?.deputizes === from;
  };
  return bars(one, other) || bars(other, one);
}

/** Whether the other role keeps its holder from this one. Standing in does not: it ends when they have what they stand in for. */
function isKeptBy(look: Look<'state' | 'policy'>, role: string, other: string): boolean {
  return areApart(look, role, other) && roleOf(look, other)?.deputizes !== role;
}

/** A role that the person has and that keeps them from having this one; null: there is none. */
export function roleApartFrom(
  look: Look<'state' | 'policy'>,
  role: string,
  person: string,
): string | null {
  const held = Object.entries(look.state.roles).filter(([, holder]) => holder.person === person);
  return held.find(([other]) => other !== role && isKeptBy(look, role, other))?.[0] ?? null;
}

/** What each of the candidates has that keeps them from the role; null: one of them may have it, or there is none. */
export function namedApart(
  look: Look<'state' | 'policy'>,
  role: string,
  candidates: readonly Candidate[],
): string | null {
  const kept = new Map<string, string>();
  for (const { person } of candidates) {
    const other = person === null ? null : roleApartFrom(look, role, person);
    if (person === null || other === null) return null;
    kept.set(person, `${person} is ${roleText(other)}`);
  }
  return kept.size === 0 ? null : [...kept.values()].join(', ');
}

export interface Conflicts {
  /** Holders of a role that must stay apart. */
  readonly holding: ReadonlySet<string>;
  /** Those, and people whose phone rings for such a role. */
  readonly all: ReadonlySet<string>;
}

/** People who may not take the escalation's role because they hold, or are being rung for, one that must stay apart. */
export function conflicting(look: Look<'state' | 'policy'>, escalation: Escalation): Conflicts {
  const { state } = look;
  const taken = new Set<string>();
  if (escalation.key.kind !== 'role') return { holding: taken, all: taken };
  const { role } = escalation.key;
  const isApart = (other: string): boolean => isKeptBy(look, role, other);
  for (const [other, held] of Object.entries(state.roles))
    if (isApart(other)) taken.add(held.person);
  const holding = new Set(taken);
  // Whoever answered for it, or was silenced since, is free unless they hold it.
  const isSought = (id: EscalationId): boolean => {
    const one = state.escalations[id];
    return isOwed(one) && one.key.kind === 'role' && isApart(one.key.role);
  };
  for (const { person, escalations, state: at } of Object.values(state.pages)) {
    if (person === null || at !== 'open') continue;
    if (escalations.some(isSought)) taken.add(person);
  }
  return { holding, all: taken };
}

/**
 * The candidates without those whom a role that must stay apart has taken. When that leaves nobody, people who are only
 * being rung for such a role are asked as well: paging fails open, and which role they take is theirs to say.
 */
export function unbarred(
  candidates: readonly Candidate[],
  conflicts: Conflicts,
): readonly Candidate[] {
  const without = (barred: ReadonlySet<string>): readonly Candidate[] =>
    candidates.filter(({ person }) => person === null || !barred.has(person));
  const free = without(conflicts.all);
  return free.length > 0 ? free : without(conflicts.holding);
}

/** The first step keeps roles apart without exception: there are further steps. */
export function strict({ all }: Conflicts): Conflicts {
  return { holding: all, all };
}
