/**
 * The public clocks: when a page must hear something, and what happens when a post is late. Posts are at-most-once;
 * what became of one stands in `post-outcomes.ts`.
 */
import { raiseAlarm } from '../paging/alarms.ts';
import { componentsByTarget } from './components.ts';
import { ask, draftPost, publish, refreshStale, withdraw } from './drafting.ts';
import type { DraftPost, PublicStatus } from '../model/incident.ts';
import { encodeAlarm } from '../model/keys.ts';
import { say } from '../texts/messages.ts';
import type { Level } from '../model/policy.ts';
import {
  barredFromPublic,
  currentStatus,
  flagsToTakeIn,
  isKnownBarred,
  lateFrom,
  pendingOn,
  publicAlarm,
  unsent,
} from './public-page.ts';
import { isAnswered, repeatAlarm, silenceAlarm, soundAlarm } from '../paging/sounding.ts';
import { clockTime } from '../texts/text.ts';
import { emit, isOver, levelOf, type Turn } from '../model/turn.ts';

/** Starts the public clocks of pages that have none yet: at declaration, at a raise, when a storm reaches a new page. */
export function startPublicClocks(turn: Turn): void {
  const level = levelOf(turn);
  if (
    level?.public == null ||
    turn.state.declaredAt === null ||
    isOver(turn.state) ||
    barredFromPublic(turn) !== null
  )
    return;
  for (const target of componentsByTarget(turn).keys()) {
    if (turn.state.publicPages[target] !== undefined) continue;
    emit(turn, { type: 'PublicClockStarted', target });
    const { firstWithinMs } = level.public;
    if (firstWithinMs !== null)
      draftPost(turn, {
        target,
        status: currentStatus(turn),
        unchanged: false,
        text: '',
        anchor: { kind: 'first', since: turn.now, withinMs: firstWithinMs },
      });
  }
}

/** A raise to a level that owes a first post, from one that owed none, owes it now. */
export function firstPostsAfterRaise(turn: Turn, from: Level | null): void {
  const first = levelOf(turn)?.public?.firstWithinMs ?? null;
  if (first === null || from?.public?.firstWithinMs != null) return;
  for (const page of Object.values(turn.state.publicPages)) {
    if (page.published !== null || unsent(turn, page.target).length > 0) continue;
    draftPost(turn, {
      target: page.target,
      status: currentStatus(turn),
      unchanged: false,
      text: '',
      anchor: { kind: 'first', since: turn.now, withinMs: first },
    });
  }
}

/** The phase changed: every page of ours says so. Unsent earlier posts are overtaken. */
export function postPhase(turn: Turn, status: PublicStatus, text: string): void {
  if (status !== 'resolved') startPublicClocks(turn);
  const barred = barredFromPublic(turn);
  for (const page of Object.values(turn.state.publicPages)) {
    withdraw(turn, page.target, `the incident is ${status} now`);
    if (status === 'resolved') stopPage(turn, page.target);
    const isUnknown = Object.values(turn.state.drafts).some(
      (draft) => draft.target === page.target && draft.state === 'unknown',
    );
    const nothingToEnd =
      status === 'resolved' &&
      !isUnknown &&
      (page.published === null || page.published === 'resolved');
    if (barred !== null || nothingToEnd) continue;
    draftPost(turn, {
      target: page.target,
      status,
      unchanged: false,
      text,
      anchor: { kind: 'news', since: turn.now },
    });
  }
}

export function stopPage(turn: Turn, target: string): void {
  silenceAlarm(turn, publicAlarm(target), 'no public post is owed any more');
}

/** Withdraws every unsent public post and stops the public clocks. */
export function stopPublic(turn: Turn, because: string): void {
  withdraw(turn, null, because);
  for (const page of Object.values(turn.state.publicPages)) {
    stopPage(turn, page.target);
    if (page.promisedAt !== null)
      say(
        turn,
        `${turn.state.id}: public posts are stopped (${because}); ${page.target} still promises an update at ${clockTime(page.promisedAt, turn.policy.timezone)}.`,
        { kind: 'public_stopped', target: page.target },
      );
  }
}

/** A reload changed what a flag says: people hear of it as they do when the flag is set. */
export function flagsDue(turn: Turn): void {
  const wasBarred = isKnownBarred(turn.state);
  emit(turn, { type: 'FlagsReconfigured', flags: flagsToTakeIn(turn) ?? {} });
  const barred = barredFromPublic(turn);
  if (barred !== null && !wasBarred) stopPublic(turn, barred);
}

/** The next update is due. However many intervals were missed, one is owed. */
export function updateDue(turn: Turn, target: string): void {
  const page = turn.state.publicPages[target];
  if (page === undefined) return;
  draftPost(turn, {
    target,
    status: page.published ?? currentStatus(turn),
    unchanged: true,
    text: '',
    anchor: {
      kind: 'update',
      since: turn.now,
      promisedAt: page.promisedAt,
      raisedAt: page.raisedAt,
    },
  });
}

/** A draft still waits: a person is asked again. */
export function approvalDue(turn: Turn, id: string): void {
  const draft = turn.state.drafts[id];
  if (draft?.state !== 'waiting') return;
  emit(turn, { type: 'ApprovalAsked', draft: id });
  ask(turn, draft);
}

/** A post is late: a person is alarmed, and a draft whose promise has passed gets a fresh one. */
export function publicLate(turn: Turn, target: string): void {
  const last = pendingOn(turn, target).at(-1);
  if (last === undefined) return;
  // Whoever answered the alarm about an earlier draft has not answered for this one.
  if (isAnswered(turn, publicAlarm(target)))
    silenceAlarm(turn, publicAlarm(target), `public post ${last.id} is late now`);
  soundLate(turn, last);
  if (last.state === 'waiting') refreshStale(turn, last);
}

/** The interval of the alarm is over: it names the draft that waits now, or why one failed. */
export function publicAlarmAgain(turn: Turn, target: string): void {
  const last = pendingOn(turn, target).at(-1);
  if (last === undefined || last.state === 'failed') repeatAlarm(turn, publicAlarm(target));
  else if (isNewlyLate(turn, last)) publicLate(turn, target);
  else soundLate(turn, last);
}

/** It became late since the alarm was said last, which was about an earlier draft. */
function isNewlyLate(turn: Turn, draft: DraftPost): boolean {
  const said = turn.state.alarms[encodeAlarm(publicAlarm(draft.target))]?.saidAt ?? 0;
  const late = lateFrom(turn, draft);
  return said < late && late <= turn.now;
}

function soundLate(turn: Turn, last: DraftPost): void {
  const why =
    last.state === 'waiting'
      ? `draft ${last.id} waits for approval`
      : `draft ${last.id} could not be published yet`;
  const how = turn.now < lateFrom(turn, last) ? 'not there yet' : 'late';
  soundAlarm(
    turn,
    publicAlarm(last.target),
    `the public post (${last.status}) on ${last.target} is ${how}: ${why}`,
  );
}

/** A person approves a draft (or sends a failed one again). False: it is not waiting. */
export function approve(turn: Turn, id: string): boolean {
  const draft = turn.state.drafts[id];
  if (draft === undefined || (draft.state !== 'waiting' && draft.state !== 'failed')) return false;
  const current = refreshStale(turn, draft);
  emit(turn, { type: 'PostApproved', draft: current.id });
  publish(turn, current);
  return true;
}

/** A person rejects a draft: it is withdrawn; the clock goes on and asks for another text. */
export function reject(turn: Turn, id: string, reason: string): boolean {
  const draft = turn.state.drafts[id];
  if (draft?.state !== 'waiting') return false;
  emit(turn, { type: 'PostRejected', draft: id, reason });
  if (isOver(turn.state))
    raiseAlarm(
      turn,
      publicAlarm(draft.target),
      `the closing post on ${draft.target} was rejected; the page still shows the incident`,
    );
  return true;
}
