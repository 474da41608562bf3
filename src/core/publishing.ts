/**
 * The public clocks: when a page must hear something, and what happens when a post is late. Posts are at-most-once;
 * what became of one stands in `post-outcomes.ts`.
 */
import { raiseAlarm } from './alarms.ts';
import { ask, draftPost, publish, refreshStale, withdraw } from './drafting.ts';
import type { DraftPost, PublicStatus } from './incident.ts';
import { say } from './messages.ts';
import {
  approvalOf,
  barredFromPublic,
  componentsByTarget,
  currentStatus,
  everyMs,
  GRACE_AUTOMATIC_MS,
  GRACE_DEFAULT_MS,
  graceOf,
  publicAlarm,
  unsent,
} from './public-page.ts';
import { silenceAlarm, soundAlarm } from './sounding.ts';
import { clockTime } from './text.ts';
import { dropTimer, emit, findLevel, isOver, levelOf, setTimer, type Turn } from './turn.ts';

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
    emit(turn, { type: 'PublicClockStarted', target, from: turn.now });
    const { firstWithinMs } = level.public;
    if (firstWithinMs !== null)
      draftPost(turn, {
        target,
        status: currentStatus(turn),
        unchanged: false,
        text: '',
        dueAt: turn.now + firstWithinMs,
      });
  }
}

/** After a raise the next update comes no later than the new level's interval; a promise already published is kept. */
export function tightenPublicClocks(turn: Turn, from: string | null): void {
  const level = levelOf(turn);
  const every = everyMs(turn, level);
  const before = findLevel(turn.policy, from);
  for (const page of Object.values(turn.state.publicPages)) {
    const first = level?.public?.firstWithinMs ?? null;
    if (
      page.published === null &&
      first !== null &&
      before?.public?.firstWithinMs == null &&
      unsent(turn, page.target).length === 0
    ) {
      emit(turn, { type: 'PublicClockStarted', target: page.target, from: turn.now });
      draftPost(turn, {
        target: page.target,
        status: currentStatus(turn),
        unchanged: false,
        text: '',
        dueAt: turn.now + first,
      });
    } else if (page.published !== null && page.published !== 'resolved' && every !== null) {
      armCadence(
        turn,
        page.target,
        Math.min(page.promisedAt ?? turn.now + every, turn.now + every),
      );
    }
  }
}

export function armCadence(turn: Turn, target: string, dueAt: number): void {
  setTimer(turn, `cadence:${target}`, dueAt - leadOf(turn, target));
}

/** A person needs time to read before the promise falls due. */
function leadOf(turn: Turn, target: string): number {
  const every = everyMs(turn, levelOf(turn)) ?? GRACE_DEFAULT_MS;
  const needsPerson =
    approvalOf(turn, target, { status: currentStatus(turn), unchanged: true }) === 'required';
  return needsPerson ? Math.min(5 * 60_000, every / 3) : 0;
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
    draftPost(turn, { target: page.target, status, unchanged: false, text, dueAt: turn.now });
  }
}

export function stopPage(turn: Turn, target: string): void {
  for (const kind of ['cadence', 'due', 'late']) dropTimer(turn, `${kind}:${target}`);
  silenceAlarm(turn, publicAlarm(target), 'no public post is owed any more');
}

/** Withdraws every unsent public post and stops the public clocks. */
export function stopPublic(turn: Turn, because: string): void {
  withdraw(turn, null, because);
  for (const page of Object.values(turn.state.publicPages)) {
    stopPage(turn, page.target);
    if (page.promisedAt !== null && page.published !== 'resolved')
      say(
        turn,
        `${turn.state.id}: public posts are stopped (${because}); ${page.target} still promises an update at ${clockTime(page.promisedAt, turn.policy.timezone)}.`,
        `stopped:${page.target}`,
      );
  }
}

/** The cadence came round. However many ticks were missed, one update is owed. */
export function cadenceTick(turn: Turn, target: string): void {
  const page = turn.state.publicPages[target];
  if (page === undefined || page.published === 'resolved' || barredFromPublic(turn) !== null)
    return;
  const pending = Object.values(turn.state.drafts).find(
    (draft) => draft.target === target && ['waiting', 'queued', 'unknown'].includes(draft.state),
  );
  if (pending !== undefined) {
    if (pending.state === 'waiting') ask(turn, pending);
    if (
      turn.state.timers[`late:${target}`] === undefined &&
      turn.state.alarms[publicAlarm(target)] === undefined
    )
      setTimer(turn, `late:${target}`, turn.now + GRACE_AUTOMATIC_MS);
    return;
  }
  draftPost(turn, {
    target,
    status: page.published ?? currentStatus(turn),
    unchanged: true,
    text: '',
    // The tick came early by the lead; after a raise that is before what the page still promises.
    dueAt: Math.max(
      turn.now,
      Math.min(page.promisedAt ?? turn.now, turn.now + leadOf(turn, target)),
    ),
  });
}

/** A draft falls due and still waits: remind. */
export function remindDue(turn: Turn, target: string): void {
  for (const draft of unsent(turn, target)) if (draft.state === 'waiting') ask(turn, draft);
}

/** A post is late: a person is alarmed, and a draft whose promise has passed gets a fresh one. */
export function publicLate(turn: Turn, target: string): void {
  const pending = Object.values(turn.state.drafts).filter(
    (draft) =>
      draft.target === target && ['waiting', 'queued', 'unknown', 'failed'].includes(draft.state),
  );
  const last = pending.at(-1);
  if (last === undefined) return;
  const why =
    last.state === 'waiting'
      ? `draft ${last.id} waits for approval`
      : `draft ${last.id} could not be published yet`;
  soundAlarm(
    turn,
    publicAlarm(target),
    `the public post (${last.status}) on ${target} is late: ${why}`,
  );
  if (last.state === 'waiting') refreshStale(turn, last);
}

/** A person approves a draft (or sends a failed one again). False: it is not waiting. */
export function approve(turn: Turn, id: string): boolean {
  const draft = turn.state.drafts[id];
  if (draft === undefined || (draft.state !== 'waiting' && draft.state !== 'failed')) return false;
  const current = refreshStale(turn, draft);
  emit(turn, { type: 'PostApproved', draft: current.id });
  dropTimer(turn, `due:${draft.target}`);
  publish(turn, current);
  if (turn.state.alarms[publicAlarm(draft.target)] === undefined)
    setTimer(turn, `late:${draft.target}`, Math.max(turn.now, draft.dueAt) + graceOf(turn));
  return true;
}

/** A person rejects a draft: it is withdrawn; the clock goes on and asks for another text. */
export function reject(turn: Turn, id: string, reason: string): boolean {
  const draft = turn.state.drafts[id];
  if (draft?.state !== 'waiting') return false;
  emit(turn, { type: 'PostRejected', draft: id, reason });
  dropTimer(turn, `due:${draft.target}`);
  if (isOver(turn.state) || turn.state.publicPages[draft.target]?.published != null)
    rearmAfterReject(turn, draft);
  else
    setTimer(turn, `cadence:${draft.target}`, Math.max(turn.now + GRACE_AUTOMATIC_MS, draft.dueAt));
  return true;
}

function rearmAfterReject(turn: Turn, draft: DraftPost): void {
  const promised = turn.state.publicPages[draft.target]?.promisedAt ?? null;
  dropTimer(turn, `late:${draft.target}`);
  if (isOver(turn.state))
    raiseAlarm(
      turn,
      publicAlarm(draft.target),
      `the closing post on ${draft.target} was rejected; the page still shows the incident`,
    );
  else
    setTimer(
      turn,
      `cadence:${draft.target}`,
      Math.max(turn.now + GRACE_AUTOMATIC_MS, promised ?? turn.now + GRACE_DEFAULT_MS),
    );
}
