/** Pages that another page makes needless: once a pager has that one, they fall silent, and not before. */
import type { Decision } from '../model/decision.ts';
import type { Page } from '../model/incident.ts';
import { isOfOffer } from './offers.ts';
import { isDelivered, isRecorded, isUnshown, mayRing, openPages } from './progress.ts';
import { closePage, isSamePerson, share } from './ringing.ts';
import { isSofterThan, soughtByPages } from './sharing.ts';

/** Whether a pager has the page, or all that was asked for is recorded and not sent. */
function isThere({ policy }: Decision, page: Page): boolean {
  return isDelivered(page, policy) || page.rings.some(isUnshown) || isRecorded(page);
}

/** Whether another page of its person does for this one, once a pager has it: this one is softer, or was refused. */
function isNeedless(decision: Decision, page: Page, other: Page): boolean {
  if (page.adopted || isOfOffer(decision, page) || isOfOffer(decision, other)) return false;
  if (page === other || page.insteadOf.includes(other.id)) return false;
  if (!isSamePerson(page, other)) return false;
  return !mayRing(page) || isSofterThan(decision, page, other);
}

/**
 * A pager has what rings in the place of other pages: they fall silent, and it serves what they were shared for since. Not
 * before, for a pause or a pager that is down may hold it for long. Asked at the end of a decision, however it was learned.
 */
export function closeReplaced(decision: Decision): void {
  for (const page of openPages(decision)) {
    const old = openPages(decision).filter(
      (one) => page.insteadOf.includes(one.id) || isNeedless(decision, one, page),
    );
    if (old.length === 0 || !isThere(decision, page)) continue;
    const left = soughtByPages(decision, old).filter((id) => !page.escalations.includes(id));
    if (left.length > 0) share(decision, page, left);
    for (const one of old) closePage(decision, one, 'it rings anew');
  }
}
