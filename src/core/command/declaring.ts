/** Triage and declaration: declaring pages the level's roles and starts the public clocks. */
import { isOwed } from '../model/incident.ts';
import { isProvenQuiet } from '../model/quiet.ts';
import { oneLine } from '../model/plain.ts';
import { canBeFound, endEscalation, startEscalations } from '../paging/escalating.ts';
import { momentRequests, type Moment } from '../paging/moments.ts';
import { roleRequest } from '../paging/requests.ts';
import { answerEscalation, fillRole } from '../paging/answering.ts';
import { leaveOtherSearches } from '../paging/leaving.ts';
import { roleText } from '../model/event-entry.ts';
import {
  informAll,
  invite,
  notifyPeople,
  openRoom,
  startAudiences,
} from '../informing/informing.ts';
import type { IncidentEvent } from '../model/event.ts';
import type { Level } from '../model/policy.ts';
import { rewriteWaiting } from '../publishing/drafting.ts';
import {
  sayWhyNoPage,
  startPublicClocks,
  withdrawUnaskedWaiting,
} from '../publishing/publishing.ts';
import { encodeEscalation } from '../model/keys.ts';
import {
  automationPause,
  emit,
  levelOf,
  roleOf,
  rolesNamedBy,
  type Look,
  type Decision,
} from '../model/decision.ts';

export type DeclaredHow = 'person' | 'acknowledgement' | 'trusted_rule' | 'still_firing';

/** Whether its level means to ring nobody: neither in triage nor when it is declared. */
export function pagesNobody(look: Look<'state' | 'policy'>): boolean {
  const page = levelOf(look)?.page;
  return page !== undefined && page.triage.length === 0 && page.declared.length === 0;
}

/** The moments that have come: triage always, declared and commanded when they happened. */
export function momentsSoFar(look: Look<'state' | 'policy'>): readonly Moment[] {
  const isDeclared = look.state.declaredAt !== null;
  return [
    'triage' as const,
    ...(isDeclared ? (['declared'] as const) : []),
    ...(isDeclared && isCommanded(look) ? (['commanded'] as const) : []),
  ];
}

/** Declares the incident. Response is measured from here, detection from the first signal. */
export function declare(
  decision: Decision,
  how: DeclaredHow,
  words: { readonly title: string | null; readonly text: string | null } = {
    title: null,
    text: null,
  },
): void {
  if (decision.state.declaredAt !== null) return;
  if (decision.state.soak !== null)
    emit(decision, { type: 'SoakBroken', because: 'the incident is declared' });
  const title = oneLine(words.title ?? '') || null;
  emit(decision, { type: 'IncidentDeclared', how, title, text: words.text });
  openRoom(decision);
  startEscalations(decision, momentRequests(decision, momentsSoFar(decision)));
  const level = levelOf(decision);
  if (level !== null) enterLevel(decision, level);
  sayWhyNoPage(decision);
}

/** What a declared incident owes at its level, beside the pages. */
export function enterLevel(decision: Decision, level: Level): void {
  notifyPeople(decision, level);
  startAudiences(decision);
  withdrawUnaskedWaiting(decision);
  rewriteWaiting(decision);
  startPublicClocks(decision);
}

export function hasCommander(look: Look<'state' | 'policy'>, level: Level): boolean {
  return [...level.page.triage, ...level.page.declared].some(
    (role) => roleOf(look, role)?.commands === true,
  );
}

export function isCommanded(look: Look<'state' | 'policy'>): boolean {
  return Object.keys(look.state.roles).some((role) => roleOf(look, role)?.commands === true);
}

/** The roles that the level calls at the moments that have come. */
function rolesCalled(look: Look<'state' | 'policy'>): readonly string[] {
  const page = levelOf(look)?.page;
  return page === undefined ? [] : momentsSoFar(look).flatMap((moment) => page[moment]);
}

/** Whether the level calls the role at a moment that has come. */
export function isCalled(look: Look<'state' | 'policy'>, role: string): boolean {
  return rolesCalled(look).includes(role);
}

/** Whether the level calls somebody to command at the moments that have come. */
export function callsCommander(look: Look<'state' | 'policy'>): boolean {
  return rolesCalled(look).some((role) => roleOf(look, role)?.commands === true);
}

/** Roles that command at another level are looked for no more: whoever answers late would take the command from its holder. */
export function endOtherCommands(decision: Decision, because: string): void {
  const level = levelOf(decision);
  const named = level === null ? [] : rolesNamedBy(level);
  for (const escalation of Object.values(decision.state.escalations)) {
    const { id, key } = escalation;
    if (!isOwed(escalation) || key.kind !== 'role' || named.includes(key.role)) continue;
    if (roleOf(decision, key.role)?.commands === true) endEscalation(decision, id, because);
  }
}

/** By these everybody is told how it stands; who commands is among that. */
const TELLS_ALL: ReadonlySet<IncidentEvent['type']> = new Set([
  'IncidentDeclared',
  'SeverityChanged',
  'IncidentReopened',
]);

/**
 * Whoever got a role in this decision takes it up, in whatever way they got it: they join the room, and somebody who
 * commands brings the roles that come then. Asked once, at the end, so that no way of filling a role can forget it.
 */
export function takeUpRoles(decision: Decision): void {
  const tellsAll = decision.events.some(({ type }) => TELLS_ALL.has(type));
  for (const event of decision.events) {
    if (event.type === 'RoleEnded') seekAnother(decision, event);
    if (event.type !== 'RoleFilled') continue;
    invite(decision, [event.person]);
    leaveOtherSearches(decision, event.role, event.person);
    if (roleOf(decision, event.role)?.commands !== true) continue;
    endOtherCommands(decision, `${event.person} commands as ${roleText(event.role)}`);
    if (decision.state.declaredAt === null) continue;
    startEscalations(decision, momentRequests(decision, ['commanded']));
    if (!tellsAll) informAll(decision, '');
  }
}

/** A role that the level wants is nobody's any more: it is looked for, where there is anybody else to ask. */
function seekAnother(
  decision: Decision,
  { role, because }: { readonly role: string; readonly because: string },
): void {
  const { roles, escalations } = decision.state;
  const search = escalations[encodeEscalation({ kind: 'role', role })];
  if (Object.hasOwn(roles, role) || isOwed(search)) return;
  // Of those who command there is one at any time.
  const isWanted = isCalled(decision, role) && roleOf(decision, role)?.commands !== true;
  const request = isWanted ? roleRequest(decision, role) : null;
  if (request !== null && canBeFound(decision, request))
    startEscalations(decision, [{ ...request, about: because }]);
}

/** A person is made holder of a role; the escalation that looked for one is answered by it. */
export function assignRole(decision: Decision, role: string, person: string): void {
  fillRole(decision, { role, person, how: 'assignment' });
  answerEscalation(decision, encodeEscalation({ kind: 'role', role }), { by: person, fills: null });
}

/**
 * In triage: what the level's declaration rules say about how this incident may come to be declared. What has cleared by
 * then only a person declares: the public would read of a problem that is over.
 */
export function mayDeclare(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  by: 'acknowledgement' | 'trusted_rule',
): boolean {
  const level = levelOf(look);
  if (look.state.phase !== 'triage' || look.state.kind === 'test') return false;
  if (look.state.alerts.total > 0 && isProvenQuiet(look.state)) return false;
  if (by === 'trusted_rule' && automationPause(look) !== null) return false;
  return level?.declare.by.includes(by) === true;
}
