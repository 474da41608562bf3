/** Where the rules of combination leave nobody for a role: it stays open, and whoever could be freed for it is rung now and then. */
import type { Look } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import type { Escalation } from '../model/incident.ts';
import type { Candidate } from '../people/candidates.ts';
import { namedApart } from '../people/conflicts.ts';
import { isSamePerson } from './ringing.ts';

/** Whoever must not have a role is rung for it so often at most. */
const BARRED_EVERY_MS = 60 * 60_000;

/**
 * Why the rules leave nobody for it: everybody whom it names has a role that must stay apart. Null: they leave somebody.
 * @param named by any of its steps
 */
export function whyNobody(
  look: Look<'state' | 'policy'>,
  { key }: Escalation,
  named: readonly Candidate[],
): string | null {
  if (key.kind !== 'role') return null;
  const barred = namedApart(look, key.role, named);
  if (barred === null) return null;
  return `${barred}, and ${roleText(key.role)} must be another person: the rules leave nobody`;
}

/** Of those named: whoever was not rung for it for an hour. They can hand their other role over, or find somebody. */
export function restedFor(
  { state, now }: Look<'state' | 'now'>,
  escalation: Escalation,
  named: readonly Candidate[],
): readonly Candidate[] {
  const rungFor = Object.values(state.pages).filter(
    (page) => page.escalations.includes(escalation.id) && page.requestedAt > now - BARRED_EVERY_MS,
  );
  return named.filter((candidate) => !rungFor.some((page) => isSamePerson(page, candidate)));
}
