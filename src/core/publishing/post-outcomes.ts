/** What became of a post: published, unknown (looked up, never repeated blindly), or failed. */
import { postOf, shownOtherwise } from './components.ts';
import { draftPost, publish, refreshStale } from './drafting.ts';
import { isOver, type DraftPost, type PostFailure, type PublicPage } from '../model/incident.ts';
import { say } from '../texts/messages.ts';
import {
  barredFromPublic,
  doubtText,
  FINDS_MAX,
  isAfter,
  isLookedFor,
  lacksApproval,
  leftOpenText,
  overtakenBy,
  publicAlarm,
  switchedOff,
  unaskedBy,
  unseenText,
  unsent,
} from './public-page.ts';
import {
  stopIfNothingIsOwed,
  stopPage,
  withdrawNeedlessEnds,
  withdrawUnasked,
} from './publishing.ts';
import { waitForApproval } from './asking.ts';
import { isAlarmed, raiseAlarm } from '../paging/alarms.ts';
import { emit, type Decision } from '../model/decision.ts';
import type { EventOf } from '../model/event.ts';
import type { PublishEffect, Settled } from '../model/effect.ts';
import { clockTime } from '../texts/text.ts';

/** The post is on the page. @param shown what the page was told to show of its components; null: that is not known */
function published(
  decision: Decision,
  draft: DraftPost,
  {
    ref,
    url,
    shown,
  }: Pick<PublicPage, 'ref' | 'url'> & {
    readonly shown: DraftPost['components'] | null;
  },
): void {
  const post = postOf(decision.state, draft);
  const others = shown === null ? {} : shownOtherwise(post, shown, decision.policy);
  emit(decision, {
    type: 'PostPublished',
    draft: draft.id,
    ref,
    url,
    components: post.components,
    shownOtherwise: others,
  });
  withdrawOlder(decision, draft);
  stopPage(decision, draft.target);
  const barred = barredFromPublic(decision);
  if (barred !== null) {
    say(
      decision,
      `${decision.state.id}: ${draft.id} reached ${draft.target} although public posts are stopped (${barred}).`,
      { kind: 'public_stopped', target: draft.target },
    );
    return;
  }
  followUp(decision, draft);
}

/** A page never says something older after something newer. */
function withdrawOlder(decision: Decision, draft: DraftPost): void {
  const olders = unsent(decision, draft.target).filter((one) => isAfter(decision, draft, one));
  for (const older of olders)
    emit(decision, {
      type: 'PostWithdrawn',
      draft: older.id,
      because: `${draft.id} is on the page since`,
    });
}

/** What the page needs at once, now that this post is on it. */
function followUp(decision: Decision, draft: DraftPost): void {
  const newer = unsent(decision, draft.target).at(-1);
  if (newer !== undefined || draft.status === 'resolved' || !isOver(decision.state)) return;
  // It left before the incident ended and arrived after: the page must not show it for ever.
  draftPost(decision, {
    target: draft.target,
    status: 'resolved',
    unchanged: false,
    text: '',
    anchor: { kind: 'news', since: decision.now },
  });
}

const FIND_AFTER_MS = 5_000;

/** Nobody knows whether the post is on the page: it is looked for, and its order looks on until that is known. */
function publishUnknown(decision: Decision, draft: DraftPost, detail: string): void {
  emit(decision, {
    type: 'PostUnknown',
    draft: draft.id,
    finds: 1,
    resends: draft.resends,
    detail,
  });
  publish(decision, draft, {
    name: 'statusPage.find',
    dueAt: decision.now + FIND_AFTER_MS,
  });
}

interface LookedUp {
  /** Null: the page did not answer. */
  readonly read: { readonly found: boolean; readonly externalRef: string | null } | null;
  /** How often its order has looked. */
  readonly looks: number;
}

/**
 * What the look-up said. Absent after all of them: one resend, which promises anew; otherwise a person is asked, and its
 * order looks on.
 */
function publishLookedUp(decision: Decision, draft: DraftPost, { read, looks }: LookedUp): void {
  if (!isLookedFor(draft)) return;
  if (read?.found === true) {
    published(decision, draft, { ref: read.externalRef, url: null, shown: null });
    return;
  }
  if (draft.finds + looks <= FINDS_MAX) return;
  const overtaken = overtakenBy(decision, draft);
  const unwanted = overtaken ?? unaskedBy(decision, draft);
  if (unwanted !== null) {
    const mayBeThere = read === null && decision.state.publicPages[draft.target]?.ref === null;
    if (mayBeThere) stayInDoubt(decision, draft);
    else if (overtaken === null) withdrawUnasked(decision, draft, unwanted);
    else giveUp(decision, draft, overtaken);
  } else if (read !== null && lacksApproval(decision, draft)) {
    waitForApproval(decision, draft);
  } else if (read !== null && draft.resends === 0) {
    const current = refreshStale(decision, draft);
    emit(decision, {
      type: 'PostUnknown',
      draft: current.id,
      finds: 0,
      resends: 1,
      detail: 'not on the page: sent once more',
    });
    publish(decision, current);
  } else {
    publishFailed(decision, draft, {
      why: { kind: 'unknown' },
      reason: 'outcome unknown',
      hint: unseenText(decision, draft),
    });
  }
}

/** It never arrived and is overtaken. */
function giveUp(decision: Decision, draft: DraftPost, because: string): void {
  emit(decision, { type: 'PostWithdrawn', draft: draft.id, because });
  withdrawNeedlessEnds(decision, draft.target);
}

/** The page is not told of it, nobody can say whether it is there, and nothing else is said before somebody can. */
function stayInDoubt(decision: Decision, draft: DraftPost): void {
  const hint = 'It is looked for again; nothing else is said there before that is known.';
  fail(decision, draft, {
    failure: { why: { kind: 'in_doubt' }, reason: 'outcome unknown', hint },
    text: doubtText(decision, draft),
  });
}

/** It was not sent. If nothing has overtaken it as far as we know, the page is still owed it and a person decides. */
function publishDropped(decision: Decision, draft: DraftPost, why: string): void {
  const unasked = unaskedBy(decision, draft);
  const overtaken = overtakenBy(decision, draft);
  if (overtaken !== null) {
    emit(decision, { type: 'PostWithdrawn', draft: draft.id, because: why });
    stopIfNothingIsOwed(decision, draft.target);
  } else if (unasked !== null) withdrawUnasked(decision, draft, unasked);
  else if (lacksApproval(decision, draft)) waitForApproval(decision, draft);
  else sendAnew(decision, draft, why);
}

/** Its promise may have passed while something held it; anything else that it was not sent for is for a person to look at. */
function sendAnew(decision: Decision, draft: DraftPost, why: string): void {
  const current = refreshStale(decision, draft);
  if (current !== draft) publish(decision, current);
  else
    publishFailed(decision, draft, {
      why: { kind: 'not_sent' },
      reason: `not sent: ${why}`,
      hint: `Approve ${draft.id} to send it.`,
    });
}

/**
 * Its page is switched off, and it is recorded only. Where nothing is on the page, that is all there is to it; what the page
 * shows stays there, and people hear what customers read.
 */
function publishWithheld(decision: Decision, draft: DraftPost): void {
  const page = decision.state.publicPages[draft.target];
  if (page === undefined || page.ref === null) {
    published(decision, draft, { ref: null, url: null, shown: null });
    return;
  }
  const reason = `recorded, not sent (${switchedOff(decision, draft.target) ?? 'it was off'})`;
  if (page.published !== 'resolved') {
    const hint = stillSaysText(decision, page, draft);
    publishFailed(decision, draft, { why: { kind: 'off' }, reason, hint });
    return;
  }
  emit(decision, { type: 'PostWithdrawn', draft: draft.id, because: reason });
  stopIfNothingIsOwed(decision, draft.target);
}

function stillSaysText(
  { policy }: Pick<Decision, 'policy'>,
  { target, published, promisedAt }: PublicPage,
  { status }: DraftPost,
): string {
  // What is to be closed by hand is said of every end that fails.
  if (status === 'resolved') return 'Set its mode to live, and it is closed there.';
  const promised =
    promisedAt === null
      ? ''
      : ` and promises an update at ${clockTime(promisedAt, policy.timezone)}`;
  return `${target} still says ${published ?? 'nothing'}${promised}: tell it there by hand, or set its mode to live, and it is brought up to date`;
}

type Failure = Pick<EventOf<'PostFailed'>, 'why' | 'reason' | 'hint'>;

/** The page, or what lies before it, refused it. */
function publishRefused(
  decision: Decision,
  draft: DraftPost,
  { reason, detail, hint }: Extract<Settled, { result: 'rejected' }>,
): void {
  publishFailed(decision, draft, {
    why: { kind: 'refused', reason },
    reason: `${reason}: ${detail}`,
    hint,
  });
}

/** The post cannot be published: a person decides. */
function publishFailed(decision: Decision, draft: DraftPost, failure: Failure): void {
  const left = leftOpenText(decision, draft);
  const byHand = left === null ? '' : ` If it lasts: ${left}`;
  const { reason, hint } = failure;
  const text = `draft ${draft.id} (${draft.status}) was not published on ${draft.target}: ${reason}. ${hint}${byHand}`;
  fail(decision, draft, { failure, text });
}

function isSameFailure(one: PostFailure, other: PostFailure): boolean {
  if (one.kind === 'refused' && other.kind === 'refused') return one.reason === other.reason;
  return one.kind === other.kind;
}

/**
 * Tried again and refused again for the same reason, in whatever words: that is no news, and the alarm that says so repeats
 * by itself.
 */
function fail(
  decision: Decision,
  { id, target, state }: DraftPost,
  { failure, text }: { readonly failure: Failure; readonly text: string },
): void {
  const before = decision.state.publicPages[target]?.failure;
  const isKnown = before?.draft === id && isSameFailure(before.why, failure.why);
  const isSaid = isKnown && isAlarmed(decision.state, publicAlarm(target));
  if (!isKnown || state !== 'failed') emit(decision, { type: 'PostFailed', draft: id, ...failure });
  if (!isSaid) raiseAlarm(decision, publicAlarm(target), text);
}

/** Nobody could look, however often. */
const UNSEEN = { read: null, looks: FINDS_MAX };

/** Whether its order was to send it: what may be there is looked for first. */
function isToBeSent({ state, finds }: DraftPost): boolean {
  return state === 'queued' || state === 'unknown' || (state === 'failed' && finds === 0);
}

/** An order to send a post, or to look for it, ended. */
export function postSettled(decision: Decision, effect: PublishEffect, settled: Settled): void {
  const draft = decision.state.drafts[effect.draft];
  if (draft === undefined) return;
  switch (settled.result) {
    case 'delivered':
      published(decision, draft, {
        ref: settled.externalRef,
        url: settled.url,
        shown: settled.components ?? null,
      });
      return;
    case 'withheld':
      // Nobody looks at a page that is switched off, and nothing is known of it by that.
      if (effect.name === 'statusPage.find') publishLookedUp(decision, draft, UNSEEN);
      else publishWithheld(decision, draft);
      return;
    case 'ambiguous':
      publishUnknown(decision, draft, settled.detail);
      return;
    case 'rejected':
      if (draft.state === 'withdrawn') return;
      // That nobody could look says nothing about the page.
      if (effect.name === 'statusPage.find') publishLookedUp(decision, draft, UNSEEN);
      else publishRefused(decision, draft, settled);
      return;
    case 'read':
      publishLookedUp(decision, draft, { read: settled.read, looks: settled.looks ?? FINDS_MAX });
      return;
    case 'superseded':
      if (effect.name === 'statusPage.publish' && isToBeSent(draft))
        publishDropped(decision, draft, settled.why);
  }
}
