/** Triage and declaration: declaring pages the level's roles and starts the public clocks. */
import { answerRun, startRuns, type RunRequest } from '../paging/escalating.ts';
import {
  informAll,
  invite,
  notifyPeople,
  openRoom,
  startAudiences,
} from '../informing/informing.ts';
import type { Level } from '../model/policy.ts';
import { startPublicClocks } from '../publishing/publishing.ts';
import { encodeRun } from '../model/keys.ts';
import { automationPause, emit, levelOf, type Look, type Turn } from '../model/turn.ts';

export type Moment = 'triage' | 'declared' | 'commanded';
export type DeclaredHow = 'person' | 'acknowledgement' | 'trusted_rule' | 'still_firing';

/** The run that fills a role. A role that is the service's on-call follows the service's own escalation. */
export function roleRequest(
  { state, policy }: Look<'state' | 'policy'>,
  id: string,
): RunRequest | null {
  const role = policy.roles[id];
  if (role === undefined) return null;
  const service = state.facts.service === null ? undefined : policy.services[state.facts.service];
  const own = role.page.kind === 'service_on_call' && service !== undefined ? service : role;
  return {
    key: { kind: 'role', role: id },
    source: role.page,
    escalation: own.escalation,
    fallback: own.fallback.length > 0 ? own.fallback : role.fallback,
  };
}

/** The run of a service's on-call, for incidents whose level names no role for triage yet. */
export function serviceRequest({ policy }: Look<'policy'>, serviceId: string | null): RunRequest {
  const service = serviceId === null ? undefined : policy.services[serviceId];
  return {
    key: { kind: 'service', service: serviceId },
    source: { kind: 'service_on_call' },
    escalation: service?.escalation ?? { kind: 'vendor', unanswered: null },
    fallback: service?.fallback ?? [],
  };
}

/** Runs of the moments that are due and not there yet. */
export function momentRequests(
  look: Look<'state' | 'policy'>,
  moments: readonly Moment[],
): readonly RunRequest[] {
  const level = levelOf(look);
  if (level === null) return [];
  const roles = new Set(moments.flatMap((moment) => level.page[moment]));
  return [...roles]
    .filter((role) => look.state.roles[role] === undefined && !isUnderWay(look, role))
    .flatMap((role) => roleRequest(look, role) ?? []);
}

function isUnderWay({ state }: Look<'state'>, role: string): boolean {
  const run = state.runs[encodeRun({ kind: 'role', role })];
  return run !== undefined && run.state !== 'ended';
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
  turn: Turn,
  how: DeclaredHow,
  words: { readonly title: string | null; readonly text: string | null } = {
    title: null,
    text: null,
  },
): void {
  if (turn.state.declaredAt !== null) return;
  if (turn.state.soak !== null)
    emit(turn, { type: 'SoakBroken', because: 'the incident is declared' });
  emit(turn, { type: 'IncidentDeclared', how, title: words.title, text: words.text });
  openRoom(turn);
  startRuns(turn, momentRequests(turn, momentsSoFar(turn)));
  const level = levelOf(turn);
  if (level !== null) enterLevel(turn, level);
  takeOver(turn);
}

/** What a declared incident owes at its level, beside the pages. */
export function enterLevel(turn: Turn, level: Level): void {
  notifyPeople(turn, level);
  startAudiences(turn);
  startPublicClocks(turn);
}

export function hasCommander({ policy }: Look<'policy'>, level: Level): boolean {
  return [...level.page.triage, ...level.page.declared].some(
    (role) => policy.roles[role]?.commands === true,
  );
}

export function isCommanded({ state, policy }: Look<'state' | 'policy'>): boolean {
  return Object.keys(state.roles).some((role) => policy.roles[role]?.commands === true);
}

/** A role was filled: the room it joins, and the moment it may bring. */
export function roleFilled(turn: Turn, role: string, person: string): void {
  invite(turn, [person]);
  if (turn.policy.roles[role]?.commands !== true) return;
  if (turn.state.declaredAt !== null) {
    startRuns(turn, momentRequests(turn, ['commanded']));
    informAll(turn, '');
  }
}

/** A person is made holder of a role; the run that looked for one is answered by it. */
export function assignRole(turn: Turn, role: string, person: string): void {
  emit(turn, { type: 'RoleFilled', role, person, how: 'assignment' });
  answerRun(turn, encodeRun({ kind: 'role', role }), { by: person, known: true });
  roleFilled(turn, role, person);
}

/** People who acknowledged in triage keep their role; a commander who came first brings the moment `commanded`. */
function takeOver(turn: Turn): void {
  if (isCommanded(turn)) startRuns(turn, momentRequests(turn, ['commanded']));
}

/** In triage: what the level's declaration rules say about how this incident may come to be declared. */
export function mayDeclare(
  look: Look<'state' | 'policy' | 'context' | 'now'>,
  by: 'acknowledgement' | 'trusted_rule',
): boolean {
  const level = levelOf(look);
  if (look.state.phase !== 'triage' || look.state.kind === 'test') return false;
  if (by === 'trusted_rule' && automationPause(look) !== null) return false;
  return level === null ? by === 'acknowledgement' : level.declare.by.includes(by);
}
