/**
 * One person, one ring, within an incident: a page that rings serves another search while it is fresh. What somebody has
 * answered is an answer to what it rang for and to nothing that comes later: who is wanted for more is asked for it.
 */
import type { Instant } from '../model/alert.ts';
import { urgencyOf, type Decision, type Look } from '../model/decision.ts';
import { isOwed, type Escalation, type Incident, type Page } from '../model/incident.ts';
import { decodeEscalation, type EscalationId } from '../model/keys.ts';
import { ringable } from '../model/obligation.ts';
import { own } from '../model/own.ts';
import type { Urgency } from '../model/policy.ts';
import { isAtIt, isOfOffer } from './offers.ts';
import { FAILOVER_AFTER_MS, mayRing, openPages } from './progress.ts';

/** How long a ring that nobody has answered serves what comes after it. */
const RINGS_FRESH_MS = 10 * 60_000;

/**
 * Whether somebody else's answer silenced the page: whoever it rings may be asleep. Of an address of the vendor's nobody
 * knows whose phone rings; there it is an answer by somebody whom another page rang.
 */
export function isSilenced({ pages }: Incident, page: Page): boolean {
  const { state, person, acknowledgedBy } = page;
  if (state !== 'acknowledged') return false;
  if (person !== null) return acknowledgedBy !== person;
  return Object.values(pages).some((one) => one.person !== null && one.person === acknowledgedBy);
}

/** Whether it rings whom it rings as urgently as that, or was answered by them. */
function covers({ state }: Look<'state'>, page: Page, urgency: Urgency): boolean {
  if (page.state === 'closed' || (page.urgency === 'low' && urgency === 'high')) return false;
  return !isSilenced(state, page);
}

/** How urgently a search rings whom it comes to now: as when it began, unless the level has been lowered since. */
export function urgencyNow(
  look: Look<'state' | 'policy'>,
  { urgency }: Pick<Escalation, 'urgency'>,
): Urgency {
  return urgencyOf(look) === 'low' ? 'low' : urgency;
}

/** Whether the other page, by which the same phone rings louder or may, looks for all that it looks for. */
export function isSofterThan(look: Look<'state'>, page: Page, other: Page): boolean {
  const isLouder = page.urgency === 'low' && other.urgency === 'high' && mayRing(other);
  return (
    isLouder &&
    page.person !== null &&
    page.person === other.person &&
    soughtByPages(look, [page]).every((id) => other.escalations.includes(id))
  );
}

/** Whether it rings softly, or has come to somebody softly while the level was low. */
export function isSoft(
  look: Look<'state'>,
  { id, urgency }: Pick<Escalation, 'id' | 'urgency'>,
): boolean {
  const isOfIt = (page: Page): boolean => page.escalations.includes(id) && !page.adopted;
  const theirs = Object.values(look.state.pages).filter(isOfIt);
  const hasHeard = ({ person }: Page): boolean =>
    person !== null &&
    theirs.some(
      (page) => page.person === person && page.urgency === 'high' && page.acknowledgedBy === person,
    );
  const softly = theirs.filter(
    (page) =>
      page.urgency === 'low' &&
      covers(look, page, 'low') &&
      !hasHeard(page) &&
      !openPages(look).some((other) => isSofterThan(look, page, other)),
  );
  return urgency === 'low' || softly.length > 0;
}

/** When a phone rang that was asked for then: at once, or at the end of the pause in which that was. */
export function rangAt({ context }: Look<'context'>, since: Instant): Instant {
  return ringable(context, since, 1) - 1;
}

/** Whether what was asked for then rang of late, or rings when the pause ends in which that was. */
export function isFreshSince(look: Look<'context' | 'now'>, since: Instant): boolean {
  return rangAt(look, since) + RINGS_FRESH_MS > look.now;
}

/** Since when its phone rings: since a pager took it, and not since it was asked for while none did. */
export function ringsSince(
  { rang }: Pick<Incident, 'rang'>,
  { id, requestedAt }: Pick<Page, 'id' | 'requestedAt'>,
): Instant {
  const at = own(rang, id) ?? requestedAt;
  // The moment that a pager takes over it puts off no alarm that is as old as its interval.
  return at < requestedAt + FAILOVER_AFTER_MS ? requestedAt : at;
}

/** Whether its phone rang of late, or rings when the pause ends in which it was asked for. */
export function isFreshRing(look: Look<'state' | 'context' | 'now'>, page: Page): boolean {
  return isFreshSince(look, ringsSince(look.state, page));
}

/** Whether it rang to find somebody. Whoever answers an alarm, or that they are still there, has come for nothing more. */
function isOfSearch({ escalations }: Page): boolean {
  return escalations.some((id) => ['role', 'service'].includes(decodeEscalation(id).kind));
}

/** What a person is wanted for. */
export interface Sharing {
  readonly urgency: Urgency;
  /** What rang before led nowhere: the vendor's own ring, which we only adopted, does not count. */
  readonly isAnew: boolean;
  /** In a storm, as on call for one service more: whoever answered before, and is at it, has answered for that. */
  readonly isMoreOfStorm: boolean;
}

/** Whether the page of that person serves it as well. */
export function serves(decision: Decision, page: Page, wanted: Sharing): boolean {
  if (isOfOffer(decision, page) || !covers(decision, page, wanted.urgency)) return false;
  if (page.state === 'open')
    return mayRing(page) && isFreshRing(decision, page) && !(wanted.isAnew && page.adopted);
  const { acknowledgedAt, acknowledgedBy: by } = page;
  if (by === null || !wanted.isMoreOfStorm) return false;
  return isOfSearch(page) && isAtIt(decision, by, acknowledgedAt);
}

/** The open pages that rang too long to serve anything else. An offer is a question of its own, and an adopted ring the vendor's. */
export function ringOutOf(decision: Decision, isTheirs: (page: Page) => boolean): readonly Page[] {
  return openPages(decision).filter(
    (page) =>
      isTheirs(page) && !page.adopted && !isOfOffer(decision, page) && !isFreshRing(decision, page),
  );
}

/** The searches of those pages that nobody has answered. */
export function soughtByPages(
  { state }: Look<'state'>,
  pages: readonly Page[],
): readonly EscalationId[] {
  const all = pages.flatMap(({ escalations }) => escalations);
  return [...new Set(all)].filter((id) => isOwed(state.escalations[id]));
}
