/**
 * Acknowledgements: from the phone, the vendor, the API. One settles the obligations that its page served, and all others
 * for which the same person is rung.
 */
import { silenceAlarm } from '../paging/sounding.ts';
import { declare, mayDeclare, roleFilled } from './declaring.ts';
import {
  answerRun,
  closePage,
  type Heard,
  isHeardFrom,
  quieten,
  reopenRun,
} from '../paging/escalating.ts';
import type { Page } from '../model/incident.ts';
import { confirmedStatus, endedUnder } from '../paging/joining.ts';
import type { RunId } from '../model/keys.ts';
import { own } from '../model/own.ts';
import { emit, isOver, type Look, type Refusal, type Turn } from '../model/turn.ts';

export interface Answer extends Heard {
  /** Person id, or the name by which the vendor knows somebody we do not. */
  readonly by: string;
  readonly known: boolean;
}

/** Somebody answered this page: they are there, for all that rings them in the incident. */
export function acknowledgePage(turn: Turn, id: string, answer: Answer): void {
  if (!answerPage(turn, id, { ...answer, from: answer })) return;
  if (answer.known)
    for (const { id: other } of openPagesOf(turn, answer.by))
      // Under another key the same pager rings on, unless it is told.
      answerPage(turn, other, { ...answer, from: null });
  afterAnswer(turn);
}

function openPagesOf({ state }: Look<'state'>, person: string): readonly Page[] {
  return Object.values(state.pages).filter(
    (page) => page.state === 'open' && page.person === person,
  );
}

/** False: it was answered before. */
function answerPage(
  turn: Turn,
  id: string,
  answer: Answer & { readonly from: Heard | null },
): boolean {
  const page = turn.state.pages[id];
  if (page === undefined || page.acknowledgedAt !== null) return false;
  const runs = page.runs.filter((run) =>
    ['open', 'exhausted'].includes(turn.state.runs[run]?.state ?? ''),
  );
  if (page.state === 'open') quieten(turn, page, { by: answer.by, from: answer.from });
  silenceAlarm(turn, { kind: 'page', page: id }, `${answer.by} answered`);
  for (const run of runs) settleRun(turn, run, answer);
  return true;
}

function settleRun(turn: Turn, runId: RunId, answer: Answer): void {
  answerRun(turn, runId, answer);
  const run = turn.state.runs[runId];
  if (run?.key.kind === 'role' && answer.known) roleFilled(turn, run.key.role, answer.by);
}

function afterAnswer(turn: Turn): void {
  if (turn.state.kind === 'test') {
    closeTest(turn);
    return;
  }
  if (mayDeclare(turn, 'acknowledgement')) declare(turn, 'acknowledgement');
}

function closeTest(turn: Turn): void {
  for (const page of Object.values(turn.state.pages))
    closePage(turn, page, 'the test reached the phone');
  emit(turn, { type: 'IncidentClosed', as: 'test', reason: 'the test page was acknowledged' });
}

/**
 * A person acknowledges through the API: their own pages, else one that rings at a vendor's address (each may serve another
 * role), else the first open run.
 */
export function acknowledge(turn: Turn, pageId: string | null, answer: Answer): Refusal | null {
  const pages = Object.values(turn.state.pages);
  if (pageId !== null) {
    const page = own(turn.state.pages, pageId);
    if (page === undefined)
      return {
        code: 'unknown_page',
        message: `${turn.state.id} has no page ${pageId}. Its pages: ${pages.map((one) => one.id).join(', ') || 'none'}.`,
      };
    if (page.state !== 'open')
      return { code: 'already_answered', message: `Page ${pageId} is ${page.state} already.` };
    acknowledgePage(turn, pageId, answer);
    return null;
  }
  const mine = openPagesOf(turn, answer.by);
  const addressed = pages
    .filter((page) => page.state === 'open' && page.person === null)
    .slice(0, 1);
  const chosen: readonly Page[] = mine.length > 0 ? mine : addressed;
  for (const page of chosen) answerPage(turn, page.id, { ...answer, from: answer });
  if (chosen.length > 0) {
    afterAnswer(turn);
    return null;
  }
  const run = Object.values(turn.state.runs).find(
    (one) => one.state === 'open' || one.state === 'exhausted',
  );
  if (run === undefined)
    return {
      code: 'nothing_to_acknowledge',
      message: `Nobody is being paged for ${turn.state.id} now.`,
    };
  settleRun(turn, run.id, answer);
  afterAnswer(turn);
  return null;
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
export function pageObserved(turn: Turn, seen: Seen): void {
  const page = turn.state.pages[seen.page];
  if (page === undefined) return;
  const ring = page.rings.find((one) => isHeardFrom(one, seen));
  if (
    ring !== undefined &&
    ['pending', 'accepted', 'joining', 'lost', 'failed'].includes(ring.status)
  )
    emit(turn, {
      type: 'RingChanged',
      page: page.id,
      target: ring.target,
      key: ring.key,
      status: confirmedStatus(ring),
      ref: seen.ref,
      finds: ring.finds,
      detail: `${ring.target} speaks of it`,
    });
  const isOurs = isOurCall(turn, page, seen);
  const by = isOurs ? null : seen.by;
  const answer = by === null ? null : { by, known: seen.known, via: seen.via, key: seen.key };
  switch (seen.action) {
    case 'acknowledged':
      if (answer !== null) acknowledgePage(turn, page.id, answer);
      // The vendor's own automation: no person has answered. What we did ourselves is no news, however often it is read.
      else if (!isOurs) noteSeen(turn, page, seen);
      return;
    case 'unacknowledged':
      unacknowledged(turn, page, seen);
      return;
    case 'resolved':
    case 'merged':
      goneAtVendor(turn, page, { ...seen, answer });
      return;
    default:
      noteSeen(turn, page, seen);
  }
}

function noteSeen(
  turn: Turn,
  page: Page,
  { action, by, text }: Pick<Seen, 'action' | 'by' | 'text'>,
): void {
  emit(turn, { type: 'PageNoted', page: page.id, action, by, text });
}

/** The acknowledgement ran out or was taken back there: that phone rings again, and our escalation goes on. */
function unacknowledged(
  turn: Turn,
  page: Page,
  seen: { readonly by: string | null; readonly via: string },
): void {
  if (page.state !== 'acknowledged' || isOver(turn.state)) return;
  emit(turn, { type: 'PageUnacknowledged', page: page.id, by: seen.by, via: seen.via });
  const owed = page.runs.filter((run) => answeredElsewhere(turn, page, run) === null);
  const [first] = page.runs.flatMap((run) => answeredElsewhere(turn, page, run) ?? []);
  if (first !== undefined && owed.length === 0)
    quieten(turn, turn.state.pages[page.id] ?? page, { by: first, from: null });
  for (const run of owed)
    reopenRun(turn, run, `the acknowledgement at ${seen.via} ran out or was taken back`);
}

/** Who answered the run on a page of their own; null: this page's acknowledgement was the answer. */
function answeredElsewhere({ state }: Look<'state'>, page: Page, runId: RunId): string | null {
  const run = state.runs[runId];
  if (run?.state !== 'answered') return null;
  const theirs = Object.values(state.pages).find(
    (one) =>
      one.id !== page.id &&
      one.runs.includes(runId) &&
      one.state === 'acknowledged' &&
      one.person !== null &&
      one.person === run.answeredBy,
  );
  return theirs?.person ?? null;
}

/**
 * The vendor's object is closed. By a person that is an answer, and a hint that it may be over; by itself (our own
 * resolve coming back) it only confirms. A merge is never a recovery.
 */
function goneAtVendor(
  turn: Turn,
  page: Page,
  seen: Pick<Seen, 'action' | 'by' | 'text' | 'via' | 'key'> & { readonly answer: Answer | null },
): void {
  const wasOpen = page.state === 'open';
  noteSeen(turn, page, seen);
  if (wasOpen && seen.answer !== null) acknowledgePage(turn, page.id, seen.answer);
  const after = turn.state.pages[page.id] ?? page;
  for (const ring of after.rings) {
    if (isHeardFrom(ring, seen) && ring.status !== 'closed')
      emit(turn, {
        type: 'RingChanged',
        page: page.id,
        target: ring.target,
        key: ring.key,
        status: 'closed',
        ref: ring.ref,
        finds: ring.finds,
        detail: `${seen.action} at ${seen.via}`,
      });
  }
  const left = turn.state.pages[page.id];
  // Nobody answered and no phone rings for it any more: the run goes on without this page.
  if (
    left?.state === 'open' &&
    left.rings.every((ring) => ring.status === 'closed' || ring.status === 'failed')
  ) {
    emit(turn, {
      type: 'PageClosed',
      page: page.id,
      because: `${seen.action} at ${seen.via} by nobody we know of`,
    });
  }
}
