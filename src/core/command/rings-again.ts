/**
 * What rings again at its pager: its answer ran out or was taken back there, or somebody reopened what had ended. A phone
 * rings by it, so that whoever answers here reaches it again, and no other pager is asked.
 */
import { textOf } from '../informing/informing.ts';
import { emit, type Decision } from '../model/decision.ts';
import { isOwed, isOver, type Page } from '../model/incident.ts';
import { toPage } from '../people/role-choice.ts';
import { answeredElsewhere, type HeardVia, isHeardFrom, stopRinging } from '../paging/answering.ts';
import { reopenEscalation } from '../paging/escalating.ts';
import { isAwaitedByOthers, isShared } from '../paging/joining.ts';
import { isOfOffer } from '../paging/offers.ts';
import { changeRing, sendPage } from '../paging/ringing.ts';
import { say } from '../texts/messages.ts';

interface Seen extends HeardVia {
  readonly by: string | null;
}

/** What was closed there is open again: what is decided about it here is told to its pager from now on. */
function openRings(decision: Decision, page: Page, seen: Seen): void {
  for (const ring of page.rings)
    if (isHeardFrom(ring, seen) && ring.status === 'closed')
      changeRing(
        decision,
        { page, ring },
        { status: 'confirmed', isSpokenOf: true, detail: `it rings again at ${seen.via}` },
      );
}

/** The acknowledgement ran out or was taken back there: that phone rings again, and our escalation goes on. */
export function unacknowledged(decision: Decision, page: Page, seen: Seen): void {
  if (page.state !== 'acknowledged' || isOver(decision.state)) return;
  openRings(decision, page, seen);
  waitAgain(decision, page, seen);
}

/** The page waits for an answer once more, unless whoever answered did so by a page of their own. */
function waitAgain(decision: Decision, page: Page, { by, via }: Seen): void {
  emit(decision, { type: 'PageUnacknowledged', page: page.id, by, via });
  const elsewhere = (id: Page['escalations'][number]): string | null =>
    // The vendor's own incident is an alert that fires anew, to which an earlier answer is none.
    page.adopted ? null : answeredElsewhere(decision, page, id);
  const owed = page.escalations.filter((escalation) => elsewhere(escalation) === null);
  const [first] = page.escalations.flatMap((escalation) => elsewhere(escalation) ?? []);
  if (first !== undefined && owed.length === 0)
    stopRinging(decision, decision.state.pages[page.id] ?? page, { by: first, from: null });
  for (const escalation of owed)
    reopenEscalation(
      decision,
      escalation,
      `the acknowledgement at ${via} ran out or was taken back`,
    );
}

/** Whether anybody is wanted by the page, so that it may ring on. */
function isWanted(decision: Decision, page: Page): boolean {
  if (isOver(decision.state)) return false;
  if (page.adopted || page.state === 'open') return true;
  if (isOfOffer(decision, page)) return false;
  const { escalations } = decision.state;
  return page.state === 'acknowledged' || page.escalations.some((id) => isOwed(escalations[id]));
}

/**
 * Somebody reopened there what had ended. A page by which somebody is wanted waits for an answer as before; what is over
 * here is closed there again, and everybody hears of it: whoever reopened it may know that it is not over.
 */
export function reopenedThere(decision: Decision, page: Page, seen: Seen): void {
  const { by } = seen;
  emit(decision, { type: 'PageNoted', page: page.id, action: 'reopened', by, text: null });
  // The vendor's own is an alert that fires: it belongs to an incident that is open.
  if (page.adopted && isOver(decision.state)) return;
  openRings(decision, page, seen);
  if (!isWanted(decision, page)) closeAgain(decision, page, seen);
  else if (page.state !== 'open') waitAgain(decision, page, seen);
}

/**
 * It was answered or is over here, and its pager shows it as before: it has lost that, or has not carried it out. It is told
 * again; not while somebody is wanted by it for another page, nor for one that is answered when it is the end of this one
 * alone.
 */
export function ringsOn(decision: Decision, page: Page, seen: Seen): void {
  if (page.state === 'open') return;
  const isEnd = page.state === 'closed';
  for (const ring of page.rings) {
    if (!isHeardFrom(ring, seen) || isAwaitedByOthers(decision, page, ring)) continue;
    if (isEnd && isShared(decision, page, ring)) continue;
    const what = isEnd ? 'is over' : 'was answered';
    const text = `it ${what}, which ${seen.via} does not show; it is told again`;
    emit(decision, { type: 'PageNoted', page: page.id, action: 'rings on', by: null, text });
    sendPage(decision, { page, ring }, { name: isEnd ? 'pager.resolve' : 'pager.acknowledge' });
  }
}

function closeAgain(decision: Decision, page: Page, seen: Seen): void {
  const { state } = decision;
  const rings = (state.pages[page.id] ?? page).rings.filter((ring) => isHeardFrom(ring, seen));
  // Somebody is wanted by another page under its key, which hears of it as well.
  if (rings.some((ring) => isShared(decision, page, ring))) return;
  for (const ring of rings) sendPage(decision, { page, ring }, { name: 'pager.resolve' });
  if (state.kind === 'test') return;
  const why = isOver(state)
    ? `but ${state.id} is ${state.phase} here`
    : 'but nobody is looked for by it any more';
  const next = isOver(state)
    ? ` If it goes on: \`tocsin reopen ${state.id} --reason "..."\`.`
    : ` To have somebody rung: ${toPage(decision)}.`;
  const words = `${seen.by ?? 'Somebody'} reopened page ${page.id} to ${page.label} at ${seen.via}, ${why}: it is closed there again.${next}`;
  say(decision, textOf(decision, 'update.status', words), { kind: 'status' });
}
