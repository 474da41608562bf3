/** A ring that a pause, or a pager that is down, held back: it is not sent any more while all that it is about has cleared. */
import { emit, type Decision } from '../model/decision.ts';
import type { Incident, Page } from '../model/incident.ts';
import { isProvenQuiet, isReopening, quietFrom } from '../model/quiet.ts';
import { lastSignOf } from '../model/signs-of-life.ts';
import { isAwaitedByOthers, type AwaitedLook } from './joining.ts';
import { acceptedBy, openPages } from './progress.ts';

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

/** Whoever reads the timeline sees why a phone stayed silent. */
export function notePagesHeldBack(decision: Decision): void {
  const text = 'all alerts have cleared before a pager took it; it rings if one fires again';
  for (const page of openPages(decision))
    if (waitsInQuiet(decision, page))
      emit(decision, { type: 'PageNoted', page: page.id, action: 'not rung', by: null, text });
}
