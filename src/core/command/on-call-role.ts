/**
 * Whoever answers as the on-call of the incident's service has the role that the on-call has at its level, also where
 * somebody of an earlier shift has it still: they went home, and a list of roles that names them sends people to ask them.
 */
import { levelOf, roleOf, type Decision, type Look } from '../model/decision.ts';
import { encodeEscalation } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { answerEscalation, fillRole } from '../paging/answering.ts';
import { isAtIt } from '../paging/offers.ts';
import { roleApartFrom } from '../people/conflicts.ts';
import { handedOver } from './offering.ts';

/** The first role of the level that is the on-call of the service; null: there is none. */
function onCallRole(look: Look<'state' | 'policy'>): string | null {
  const page = levelOf(look)?.page;
  const named = [...(page?.triage ?? []), ...(page?.declared ?? [])];
  return named.find((id) => roleOf(look, id)?.page.kind === 'service_on_call') ?? null;
}

/** Gives the role to whoever has just answered, unless its holder is at it, or another role of theirs keeps them from it. */
export function takeOnCallRole(decision: Decision, by: string): void {
  const { state } = decision;
  const search = encodeEscalation({ kind: 'service', service: state.routing.service });
  const role = onCallRole(decision);
  if (role === null || state.escalations[search]?.answeredBy !== by) return;
  const before = own(state.roles, role)?.person ?? null;
  if (before === by || (before !== null && isAtIt(decision, before))) return;
  if (roleApartFrom(decision, role, by) !== null) return;
  fillRole(decision, { role, person: by, how: 'acknowledgement' });
  answerEscalation(decision, encodeEscalation({ kind: 'role', role }), { by, fills: null });
  handedOver(decision, { role, before, person: by });
}
