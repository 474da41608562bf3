/** Where the rules of combination leave nobody for a role: it stays open, and whoever could be freed for it is rung now and then. */
import type { Instant } from '../model/alert.ts';
import type { Look } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import type { Escalation, Page } from '../model/incident.ts';
import { encodeEscalation, type AlarmKey, type EscalationId } from '../model/keys.ts';
import { type Ground, waited } from '../model/obligation.ts';
import type { Candidate } from '../people/candidates.ts';
import { namedApart, roleApartFrom } from '../people/conflicts.ts';
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
  searches: readonly EscalationId[],
  named: readonly Candidate[],
): readonly Candidate[] {
  const rungFor = Object.values(state.pages).filter(
    (page) =>
      page.requestedAt > now - BARRED_EVERY_MS &&
      page.escalations.some((id) => searches.includes(id)),
  );
  return named.filter((candidate) => !rungFor.some((page) => isSamePerson(page, candidate)));
}

/**
 * The search that led nowhere because the rules leave nobody, as far as the state tells: everybody whom it has rung has a
 * role that must stay apart. Null: the alarm is about something else, or somebody may have the role.
 */
export function leftToNobody(
  { state, policy }: Look<'state' | 'policy'>,
  alarm: AlarmKey,
): EscalationId | null {
  if (alarm.kind !== 'escalation' || alarm.escalation.kind !== 'role') return null;
  const { role } = alarm.escalation;
  const search = encodeEscalation(alarm.escalation);
  if (state.escalations[search]?.state !== 'exhausted') return null;
  const rung = Object.values(state.pages).filter((page) => page.escalations.includes(search));
  const isBarred = ({ person }: Page): boolean =>
    person !== null && roleApartFrom({ state, policy }, role, person) !== null;
  return rung.length > 0 && rung.every(isBarred) ? search : null;
}

/** When the alarm, said or rung for last then, may be again: an hour later where the rules leave nobody. */
export function againAt(ground: Ground, alarms: readonly AlarmKey[], last: Instant): Instant {
  const isForNobody = alarms.every((alarm) => leftToNobody(ground, alarm) !== null);
  return isForNobody ? waited(ground, last, BARRED_EVERY_MS) : last;
}

/** Whether they have answered in the place of who is missed, and it went on: they must not have that role. */
export function hasAnsweredInVain(
  { state }: Look<'state'>,
  { id, key, newsAt }: Escalation,
  { person }: Candidate,
): boolean {
  if (key.kind !== 'presence' || person === null) return false;
  return Object.values(state.pages).some(
    ({ escalations, acknowledgedBy, acknowledgedAt }) =>
      escalations.includes(id) &&
      acknowledgedBy === person &&
      (acknowledgedAt ?? 0) > (newsAt ?? 0),
  );
}
