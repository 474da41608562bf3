/**
 * Offers: somebody asks one person to take a role. The phone rings for a while, for this alone; whoever has the role keeps
 * it until the person says yes, and the search for somebody, where there is one, goes on beside it.
 */
import type { Instant } from '../model/alert.ts';
import type { Look } from '../model/decision.ts';
import { roleText } from '../model/event-entry.ts';
import type { Escalation, Page } from '../model/incident.ts';
import type { EscalationId } from '../model/keys.ts';
import { type Ground, type Owed, ringable } from '../model/obligation.ts';
import { own } from '../model/own.ts';
import { isSeenSince, PRESENT_MS } from '../model/signs-of-life.ts';
import { roleApartFrom } from '../people/conflicts.ts';

/** An offer rings for so long. */
export const OFFER_MS = 5 * 60_000;
/** Its pager is asked once more then, and has so long to say whether the person answered. */
const WORD_WITHIN_MS = 60_000;
/** What is learned of an answer so long after that still gives the role. */
export const LEARNED_WITHIN_MS = 15 * 60_000;

export interface Offer {
  readonly id: EscalationId;
  readonly role: string;
  /** Who is asked to take it. */
  readonly person: string;
  /** Who asks. */
  readonly by: string;
  /** Who has it meanwhile; null: nobody. */
  readonly from: string | null;
  readonly since: Instant;
  /** When it had rung for as long as it does, and its pager was asked once more; null: it rings still, or ended before. */
  readonly askedAt: Instant | null;
}

/** What the escalation offers; null: it looks for somebody. */
export function offerOf(escalation: Escalation | undefined): Offer | null {
  if (escalation?.key.kind !== 'offer' || escalation.recipient.kind !== 'person') return null;
  const { id, key, recipient, step } = escalation;
  const { role, by, from } = key;
  const askedAt = step === 0 ? null : escalation.since;
  const since = askedAt === null ? escalation.since : askedAt - OFFER_MS;
  return { id, role, person: recipient.person, by, from, since, askedAt };
}

/** Whether the page rings for an offer; it rings for nothing else. */
export function isOfOffer({ state }: Look<'state'>, page: Pick<Page, 'escalations'>): boolean {
  return page.escalations.some((id) => offerOf(state.escalations[id]) !== null);
}

/** What is offered now. */
export function openOffers({ state }: Look<'state'>): readonly Offer[] {
  return Object.values(state.escalations).flatMap((escalation) =>
    escalation.state === 'open' ? (offerOf(escalation) ?? []) : [],
  );
}

/** What is offered to the person now. */
export function offersTo(look: Look<'state'>, person: string): readonly Offer[] {
  return openOffers(look).filter((offer) => offer.person === person);
}

/** The offer of the role; null: it is not offered now. A role is offered to one person at a time. */
export function offerOfRole(look: Look<'state'>, role: string): Offer | null {
  return openOffers(look).find((offer) => offer.role === role) ?? null;
}

/** Whether the person was offered any role since then and has not taken it: whoever is ill for one is ill for the other. */
export function wasLeft({ state }: Look<'state'>, person: string, since: Instant): boolean {
  return Object.values(state.escalations).some((escalation) => {
    const offer = offerOf(escalation);
    return offer?.person === person && offer.since >= since && escalation.state === 'ended';
  });
}

/**
 * Whether the person is at it: they did something of late. Whoever was offered a role a moment ago, whichever, and did not
 * take it is not, for a no is a sign of life as well.
 * @param answeredAt when they said yes to somebody else, who told us
 */
export function isAtIt(
  look: Look<'state' | 'now'>,
  person: string,
  answeredAt: Instant | null = null,
): boolean {
  const recently = look.now - PRESENT_MS;
  const isHeard = (answeredAt ?? recently) > recently || isSeenSince(look.state, person, recently);
  return isHeard && !wasLeft(look, person, recently - OFFER_MS);
}

/** The key of the next offer of the role. */
export function nextOffer(
  { state }: Look<'state'>,
  role: string,
  by: string,
): Extract<Escalation['key'], { kind: 'offer' }> {
  const before = Object.values(state.escalations).filter(
    ({ key }) => key.kind === 'offer' && key.role === role,
  );
  const from = own(state.roles, role)?.person ?? null;
  return { kind: 'offer', role, by, number: before.length + 1, from };
}

/** What the phone says in front of the title. */
export function offerTitle({ state }: Look<'state'>, page: Page): string {
  const [offer] = page.escalations.flatMap((id) => offerOf(state.escalations[id]) ?? []);
  return offer === undefined ? '' : `${offer.by} offers you ${roleText(offer.role)}: `;
}

/** What the phone of the person says of it. */
export function offerText(incident: string, { role, by }: Pick<Offer, 'role' | 'by'>): string {
  return `${by} offers you the role ${roleText(role)}. To take it: acknowledge this, or \`tocsin accept ${incident}\`, within ${OFFER_MS / 60_000} minutes. If you cannot: \`tocsin decline ${incident} --why "..."\`.`;
}

/** Why the person cannot take any more what was offered; null: they can. */
export function whyOfferOver(
  look: Look<'state' | 'policy'>,
  { role, person, from }: Offer,
): string | null {
  const holder = own(look.state.roles, role)?.person ?? null;
  if (holder !== from) return `${holder ?? 'nobody'} is ${roleText(role)} now`;
  if (own(look.policy.people, person) === undefined)
    return `${person} is not among the people of the configuration any more`;
  const clash = roleApartFrom(look, role, person);
  if (clash !== null)
    return `${person} is ${roleText(clash)} now, and ${roleText(role)} must be another person`;
  return null;
}

/**
 * Whether the person may have accepted by the page in time, and its pager has not said so yet: the offer ended after it was
 * asked, and for a while that is still learned.
 */
export function mayHaveAccepted({ state }: Look<'state'>, page: Page): Offer | null {
  if (page.state !== 'closed' || page.acknowledgedAt !== null) return null;
  const ended = page.escalations.map((id) => state.escalations[id]);
  const offers = ended.flatMap((one) => (one?.state === 'ended' ? (offerOf(one) ?? []) : []));
  return offers.find(({ askedAt }) => askedAt !== null) ?? null;
}

/** The end of an offer: at once where nothing can come of it any more. */
export function owedByOffer(ground: Ground, offer: Offer): Owed {
  const { role, person, since } = offer;
  const clock = { kind: 'offer', role } as const;
  const over = whyOfferOver(ground, offer);
  if (over !== null)
    return { clock, what: `the offer of ${roleText(role)} ends: ${over}`, dueAt: since };
  const { askedAt } = offer;
  return {
    clock,
    what: `the offer of ${roleText(role)} to ${person} lapses, unless they accept`,
    dueAt: askedAt === null ? ringable(ground, since, OFFER_MS) : askedAt + WORD_WITHIN_MS,
  };
}
