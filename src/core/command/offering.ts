/**
 * Roles that change hands: at once, or by an offer, which rings one person until they accept, decline or it lapses. Whoever
 * has the role keeps it until the other one has it, so that nobody is missing meanwhile and two never have it.
 */
import { stopRinging } from '../paging/answering.ts';
import { endEscalation, startEscalations } from '../paging/escalating.ts';
import { closePage, sendPage } from '../paging/ringing.ts';
import type { NextRing } from '../paging/words.ts';
import {
  LEARNED_WITHIN_MS,
  mayHaveAccepted,
  nextOffer,
  type Offer,
  OFFER_MS,
  offerOf,
  offerOfRole,
  openOffers,
  whyOfferOver,
} from '../paging/offers.ts';
import { canBeAsked, isThrough, openPagesOf, tellsByItself } from '../paging/progress.ts';
import { clearAlarm } from '../paging/alarms.ts';
import { candidatesOf } from '../people/candidates.ts';
import { roleText } from '../model/event-entry.ts';
import type { Instant } from '../model/alert.ts';
import { isOver, type Page } from '../model/incident.ts';
import { isSeenSince } from '../model/signs-of-life.ts';
import type { Paused } from '../model/lookups.ts';
import { encodeEscalation } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { emit, type Decision, type Look, type Refusal } from '../model/decision.ts';
import { say, tellAlone } from '../texts/messages.ts';
import { clockTime, enumerate, pausedText, sentence } from '../texts/text.ts';
import type { PersonAnswer } from '../paging/answering.ts';
import { assignRole } from './declaring.ts';

function holderOf({ state }: Look<'state'>, role: string): string | null {
  return own(state.roles, role)?.person ?? null;
}

/** The person has the role from now on; nobody is asked to take it any more, and whoever had it is free. */
export function giveRole(decision: Decision, role: string, person: string): void {
  const before = holderOf(decision, role);
  assignRole(decision, role, person);
  handedOver(decision, { role, before, person });
}

function takenText(role: string, person: string): string {
  return `${person} is ${roleText(role)} now`;
}

interface Moved {
  readonly role: string;
  readonly before: string | null;
  readonly person: string;
}

/** The role has changed hands: no offer of it stands any more, whoever had it is free, and the room hears it. */
export function handedOver(decision: Decision, { role, before, person }: Moved): void {
  const offer = offerOfRole(decision, role);
  if (offer !== null) endOffer(decision, offer, takenText(role, person));
  if (before === null || before === person) return;
  releasePages(decision, { role, before, person });
  const text = `${decision.state.id}: ${person} is ${roleText(role)} now; ${before} was until now.`;
  say(decision, text, { kind: 'role', role });
}

/** A phone that was answered for the role alone is not to ring its old holder again when that answer runs out there. */
function releasePages(
  decision: Decision,
  moved: { readonly role: string; readonly before: string; readonly person: string },
): void {
  const { role, before, person } = moved;
  const left = encodeEscalation({ kind: 'role', role });
  for (const page of Object.values(decision.state.pages)) {
    const isTheirs = page.state === 'acknowledged' && page.person === before;
    if (!isTheirs || !page.escalations.includes(left)) continue;
    const isAllLeft = page.escalations.every((id) => {
      const escalation = decision.state.escalations[id];
      if (escalation === undefined || escalation.state === 'ended') return true;
      const { key } = escalation;
      return key.kind === 'role' && holderOf(decision, key.role) !== before;
    });
    if (isAllLeft) closePage(decision, page, `${person} is ${roleText(role)} now`);
  }
}

/** Asks the person to take the role: their phone rings. An offer of the role to somebody else is over by it. */
export function offerRole(
  decision: Decision,
  asked: { readonly role: string; readonly person: string; readonly by: string },
): Refusal | null {
  const { role, person, by } = asked;
  const { id } = decision.state;
  const refusal = whyNoOffer(decision, asked);
  if (refusal !== null) return refusal;
  const before = offerOfRole(decision, role);
  if (before !== null) endOffer(decision, before, `it is offered to ${person} now`);
  startEscalations(decision, [
    {
      key: nextOffer(decision, role, by),
      recipient: { kind: 'person', person },
      escalation: { kind: 'vendor', unanswered: null },
      fallback: [],
    },
  ]);
  const text = `${id}: ${by} offers ${roleText(role)} to ${person}, ${ringsText(decision)}. ${untilThen(decision, role)}`;
  say(decision, text, { kind: 'role', role });
  return null;
}

/** When the phone of whoever is asked rings. */
function ringsText({ context, policy }: Look<'context' | 'policy'>): string {
  const minutes = OFFER_MS / 60_000;
  const { paging } = context.lookups.pauses;
  return paging === undefined
    ? `who is rung for ${minutes} minutes`
    : `whose phone rings for ${minutes} minutes once paging goes on, which is ${pausedText(paging, policy.timezone)}`;
}

/** What whoever has somebody rung must know while paging is paused. */
export function ringsLaterText(paging: Paused, timezone: string): string {
  return `But paging is ${pausedText(paging, timezone)}: it rings then, or at \`tocsin resume paging\`.`;
}

function untilThen(look: Look<'state'>, role: string): string {
  const holder = holderOf(look, role);
  return holder === null
    ? `Nobody is ${roleText(role)} until then.`
    : `${holder} is ${roleText(role)} until then.`;
}

function whyNoOffer(
  look: Look<'state' | 'context'>,
  { role, person }: { readonly role: string; readonly person: string },
): Refusal | null {
  const { id, routing } = look.state;
  const give = `\`tocsin assign ${id} ${role} ${person} --confirmed\``;
  const other = `\`tocsin assign ${id} ${role} PERSON\``;
  if (holderOf(look, role) === person)
    return {
      code: 'already_holds',
      message: `${person} is ${role} of ${id} already. To give it to somebody else: ${other}; to ring for it: \`tocsin page ${id} ${role}\`.`,
    };
  if (offerOfRole(look, role)?.person === person)
    return {
      code: 'already_offered',
      message: `${person} is being rung for ${role} already. To see until when: \`tocsin show ${id}\`. If ${person} said yes: ${give}. To ask somebody else: ${other}.`,
    };
  const sought = encodeEscalation({ kind: 'role', role });
  if (openPagesOf(look, sought).some((page) => page.person === person))
    return {
      code: 'already_paging',
      message: `${person} is being rung for ${role} already, and has it by answering. To see until when: \`tocsin show ${id}\`. If ${person} said yes: ${give}. To ask somebody else: ${other}.`,
    };
  const { list, empty } = candidatesOf({ kind: 'person', person }, look.context, routing);
  if (list.length === 0)
    return {
      code: 'no_address',
      message: `Nothing can ring ${person}: ${empty}. If ${person} said yes: ${give}. To ask somebody else: ${other}.`,
    };
  return null;
}

/** The person says yes. */
export function takeOffer(decision: Decision, offer: Offer, answer: PersonAnswer): void {
  const over = whyOfferOver(decision, offer);
  if (over !== null) {
    endOffer(decision, offer, over);
    return;
  }
  for (const page of pagesOf(decision, offer))
    if (page.state === 'open') stopRinging(decision, page, { by: answer.by, from: answer });
  emit(decision, { type: 'EscalationAnswered', escalation: offer.id, by: answer.by });
  silencePages(decision, offer, `${answer.by} accepted`);
  giveRole(decision, offer.role, answer.by);
}

/** The phone that rings for an offer was answered: by the one who is asked, that is a yes. */
export function answerOffer(decision: Decision, id: string, answer: PersonAnswer): void {
  const offer = openOffers(decision).find((one) =>
    decision.state.pages[id]?.escalations.includes(one.id),
  );
  if (offer === undefined) {
    answeredOnceOver(decision, id, answer);
    return;
  }
  if (answer.known && answer.by === offer.person) takeOffer(decision, offer, answer);
  else endOffer(decision, offer, `${answer.by} answered the phone of ${offer.person}`);
}

/** The page of an offer rings no more, or never came to ring. */
export function offerFailed(decision: Decision, page: Page, because: string): void {
  for (const offer of openOffers(decision))
    if (page.escalations.includes(offer.id)) endOffer(decision, offer, because);
}

/** The person says no, and why. */
export function declineOffer(decision: Decision, offer: Offer, why: string): void {
  endOffer(decision, offer, `${offer.person} declined: ${why}`);
}

/**
 * The time of an offer is over, or nothing can come of it any more. What was answered in its last seconds nobody has heard of
 * yet: its pagers are asked before it lapses.
 */
export function offerDue(decision: Decision, role: string): void {
  const offer = offerOfRole(decision, role);
  if (offer === null) return;
  const over = whyOfferOver(decision, offer);
  const asked = over === null && offer.askedAt === null ? askable(decision, offer) : [];
  if (asked.length === 0) {
    endOffer(decision, offer, over ?? lapsedText(decision, offer));
    return;
  }
  const because = `it has rung for ${OFFER_MS / 60_000} minutes, and its pager is asked for an answer before it lapses`;
  emit(decision, { type: 'EscalationAdvanced', escalation: offer.id, step: 1, because });
  for (const next of asked) sendPage(decision, next, { name: 'pager.find' });
}

/** What rings for it at a pager that can be asked. */
function askable(decision: Decision, offer: Offer): readonly NextRing[] {
  return pagesOf(decision, offer).flatMap((page) =>
    page.rings
      .filter(({ target }) => canBeAsked(decision.policy, target))
      .filter((ring) => isThrough(ring, decision.policy))
      .map((ring) => ({ page, ring })),
  );
}

/** A pager has said how the page stands: where that was no answer, nothing more is waited for. */
export function offerLookedUp(decision: Decision, { page: { id }, ring }: NextRing): void {
  for (const offer of openOffers(decision)) {
    const others = askable(decision, offer).filter((one) => one.ring.key !== ring.key);
    const isOfIt = pagesOf(decision, offer).some((page) => page.id === id);
    if (isOfIt && offer.askedAt !== null && others.length === 0) offerDue(decision, offer.role);
  }
}

/**
 * An answer that is learned once the offer has lapsed: one that was given in time takes the role, unless anything has
 * happened to that since. Whoever gave one in vain hears so.
 */
function answeredOnceOver(decision: Decision, id: string, answer: PersonAnswer): void {
  const { state, policy, now } = decision;
  const page = state.pages[id];
  const offer = page === undefined ? null : mayHaveAccepted(decision, page);
  if (page === undefined || offer === null || !answer.known || answer.by !== offer.person) return;
  const { role, person } = offer;
  const vain = whyInVain(decision, offer, answer.saidAt ?? now);
  emit(decision, { type: 'PageAcknowledged', page: page.id, by: person, via: answer.via });
  closePage(decision, decision.state.pages[page.id] ?? page, `${person} answered`);
  const about = { kind: 'role', role } as const;
  const said = clockTime(answer.saidAt ?? now, policy.timezone);
  const what = `${state.id}: ${person} accepted ${roleText(role)} at ${said}, which ${answer.via} has told only now`;
  if (vain === null) {
    say(decision, `${what}: in time.`, about);
    emit(decision, { type: 'EscalationAnswered', escalation: offer.id, by: person });
    giveRole(decision, role, person);
    return;
  }
  const text = `${what}: in vain, for ${vain}. ${holdsText(decision, role)}`;
  say(decision, text, about);
  tellAlone(decision, { to: person, text, role });
}

/** Why an answer that was given then takes nothing any more; null: it takes the role. */
function whyInVain(decision: Decision, offer: Offer, saidAt: Instant): string | null {
  const { askedAt, id, role, person } = offer;
  if (askedAt === null || saidAt > askedAt) return 'the offer had lapsed by then';
  if (decision.now > askedAt + LEARNED_WITHIN_MS)
    return `the offer lapsed more than ${LEARNED_WITHIN_MS / 60_000} minutes ago`;
  if (isOver(decision.state)) return `${decision.state.id} is ${decision.state.phase}`;
  const later = Object.values(decision.state.escalations)
    .flatMap((one) => offerOf(one) ?? [])
    .find((one) => one.role === role && one.id !== id && one.since >= askedAt);
  if (later !== undefined) return `it was offered to ${later.person} since`;
  if (isSeenSince(decision.state, person, askedAt))
    return `${person} has done something else since`;
  const holder = own(decision.state.roles, role);
  if (holder !== undefined && holder.at >= askedAt) return takenText(role, holder.person);
  return whyOfferOver(decision, offer);
}

/** An answer at a pager that could not be asked is not heard, and whoever gave it believes that it counts. */
function lapsedText(decision: Decision, offer: Offer): string {
  const { state, policy, context } = decision;
  const { person, role } = offer;
  const lapsed = `${person} did not answer within ${OFFER_MS / 60_000} minutes`;
  const rings = pagesOf(decision, offer)
    .flatMap((page) => page.rings)
    .filter(({ target }) => !tellsByItself(policy, target));
  const unread = rings.flatMap((ring) => {
    const since = context.lookups.unreadSince(ring);
    return since === null ? [] : [`${ring.target} since ${clockTime(since, policy.timezone)}`];
  });
  return unread.length === 0
    ? lapsed
    : `as far as is known, ${lapsed}; nobody could ask ${enumerate([...new Set(unread)])} whether they did. If they said yes: \`tocsin assign ${state.id} ${role} ${person} --confirmed\``;
}

/** Nothing comes of the offer: its phone falls silent, and who offered is told. */
function endOffer(decision: Decision, offer: Offer, because: string): void {
  const { id } = decision.state;
  const { role, person, by } = offer;
  endEscalation(decision, offer.id, because);
  silencePages(decision, offer, because);
  const what = `${id}: the offer of ${roleText(role)} by ${by} to ${person} is over`;
  const holder = holderOf(decision, role);
  const isSaid = holder !== null && because === takenText(role, holder);
  const text = `${what}: ${sentence(because)}${isSaid ? '' : ` ${holdsText(decision, role)}`}`;
  say(decision, text, { kind: 'role', role });
  tellAlone(decision, { to: by, text, role });
}

function holdsText(look: Look<'state'>, role: string): string {
  return `${holderOf(look, role) ?? 'Nobody'} is ${roleText(role)}.`;
}

function pagesOf({ state }: Look<'state'>, { id }: Offer): readonly Page[] {
  return Object.values(state.pages).filter((page) => page.escalations.includes(id));
}

/** Whatever rang for it, or was said to be wrong with that, is over. */
function silencePages(decision: Decision, offer: Offer, because: string): void {
  for (const page of pagesOf(decision, offer)) {
    closePage(decision, page, because);
    clearAlarm(decision, { kind: 'page', page: page.id }, because);
  }
}
