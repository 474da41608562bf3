/**
 * What a reload took away and an incident goes by all the same: what people read of it, and who is looked for in the place of
 * somebody who has a role here and is in the file no more.
 */
import { roleOf, type Decision, type Look } from '../model/decision.ts';
import { alarmText, roleText } from '../model/event-entry.ts';
import { isOwed } from '../model/incident.ts';
import { encodeEscalation, type AlarmKey } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { isProvenQuiet } from '../model/quiet.ts';
import { isEssential } from '../paging/concerns.ts';
import { endEscalation, startEscalations } from '../paging/escalating.ts';
import { goneText } from '../paging/gone.ts';
import { roleRequest } from '../paging/requests.ts';
import { enumerate } from '../texts/text.ts';
import { rolesHeldBy } from '../people/standing-in.ts';

type Known = Look<'state' | 'policy'>;

/** A role of the file that takes the place of the one that is gone: of those that command there is one at any time. */
function insteadOf(look: Known, role: string): string | null {
  if (roleOf(look, role)?.commands !== true) return null;
  return Object.values(look.policy.roles).find(({ commands }) => commands)?.id ?? null;
}

function assignText({ state }: Known, role: string): string {
  return `\`tocsin assign ${state.id} ${role} PERSON\``;
}

function roleGoneText(look: Known, role: string): string {
  const instead = insteadOf(look, role);
  return instead === null
    ? 'To end this, put it into the file again'
    : `To end this: ${assignText(look, instead)}, or put it into the file again`;
}

/** One command for each role that they have; of one that is gone as well, that for the role in its place. */
function personGoneText(look: Known, person: string): string {
  const roles = rolesHeldBy(look, person);
  const known = roles.flatMap((id) => {
    const role = own(look.policy.roles, id) === undefined ? insteadOf(look, id) : id;
    return role === null ? [] : [assignText(look, role)];
  });
  const commands = known.length === 0 ? '' : `: ${enumerate([...new Set(known)])}`;
  return `and is ${enumerate(roles.map(roleText))} here. Give that to somebody else${commands}`;
}

/** The reason of the alarm. */
export function removedReason(
  look: Known,
  key: Extract<AlarmKey, { readonly kind: 'removed' }>,
): string {
  const gone = alarmText(key);
  if (key.what === 'person') return `${gone}, ${personGoneText(look, key.name)}`;
  const kept = `${gone}; what it said last still holds here`;
  return key.what === 'role' ? `${kept}. ${roleGoneText(look, key.name)}` : kept;
}

/** The role to look for in the place of one that they have: where that is gone as well, the one that takes its place. */
function successorRole(look: Known, role: string): string {
  return own(look.policy.roles, role) === undefined ? (insteadOf(look, role) ?? role) : role;
}

/**
 * They have a role without which nobody deals with the incident, can neither be rung nor act here, and keep it until somebody
 * else has it: whom the file names for it now is looked for. Nobody is rung for what is over by itself.
 */
export function seekSuccessors(decision: Decision, person: string): void {
  const { state } = decision;
  if (state.phase === 'triage' && isProvenQuiet(state)) return;
  const held = rolesHeldBy(decision, person).filter((role) => isEssential(decision, role));
  const sought = held.flatMap((role) => roleRequest(decision, successorRole(decision, role)) ?? []);
  startEscalations(
    decision,
    sought.map((request) => ({ ...request, about: goneText(person) })),
  );
}

/** They are in the file again, and have their roles as before: nobody is looked for in their place any more. */
export function endSuccession(decision: Decision, person: string): void {
  for (const role of rolesHeldBy(decision, person)) {
    const search = decision.state.escalations[encodeEscalation({ kind: 'role', role })];
    if (isOwed(search))
      endEscalation(decision, search.id, `${person} is in the configuration again`);
  }
}
