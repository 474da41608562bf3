/**
 * When a search leaves its person: they have got a role that must stay apart from it, and the next one is looked for; or they
 * have it already and are there, and nobody is.
 */
import type { Decision } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import { isOwed, type Escalation, type Page } from '../model/incident.ts';
import { roleApartFrom } from '../people/conflicts.ts';
import { own } from '../model/own.ts';
import { isSeenSince } from '../model/signs-of-life.ts';
import { advanceEscalation, endEscalation } from './escalating.ts';
import { isOfOffer } from './offers.ts';
import { openPages } from './progress.ts';
import { closePage } from './ringing.ts';

/** Whether another role keeps the person from what it looks for. */
function isBarred(decision: Decision, { key }: Escalation, person: string): boolean {
  return key.kind === 'role' && roleApartFrom(decision, key.role, person) !== null;
}

function soughtBy({ state }: Decision, page: Page): readonly Escalation[] {
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
    const sought = soughtBy(decision, page);
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

/**
 * Who has a role and is looked for in it all the same, by what came anew, has shown with anything they do that they are
 * there. A search that asks somebody else goes on: whoever began it wants another one. Asked once, at the end of a
 * decision, so that no sign of life can be forgotten.
 */
export function endFoundSearches(decision: Decision): void {
  for (const escalation of Object.values(decision.state.escalations)) {
    const { id, key, since, recipient } = escalation;
    if (key.kind !== 'role' || recipient.kind !== 'person' || !isOwed(escalation)) continue;
    const { person } = recipient;
    const isHolder = own(decision.state.roles, key.role)?.person === person;
    if (isHolder && isSeenSince(decision.state, person, since))
      endEscalation(decision, id, `${person} is there`);
  }
}
