/** What whoever has acknowledged reads: what their answer brought, and what is open, with the commands that take it on. */
import { escalationKeyText, roleText } from '../model/event-entry.ts';
import { levelOf, type Look } from '../model/decision.ts';
import { isOwed, type Incident, type Page } from '../model/incident.ts';
import { encodeEscalation, type EscalationKey } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { isProvenQuiet } from '../model/quiet.ts';
import { isAlarmed } from '../paging/alarms.ts';
import { openText } from '../paging/concerns.ts';
import { roleApartFrom } from '../people/conflicts.ts';
import { toHave } from '../people/role-choice.ts';
import { ringsOnText } from './vendors-own.ts';

/** @param by who acknowledged, as the last thing that they did about it */
export function answeredText(look: Look<'state' | 'policy'>, by: string): string {
  const { state, policy } = look;
  const ringsOn = ringsOnText({ policy }, answeredBy(state, by));
  const parts = [
    broughtText(state, by),
    undeclaredText(look, by),
    missedText(look, by),
    ringsOn,
    openText(look, by),
    soughtText(look, by),
  ];
  return parts.filter(Boolean).join(' ');
}

/** The pages that it answered. */
function answeredBy({ pages, signsOfLife }: Incident, by: string): readonly Page[] {
  const at = own(signsOfLife, by);
  return Object.values(pages).filter(
    (page) => page.acknowledgedBy === by && page.acknowledgedAt === at,
  );
}

/** By that answer, not by an earlier one. */
function broughtText(state: Incident, by: string): string {
  const at = own(state.signsOfLife, by);
  const isTheirs = (who: string | null, when: number | null): boolean => who === by && when === at;
  const roles = Object.entries(state.roles).filter(([, held]) => isTheirs(held.person, held.at));
  const isAnswer = answeredBy(state, by).length > 0;
  const { declaredBy, declaredAt } = state;
  const isDeclared = declaredBy?.kind === 'person' && isTheirs(declaredBy.id, declaredAt);
  if (!isAnswer && roles.length === 0)
    return 'Nothing rings you now: it is noted that you are here, and no other phone falls silent by it.';
  const filled =
    roles.length === 0 ? '' : `You are ${roles.map(([id]) => roleText(id)).join(', ')} now.`;
  return [filled, isDeclared ? 'It is declared by your answer.' : ''].filter(Boolean).join(' ');
}

/** Why their answer declared nothing, where it would have while something fired. */
function undeclaredText(look: Look<'state' | 'policy'>, by: string): string {
  const { state } = look;
  const isTriage = state.phase === 'triage' && state.kind !== 'test';
  if (!isTriage || state.alerts.total === 0 || !isProvenQuiet(state)) return '';
  const declares = levelOf(look)?.declare.by.includes('acknowledgement') === true;
  if (!declares || answeredBy(state, by).length === 0) return '';
  return `It is not declared by that: every alert has cleared. To declare it all the same: \`tocsin declare --incident ${state.id}\`.`;
}

/** That they answered in the place of who commands and is missed, and must not have that. */
function missedText(look: Look<'state' | 'policy'>, by: string): string {
  const { state } = look;
  const { asked } = state.presence;
  const search = encodeEscalation({ kind: 'presence' });
  const isTheirs = answeredBy(state, by).some(({ escalations }) => escalations.includes(search));
  if (asked?.role == null || !isTheirs || !isOwed(state.escalations[search])) return '';
  const apart = roleApartFrom(look, asked.role, by);
  if (apart === null) return '';
  return `You are ${roleText(apart)}, and ${roleText(asked.role)} must be another person: somebody to take it over from ${asked.person} is still looked for.`;
}

/** Whom it is looked for; where everybody was tried, that is an alarm, and said as such. */
function soughtText(look: Look<'state' | 'policy'>, by: string): string {
  const { state } = look;
  const sought = Object.values(state.escalations).filter(
    ({ key, ...one }) =>
      isOwed({ key, ...one }) &&
      (key.kind === 'role' || key.kind === 'service') &&
      !isAlarmed(state, { kind: 'escalation', escalation: key }),
  );
  return sought.length === 0
    ? ''
    : `Looked for: ${sought.map(({ key }) => takeText(look, key, by)).join(', ')}.`;
}

function takeText(look: Look<'state' | 'policy'>, key: EscalationKey, by: string): string {
  const whom = escalationKeyText(key);
  return key.kind === 'role' ? `${whom} (${toHave(look, key.role, by)})` : whom;
}
