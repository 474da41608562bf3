/**
 * Nothing is known to fire, and nothing proves that it is over. Then nothing ends by itself: people are asked, the one on
 * call at once, who commands half an hour later, and both once a day.
 */
import { serviceRequest } from '../paging/requests.ts';
import { emit, levelOf, roleOf, type Decision, type Look } from '../model/decision.ts';
import { sentenceOf } from '../model/events.ts';
import { isOver } from '../model/incident.ts';
import type { AlertsSummary, Fact, Told } from '../model/input.ts';
import { nothing, type Ground, type Owed } from '../model/obligation.ts';
import type { Recipient } from '../model/policy.ts';
import { candidatesOf } from '../people/candidates.ts';
import { say } from '../texts/messages.ts';
import { enumerate } from '../texts/text.ts';

type Observed = Extract<Fact, { type: 'AlertsObserved' }>;

/** Until the commander is asked as well. */
const ASK_NEXT_MS = 30 * 60_000;
const ASK_AGAIN_MS = 24 * 3_600_000;

/** What deliveries leave out may fire, until the sender tells of all of its group again. */
export function noteTold(decision: Decision, told: readonly Told[]): void {
  for (const { source, group, leftOut } of told) {
    const isKnown = Object.hasOwn(decision.state.leftOut, group);
    if (leftOut > 0 && !isKnown)
      emit(decision, { type: 'AlertsLeftOut', source, group, count: leftOut });
    if (leftOut === 0 && isKnown) emit(decision, { type: 'AlertsToldWhole', source, group });
  }
}

/** What is held may fire, and is known to wait. */
export function noteHeld(decision: Decision, { held }: AlertsSummary): void {
  if (held !== decision.state.alerts.held) emit(decision, { type: 'AlertsHeld', held });
}

/** What is not heard of any more counts as firing no more, and what is heard of again does: the room is told. */
export function noteHeard(
  decision: Decision,
  { alerts, unheard }: Pick<Observed, 'alerts' | 'unheard'>,
): void {
  const { id } = decision.state;
  if (alerts.heardAgain > 0) emit(decision, { type: 'AlertsHeardAgain', alerts });
  if (alerts.newlyStale > 0 && unheard !== null)
    emit(decision, { type: 'AlertsUnheard', alerts, ...unheard });
  const last = decision.events.at(-1);
  const isNews = last?.type === 'AlertsHeardAgain' || last?.type === 'AlertsUnheard';
  // Where nothing else fires, people are asked whether it is over, and that says it.
  if (isNews && decision.state.unproven === null)
    say(decision, `${id}: ${sentenceOf(last, () => '')}`, { kind: 'status' });
}

/** The people whom the recipient leads to now, or what rings for them. */
function namesOf(decision: Decision, recipient: Recipient): readonly string[] {
  const { team, service } = decision.state.routing;
  const { list } = candidatesOf(recipient, decision.context, { team, service });
  return list.map(({ person, label }) => person ?? label);
}

function onCallOf(decision: Decision): readonly string[] {
  return namesOf(decision, serviceRequest(decision, decision.state.routing.service).recipient);
}

/** Who commands or, where nobody does, whom the level would call to command. */
function commandersOf(decision: Decision): readonly string[] {
  const { state, policy } = decision;
  const held = Object.entries(state.roles).flatMap(([role, { person }]) =>
    roleOf(decision, role)?.commands === true ? [person] : [],
  );
  if (held.length > 0) return held;
  const page = levelOf(decision)?.page;
  const wanted = [...(page?.triage ?? []), ...(page?.declared ?? [])];
  const role = wanted.find((one) => policy.roles[one]?.commands === true);
  return role === undefined ? [] : namesOf(decision, { kind: 'role', role });
}

/** Whom the n-th question is for. */
function askedOf(decision: Decision, number: number): readonly string[] {
  const onCall = onCallOf(decision);
  const commanders = number === 1 ? [] : commandersOf(decision);
  const all = number === 2 && commanders.length > 0 ? commanders : [...onCall, ...commanders];
  return [...new Set(all)];
}

/** What stands against taking the quiet for the end. */
function doubtsOf({ state }: Look<'state'>): string {
  const doubts = Object.values(state.leftOut).map(
    ({ source, count }) =>
      `${source} leaves alerts out of its deliveries (${count} at first), which may fire`,
  );
  const { stale } = state.alerts;
  if (stale > 0)
    doubts.push(
      `${stale === 1 ? '1 alert was' : `${stale} alerts were`} not heard of any more (silenced, inhibited or lost at ${state.routing.source})`,
    );
  return enumerate([...new Set(doubts)]);
}

/** Asks, in the room, whether it is over. */
export function askForEnd(decision: Decision): void {
  const { unproven, id } = decision.state;
  if (unproven === null) return;
  const number = unproven.asked + 1;
  const people = askedOf(decision, number);
  emit(decision, { type: 'EndAsked', people, number });
  const who = people.length === 0 ? '' : `${enumerate(people)}: `;
  say(
    decision,
    `${id}: no alert is known to fire, but ${doubtsOf(decision)}. So it does not count as over by itself. ${who}look there. If it is over: \`tocsin resolve ${id}\`; if it was nothing: \`tocsin false-positive ${id} --reason "..."\`.`,
    { kind: 'status' },
  );
}

/** When people are asked again whether it is over. */
export function owedByUnproven({ state }: Ground): Owed {
  const { unproven } = state;
  if (unproven === null || isOver(state)) return nothing('no end is in doubt');
  const afterMs = [0, ASK_NEXT_MS][unproven.asked] ?? ASK_AGAIN_MS;
  return {
    clock: { kind: 'unproven' },
    what: 'people are asked whether it is over, unless an alert fires or is told to have cleared',
    dueAt: unproven.askedAt + afterMs,
  };
}
