/**
 * News that its page did not take: it goes out, approved as it is, once the page takes posts again. Nothing that is older
 * goes out instead. Its order is put off in the outbox and sent again from there, of which only what is news is an event.
 */
import { isOver, type DraftPost } from '../model/incident.ts';
import { emit, type Decision } from '../model/decision.ts';
import { lookAgain, publish, refreshStale } from './drafting.ts';
import {
  barredFromPublic,
  currentStatus,
  failedNews,
  inDoubt,
  isLookedFor,
  lacksApproval,
  switchedOff,
} from './public-page.ts';

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

/** Why a post that failed is not sent once more now; null: it is. */
export function whyNotAgain(subject: Subject, draft: DraftPost): string | null {
  if (failedNews(subject, draft.target)?.id !== draft.id) return 'its page hears what is newer';
  return barredFromPublic(subject) ?? whyForPerson(subject, draft);
}

/** Whether nothing is in the outbox for what failed there: it was not sent, or it was only recorded. */
export function isUnordered({ state }: Pick<Subject, 'state'>, { id, target }: DraftPost): boolean {
  const failure = state.publicPages[target]?.failure;
  return failure?.draft === id && (failure.why.kind === 'off' || failure.why.kind === 'not_sent');
}

/** By another order: what may be there is looked for, and what is not there is sent, unless something stands against it. */
export function tryAgain(decision: Decision, failed: DraftPost): void {
  if (isLookedFor(failed)) lookAgain(decision, failed);
  else if (whyNotAgain(decision, failed) === null) {
    const current = refreshStale(decision, failed);
    emit(decision, { type: 'PostTriedAgain', draft: current.id });
    publish(decision, current);
  }
}

/** Whoever is alarmed about a post relies on its being asked for: one whose order is gone gets another one. */
export function orderAgain(decision: Decision, target: string): void {
  const { hasOrder } = decision.context.lookups;
  const failed = inDoubt(decision, target) ?? failedNews(decision, target);
  if (failed === null || hasOrder(failed.id) || switchedOff(decision, target) !== null) return;
  tryAgain(decision, failed);
}
