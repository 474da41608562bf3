/**
 * The public clocks: when a page must hear something, and what happens when a post is late. Posts are at-most-once;
 * what became of one stands in `post-outcomes.ts`.
 */
import type { DraftId } from '../model/made-ids.ts';
import { clearAlarm, raiseAlarm, repeatAlarm, sayOfAlarms } from '../paging/alarms.ts';
import { componentsByTarget, whyNoPage } from './components.ts';
import {
  ask,
  draftEndToApprove,
  draftEndUnsent,
  draftPost,
  lookAgain,
  publish,
  refreshStale,
  withdraw,
  hasNotLeft,
} from './drafting.ts';
import {
  isOver,
  saysItGoesOn,
  type DraftPost,
  type PostAnchor,
  type PublicPage,
  type PublicStatus,
} from '../model/incident.ts';
import { callOf } from '../model/calls.ts';
import { encodeAlarm } from '../model/keys.ts';
import { homeOf, say } from '../texts/messages.ts';
import type { Level } from '../model/policy.ts';
import {
  awaitedOn,
  barredFromPublic,
  currentStatus,
  doubtText,
  failedNews,
  flagsToTakeIn,
  inDoubt,
  isKnownBarred,
  closedCommand,
  isLeftOpen,
  lacksApproval,
  lateFrom,
  leftOpenText,
  overtakenBy,
  pendingOn,
  publicAlarm,
  saysClosed,
  saysText,
  unaskedBy,
  unsent,
  whyNotEnded,
} from './public-page.ts';
import { orderAgain, tryAgain } from './trying-again.ts';
import { clockTime, enumerate } from '../texts/text.ts';
import { emit, levelOf, type Decision, type Look } from '../model/decision.ts';

/** Starts the public clocks of pages that have none yet: at declaration, at a raise, when a storm reaches a new page. */
export function startPublicClocks(decision: Decision): void {
  const level = levelOf(decision);
  if (
    level?.public == null ||
    decision.state.declaredAt === null ||
    isOver(decision.state) ||
    barredFromPublic(decision) !== null
  )
    return;
  for (const target of componentsByTarget(decision).keys()) {
    if (decision.state.publicPages[target] !== undefined) continue;
    emit(decision, { type: 'PublicClockStarted', target });
    const { firstWithinMs } = level.public;
    if (firstWithinMs !== null)
      draftPost(decision, {
        target,
        status: currentStatus(decision),
        unchanged: false,
        text: '',
        anchor: { kind: 'first', since: decision.now, withinMs: firstWithinMs },
      });
  }
}

/** Where no page can tell the public of it, the responders hear that while there is time to say it by hand. */
export function sayWhyNoPage(decision: Decision): void {
  const why = whyNoPage(decision);
  if (why !== null)
    say(decision, `${decision.state.id}: no public post: ${why}.`, { kind: 'status' });
}

/** A raise to a level that owes a first post, from one that owed none, owes it now. */
export function firstPostsAfterRaise(decision: Decision, from: Level | null): void {
  const first = levelOf(decision)?.public?.firstWithinMs ?? null;
  if (first === null || from?.public?.firstWithinMs != null) return;
  for (const page of Object.values(decision.state.publicPages)) {
    if (page.published !== null || unsent(decision, page.target).length > 0) continue;
    draftPost(decision, {
      target: page.target,
      status: currentStatus(decision),
      unchanged: false,
      text: '',
      anchor: { kind: 'first', since: decision.now, withinMs: first },
    });
  }
}

/** The phase changed: every page of ours says so. Unsent earlier posts are overtaken. */
export function postPhase(decision: Decision, status: PublicStatus, text: string): void {
  if (status !== 'resolved') startPublicClocks(decision);
  const barred = barredFromPublic(decision);
  for (const page of Object.values(decision.state.publicPages)) {
    const isDoubted = inDoubt(decision, page.target) !== null;
    const unsaid = unsent(decision, page.target);
    withdraw(decision, page.target, `the incident is ${status} now`);
    if (status === 'resolved' && !isDoubted) stopPage(decision, page.target);
    const isUnknown = Object.values(decision.state.drafts).some(
      (draft) => draft.target === page.target && draft.state === 'unknown',
    );
    const nothingToEnd = status === 'resolved' && !isUnknown && !saysItGoesOn(page);
    if (status === 'resolved') sayByHand(decision, page);
    if (barred === null && nothingToEnd) sayNeverTold(decision, page, { unsaid, text });
    // The level of now says nothing in public, and nobody was told: only words of a person are wanted there.
    const isUnasked = levelOf(decision)?.public === null && page.published === null && text === '';
    if (barred !== null || nothingToEnd || (isUnasked && status !== 'resolved')) continue;
    draftPost(decision, {
      target: page.target,
      status,
      unchanged: false,
      text,
      anchor: { kind: 'news', since: decision.now },
    });
  }
}

/**
 * The page is switched off, and the public reads on that it is broken: whoever can close it hears that. What is barred from
 * the public altogether is alarmed, as long as the page is left open.
 */
function sayByHand(decision: Decision, page: PublicPage): void {
  if (whyNotEnded(decision, page) === null || barredFromPublic(decision) !== null) return;
  // Its last post fails, which is an alarm of its own.
  const text = `${decision.state.id} is over; ${stillSaysText(decision, page)}: close it by hand, and its components.`;
  sayOfAlarms(decision, text, { kind: 'public_stopped', target: page.target });
  sayAtHome(decision, page, text);
}

function stillSaysText(decision: Decision, page: PublicPage): string {
  const why = whyNotEnded(decision, page);
  const ending = why === null ? 'no post ends it' : `Tocsin may not end it (${why})`;
  return `${page.target} still says ${saysText(decision, page)}, and ${ending}`;
}

/**
 * No post ends what the page shows of what is over: somebody is rung until a person says that they have closed it there.
 */
function leaveOpen(decision: Decision, page: PublicPage): void {
  const last = Object.values(decision.state.drafts).findLast(
    ({ target }) => target === page.target,
  );
  const isKept = last?.status === 'resolved' && last.state === 'withdrawn';
  const why = whyNotEnded(decision, page) ?? 'no post ends it';
  const draft = isKept ? last : draftEndUnsent(decision, page, why);
  const text = `${stillSaysText(decision, page)}: close it there by hand, and its components; then ${closedCommand(decision, draft)}`;
  raiseAlarm(decision, publicAlarm(page.target), text);
  sayAtHome(decision, page, `${decision.state.id} is over; ${text}.`);
}

/** Where the alarms are not read, whoever works on it hears it too. */
function sayAtHome(decision: Decision, { target }: PublicPage, text: string): void {
  const about = { kind: 'public_stopped', target } as const;
  const home = homeOf(decision);
  const { chat } = decision.policy.automation.alarm;
  const isAlarmed = chat?.target === home?.target && chat?.channel === home?.channel;
  if (decision.state.room?.state !== 'open' && !isAlarmed) say(decision, text, about);
}

/** An end is not told to a page that knows of nothing: who wrote its words, or waited for its post, hears that. */
function sayNeverTold(
  decision: Decision,
  { target, published }: PublicPage,
  { unsaid, text }: { readonly unsaid: readonly DraftPost[]; readonly text: string },
): void {
  if (published !== null || (unsaid.length === 0 && text === '')) return;
  const { id } = decision.state;
  const posts = unsaid.map((draft) => `${draft.id} (${draft.status})`);
  const unsent = posts.length === 0 ? '' : `: ${enumerate(posts)} was not sent`;
  const words = text === '' ? '' : ` Not public: "${text}"`;
  const said = `${target} was never told of ${id}, so its end is not told there either${unsent}.${words}`;
  say(decision, said, { kind: 'status' });
}

export function stopPage(decision: Decision, target: string): void {
  clearAlarm(decision, publicAlarm(target), 'no public post is owed any more');
}

/** An alarm about a post ends with it, unless there is another one that the page is owed. */
export function stopIfNothingIsOwed(decision: Decision, target: string): void {
  if (pendingOn(decision, target).length === 0) stopPage(decision, target);
}

/** A post that could have been there is not: where nothing ever was on the page, there is nothing to end there either. */
export function withdrawNeedlessEnds(decision: Decision, target: string): void {
  const { id, publicPages } = decision.state;
  const page = publicPages[target];
  const hasWhatToEnd = page !== undefined && saysItGoesOn(page);
  const ends = unsent(decision, target).filter(({ status }) => status === 'resolved');
  for (const end of hasWhatToEnd ? [] : ends) {
    const because = 'nothing was published that it could end';
    emit(decision, { type: 'PostWithdrawn', draft: end.id, because });
    const text = `${id}: ${end.id} (resolved) is not said on ${target}: nothing of ${id} was there that it could end.`;
    say(decision, text, { kind: 'status' });
  }
  stopIfNothingIsOwed(decision, target);
}

/** It never arrived, and the level of now would not have it: nobody is alarmed about it, and people hear what customers know. */
export function withdrawUnasked(decision: Decision, draft: DraftPost, because: string): void {
  const { id, target, status } = draft;
  const { id: incident } = decision.state;
  emit(decision, { type: 'PostWithdrawn', draft: id, because });
  withdrawNeedlessEnds(decision, target);
  const how = hasNotLeft(decision, draft) ? 'was not sent yet' : 'did not arrive';
  const text = `${incident}: ${target} was never told of it: ${id} (${status}) ${how}, and ${because}. To tell it all the same: \`tocsin phase ${incident} ${status} "..."\`.`;
  say(decision, text, { kind: 'status' });
}

/** What has not left, in no words of a person, and the level of now would not have, of a page that knows of nothing. */
export function withdrawUnaskedWaiting(decision: Decision): void {
  for (const draft of Object.values(decision.state.drafts)) {
    const because = unaskedBy(decision, draft);
    if (hasNotLeft(decision, draft) && because !== null && draft.text === '')
      withdrawUnasked(decision, draft, because);
  }
}

/** Withdraws every unsent public post and stops the public clocks. */
export function stopPublic(decision: Decision, because: string): void {
  const pages = Object.values(decision.state.publicPages);
  const doubted = pages.filter(({ target }) => inDoubt(decision, target) !== null);
  withdraw(decision, null, because);
  for (const page of pages) {
    if (isLeftOpen(decision, page)) {
      // Whoever was alarmed that its last post was rejected knows what is left to do.
      if (page.rejected === null) leaveOpen(decision, page);
      continue;
    }
    if (!doubted.includes(page)) stopPage(decision, page.target);
    if (!isOver(decision.state) && page.promisedAt !== null)
      say(
        decision,
        `${decision.state.id}: public posts are stopped (${because}); ${page.target} still promises an update at ${clockTime(page.promisedAt, decision.policy.timezone)}.`,
        { kind: 'public_stopped', target: page.target },
      );
  }
}

/** A reload changed what a flag says: people hear of it as they do when the flag is set. */
export function flagsDue(decision: Decision): void {
  const wasBarred = isKnownBarred(decision.state);
  emit(decision, { type: 'FlagsReconfigured', flags: flagsToTakeIn(decision) ?? {} });
  const barred = barredFromPublic(decision);
  if (barred !== null && !wasBarred) stopPublic(decision, barred);
  if (barred === null && wasBarred) askForEnds(decision);
}

/** What a flag has stopped is not made up for by itself: where it is over, a person approves its last post, or closes the page. */
function askForEnds(decision: Decision): void {
  for (const page of Object.values(decision.state.publicPages)) {
    if (!isLeftOpen(decision, page)) continue;
    const draft = draftEndToApprove(decision, page);
    const approve = `\`tocsin approve ${decision.state.id} ${draft.id}\` ends it there`;
    const text = leftOpenText(decision, draft) ?? '';
    raiseAlarm(
      decision,
      publicAlarm(page.target),
      `draft ${draft.id} (resolved) waits for approval: ${approve}. Or else: ${text}`,
    );
  }
}

/** The next update is due: news that has no order, or else a repeat. However many intervals were missed, one is owed. */
export function updateDue(decision: Decision, target: string): void {
  const page = decision.state.publicPages[target];
  if (page === undefined) return;
  const doubt = inDoubt(decision, target);
  if (doubt !== null) {
    lookAgain(decision, doubt);
    return;
  }
  const failed = failedNews(decision, target);
  if (failed !== null) {
    const unasked = unaskedBy(decision, failed);
    if (unasked === null) tryAgain(decision, failed);
    else withdrawUnasked(decision, failed, unasked);
    return;
  }
  const { published } = page;
  const goesOn = published !== null && published !== 'resolved';
  draftPost(decision, {
    target,
    status: goesOn ? published : currentStatus(decision),
    unchanged: goesOn,
    text: '',
    anchor: nextAnchor(decision, page),
  });
}

/** What a page hears next is for, and since when. */
function nextAnchor({ now }: Look<'now'>, page: PublicPage): PostAnchor {
  // That it goes on is news to whoever reads that it is over.
  if (page.published === 'resolved') return { kind: 'news', since: now };
  // What stands for a rejected first post is a first post: wanted by when that one was, and approved as that one is.
  const rejected = page.published === null ? (page.rejected?.anchor ?? null) : null;
  return rejected ?? { kind: 'update', since: now, ...awaitedOn(page) };
}

/** A post is late: a person is alarmed, and a draft whose promise has passed gets a fresh one. */
export function publicLate(decision: Decision, target: string): void {
  const page = decision.state.publicPages[target];
  if (page !== undefined && isLeftOpen(decision, page)) {
    leaveOpen(decision, page);
    return;
  }
  const last = pendingOn(decision, target).at(-1);
  if (last === undefined) return;
  const saidAt = decision.state.alarms[encodeAlarm(publicAlarm(target))]?.saidAt ?? 0;
  // Whoever answered the alarm about an earlier draft has not answered for this one.
  if (callOf(decision.state, target)?.state === 'answered' && saidAt < lateFrom(decision, last))
    clearAlarm(decision, publicAlarm(target), `public post ${last.id} is late now`);
  soundLate(decision, last);
}

/** The interval of the alarm is over: it names the draft that waits now, or why one failed. */
export function publicAlarmAgain(decision: Decision, target: string): void {
  const page = decision.state.publicPages[target];
  const last = pendingOn(decision, target).at(-1);
  const isLeft = page !== undefined && isLeftOpen(decision, page);
  if (last === undefined || last.state === 'failed' || isLeft)
    repeatAlarm(decision, publicAlarm(target));
  else soundLate(decision, last);
  orderAgain(decision, target);
}

/** People hear what is not on its page, and why; what waits promises anew. */
export function soundLate(decision: Decision, late: DraftPost): void {
  const last = late.state === 'waiting' ? refreshStale(decision, late) : late;
  if (last !== late) ask(decision, last);
  const doubt = inDoubt(decision, last.target);
  if (doubt !== null && doubt !== last) {
    raiseAlarm(decision, publicAlarm(last.target), doubtText(decision, doubt));
    return;
  }
  const why =
    last.state === 'waiting'
      ? `draft ${last.id} waits for approval (\`tocsin approve ${decision.state.id} ${last.id}\`)`
      : `draft ${last.id} could not be published yet`;
  const left = leftOpenText(decision, last);
  const byHand = left === null ? '' : `. If it lasts: ${left}`;
  const how = decision.now < lateFrom(decision, last) ? 'not there yet' : 'late';
  raiseAlarm(
    decision,
    publicAlarm(last.target),
    `the public post (${last.status}) on ${last.target} is ${how}: ${why}${brokenText(decision, last.target)}${byHand}`,
  );
}

/** What readers of the page were promised and have not read. */
function brokenText({ state, policy, now }: Decision, target: string): string {
  const promisedAt = state.publicPages[target]?.promisedAt ?? null;
  if (promisedAt === null || promisedAt > now) return '';
  return `; the page promised an update for ${clockTime(promisedAt, policy.timezone)}`;
}

/**
 * A person approves a draft (or sends a failed one again). One that may be on its page is looked for first: they may not
 * have looked, and sent blindly it could be there twice. False: it is not waiting.
 */
export function approve(decision: Decision, id: DraftId): boolean {
  const draft = decision.state.drafts[id];
  const isUnderWay = draft?.state === 'unknown' || draft?.state === 'queued';
  if (isUnderWay && lacksApproval(decision, draft)) {
    // It is being sent, or looked for and sent once more if it is missing.
    emit(decision, { type: 'PostApproved', draft: id });
    return true;
  }
  if (draft === undefined || (draft.state !== 'waiting' && draft.state !== 'failed')) return false;
  // Only what is in doubt outlives its time: a person looks for it, and nobody says it once more.
  if (draft.state === 'failed' && overtakenBy(decision, draft) !== null) return false;
  if (draft.finds > 0) {
    emit(decision, { type: 'PostApproved', draft: id });
    lookAgain(decision, decision.state.drafts[id] ?? draft);
    return true;
  }
  const current = refreshStale(decision, draft);
  emit(decision, { type: 'PostApproved', draft: current.id });
  publish(decision, current);
  return true;
}

/**
 * A person rejects a draft that waits, or failed: it is withdrawn; the clock goes on and asks for another text. After the
 * end nothing asks for one: the page reads on that it is broken, so the alarm lasts until somebody says that it is closed.
 * @param closed they have closed on the page what it showed
 */
export function reject(
  decision: Decision,
  id: DraftId,
  { reason, closed }: { readonly reason: string; readonly closed: boolean },
): boolean {
  const draft = decision.state.drafts[id];
  if (draft === undefined) return false;
  const isPending = draft.state === 'waiting' || draft.state === 'failed';
  if (!isPending && !(closed && saysClosed(decision, draft))) return false;
  // Whoever rejects what is in doubt has looked at the page.
  const isClosed = closed || inDoubt(decision, draft.target)?.id === id;
  emit(decision, { type: 'PostRejected', draft: id, reason, closed });
  const left = isClosed ? null : leftOpenText(decision, draft);
  if (left !== null)
    raiseAlarm(
      decision,
      publicAlarm(draft.target),
      `the closing post on ${draft.target} was rejected, and ${left}`,
    );
  else if (isOver(decision.state) || draft.state === 'failed')
    withdrawNeedlessEnds(decision, draft.target);
  return true;
}
