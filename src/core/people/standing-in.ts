/** Standing in for a role: it ends when whoever does so has the role itself. */
import { roleOf, type Look } from '../model/decision.ts';

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
