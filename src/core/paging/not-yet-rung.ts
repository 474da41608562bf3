/** A ring that a pause, or a pager that is down, held back: it is not sent any more while all that it is about has cleared. */
import { emit, type Decision } from '../model/decision.ts';
import type { Incident, Page } from '../model/incident.ts';
import { isProvenQuiet, isReopening, quietFrom } from '../model/quiet.ts';
import { lastSignOf } from '../model/signs-of-life.ts';
import { isAwaitedByOthers, type AwaitedLook } from './joining.ts';
import { say } from '../texts/messages.ts';
import { clockTime, enumerate, sentence } from '../texts/text.ts';
import { acceptedBy, isRecorded, openPages } from './progress.ts';

/** Whether what is alarmed is that somebody is not found or not reached, and nothing else. */
function isAboutReach({ alarms }: Incident): boolean {
  return Object.values(alarms).every(({ key }) => key.kind === 'page' || key.kind === 'escalation');
}

/** Whether it is to find somebody who deals with the incident: an offer and a missed holder are about people. */
function isAboutAlerts(state: Incident, page: Page): boolean {
  return page.escalations.every((id) => {
    const kind = state.escalations[id]?.key.kind;
    return kind === 'role' || kind === 'service' || (kind === 'alarm' && isAboutReach(state));
  });
}

/**
 * Whether no pager has the open page yet and, in triage, everything has cleared: nobody is woken for what is over. What
 * another page rings by as well is sent for that one; whom somebody asks for since is rung, and whatever a person has done
 * something about is not over by itself.
 */
export function waitsInQuiet(look: AwaitedLook, page: Page): boolean {
  const { state } = look;
  const from = quietFrom(state);
  const isQuiet = from !== null && isProvenQuiet(state) && !state.isFlapping;
  return (
    isQuiet &&
    page.requestedAt <= from &&
    lastSignOf(state) <= state.openedAt &&
    !isReopening(state) &&
    acceptedBy(page) === undefined &&
    isAboutAlerts(state, page) &&
    !page.rings.some((ring) => isAwaitedByOthers(look, page, ring))
  );
}

/** Whether all that it is about was over by itself, and no phone had rung since it was asked for. */
export function neverRang(state: Incident, page: Page): boolean {
  const isOverByItself = state.closedAs === 'cleared' || quietFrom(state) !== null;
  return (
    isOverByItself &&
    isProvenQuiet(state) &&
    page.acknowledgedAt === null &&
    !page.adopted &&
    !isRecorded(page) &&
    isAboutAlerts(state, page) &&
    Object.values(state.rang).every((at) => at < page.requestedAt)
  );
}

/** How many pages of the incident are. */
export function countNeverRang(state: Incident): number {
  return Object.values(state.pages).filter((page) => neverRang(state, page)).length;
}

/** Whoever reads the timeline sees why a phone stayed silent; where that was not people's wish, the team hears of it. */
export function notePagesHeldBack(decision: Decision): void {
  const held = openPages(decision).filter((page) => waitsInQuiet(decision, page));
  const text = 'all alerts have cleared before a pager took it; it rings if one fires again';
  for (const page of held)
    emit(decision, { type: 'PageNoted', page: page.id, action: 'not rung', by: null, text });
  if (decision.context.lookups.pauses.paging === undefined) tellOfSilence(decision, held);
}

/** It is over, and nobody has heard of it: once for each time that it fired, unless that no pager takes it was said already. */
function tellOfSilence(decision: Decision, held: readonly Page[]): void {
  const { state, policy } = decision;
  const since = state.relapses.at(-1) ?? state.openedAt;
  const unsaid = held.filter(
    (page) => neverRang(state, page) && page.requestedAt >= since && page.unreachableSince === null,
  );
  if (unsaid.length === 0) return;
  const pagers = unsaid.flatMap(({ rings }) => rings.map(({ target }) => target));
  const whom = [...new Set(unsaid.map(({ label }) => label))];
  const level = state.level === null ? '' : ` [${state.level}]`;
  const what = `${state.id}${level} ${sentence(state.title)} It fired at ${clockTime(since, policy.timezone)} and has cleared, and nobody was rung`;
  const why = `${enumerate([...new Set(pagers)])} had not taken the page to ${enumerate(whom)}`;
  const text = `${what}: ${why}. Nobody is rung for what is over; if it fires again, the phone rings.`;
  say(decision, text, { kind: 'status' });
}
