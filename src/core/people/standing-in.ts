/** Standing in for a role: it ends when whoever does so has the role itself, and keeps them from it by no rule. */
import { roleOf, type Look } from '../model/decision.ts';
import { roleApartFrom } from './conflicts.ts';

/** The roles that the person has here. */
export function rolesHeldBy({ state }: Look<'state'>, person: string): readonly string[] {
  return Object.entries(state.roles).flatMap(([id, held]) => (held.person === person ? [id] : []));
}

/** Roles by which the person stands in for the role, and which end when they have it. */
export function standInRoles(
  look: Look<'state' | 'policy'>,
  role: string,
  person: string,
): readonly string[] {
  return rolesHeldBy(look, person).filter((id) => roleOf(look, id)?.deputizes === role);
}

/** A role of theirs for which the person may not have this one as well; null: they may have it. */
export function roleBarring(
  look: Look<'state' | 'policy'>,
  role: string,
  person: string,
): string | null {
  const { state, policy } = look;
  const left = standInRoles(look, role, person);
  const roles = Object.fromEntries(
    Object.entries(state.roles).filter(([id]) => !left.includes(id)),
  );
  return roleApartFrom({ state: { ...state, roles }, policy }, role, person);
}
