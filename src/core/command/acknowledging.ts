/**
 * Acknowledgements: from the phone, the vendor, the API. One settles the obligations that its page served, and all others
 * for which the same person is rung.
 */
import { silenceAlarm } from '../paging/sounding.ts';
import { declare, mayDeclare, roleFilled } from './declaring.ts';
import { closePage, reopenEscalation } from '../paging/escalating.ts';
import { answerEscalation, type Heard, isHeardFrom, stopRinging } from '../paging/answering.ts';
import { isOver, type Page } from '../model/incident.ts';
import { confirmedStatus, endedUnder } from '../paging/joining.ts';
import { changeRing } from '../paging/ringing.ts';
import { isOwed } from '../paging/progress.ts';
import type { EscalationId } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { emit, type Look, type Refusal, type Decision } from '../model/decision.ts';

export interface PersonAnswer extends Heard {
  /** Person id, or the name by which the vendor knows somebody we do not. */
  readonly by: string;
  readonly known: boolean;
}

/** Somebody answered this page: they are there, for all that rings them in the incident. */
export function acknowledgePage(decision: Decision, id: string, answer: PersonAnswer): void {
  if (!answerPage(decision, id, { ...answer, from: answer })) return;
  if (answer.known)
    for (const { id: other } of ringingFor(decision, answer.by))
      // Under another key the same pager rings on, unless it is told.
      answerPage(decision, other, { ...answer, from: null });
  afterAnswer(decision);
}

function ringingFor({ state }: Look<'state'>, person: string): readonly Page[] {
  return Object.values(state.pages).filter(
    (page) => page.state === 'open' && page.person === person,
  );
}

/** False: it was answered before. */
function answerPage(
  decision: Decision,
  id: string,
  answer: PersonAnswer & { readonly from: Heard | null },
): boolean {
  const page = decision.state.pages[id];
  if (page === undefined || page.acknowledgedAt !== null) return false;
  const escalations = page.escalations.filter((id) => isOwed(decision.state.escalations[id]));
  if (page.state === 'open') stopRinging(decision, page, { by: answer.by, from: answer.from });
  silenceAlarm(decision, { kind: 'page', page: id }, `${answer.by} answered`);
  for (const escalation of escalations) settleEscalation(decision, escalation, answer);
  return true;
}

function settleEscalation(
  decision: Decision,
  escalationId: EscalationId,
  answer: PersonAnswer,
): void {
  answerEscalation(decision, escalationId, answer);
  const escalation = decision.state.escalations[escalationId];
  if (escalation?.key.kind === 'role' && answer.known)
    roleFilled(decision, escalation.key.role, answer.by);
}

function afterAnswer(decision: Decision): void {
  if (decision.state.kind === 'test') {
    closeTest(decision);
    return;
  }
  if (mayDeclare(decision, 'acknowledgement')) declare(decision, 'acknowledgement');
}

function closeTest(decision: Decision): void {
  for (const page of Object.values(decision.state.pages))
    closePage(decision, page, 'the test reached the phone');
  emit(decision, { type: 'IncidentClosed', as: 'test', reason: 'the test page was acknowledged' });
}

/**
 * A person acknowledges through the API: their own pages, else one that rings at a vendor's address (each may serve another
 * role), else the first open escalation.
 */
export function acknowledge(
  decision: Decision,
  pageId: string | null,
  answer: PersonAnswer,
): Refusal | null {
  const pages = Object.values(decision.state.pages);
  if (pageId !== null) {
    const page = own(decision.state.pages, pageId);
    if (page === undefined)
      return {
        code: 'unknown_page',
        message: `${decision.state.id} has no page ${pageId}. Its pages: ${pages.map((one) => one.id).join(', ') || 'none'}.`,
      };
    if (page.state !== 'open')
      return { code: 'already_answered', message: `Page ${pageId} is ${page.state} already.` };
    acknowledgePage(decision, pageId, answer);
    return null;
  }
  const mine = ringingFor(decision, answer.by);
  // Their ring waits for a sign of life, and this is one.
  if (mine.length === 0 && isAwaited(decision, answer.by)) {
    emit(decision, { type: 'NoteAdded', text: 'I am here.' });
    return null;
  }
  const addressed = pages
    .filter((page) => page.state === 'open' && page.person === null)
    .slice(0, 1);
  const chosen: readonly Page[] = mine.length > 0 ? mine : addressed;
  for (const page of chosen) answerPage(decision, page.id, { ...answer, from: answer });
  if (chosen.length > 0) {
    afterAnswer(decision);
    return null;
  }
  const escalation = Object.values(decision.state.escalations).find(isOwed);
  if (escalation === undefined)
    return {
      code: 'nothing_to_acknowledge',
      message: `Nobody is being paged for ${decision.state.id} now.`,
    };
  settleEscalation(decision, escalation.id, answer);
  afterAnswer(decision);
  return null;
}

/** Whether a ring about a relapse waits for the person. */
function isAwaited({ state }: Look<'state'>, person: string): boolean {
  return state.relapse?.waiting.some(({ people }) => people.includes(person)) === true;
}

/** What the vendor tells of a page of ours. */
interface Seen extends Heard {
  readonly page: string;
  readonly action: string;
  readonly ref: string;
  readonly by: string | null;
  readonly known: boolean;
  readonly text: string | null;
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

/** The vendor tells what happened to a page of ours. */
export function pageObserved(decision: Decision, seen: Seen): void {
  const page = decision.state.pages[seen.page];
  if (page === undefined) return;
  const ring = page.rings.find((one) => isHeardFrom(one, seen));
  if (
    ring !== undefined &&
    ['pending', 'accepted', 'joining', 'lost', 'failed'].includes(ring.status)
  )
    changeRing(
      decision,
      { page, ring },
      { status: confirmedStatus(ring), ref: seen.ref, detail: `${ring.target} speaks of it` },
    );
  const isOurs = isOurCall(decision, page, seen);
  const by = isOurs ? null : seen.by;
  const answer = by === null ? null : { by, known: seen.known, via: seen.via, key: seen.key };
  switch (seen.action) {
    case 'acknowledged':
      if (answer !== null) acknowledgePage(decision, page.id, answer);
      // The vendor's own automation: no person has answered. What we did ourselves is no news, however often it is read.
      else if (!isOurs) noteSeen(decision, page, seen);
      return;
    case 'unacknowledged':
      unacknowledged(decision, page, seen);
      return;
    case 'resolved':
    case 'merged':
      goneAtVendor(decision, page, { ...seen, answer });
      return;
    default:
      noteSeen(decision, page, seen);
  }
}

function noteSeen(
  decision: Decision,
  page: Page,
  { action, by, text }: Pick<Seen, 'action' | 'by' | 'text'>,
): void {
  emit(decision, { type: 'PageNoted', page: page.id, action, by, text });
}

/** The acknowledgement ran out or was taken back there: that phone rings again, and our escalation goes on. */
function unacknowledged(
  decision: Decision,
  page: Page,
  seen: { readonly by: string | null; readonly via: string },
): void {
  if (page.state !== 'acknowledged' || isOver(decision.state)) return;
  emit(decision, { type: 'PageUnacknowledged', page: page.id, by: seen.by, via: seen.via });
  const owed = page.escalations.filter(
    (escalation) => answeredElsewhere(decision, page, escalation) === null,
  );
  const [first] = page.escalations.flatMap(
    (escalation) => answeredElsewhere(decision, page, escalation) ?? [],
  );
  if (first !== undefined && owed.length === 0)
    stopRinging(decision, decision.state.pages[page.id] ?? page, { by: first, from: null });
  for (const escalation of owed)
    reopenEscalation(
      decision,
      escalation,
      `the acknowledgement at ${seen.via} ran out or was taken back`,
    );
}

/** Who answered the escalation on a page of their own; null: this page's acknowledgement was the answer. */
function answeredElsewhere(
  { state }: Look<'state'>,
  page: Page,
  escalationId: EscalationId,
): string | null {
  const escalation = state.escalations[escalationId];
  if (escalation?.state !== 'answered') return null;
  const theirs = Object.values(state.pages).find(
    (one) =>
      one.id !== page.id &&
      one.escalations.includes(escalationId) &&
      one.state === 'acknowledged' &&
      one.person !== null &&
      one.person === escalation.answeredBy,
  );
  return theirs?.person ?? null;
}

/**
 * The vendor's object is closed. By a person that is an answer, and a hint that it may be over; by itself (our own
 * resolve coming back) it only confirms. A merge is never a recovery.
 */
function goneAtVendor(
  decision: Decision,
  page: Page,
  seen: Pick<Seen, 'action' | 'by' | 'text' | 'via' | 'key'> & {
    readonly answer: PersonAnswer | null;
  },
): void {
  const wasOpen = page.state === 'open';
  noteSeen(decision, page, seen);
  if (wasOpen && seen.answer !== null) acknowledgePage(decision, page.id, seen.answer);
  const after = decision.state.pages[page.id] ?? page;
  for (const ring of after.rings) {
    if (isHeardFrom(ring, seen) && ring.status !== 'closed')
      changeRing(
        decision,
        { page, ring },
        { status: 'closed', detail: `${seen.action} at ${seen.via}` },
      );
  }
  const left = decision.state.pages[page.id];
  // Nobody answered and no phone rings for it any more: the escalation goes on without this page.
  if (
    left?.state === 'open' &&
    left.rings.every((ring) => ring.status === 'closed' || ring.status === 'failed')
  ) {
    emit(decision, {
      type: 'PageClosed',
      page: page.id,
      because: `${seen.action} at ${seen.via} by nobody we know of`,
    });
  }
}
