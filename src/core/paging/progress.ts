/** How far an escalation, a page or a ring has come: what everything about paging asks of them. */
import type { Instant } from '../model/alert.ts';
import type { Look, Decision } from '../model/decision.ts';
import { isOwed, type Incident, type Page, type Ring } from '../model/incident.ts';
import { encodeAddress, type EscalationId } from '../model/keys.ts';
import { groundOf, waited } from '../model/obligation.ts';
import type { PageAddress, Policy } from '../model/policy.ts';

/** Failover counts from the moment the page was due (reliability goal: accepted elsewhere within 90 s). */
export const FAILOVER_AFTER_MS = 60_000;

/** Whether nobody is looked for by any escalation of the page. */
function isSettled({ state }: Look<'state'>, page: Page): boolean {
  return !page.escalations.some((id) => isOwed(state.escalations[id]));
}

/** The pages that nobody has answered. */
export function openPages({ state }: Look<'state'>): readonly Page[] {
  return Object.values(state.pages).filter((page) => page.state === 'open');
}

/** Those of the escalation. */
export function openPagesOf(look: Look<'state'>, escalation: EscalationId): readonly Page[] {
  return openPages(look).filter((page) => page.escalations.includes(escalation));
}

/** Of those, the ones by which nobody else is looked for. */
export function settledPagesOf(look: Look<'state'>, escalation: EscalationId): readonly Page[] {
  return openPagesOf(look, escalation).filter((page) => isSettled(look, page));
}

/** The addresses of the page that no ring has tried. */
export function addressesLeft({ addresses, rings }: Page): readonly PageAddress[] {
  const tried = new Set(rings.map(({ address }) => encodeAddress(address)));
  return addresses.filter((address) => !tried.has(encodeAddress(address)));
}

/** How long after a pager took a page it is first looked for there. */
export const FIND_FIRST_MS = 5_000;

type Reached = Pick<Ring, 'target' | 'status'>;

interface Standing {
  /** It was asked, and nobody knows yet what comes of it. */
  readonly isUnderWay: boolean;
  /** It took it, whatever became of it there: what it has lost since is looked for, and alarmed as such. */
  readonly hasAccepted: boolean;
  /** A phone rings by it; where it cannot be asked, its word for having taken it is enough. */
  readonly isThrough: boolean | 'where it cannot be asked';
  /** It has not said that it has it: it refused it, lost it, or is still to answer. */
  readonly isUnheard: boolean;
  /** It may know of it: it did not refuse it, was asked in earnest, and has not closed it. */
  readonly mayBeKnown: boolean;
}

const no = {
  isUnderWay: false,
  hasAccepted: false,
  isThrough: false,
  isUnheard: false,
  mayBeKnown: false,
} satisfies Standing;

/** How a ring stands at its pager; a status without a row does not compile. */
const STANDINGS: Readonly<Record<Ring['status'], Standing>> = {
  pending: { ...no, isUnderWay: true, isUnheard: true, mayBeKnown: true },
  joining: { ...no, isUnderWay: true, isUnheard: true, mayBeKnown: true },
  accepted: {
    isUnderWay: true,
    hasAccepted: true,
    isThrough: 'where it cannot be asked',
    isUnheard: true,
    mayBeKnown: true,
  },
  confirmed: { ...no, hasAccepted: true, isThrough: true, mayBeKnown: true },
  joined: { ...no, hasAccepted: true, isThrough: true, mayBeKnown: true },
  lost: { ...no, hasAccepted: true, isUnheard: true, mayBeKnown: true },
  failed: { ...no, isUnheard: true },
  withheld: no,
  closed: { ...no, hasAccepted: true },
};

/** Whether the pager can be asked what became of a page. */
export function canBeAsked(policy: Policy, target: string): boolean {
  return policy.targets[target]?.can.includes('pager.find') === true;
}

/** Whether a source tells what happens at the pager, so that an answer there is heard without asking. */
export function tellsByItself({ sources }: Policy, target: string): boolean {
  return Object.values(sources).some((source) => source.target === target);
}

/** The mode in which its pager is asked for nothing; null: it is asked, or only heard. */
export function silentMode(policy: Policy, target: string): 'off' | 'shadow' | null {
  const { mode, can } = policy.targets[target] ?? {};
  if (can?.includes('pager.trigger') !== true) return null;
  return mode === 'off' || mode === 'shadow' ? mode : null;
}

/**
 * Whether the ring reached its pager: confirmed, rung by another incident, or accepted where the pager cannot be asked. Not
 * where that was switched off since: nobody asks it for an answer, and nothing silences what rings there.
 */
export function isThrough({ status, target }: Reached, policy: Policy): boolean {
  if (silentMode(policy, target) !== null) return false;
  const known = STANDINGS[status].isThrough;
  return known === 'where it cannot be asked' ? !canBeAsked(policy, target) : known;
}

/** Whether some pager has the page; what was adopted its vendor rings by itself, whatever may be sent there. */
export function isDelivered({ rings, adopted }: Page, policy: Policy): boolean {
  return rings.some((ring) => isThrough(ring, policy) || (adopted && ring.status === 'confirmed'));
}

/** Whether its pager was asked and nobody knows yet what comes of it. */
export function isUnderWay({ status }: Pick<Ring, 'status'>): boolean {
  return STANDINGS[status].isUnderWay;
}

/** Whether it joined what rings, and nobody who looks there sees yet that it rings for this as well. */
export function isUnshown({ status, isSpokenOf }: Pick<Ring, 'status' | 'isSpokenOf'>): boolean {
  return status === 'joining' && isSpokenOf;
}

/** Whether its pager was asked for it, and has not said that it has it: it refused it, lost it, or is still to answer. */
export function isUnheard(ring: Pick<Ring, 'status' | 'isSpokenOf'>): boolean {
  return STANDINGS[ring.status].isUnheard && !isUnshown(ring);
}

/** Whether its pager may know of it: it did not refuse it, was asked in earnest, and has not closed it. */
export function mayBeKnown({ status }: Pick<Ring, 'status'>): boolean {
  return STANDINGS[status].mayBeKnown;
}

/** Whether its pager has taken it, and has not closed it: a phone may ring by it, and somebody may answer there. */
export function hasTaken({ status }: Pick<Ring, 'status'>): boolean {
  const { hasAccepted, mayBeKnown: isThere } = STANDINGS[status];
  return hasAccepted && isThere;
}

/** Whether all that was asked for is recorded and nothing sent. */
export function isRecorded({ rings }: Page): boolean {
  return rings.every(({ status }) => status === 'withheld');
}

/**
 * Whether a phone rings for the page, or one may yet: some pager has it or is still asked, however long that takes. Where
 * each has refused it nothing will ring, whatever else it is to serve.
 */
export function mayRing(page: Page): boolean {
  return isRecorded(page) || page.rings.some(mayBeKnown);
}

/** Whether another page rings in its place, or is to: one that every pager has refused never will. */
export function isGivingWay({ state }: Look<'state'>, { id }: Pick<Page, 'id'>): boolean {
  return openPages({ state }).some((page) => page.insteadOf.includes(id) && mayRing(page));
}

/** Whether a phone rings by it, or is about to before the next pager is asked instead. */
export function comesInTime(decision: Decision, ring: Reached & { readonly at: Instant }): boolean {
  if (isThrough(ring, decision.policy)) return true;
  const ground = groundOf(decision.state, decision.context);
  return isUnderWay(ring) && waited(ground, ring.at, FAILOVER_AFTER_MS) > decision.now;
}

/** Whether a phone rings for the page, or will in a moment; where all is recorded and nothing sent, as if it were. */
export function isRinging(decision: Decision, page: Page): boolean {
  return isRecorded(page) || page.rings.some((ring) => comesInTime(decision, ring));
}

/** The first of its rings that a pager took. */
export function acceptedBy({ rings }: Page): Ring | undefined {
  return rings.find((ring) => STANDINGS[ring.status].hasAccepted || isUnshown(ring));
}

/** Pagers that have not accepted what they were asked for: other ones are asked first. */
export function silentPagers({ state }: Look<'state'>): ReadonlySet<string> {
  const waiting = Object.values(state.pages).filter(isUnreachable);
  return new Set(
    waiting.flatMap(({ rings }) =>
      rings.filter(({ status }) => !STANDINGS[status].hasAccepted).map(({ target }) => target),
    ),
  );
}

/** Whether nobody is reached by it, and that was said. */
export function isUnreachable({ state, unreachableSince }: Page): boolean {
  return state === 'open' && unreachableSince !== null;
}

/** How many pages of the incident reach nobody now; each counts once, however often it is tried. */
export function unreachablePages({ pages }: Incident): number {
  return Object.values(pages).filter(isUnreachable).length;
}

/** That a reload switched off each pager that has the page; null: none has it, or one is still asked. */
export function silencedText({ policy }: Look<'policy'>, { rings }: Page): string | null {
  const known = rings.filter(mayBeKnown);
  const modes = known.map(({ target }) => silentMode(policy, target));
  const at = known.at(-1)?.target;
  if (at === undefined || modes.includes(null)) return null;
  return `${at} is in mode ${modes.at(-1)} since, and an answer there may not be heard`;
}

/** What is wrong with a page that a pager took and that nobody has confirmed, or of which no answer may come any more. */
export function unconfirmedText(look: Look<'policy'>, page: Page): string {
  const { id, label } = page;
  const silenced = silencedText(look, page);
  return silenced === null
    ? `page ${id} to ${label} is not confirmed by any pager; it is still being tried`
    : `page ${id} to ${label} reaches nobody for sure: ${silenced}`;
}
