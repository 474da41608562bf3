/** Somebody whom the file does not name has answered for roles: the phones are quiet, the roles are nobody's, and people read so. */
import type { Decision } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import { decodeEscalation, type EscalationId } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { say } from '../texts/messages.ts';
import { enumerate } from '../texts/text.ts';

/** Says which of the searches were answered by them for a role that nobody has, and how it is given to somebody. */
export function sayUnfilled(
  decision: Decision,
  by: string,
  searches: readonly EscalationId[],
): void {
  const { id, roles, escalations } = decision.state;
  const left = searches.flatMap((search) => {
    const key = decodeEscalation(search);
    const isTheirs = escalations[search]?.answeredBy === by;
    return key.kind === 'role' && isTheirs && own(roles, key.role) === undefined ? [key.role] : [];
  });
  if (left.length === 0) return;
  const what = enumerate(left.map(roleText));
  const commands = enumerate(left.map((role) => `\`tocsin assign ${id} ${role} PERSON\``));
  const text = `${id}: ${by} answered for ${what}, and is not among the people of the configuration: nobody has that. To give it to somebody: ${commands}.`;
  say(decision, text, { kind: 'status' });
}
