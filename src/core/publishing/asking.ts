/**
 * Asking a person to approve a post: again, where one waits, and at once where the approval is wanted only since it was
 * written, by a raise, a storm or a reload.
 */
import type { DraftId } from '../model/made-ids.ts';
import type { DraftPost } from '../model/incident.ts';
import { nothing, type Ground, type Owed } from '../model/obligation.ts';
import { emit, type Decision } from '../model/decision.ts';
import { isAlarmed } from '../paging/alarms.ts';
import { say } from '../texts/messages.ts';
import { ask, writeAnew } from './drafting.ts';
import { soundLate } from './publishing.ts';
import {
  barredFromPublic,
  lacksApproval,
  overtakenBy,
  publicAlarm,
  switchedOff,
  unaskedBy,
} from './public-page.ts';

/** Whether nobody knows if it is on its page. */
function mayHaveArrived(draft: DraftPost): boolean {
  return draft.state === 'unknown' || draft.finds > 0;
}

/** What was to go out by itself, or may have, and needs the approval of a person since. */
export function owedByUnapproved(ground: Ground, draft: DraftPost): Owed {
  const { state, lookups } = ground;
  const { id, status, target } = draft;
  const why =
    barredFromPublic(ground) ??
    switchedOff(ground, target) ??
    overtakenBy(ground, draft) ??
    unaskedBy(ground, draft);
  if (why !== null) return nothing(why);
  if (!lacksApproval(ground, draft)) return nothing('nobody need approve it');
  const onItsWayUntil = lookups.onItsWayUntil(id);
  const isAsked = draft.approval === 'required';
  if (isAsked && (mayHaveArrived(draft) || onItsWayUntil !== null))
    return nothing('a person was asked, and what became of it is not known yet');
  return {
    clock: { kind: 'approval', draft: id },
    what: `people are asked to approve public post ${id} (${status}) on ${target}, which needs it now`,
    dueAt: onItsWayUntil ?? state.lastEventAt,
  };
}

/** A person is asked to approve a post: once more, or because it needs that since it was written. */
export function approvalDue(decision: Decision, id: DraftId): void {
  const draft = decision.state.drafts[id];
  if (draft === undefined) return;
  if (draft.state === 'waiting') {
    emit(decision, { type: 'ApprovalAsked', draft: id });
    ask(decision, draft);
  } else if (mayHaveArrived(draft) || decision.context.lookups.onItsWayUntil(id) !== null)
    askInDoubt(decision, draft);
  else waitForApproval(decision, draft);
}

/** What is not on its page needs the approval of a person now: it is written anew as one that waits for it. */
export function waitForApproval(decision: Decision, draft: DraftPost): void {
  const page = decision.state.publicPages[draft.target];
  if (page === undefined) return;
  const fresh = writeAnew(decision, page, draft);
  if (fresh.state !== 'waiting') {
    sayItGoes(decision, draft, fresh);
    return;
  }
  // What people were told of it holds no more.
  if (isAlarmed(decision.state, publicAlarm(draft.target))) soundLate(decision, fresh);
}

/** The level of now lets it out by itself: whoever was asked to approve it need not decide any more. */
function sayItGoes(decision: Decision, { id, target }: DraftPost, fresh: DraftPost): void {
  const text = `${decision.state.id}: nobody need approve ${id} any more: it is not on ${target}, and ${fresh.id} (${fresh.status}) goes out in its place: "${fresh.body}"`;
  say(decision, text, { kind: 'approval', draft: fresh.id });
}

/** Whoever approves what may be there has it sent once more, should it be missing; it is looked for all the same. */
function askInDoubt(decision: Decision, { id, status, target, body }: DraftPost): void {
  const { id: incident } = decision.state;
  emit(decision, { type: 'ApprovalAsked', draft: id });
  const text = `${incident}: ${id} (${status}) may be on ${target}, and needs approval now. It is looked for; if it is missing it goes out only after \`tocsin approve ${incident} ${id}\`: "${body}"`;
  say(decision, text, { kind: 'approval', draft: id });
}
