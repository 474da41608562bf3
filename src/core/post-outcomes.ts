/** What became of a post: published, unknown (looked up, never repeated blindly), or failed. */
import { publish } from './drafting.ts';
import type { DraftPost } from './incident.ts';
import { graceOf, publicAlarm, unsent } from './public-page.ts';
import { armCadence, stopPage } from './publishing.ts';
import { soundAlarm } from './sounding.ts';
import { emit, isOver, setTimer, type Turn } from './turn.ts';

/** The post is on the page. */
export function published(turn: Turn, draft: DraftPost, ref: string | null): void {
  emit(turn, { type: 'PostPublished', draft: draft.id, ref });
  stopPage(turn, draft.target);
  const newer = unsent(turn, draft.target).at(-1);
  if (newer !== undefined)
    setTimer(turn, `late:${draft.target}`, Math.max(turn.now, newer.dueAt) + graceOf(turn));
  else if (draft.status !== 'resolved' && draft.nextUpdateAt !== null && !isOver(turn.state))
    armCadence(turn, draft.target, draft.nextUpdateAt);
}

const FIND_DELAYS_MS = [5_000, 10_000, 45_000, 120_000, 120_000];

/** Nobody knows whether the post is on the page: look it up at 5, 15, 60, 180 and 300 s. */
export function publishUnknown(turn: Turn, draft: DraftPost, detail: string): void {
  emit(turn, { type: 'PostUnknown', draft: draft.id, finds: 0, resends: draft.resends, detail });
  publish(turn, draft, { name: 'statusPage.find', dueAt: turn.now + (FIND_DELAYS_MS[0] ?? 0) });
}

/** What the look-up said. Absent after five minutes of clear answers: one resend; otherwise a person is asked. */
export function publishLookedUp(
  turn: Turn,
  draft: DraftPost,
  read: { readonly found: boolean; readonly externalRef: string | null } | null,
): void {
  if (draft.state !== 'unknown') return;
  if (read?.found === true) {
    published(turn, draft, read.externalRef);
    return;
  }
  const finds = draft.finds + 1;
  const delay = FIND_DELAYS_MS[finds];
  const detail = read === null ? 'the page did not answer the look-up' : 'not on the page';
  if (delay !== undefined) {
    emit(turn, { type: 'PostUnknown', draft: draft.id, finds, resends: draft.resends, detail });
    publish(turn, draft, { name: 'statusPage.find', dueAt: turn.now + delay });
  } else if (read !== null && draft.resends === 0) {
    emit(turn, {
      type: 'PostUnknown',
      draft: draft.id,
      finds: 0,
      resends: 1,
      detail: 'not on the page after 5 minutes: sent once more',
    });
    publish(turn, draft);
  } else {
    publishFailed(turn, draft, {
      reason: 'outcome unknown',
      hint: `Look at ${draft.target}: if the post is missing, approve ${draft.id} to send it again.`,
    });
  }
}

/** The post cannot be published: a person decides. */
export function publishFailed(
  turn: Turn,
  draft: DraftPost,
  why: { readonly reason: string; readonly hint: string },
): void {
  emit(turn, { type: 'PostFailed', draft: draft.id, reason: why.reason, hint: why.hint });
  soundAlarm(
    turn,
    publicAlarm(draft.target),
    `draft ${draft.id} (${draft.status}) was not published on ${draft.target}: ${why.reason}. ${why.hint}`,
  );
}
