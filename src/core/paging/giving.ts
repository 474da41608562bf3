/** What somebody's answer to a page gives them: the roles for which it calls, as far as one person may have them. */
import { levelOf, roleOf, rolesNamedBy, type Look } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import { enumerate } from '../texts/text.ts';
import { isOwed, type Page } from '../model/incident.ts';
import type { EscalationId } from '../model/keys.ts';
import { areApart, roleApartFrom } from '../people/conflicts.ts';

type Known = Look<'state' | 'policy'>;

function roleSought({ state }: Look<'state'>, search: EscalationId): string | null {
  const key = state.escalations[search]?.key;
  return key?.kind === 'role' ? key.role : null;
}

/**
 * In the order in which the level names its roles, so that of two that exclude each other an answer gives the first; a role
 * comes before those that stand in for it.
 */
export function inOrder(look: Known, searches: readonly EscalationId[]): readonly EscalationId[] {
  const level = levelOf(look);
  const named = level === null ? [] : rolesNamedBy(level);
  const placeOf = (role: string | null): number => {
    const place = role === null ? -1 : named.indexOf(role);
    return place === -1 ? named.length : place;
  };
  const rankOf = (search: EscalationId): number => {
    const role = roleSought(look, search);
    const deputized = role === null ? null : (roleOf(look, role)?.deputizes ?? null);
    return deputized === null ? placeOf(role) : Math.max(placeOf(role), placeOf(deputized) + 0.5);
  };
  return searches.toSorted((a, b) => rankOf(a) - rankOf(b));
}

export interface Giving {
  /** Roles that whoever answers has by it. */
  readonly roles: readonly string[];
  /** Roles for which the page calls as well, and that must be another person's. */
  readonly apart: readonly string[];
  /** It asks who is still there: whoever answers in their place takes over. */
  readonly takesOver: boolean;
}

function mustBeAnother(roles: readonly string[]): string {
  return `${enumerate(roles.map(roleText))}, which must be another person`;
}

/** Of an answer: the roles that it gives, and those that it cannot give as well; empty: it gives none. */
export function givenText({ roles, apart }: Giving): string {
  if (roles.length === 0) return '';
  const andNot = apart.length === 0 ? '' : `, and not ${mustBeAnother(apart)}`;
  return `makes you ${enumerate(roles.map(roleText))}${andNot}`;
}

/** Of an answer that cannot give all that the page calls for; empty: it gives all of that. */
export function apartText(giving: Giving): string {
  if (giving.apart.length === 0) return '';
  return givenText(giving) || `does not make you ${mustBeAnother(giving.apart)}`;
}

/** What an answer to the page would give, if it came now. */
export function givenBy(
  look: Known,
  { person, escalations }: Pick<Page, 'person' | 'escalations'>,
): Giving {
  const searches = escalations.filter((id) => isOwed(look.state.escalations[id]));
  const roles: string[] = [];
  const apart: string[] = [];
  for (const search of inOrder(look, searches)) {
    const role = roleSought(look, search);
    if (role === null) continue;
    const isHeldApart = person !== null && roleApartFrom(look, role, person) !== null;
    const isApart = isHeldApart || roles.some((given) => areApart(look, role, given));
    (isApart ? apart : roles).push(role);
  }
  const takesOver = searches.some((id) => look.state.escalations[id]?.key.kind === 'presence');
  return { roles, apart, takesOver };
}
