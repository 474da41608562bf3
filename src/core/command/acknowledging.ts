/**
 * Acknowledgements: from the phone, the vendor, the API. One settles the obligations that its page served, and all others
 * for which the same person is rung.
 */
import { toTake } from '../people/role-choice.ts';
import type { PageId } from '../model/made-ids.ts';
import { clearAlarm } from '../paging/alarms.ts';
import { sayAnswered } from '../paging/sounding.ts';
import { declare, mayDeclare } from './declaring.ts';
import { inOrder } from '../paging/giving.ts';
import { settleEscalation } from '../paging/escalating.ts';
import { goneText, isGone, searchInstead } from '../paging/gone.ts';
import { type HeardVia, isHeardFrom, type PersonAnswer, stopRinging } from '../paging/answering.ts';
import { endedThere } from './ended-there.ts';
import { isHereAgain } from './here-again.ts';
import { reopenedThere, ringsOn, unacknowledged } from './rings-again.ts';
import { isOwed, type Incident, isOver, type Page, type Ring } from '../model/incident.ts';
import { isOfOffer, offersTo } from '../paging/offers.ts';
import { answerOffer, offerFailed, takeOffer } from './offering.ts';
import {
  confirmedStatus,
  endedUnder,
  isAwaitedByOthers,
  isLeft,
  isNoteOfOurs,
} from '../paging/joining.ts';
import { closePage, changeRing, ringByItself, sendPage } from '../paging/ringing.ts';
import type { NextRing } from '../paging/words.ts';
import {
  canBeAsked,
  isUnheard,
  isUnshown,
  mayBeKnown,
  openPages,
  silentMode,
} from '../paging/progress.ts';
import type { Instant } from '../model/alert.ts';
import { own } from '../model/own.ts';
import { durationText } from '../texts/text.ts';
import { isAsked } from './presence.ts';
import { takeOnCallRole } from './on-call-role.ts';
import { sayStillMissed, sayUnfilled } from './unfilled.ts';
import { decodeEscalation } from '../model/keys.ts';
import { perhapsOf } from './vendors-own.ts';
import { emit, type Look, type Refusal, type Decision } from '../model/decision.ts';

/**
 * Somebody answered this page: they are there, for all that rings them in the incident. An offer is a question of its own,
 * which only an answer to itself takes up.
 */
export function acknowledgePage(decision: Decision, id: PageId, answer: PersonAnswer): void {
  if (isOffered(decision, id)) {
    answerOffer(decision, id, answer);
    return;
  }
  if (!answerPage(decision, id, { ...answer, from: answer })) return;
  if (answer.known)
    for (const { id: other } of ringingFor(decision, answer.by))
      // Under another key the same pager rings on, unless it is told.
      answerPage(decision, other, { ...answer, from: null });
  afterAnswer(decision, answer.by);
}

/** What rings the person, but for offers. */
function ringingFor(look: Look<'state'>, person: string): readonly Page[] {
  return openPages(look).filter((page) => page.person === person && !isOfOffer(look, page));
}

function isOffered(look: Look<'state'>, id: string): boolean {
  const page = own(look.state.pages, id);
  return page !== undefined && isOfOffer(look, page);
}

/** False: it was answered before, or by the phone of somebody who is gone, on whom nobody can count. */
function answerPage(
  decision: Decision,
  id: PageId,
  answer: PersonAnswer & { readonly from: HeardVia | null },
): boolean {
  const page = decision.state.pages[id];
  if (page === undefined || page.acknowledgedAt !== null) return false;
  const escalations = page.escalations.filter((id) => isOwed(decision.state.escalations[id]));
  if (page.state === 'open') stopRinging(decision, page, { by: answer.by, from: answer.from });
  clearAlarm(decision, { kind: 'page', page: id }, `${answer.by} answered`);
  if (!answer.known && isGone(decision, page.person)) {
    closePage(decision, decision.state.pages[id] ?? page, goneText(page.person));
    searchInstead(decision, page.person, escalations);
    return false;
  }
  for (const escalation of inOrder(decision, escalations)) {
    const goesOn = settleEscalation(decision, escalation, answer);
    if (goesOn !== null) sayStillMissed(decision, { escalation, by: answer.by, because: goesOn });
  }
  if (!answer.known) sayUnfilled(decision, answer.by, escalations);
  const isOfService = escalations.some((id) => decodeEscalation(id).kind === 'service');
  if (answer.known && isOfService) takeOnCallRole(decision, answer.by);
  return true;
}

function afterAnswer(decision: Decision, by: string): void {
  if (decision.state.kind === 'test') {
    closeTest(decision);
    return;
  }
  if (mayDeclare(decision, 'acknowledgement')) declare(decision, 'acknowledgement');
  sayAnswered(decision, by);
}

function closeTest(decision: Decision): void {
  for (const page of Object.values(decision.state.pages))
    closePage(decision, page, 'the test reached the phone');
  emit(decision, { type: 'IncidentClosed', as: 'test', reason: 'the test page was acknowledged' });
}

/**
 * A person acknowledges through the API: the pages that rang them. Whoever is not rung silences nobody's phone; who is at it
 * has said that they are here, and anybody else is told what they can do instead.
 */
export function acknowledge(
  decision: Decision,
  pageId: PageId | null,
  answer: PersonAnswer,
): Refusal | null {
  return pageId === null
    ? acknowledgeOwn(decision, answer)
    : acknowledgeNamed(decision, pageId, answer);
}

function acknowledgeOwn(decision: Decision, answer: PersonAnswer): Refusal | null {
  const mine = ringingFor(decision, answer.by);
  for (const page of mine) answerPage(decision, page.id, { ...answer, from: answer });
  if (mine.length > 0) {
    afterAnswer(decision, answer.by);
    return null;
  }
  const offered = offersTo(decision, answer.by);
  for (const offer of offered) takeOffer(decision, offer, answer);
  if (offered.length > 0) return null;
  const perhaps = perhapsOf(decision, answer.by);
  for (const page of perhaps) answerPage(decision, page.id, { ...answer, from: answer });
  if (perhaps.length > 0) {
    afterAnswer(decision, answer.by);
    return null;
  }
  const isHere = isAwaited(decision, answer.by) || isResponder(decision.state, answer.by);
  if (isOver(decision.state) || !isHere) return ringsNobody(decision);
  // A sign of life, be it waited for or not.
  emit(decision, { type: 'NoteAdded', text: 'I am here.' });
  return null;
}

/** Whether it is known whose phone rings, and that it is theirs alone: a vendor's own ring may be of several people. */
function ringsOnly(page: Page): boolean {
  return page.person !== null && !page.adopted;
}

function acknowledgeNamed(
  decision: Decision,
  pageId: PageId,
  answer: PersonAnswer,
): Refusal | null {
  const { state } = decision;
  const page = own(state.pages, pageId);
  if (page === undefined) {
    const ids = Object.keys(state.pages).join(', ') || 'none';
    return {
      code: 'unknown_page',
      message: `${state.id} has no page ${pageId}. Its pages: ${ids}. To answer those that ring you: \`tocsin ack ${state.id}\`.`,
      about: { kind: 'name', field: 'page' },
    };
  }
  if (page.state === 'acknowledged' && page.acknowledgedBy === answer.by && !isOver(state)) {
    // Said once more, it is as true as before.
    emit(decision, { type: 'NoteAdded', text: 'I am here.' });
    return null;
  }
  if (page.state !== 'open')
    return {
      code: 'already_answered',
      message: `Page ${pageId} is ${page.state} already. ${instead(decision)}`,
    };
  if (ringsOnly(page) && page.person !== answer.by)
    return {
      code: 'not_yours',
      message: `Page ${pageId} rings ${page.label}, and only ${page.label} can answer it. ${instead(decision)}`,
    };
  acknowledgePage(decision, pageId, answer);
  return null;
}

/** Nothing rings for whoever asks: what they may have meant. */
function ringsNobody(decision: Decision): Refusal {
  const { state } = decision;
  const rung = openPages(decision).map((page) =>
    !ringsOnly(page)
      ? `${page.label} (if that is your phone: \`tocsin ack ${state.id} ${page.id}\`)`
      : page.label,
  );
  const who = rung.length === 0 ? 'Nobody is being rung now.' : `Rung now: ${rung.join(', ')}.`;
  return {
    code: 'not_rung',
    message: `No page of ${state.id} rings you. ${who} ${instead(decision)}`,
  };
}

function instead(look: Look<'state' | 'policy' | 'input'>): string {
  const { state, input } = look;
  if (isOver(state))
    return `${state.id} is ${state.phase}; to open it again: \`tocsin reopen ${state.id} --reason "..."\`; to add to its timeline: \`tocsin note ${state.id} "..."\`.`;
  const take = toTake(look, input.actor.kind === 'tocsin' ? '' : input.actor.id);
  return `${take === '' ? 'To help' : `${take}; to help`}: \`tocsin join ${state.id}\`.`;
}

/** Whether a ring about a relapse waits for the person, or the question whether they are still there. */
function isAwaited(look: Look<'state' | 'policy'>, person: string): boolean {
  const { relapse } = look.state;
  const isHeld = relapse?.waiting.some(({ people }) => people.includes(person)) === true;
  return isHeld || isAsked(look, person);
}

/** Whoever holds a role, was rung or did something about it is at it. */
function isResponder({ roles, pages, signsOfLife }: Incident, person: string): boolean {
  return (
    own(signsOfLife, person) !== undefined ||
    Object.values(roles).some((held) => held.person === person) ||
    Object.values(pages).some((page) => page.person === person)
  );
}

/** What the vendor tells of a ring of ours. */
interface Seen extends HeardVia {
  readonly page: PageId;
  readonly key: string;
  readonly action: string;
  readonly ref: string;
  readonly by: string | null;
  readonly known: boolean;
  readonly text: string | null;
  readonly saidAt?: Instant | null;
}

/**
 * Whether somebody unknown is ourselves, as the vendor calls us: under the same key another page ended, so that we
 * silenced or closed it there. One answer for both pages is that person's.
 */
function isOurCall({ state, context }: Look<'state' | 'context'>, page: Page, seen: Seen): boolean {
  const { by, known } = seen;
  if (known || by === null) return false;
  const ended = page.rings
    .filter((ring) => isHeardFrom(ring, seen))
    .flatMap((ring) => [...context.lookups.endedUnder(ring), ...endedUnder(state, ring, page.id)]);
  return ended.some((who) => who !== by);
}

/** Whatever its pager tells of a ring, it is there. Returns the ring for which that is news. */
function spokenOf(decision: Decision, page: Page, seen: Seen): Ring | null {
  const ring = page.rings.find((one) => isHeardFrom(one, seen));
  if (ring === undefined) return null;
  const isRinging = seen.action === 'triggered';
  const isNamed = seen.ref !== '' && (isRinging ? ring.ref !== seen.ref : ring.ref === null);
  // Looked for under its key: whatever was thought of it, it rings, and nobody is wanted by it.
  const isBack = isRinging && seen.ref === '' && !isAwaitedByOthers(decision, page, ring);
  const isNews = isUnheard(ring) || isNamed || isBack;
  if (!isNews) return null;
  // Also one that was given up, or closed before it was there: now it rings.
  const isThere = isRinging || isUnheard(ring);
  changeRing(
    decision,
    { page, ring },
    {
      status: isThere ? confirmedStatus(decision, page, ring) : ring.status,
      ref: seen.ref === '' ? null : seen.ref,
      isSpokenOf: true,
      detail: `${ring.target} speaks of it`,
    },
  );
  return ring;
}

/** Whether what its pager tells was done before whoever was there could see that it rings for this page as well. */
function isOfOthers({ state }: Look<'state'>, { page, ring }: NextRing, seen: Seen): boolean {
  if (isUnshown(ring)) return true;
  const { saidAt = null, by } = seen;
  if (ring.joinedAt === null || saidAt === null || saidAt >= ring.joinedAt) return false;
  // What was answered is joined in a storm alone, and for that answer.
  return state.storm === null || (page.person !== null && by !== page.person);
}

/**
 * Whoever answers or ends what a page joined, before they could see there that it rings for this as well, has not answered
 * for it, however late its pager tells of that; and no phone rings for it any more.
 */
function answersOthers(decision: Decision, seen: Seen): boolean {
  const page = decision.state.pages[seen.page];
  const ring = page?.rings.find(
    (one) => isHeardFrom(one, seen) && isOfOthers(decision, { page, ring: one }, seen),
  );
  const isEnd = seen.action === 'resolved' || seen.action === 'merged';
  const isAnswer = seen.action === 'acknowledged' && seen.by !== null;
  if (page?.state !== 'open' || ring === undefined || !(isEnd || isAnswer)) return false;
  const who = seen.by ?? 'its pager';
  const why = `${who} ${seen.action} what it joined at ${seen.via} before that showed what it rings for`;
  ringByItself(decision, { page, ring }, { why, mayJoin: true });
  return true;
}

/** The vendor tells what happened to a page of ours. */
export function pageObserved(decision: Decision, seen: Seen): void {
  const page = decision.state.pages[seen.page];
  if (page === undefined) return;
  // Joined, and given up since: what is said there is about others.
  if (page.rings.some((one) => isHeardFrom(one, seen) && isLeft(decision, page, one))) return;
  const ring = spokenOf(decision, page, seen);
  if (answersOthers(decision, seen)) return;
  const isOurs = isOurCall(decision, page, seen);
  const by = isOurs ? null : seen.by;
  const { known, via, key, saidAt = null } = seen;
  const answer = by === null ? null : { by, known, via, key, saidAt };
  switch (seen.action) {
    case 'triggered':
      // Told of once more, by another source or another event, it was silenced before.
      if (ring !== null) silenceLate(decision, { page, ring });
      return;
    case 'acknowledged':
      if (answer !== null && !isHereAgain(decision, page, seen))
        acknowledgePage(decision, page.id, answer);
      // Said once more; or the vendor's own automation. What we did ourselves is no news, however often it is read.
      else if (!isOurs) noteSeen(decision, page, seen);
      return;
    case 'unacknowledged':
      unacknowledged(decision, page, seen);
      return;
    case 'reopened':
      reopenedThere(decision, page, seen);
      return;
    case 'rings on':
      ringsOn(decision, page, seen);
      return;
    case 'resolved':
    case 'merged':
      goneAtVendor(decision, page, { ...seen, by, answer });
      return;
    default:
      // Our own words come back as somebody's; they are nobody's sign of life.
      if (!isNoteOfOurs(seen.text)) noteSeen(decision, page, seen);
  }
}

/** It began to ring when nobody was wanted by it any more: what was sent to silence it came before it was there. */
function silenceLate(decision: Decision, { page, ring }: NextRing): void {
  if (page.state === 'acknowledged')
    sendPage(decision, { page, ring }, { name: 'pager.acknowledge' });
  if (page.state === 'closed') sendPage(decision, { page, ring }, { name: 'pager.resolve' });
}

/**
 * What a pager tells later than this shows nothing of where somebody is now. Where no webhook tells it, it is asked for: every
 * two minutes at the slowest, and that is in time.
 */
const TOLD_LATE_MS = 3 * 60_000;

function noteSeen(
  decision: Decision,
  page: Page,
  { action, by, text, saidAt = null }: Pick<Seen, 'action' | 'by' | 'text' | 'saidAt'>,
): void {
  const isLate = saidAt !== null && by !== null && decision.now - saidAt > TOLD_LATE_MS;
  const told = isLate
    ? { action: `${action} by ${by}, told ${durationText(decision.now - saidAt)} later`, by: null }
    : { action, by };
  emit(decision, { type: 'PageNoted', page: page.id, ...told, text });
}

/**
 * The vendor's object is closed. By a person that is an answer, and a hint that it may be over; by itself (our own
 * resolve coming back) it only confirms. A merge is neither a recovery nor an answer, whoever did it.
 */
function goneAtVendor(
  decision: Decision,
  page: Page,
  seen: Pick<Seen, 'action' | 'by' | 'text' | 'via' | 'key'> & {
    readonly answer: PersonAnswer | null;
  },
): void {
  const wasOpen = page.state === 'open';
  const isOffer = isOfOffer(decision, page);
  // What is closed here was closed there by ourselves, whatever the vendor calls us.
  const isEcho = page.state === 'closed' && seen.answer?.known !== true;
  noteSeen(decision, page, { ...seen, by: isEcho ? null : seen.by, saidAt: null });
  const isMerge = seen.action === 'merged';
  if (wasOpen && !isMerge && seen.answer !== null && !isOffer)
    acknowledgePage(decision, page.id, seen.answer);
  const after = decision.state.pages[page.id] ?? page;
  for (const ring of after.rings) {
    if (!isHeardFrom(ring, seen) || ring.status === 'closed') continue;
    if (isMerge && goesOn(decision, after, ring)) askOfOther(decision, { page: after, ring });
    else
      changeRing(
        decision,
        { page, ring },
        { status: 'closed', detail: `${seen.action} at ${seen.via}` },
      );
  }
  if (isOffer)
    offerFailed(decision, page, `${seen.by ?? 'somebody'} ${seen.action} its page at ${seen.via}`);
  const left = decision.state.pages[page.id];
  // Nobody answered and no phone rings for it any more: the escalation goes on without this page.
  if (left?.state === 'open' && !left.rings.some(mayBeKnown))
    emit(decision, {
      type: 'PageClosed',
      page: page.id,
      because: isMerge
        ? `merged at ${seen.via}, where nobody can read what becomes of the other one`
        : `${seen.action} at ${seen.via} by nobody we know of`,
    });
  if (seen.action === 'resolved')
    endedThere(decision, page.id, { by: seen.answer?.by ?? null, via: seen.via });
}

/**
 * Whether a page that was merged away goes on in what it was merged into: the vendor's own, and one that waits for an answer
 * where its pager can be asked. An offer is a question of its own, which nothing else answers.
 */
function goesOn(decision: Decision, page: Page, { target }: Ring): boolean {
  if (page.adopted) return true;
  const isAskable =
    canBeAsked(decision.policy, target) && silentMode(decision.policy, target) === null;
  return page.state === 'open' && isAskable && !isOfOffer(decision, page);
}

/** What it was merged into may have been answered before. */
function askOfOther(decision: Decision, { page, ring }: NextRing): void {
  if (page.state === 'open' && canBeAsked(decision.policy, ring.target))
    sendPage(decision, { page, ring }, { name: 'pager.find' });
}
