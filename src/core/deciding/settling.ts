/** What came of effects: pages that rang, failed or were lost, and posts. */
import type { PageId } from '../model/made-ids.ts';
import { pageObserved } from '../command/acknowledging.ts';
import { offerFailed, offerLookedUp } from '../command/offering.ts';
import type { Effect, PageEffect, Settled } from '../model/effect.ts';
import { advanceEscalation } from '../paging/escalating.ts';
import { postSettled } from '../publishing/post-outcomes.ts';
import { confirmedStatus, hasLeftBefore, isLeft } from '../paging/joining.ts';
import {
  canBeAsked,
  FIND_FIRST_MS,
  addressesLeft,
  isDelivered,
  isRecorded,
  isUnderWay,
  isUnheard,
  isUnshown,
  silencedText,
  unconfirmedText,
} from '../paging/progress.ts';
import type { Ring } from '../model/incident.ts';
import { decodeEscalation } from '../model/keys.ts';
import { changeRing, failOver, ringByItself, ringOf, sendPage } from '../paging/ringing.ts';
import type { NextRing } from '../paging/words.ts';
import { raiseAlarm } from '../paging/alarms.ts';
import { callPassesOn } from '../paging/sounding.ts';
import { emit, type Decision } from '../model/decision.ts';
import { messageSettled } from './message-outcomes.ts';

/** Read-back of what a pager took: 5, 15 and 45 s after it. */
const FIND_AFTER_MS = [FIND_FIRST_MS, 10_000, 30_000];
/** One that said that it rings and then answers no question is asked on, so many times in all. */
const FIND_AGAIN_MS = 30_000;
const FINDS_MAX = 6;

/** An effect ended. What the state does not know (any more) changes nothing. */
export function effectSettled(decision: Decision, effect: Effect, settled: Settled): void {
  switch (effect.name) {
    case 'pager.trigger':
    case 'pager.acknowledge':
    case 'pager.resolve':
    case 'pager.find':
    case 'pager.note':
      pagerSettled(decision, effect, settled);
      return;
    case 'statusPage.publish':
    case 'statusPage.find':
      postSettled(decision, effect, settled);
      return;
    default:
      messageSettled(decision, effect, settled);
  }
}

function pagerSettled(decision: Decision, effect: PageEffect, settled: Settled): void {
  const found = ringOf(decision, effect);
  if (found === null) return;
  const { page, ring } = found;
  switch (effect.name) {
    case 'pager.trigger':
      if (settled.result === 'superseded')
        triggerOvertaken(decision, { page, ring }, wasTried(ring, effect, settled));
      else triggerSettled(decision, { page, ring }, settled);
      return;
    case 'pager.find':
      if (settled.result !== 'read') return;
      pageLookedUp(decision, { page, ring }, settled);
      if (settled.read !== null) offerLookedUp(decision, { page, ring });
      return;
    case 'pager.resolve':
      // What was joined and given up stays so: it was closed for others.
      if (settled.result === 'delivered' && !isLeft(decision, page, ring))
        changeRing(decision, { page, ring }, { status: 'closed', detail: '' });
      else notDone(decision, page.id, { what: 'resolve', settled });
      return;
    case 'pager.note':
      noteSettled(decision, { page, ring }, settled);
      return;
    case 'pager.acknowledge':
      notDone(decision, page.id, { what: 'acknowledge', settled });
  }
}

/** Whoever looks at what rings there sees what it is for as well; where that cannot be, what joined rings by itself. */
function noteSettled(decision: Decision, next: NextRing, settled: Settled): void {
  const { page, ring } = next;
  noteRefused(decision, page.id, { what: 'note that it joined', settled });
  if (!isUnshown(ring)) return;
  if (settled.result === 'delivered' || settled.result === 'withheld')
    changeRing(decision, next, { status: 'joined', detail: `${ring.target} shows it there` });
  else if (settled.result === 'rejected' && page.state === 'open')
    ringByItself(decision, next, {
      why: `${ring.target} refused to show there that it rings for this`,
    });
}

/** A phone that is not silenced rings on, which whoever reads the timeline can end there. */
function notDone(
  decision: Decision,
  page: PageId,
  { what, settled }: { readonly what: 'acknowledge' | 'resolve'; readonly settled: Settled },
): void {
  noteRefused(decision, page, { what, settled });
  if (settled.result !== 'withheld') return;
  const text = `its pager is in mode ${settled.mode} and was not told to ${what} it; do it at the vendor`;
  emit(decision, { type: 'PageNoted', page, action: 'rings on', by: null, text });
}

/** It changes nothing of who is rung; whoever reads the timeline sees what the pager does not show. */
function noteRefused(
  decision: Decision,
  page: PageId,
  { what, settled }: { readonly what: string; readonly settled: Settled },
): void {
  if (settled.result !== 'rejected') return;
  const text = `${settled.reason}: ${settled.detail}. ${settled.hint}`;
  emit(decision, { type: 'PageNoted', page, action: `${what} refused`, by: null, text });
}

function triggerSettled(
  decision: Decision,
  { page, ring }: NextRing,
  settled: Exclude<Settled, { result: 'superseded' }>,
): void {
  switch (settled.result) {
    case 'delivered':
      triggerDelivered(decision, { page, ring }, settled);
      return;
    case 'rejected':
      // It rings: what becomes of a repeat changes nothing.
      if (ring.status === 'confirmed') return;
      if (settled.ofAccount) {
        accountRefused(decision, { page, ring }, settled);
        return;
      }
      changeRing(
        decision,
        { page, ring },
        { status: 'failed', detail: `${settled.reason}: ${settled.detail}. ${settled.hint}` },
      );
      undeliverable(
        decision,
        page.id,
        `${ring.target} refused the page: ${settled.reason}. ${settled.hint}`,
      );
      return;
    case 'withheld':
      changeRing(
        decision,
        { page, ring },
        { status: 'withheld', detail: `target ${ring.target} is in mode ${settled.mode}` },
      );
      recordedOnly(decision, page.id, `${ring.target} is in mode ${settled.mode}`);
      return;
    case 'ambiguous':
    case 'read':
  }
}

/** Whether the pager was asked for the ring before: by this order, or by one of which this is the repeat. */
function wasTried(
  ring: Ring,
  { dueAt }: PageEffect,
  { mayHaveArrived }: Extract<Settled, { result: 'superseded' }>,
): boolean {
  return mayHaveArrived === true || (ring.status === 'pending' && dueAt > ring.at);
}

/**
 * Events came first, and it is not sent, or not again. What may have arrived stays known: the pager is told of its answer
 * and of its end, until it confirms them or has no such object.
 */
function triggerOvertaken(decision: Decision, { page, ring }: NextRing, isTried: boolean): void {
  if (page.state === 'open') {
    // Nothing overtook it as far as we know: rather two pages than none.
    const detail = 'not sent, although it is still wanted';
    changeRing(decision, { page, ring }, { status: 'failed', detail });
    undeliverable(decision, page.id, `the page was not sent by ${ring.target}`);
    return;
  }
  const { status } = ring;
  const isOpen = status === 'pending' || status === 'joining';
  if (isTried) {
    const detail = `not repeated: overtaken; ${ring.target} may have it`;
    const asked = { askedAt: decision.now, mayComeAgain: true };
    changeRing(decision, { page, ring }, { status, ...asked, detail });
  } else if (isOpen)
    changeRing(decision, { page, ring }, { status: 'closed', detail: 'not sent: overtaken' });
}

/**
 * The account is ill, not the address: the next pager rings at once and this one is asked on by the same order, while the
 * escalation keeps its times. Were each refusal the end of a step, a token that is renewed would cost them all.
 */
function accountRefused(
  decision: Decision,
  { page, ring }: NextRing,
  { reason, detail, hint }: Extract<Settled, { result: 'rejected' }>,
): void {
  // Its order is dropped now, and whether an attempt of before may have arrived is known by that.
  if (page.state !== 'open') return;
  const why = `${reason}: ${detail}. ${hint}`;
  const status = isUnderWay(ring) ? ring.status : 'pending';
  changeRing(decision, { page, ring }, { status, detail: `${ring.target} refuses: ${why}` });
  failOver(decision, page, `${ring.target} refuses what it is asked (${reason})`);
}

function triggerDelivered(
  decision: Decision,
  { page, ring }: NextRing,
  settled: Extract<Settled, { result: 'delivered' }>,
): void {
  const receipt = worthOf(settled.receipt, ring);
  const confirmed = confirmedStatus(decision, page, ring);
  const isJoin = isShownBeside(ring.status) || (receipt === 'confirmed' && confirmed === 'joining');
  const wasSeen = ring.status === 'confirmed' && ring.isSpokenOf;
  changeRing(
    decision,
    { page, ring },
    {
      status: isJoin ? confirmed : receipt,
      ref: settled.externalRef,
      url: settled.url,
      finds: 0,
      isSpokenOf: wasSeen || (isJoin && confirmed === 'joining'),
      askedAt: decision.now,
      mayComeAgain: ring.mayComeAgain || settled.mayHaveArrived === true,
      detail: isJoin ? `${ring.target} ${settled.receipt} it` : '',
    },
  );
  if (page.state !== 'open') return;
  // The incident that rang first looks after a ring that others joined, once it is through.
  if (wasSeen || isJoin || !canBeAsked(decision.policy, ring.target)) return;
  const fresh = { page: decision.state.pages[page.id] ?? page, ring: { ...ring, finds: 0 } };
  sendPage(decision, fresh, { name: 'pager.find', dueAt: decision.now + FIND_FIRST_MS });
}

/** Whether it joined what rings, so that it is to be seen there beside another one. */
function isShownBeside(status: Ring['status']): boolean {
  return status === 'joining' || status === 'joined';
}

/** What the word of its pager is worth: less where it has lost the page once, no less than what the pager said before. */
function worthOf(
  receipt: 'accepted' | 'confirmed',
  { status }: Pick<Ring, 'status'>,
): 'accepted' | 'confirmed' {
  if (status === 'lost') return 'accepted';
  return status === 'confirmed' ? 'confirmed' : receipt;
}

function pageLookedUp(
  decision: Decision,
  { page, ring }: NextRing,
  settled: Extract<Settled, { result: 'read' }>,
): void {
  const { read } = settled;
  if (read?.found === true) {
    const status = confirmedStatus(decision, page, ring);
    if (isUnheard(ring))
      changeRing(
        decision,
        { page, ring },
        {
          status,
          ref: read.externalRef,
          isSpokenOf: ring.isSpokenOf || isShownBeside(status),
          detail: `${ring.target} shows it`,
        },
      );
    const { by, saidAt = null } = read;
    const known = by !== null && Object.hasOwn(decision.policy.people, by);
    const ref = read.externalRef ?? '';
    const heard = { via: ring.target, key: ring.key };
    const seen = { page: page.id, ref, by, known, text: null, saidAt, ...heard };
    if (read.status === 'resolved' && page.state === 'open') {
      pageObserved(decision, { ...seen, action: 'resolved' });
      return;
    }
    // Acknowledged by nobody: the vendor's own automation, or ourselves. No person has answered.
    if (read.status === 'acknowledged' && page.state === 'open' && by !== null)
      pageObserved(decision, { ...seen, action: 'acknowledged' });
    return;
  }
  // What was seen there once is shown beside it by now, or given up after a minute.
  const isSought = ring.status === 'joining' && !isUnshown(ring);
  if (page.state === 'open' && isSought && read !== null) {
    triggerJoined(decision, { page, ring }, `${ring.target} does not show what it joined`);
    return;
  }
  // One that another incident looks after, one that ended there, and one of which its pager spoke.
  const isLookedAfter = ring.status === 'joined' || ring.status === 'closed';
  if (page.state !== 'open' || isLookedAfter || ring.isSpokenOf) return;
  if (read?.refused !== undefined && isUnheard(ring)) {
    refusedLater(decision, { page, ring }, read.refused);
    return;
  }
  const finds = ring.finds + 1;
  const delay = findAfterMs(ring, { finds, isAnswered: read !== null });
  if (ring.status === 'joining' && delay === undefined) {
    joinedUnanswered(decision, { page, ring }, finds);
    return;
  }
  changeRing(
    decision,
    { page, ring },
    {
      status: read !== null && delay === undefined ? 'lost' : ring.status,
      finds,
      detail:
        read === null
          ? `${ring.target} did not answer the read-back`
          : `${ring.target} does not show it yet`,
    },
  );
  if (delay !== undefined)
    sendPage(decision, { page, ring }, { name: 'pager.find', dueAt: decision.now + delay });
  // Taken but lost: the same key again rings at most once, and failover stays owed.
  else if (read !== null || ring.status !== 'confirmed')
    sendPage(decision, { page, ring }, { name: 'pager.trigger' });
}

/** Its pager has taken it, and refuses it now that it is worked off: nobody waits for what will not ring. */
function refusedLater(decision: Decision, { page, ring }: NextRing, why: string): void {
  const detail = `${ring.target} took it and then refused it: ${why}`;
  changeRing(decision, { page, ring }, { status: 'failed', detail });
  undeliverable(decision, page.id, `${ring.target} refused the page: ${why}`);
}

/** It is sent for this page, under the same key, by which nobody is rung twice if what it joined comes after all. */
function triggerJoined(decision: Decision, next: NextRing, detail: string): void {
  changeRing(decision, next, { status: 'pending', detail });
  sendPage(decision, next, { name: 'pager.trigger' });
}

/** Each look is an event: a pager that fails for hours must not fill the timeline. */
function looksAgainMs(finds: number): number {
  return Math.min(FIND_AGAIN_MS * 2 ** Math.max(0, finds - FIND_AFTER_MS.length), 10 * 60_000);
}

/**
 * Nobody can tell whether what it was to ring with is there, nor how that ends: nothing else asks for this phone. It rings by
 * itself, unless another pager has the page; while there is another one to ask, this one is looked at on.
 */
function joinedUnanswered(decision: Decision, next: NextRing, finds: number): void {
  const { page, ring } = next;
  const detail = `${ring.target} did not answer whether what it joined rings there`;
  const others = { ...page, rings: page.rings.filter((one) => one !== ring) };
  if (isDelivered(others, decision.policy))
    changeRing(decision, next, { status: 'failed', isSpokenOf: false, detail });
  else if (addressesLeft(page).length === 0 && !others.rings.some(isUnderWay))
    ringByItself(decision, next, { why: detail });
  else {
    changeRing(decision, next, { status: 'joining', finds, detail });
    sendPage(decision, next, { name: 'pager.find', dueAt: decision.now + looksAgainMs(finds) });
  }
}

/** How long until the pager is asked again; undefined: what is known by now has to do. */
function findAfterMs(
  ring: Pick<Ring, 'status'>,
  { finds, isAnswered }: { readonly finds: number; readonly isAnswered: boolean },
): number | undefined {
  const isAskedOn = ring.status === 'confirmed' && !isAnswered && finds < FINDS_MAX;
  return FIND_AFTER_MS[finds] ?? (isAskedOn ? FIND_AGAIN_MS : undefined);
}

/** 60 s after it was due the page is nowhere confirmed: the next pager; if there is none, everybody is told. */
export function failoverDue(decision: Decision, id: PageId): void {
  const page = decision.state.pages[id];
  if (page?.state !== 'open' || isDelivered(page, decision.policy)) return;
  const last = page.rings.at(-1);
  const unshown = page.rings.findLast(isUnshown);
  if (unshown !== undefined) {
    const why = `${unshown.target} did not show there within 60 s that it rings for this`;
    // Once: it must not join one after the other while nothing is shown at any of them.
    const mayJoin = !hasLeftBefore(decision, page);
    ringByItself(decision, { page, ring: unshown }, { why, mayJoin });
    return;
  }
  const off = silencedText(decision, page);
  const why = off ?? `not confirmed by ${last?.target ?? 'its pager'} within 60 s`;
  if (failOver(decision, page, why)) return;
  raiseAlarm(decision, { kind: 'page', page: id }, unconfirmedText(decision, page));
}

/** Recorded, not rung: a pager that is live rings instead. Where all are recorded only, nothing was meant to ring. */
function recordedOnly(decision: Decision, id: PageId, because: string): void {
  const page = decision.state.pages[id];
  if (page?.state !== 'open') return;
  const canRing = page.addresses.some(
    (one) => decision.policy.targets[one.target]?.mode === 'live',
  );
  if (!isRecorded(page)) undeliverable(decision, id, because);
  else if (canRing) failOver(decision, page, because);
}

/** A page that cannot be delivered goes to the next pager now, or escalates now. */
function undeliverable(decision: Decision, id: PageId, because: string): void {
  const page = decision.state.pages[id];
  if (page?.state !== 'open' || isDelivered(page, decision.policy)) return;
  if (failOver(decision, page, because)) return;
  if (page.rings.some(isUnderWay)) return;
  raiseAlarm(
    decision,
    { kind: 'page', page: id },
    `page ${id} to ${page.label} cannot be delivered: ${because}`,
  );
  const why = `the page to ${page.label} cannot be delivered`;
  offerFailed(decision, page, why);
  for (const id of page.escalations) {
    const key = decodeEscalation(id);
    if (key.kind === 'alarm') callPassesOn(decision, key.post, why);
    else advanceEscalation(decision, id, why);
  }
}
