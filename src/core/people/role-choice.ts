/** Which roles somebody may have now, and a command with the names of them. */
import type { Look } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import { isOwed } from '../model/incident.ts';
import { encodeEscalation } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { roleApartFrom } from './conflicts.ts';

/** The roles that the person may take, those that are looked for first, those that somebody has last. */
export function rolesFor(look: Look<'state' | 'policy'>, person: string): readonly string[] {
  const { roles, escalations } = look.state;
  const isTheirs = (role: string): boolean => own(roles, role)?.person === person;
  const isSought = (role: string): boolean =>
    isOwed(escalations[encodeEscalation({ kind: 'role', role })]);
  const rank = (role: string): number =>
    own(roles, role) !== undefined ? 2 : isSought(role) ? 0 : 1;
  return Object.keys(look.policy.roles)
    .filter((role) => !isTheirs(role) && roleApartFrom(look, role, person) === null)
    .toSorted((one, other) => rank(one) - rank(other));
}

/** The command with the first of the names in it, and the other names; null: there is none. */
export function commandWith(
  names: readonly string[],
  command: (name: string) => string,
): string | null {
  const [first, ...others] = names;
  if (first === undefined) return null;
  const rest = others.length === 0 ? '' : ` (or ${others.join(', ')})`;
  return `\`${command(first)}\`${rest}`;
}

/** `To take a role: ...` with the roles that the person may have; nothing where there is none. */
export function toTake(look: Look<'state' | 'policy'>, person: string): string {
  const { id } = look.state;
  const take = commandWith(rolesFor(look, person), (role) => `tocsin take ${id} ${role}`);
  return take === null ? '' : `To take a role: ${take}`;
}

/** Why the person is refused the role; null: they may take it. */
function whyNot(look: Look<'state' | 'policy'>, role: string, person: string): string | null {
  const { people } = look.policy;
  if (own(people, person) === undefined) return 'whom the configuration does not name';
  const other = roleApartFrom(look, role, person);
  return other === null ? null : `who are ${roleText(other)}`;
}

/** How the role comes to the person or, where they may not have it, who may. */
export function toHave(look: Look<'state' | 'policy'>, role: string, person: string): string {
  const { id } = look.state;
  const because = whyNot(look, role, person);
  if (because === null) return `\`tocsin take ${id} ${role}\``;
  const others = Object.keys(look.policy.people).filter((one) => whyNot(look, role, one) === null);
  const give = commandWith(others, (one) => `tocsin assign ${id} ${role} ${one}`);
  return `not you, ${because}: ${give ?? 'nobody may have it now'}`;
}

/** The command by which somebody is rung, with the roles of the configuration. */
export function toPage({ state, policy }: Look<'state' | 'policy'>): string {
  const page = commandWith(Object.keys(policy.roles), (role) => `tocsin page ${state.id} ${role}`);
  return page ?? `\`tocsin show ${state.id}\` tells who is rung`;
}
