/**
 * When a search leaves its person: they have got a role that must stay apart from it, and the next one is looked for; or they
 * have it already and are there, and nobody is.
 */
import type { Decision } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import { isAskedFor, isOwed, type Escalation, type Page } from '../model/incident.ts';
import { roleApartFrom } from '../people/conflicts.ts';
import { own } from '../model/own.ts';
import { isSeenSince } from '../model/signs-of-life.ts';
import { advanceEscalation, endEscalation, soughtBy } from './escalating.ts';
import { isOfOffer, openOffers, wasLeft } from './offers.ts';
import { openPages } from './progress.ts';
import { closePage } from './ringing.ts';

/** Whether another role keeps the person from what it looks for. */
function isBarred(decision: Decision, { key }: Escalation, person: string): boolean {
  return key.kind === 'role' && roleApartFrom(decision, key.role, person) !== null;
}

function searchesBy({ state }: Decision, page: Page): readonly Escalation[] {
  return page.escalations.flatMap((id) => {
    const escalation = state.escalations[id];
    return isOwed(escalation) ? [escalation] : [];
  });
}

/** Their phones fall silent where they ring for nothing else, and each search that they were alone in goes on at once. */
export function leaveOtherSearches(decision: Decision, role: string, person: string): void {
  const because = `${person} is ${roleText(role)} now`;
  const theirs = openPages(decision).filter(
    (page) => page.person === person && !isOfOffer(decision, page),
  );
  const left = new Set<Escalation>();
  for (const page of theirs) {
    const sought = searchesBy(decision, page);
    const barred = sought.filter((one) => isBarred(decision, one, person));
    for (const one of barred) left.add(one);
    if (barred.length > 0 && barred.length === sought.length) closePage(decision, page, because);
  }
  for (const { id } of left) {
    const others = openPages(decision).filter(
      (page) => page.person !== person && page.escalations.includes(id),
    );
    if (others.length === 0)
      advanceEscalation(decision, id, `${because}, and this must be another person`);
  }
}

/** Who has the role that it looks for, or answered as on call for the service before it began anew; null: nobody. */
function foundBefore({ state }: Decision, { id, key }: Escalation): string | null {
  if (key.kind === 'role') return own(state.roles, key.role)?.person ?? null;
  if (key.kind !== 'service') return null;
  const answered = Object.values(state.pages).filter((page) => page.escalations.includes(id));
  return answered.findLast(({ acknowledgedBy }) => acknowledgedBy !== null)?.acknowledgedBy ?? null;
}

/** Whether it asks the person before others. What a person has rung is about somebody else, also where they are on call. */
function asks(decision: Decision, escalation: Escalation, person: string): boolean {
  const { key, recipient } = escalation;
  if (key.kind === 'role' && recipient.kind === 'person') return recipient.person === person;
  if ((key.kind !== 'role' && key.kind !== 'service') || isAskedFor(escalation)) return false;
  const sought = soughtBy(decision, escalation);
  return sought.length > 0 && sought.every((one) => one.person === person);
}

/** Whether what they did is that they are not there for it: they have it offered to another, or did not take what they were offered. */
function isLeaving(decision: Decision, { key, since }: Escalation, person: string): boolean {
  const offers = openOffers(decision);
  const isOffered = offers.some(
    ({ role, by }) => key.kind === 'role' && role === key.role && by === person,
  );
  return isOffered || wasLeft(decision, person, since);
}

/**
 * Who has a role and is looked for in it all the same, by what came anew, has shown with anything they do that they are
 * there. A search that asks somebody else goes on: whoever began it wants another one. Asked once, at the end of a
 * decision, so that no sign of life can be forgotten.
 */
export function endFoundSearches(decision: Decision): void {
  for (const escalation of Object.values(decision.state.escalations)) {
    const { id, since } = escalation;
    const person = isOwed(escalation) ? foundBefore(decision, escalation) : null;
    if (person === null || !asks(decision, escalation, person)) continue;
    if (isSeenSince(decision.state, person, since) && !isLeaving(decision, escalation, person))
      endEscalation(decision, id, `${person} is there`);
  }
}
