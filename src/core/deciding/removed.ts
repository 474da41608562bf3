/** What people read when a reload took away what an incident goes by: what holds here all the same, and what ends it. */
import { roleOf, type Look } from '../model/decision.ts';
import { alarmText, roleText } from '../model/event-entry.ts';
import type { AlarmKey } from '../model/keys.ts';
import { own } from '../model/own.ts';
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
