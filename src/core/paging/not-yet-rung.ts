/** A ring that a pause, or a pager that is down, held back: nobody is looked for any more once all that it is about has cleared. */
import type { Decision, Look } from '../model/decision.ts';
import {
  isAskedFor,
  isOwed,
  type Escalation,
  type Incident,
  type Page,
} from '../model/incident.ts';
import { decodeEscalation, type EscalationId } from '../model/keys.ts';
import { isProvenQuiet, isReopening, quietSince } from '../model/quiet.ts';
import { lastSignOf } from '../model/signs-of-life.ts';
import { say } from '../texts/messages.ts';
import { clockTime, enumerate, sentence } from '../texts/text.ts';
import { endEscalation } from './escalating.ts';
import { acceptedBy, isRecorded, openPages, openPagesOf } from './progress.ts';
import { closePage } from './ringing.ts';

/** Whether it looks for somebody who deals with what fires: an offer and a missed holder are about people. */
function isOfAlerts({ key }: Pick<Escalation, 'key'>): boolean {
  return key.kind === 'role' || key.kind === 'service';
}

/** Whether all that it is about was over by itself, and no phone had rung since it was asked for. */
export function neverRang(state: Incident, page: Page): boolean {
  const isOverByItself =
    state.closedAs === 'cleared' || (state.phase === 'triage' && quietSince(state) !== null);
  return (
    isOverByItself &&
    isProvenQuiet(state) &&
    page.acknowledgedAt === null &&
    !page.adopted &&
    !isRecorded(page) &&
    page.insteadOf.length === 0 &&
    page.escalations.some((id) => isOfAlerts({ key: decodeEscalation(id) })) &&
    Object.values(state.rang).every((at) => at < page.requestedAt)
  );
}

/** How many pages of the incident are. */
export function countNeverRang(state: Incident): number {
  return Object.values(state.pages).filter((page) => neverRang(state, page)).length;
}

/** Whether no pager has taken it yet, and no person has done anything about the incident since it was asked for. */
function isYetToRing(state: Incident, page: Page): boolean {
  return (
    acceptedBy(page) === undefined && !isRecorded(page) && lastSignOf(state) <= page.requestedAt
  );
}

/** Whether it looks for somebody whom a person has asked for. */
function isAwaited({ escalations }: Incident, id: EscalationId): boolean {
  const search = escalations[id];
  return isOwed(search) && isAskedFor(search);
}

/** Whether it looks for somebody because of what fired, and nobody's phone has rung by it. */
function isUnrung(look: Look<'state'>, escalation: Escalation): boolean {
  if (!isOfAlerts(escalation) || !isOwed(escalation) || isAskedFor(escalation)) return false;
  const pages = openPagesOf(look, escalation.id);
  return pages.length > 0 && pages.every((page) => isYetToRing(look.state, page));
}

/**
 * In triage everything has cleared before a pager took the pages: nobody is woken for what is over. What fires again, or may,
 * looks for somebody anew. What flaps rings on, for it was said once for all of its moments, and what somebody has opened
 * again is for a reason of theirs.
 */
export function endUnrung(decision: Decision): void {
  const { state } = decision;
  if (state.phase !== 'triage' || state.isFlapping || isReopening(state)) return;
  const unrung = Object.values(state.escalations).filter((one) => isUnrung(decision, one));
  const silent = unrung.flatMap(({ id }) => openPagesOf(decision, id));
  const because = 'all alerts have cleared before a pager took it; what fires again rings';
  for (const { id } of unrung) endEscalation(decision, id, because);
  // Of what is to ring once more the first ring is enough, unless a person has asked for somebody by it.
  const isRingAnew = ({ insteadOf, escalations }: Page): boolean =>
    insteadOf.length > 0 && !escalations.some((id) => isAwaited(state, id));
  for (const page of openPages(decision))
    if (isRingAnew(page) && isYetToRing(state, page)) closePage(decision, page, because);
  const { pages } = decision.state;
  const closed = [...new Set(silent)].filter(({ id }) => pages[id]?.state === 'closed');
  if (decision.context.lookups.pauses.paging === undefined) tellOfSilence(decision, closed);
}

/** It is over, and nobody has answered it: once for each time that it fired, also where it was said that no pager takes it. */
function tellOfSilence(decision: Decision, silent: readonly Page[]): void {
  const { state, policy } = decision;
  const since = state.relapses.at(-1) ?? state.openedAt;
  const unsaid = silent.filter((page) => neverRang(state, page) && page.requestedAt >= since);
  if (unsaid.length === 0) return;
  const pagers = unsaid.flatMap(({ rings }) => rings.map(({ target }) => target));
  const whom = [...new Set(unsaid.map(({ label }) => label))];
  const level = state.level === null ? '' : ` [${state.level}]`;
  const what = `${state.id}${level} ${sentence(state.title)} It fired at ${clockTime(since, policy.timezone)}`;
  // No more is known: a pager that is slow may ring the phone at this very moment, until it is told that it is over.
  const how = `had cleared before ${enumerate([...new Set(pagers)])} took the page to ${enumerate(whom)}`;
  const text = `${what} and ${how}. Nobody is rung for what is over; if it fires again, the phone rings.`;
  say(decision, text, { kind: 'status' });
}
