/**
 * News that its page did not take: it goes out, approved as it is, once the page takes posts again. Nothing that is older
 * goes out instead.
 */
import type { Instant } from '../model/alert.ts';
import { isOver, type DraftPost } from '../model/incident.ts';
import { emit, type Decision } from '../model/decision.ts';
import { lookAgain, publish, refreshStale } from './drafting.ts';
import { currentStatus, lacksApproval } from './public-page.ts';

const FIRST_MS = 60_000;
const MAX_MS = 5 * 60_000;

type Subject = Pick<Decision, 'state' | 'policy'>;

/** Why a post that failed waits for a person; null: it is tried again. */
export function whyForPerson(subject: Subject, draft: DraftPost): string | null {
  const { state } = subject;
  if (lacksApproval(subject, draft)) return 'nobody has approved it';
  if (draft.status !== (isOver(state) ? 'resolved' : currentStatus(subject)))
    return `the incident is ${state.phase} now`;
  // Sent twice and never seen: once more could be once too often.
  return draft.finds > 0 && draft.resends > 0 ? 'it may be on the page' : null;
}

/** After as long as the page has refused it, within bounds: a short trouble costs a minute, a long one no flood. */
export function triedAgainAt({ state }: Subject, draft: DraftPost): Instant {
  const failedAt = state.publicPages[draft.target]?.failure?.at ?? draft.draftedAt;
  const refusedForMs = failedAt - (draft.approvedAt ?? draft.draftedAt);
  return failedAt + Math.min(Math.max(refusedForMs, FIRST_MS), MAX_MS);
}

/** What was refused is sent; what may be there is looked for once more, and sent if it is not. */
export function tryAgain(decision: Decision, draft: DraftPost): void {
  if (draft.finds > 0) {
    lookAgain(decision, draft);
    return;
  }
  const current = refreshStale(decision, draft);
  emit(decision, { type: 'PostTriedAgain', draft: current.id });
  publish(decision, current);
}
