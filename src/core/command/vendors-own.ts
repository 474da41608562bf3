/** What a vendor rings by itself: whose it may be where nobody knows whose phone rings, and where Tocsin can only listen. */
import type { Decision, Look } from '../model/decision.ts';
import { isOwed, type Page } from '../model/incident.ts';
import type { Recipient } from '../model/policy.ts';
import { candidatesOf } from '../people/candidates.ts';
import { mayBeKnown, openPages } from '../paging/progress.ts';
import { isOnlyHeard } from '../paging/ringing.ts';

/**
 * The vendor's own rings of which nobody knows whose phone they are, as far as they are this person's to answer: who is on
 * call for the service of the incident now, or the only one whom the search behind the ring would ask.
 */
export function perhapsOf(decision: Decision, person: string): readonly Page[] {
  const unknown = openPages(decision).filter((page) => page.adopted && page.person === null);
  if (asked(decision, { kind: 'service_on_call' }).includes(person)) return unknown;
  return unknown.filter((page) => {
    const people = page.escalations.flatMap((id) => {
      const escalation = decision.state.escalations[id];
      return isOwed(escalation) ? asked(decision, escalation.recipient) : [];
    });
    return people.length > 0 && people.every((one) => one === person);
  });
}

function asked({ state, context }: Decision, recipient: Recipient): readonly (string | null)[] {
  return candidatesOf(recipient, context, state.routing).list.map((one) => one.person);
}

/** Where a phone rings on although its page was acknowledged here, and what stops it; empty: nowhere. */
export function ringsOnText(look: Look<'policy'>, pages: readonly Page[]): string {
  return pages
    .flatMap((page) => page.rings.map((ring) => ({ page, ring })))
    .filter(({ ring }) => mayBeKnown(ring) && isOnlyHeard(look, ring, 'pager.acknowledge'))
    .map(({ page, ring }) => {
      const where = ring.url === null ? '' : `: ${ring.url}`;
      return `Page ${page.id} rings on (${ring.address.label}), for Tocsin has no target there and can stop nothing: acknowledge it there as well${where}.`;
    })
    .join(' ');
}
