/** Somebody has answered and fills nothing by it: whoever the file does not name, or must not have the role. People read why. */
import type { Decision } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import { decodeEscalation, type EscalationId } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { say, tellAlone } from '../texts/messages.ts';
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

/** Whoever must not command has answered in the place of who does: they and the others read that it is looked on for. */
export function sayStillMissed(
  decision: Decision,
  answer: { readonly escalation: EscalationId; readonly by: string; readonly because: string },
): void {
  const { id, escalations, presence } = decision.state;
  const missed = escalations[answer.escalation];
  const role = presence.asked?.role ?? null;
  if (missed?.key.kind !== 'presence' || role === null) return;
  const text = `${id}: ${answer.because}. Whoever is still on it is looked for on: ${missed.about ?? ''}.`;
  say(decision, text, { kind: 'status' });
  tellAlone(decision, { to: answer.by, text, role });
}
