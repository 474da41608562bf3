/** The rows that lead from a vendor's key or reference back to a page, derived from the incident's state. */
import type { Incident, Page, Ring } from '../../core/model/incident.ts';
import type { Instant } from '../../core/model/alert.ts';
import type { Policy } from '../../core/model/policy.ts';
import { stateUnder } from '../../core/paging/joining.ts';
import { mayHaveAccepted } from '../../core/paging/offers.ts';
import { mayEndThere } from '../../core/command/ended-there.ts';
import { isUnreachable, mayBeKnown } from '../../core/paging/progress.ts';
import type { PageRow } from '../../store/store.ts';

/** What is not at the vendor, and what another ring of the same key tells of. */
const NOT_THERE: ReadonlySet<Ring['status']> = new Set(['failed', 'withheld', 'joined']);

/**
 * Whether the vendor may know the ring under an id that we do not know: an unmatched event of that target may then be an
 * echo of it, however late, and also when nobody is wanted by the page any more.
 */
function isUnconfirmed(ring: Ring, page: Page, policy: Policy): boolean {
  if (page.adopted || NOT_THERE.has(ring.status)) return false;
  // What is over there under the name that we know may come once more under another one.
  if (ring.ref !== null && !(ring.status === 'closed' && ring.mayComeAgain)) return false;
  const mode = policy.targets[ring.target]?.mode;
  return mode === 'live' || mode === 'draft';
}

/**
 * Until somebody has answered; then until it is over there, too: of the vendor's own incident, which we only adopted, that
 * is the end of an alert, and of what we look for somebody with it may be a wrong button. Of an offer that has lapsed
 * it is asked on until that is closed there: it may have been accepted in time.
 */
function awaitsAnswer(ring: Ring, page: Page, state: Incident): boolean {
  const isAwaited =
    page.state === 'open' ||
    (page.state === 'acknowledged' && (page.adopted || mayEndThere(state, page))) ||
    mayHaveAccepted({ state }, page) !== null;
  return isAwaited && mayBeKnown(ring);
}

/**
 * Whether what was decided here of what rings there is to be seen there: an end once its pager took it; an answer at once, for
 * nothing is kept of how its pager took that. What another incident looks after is told by that one.
 */
function isTold({ status }: Ring, { state }: Page): boolean {
  if (state === 'acknowledged') return status === 'accepted' || status === 'confirmed';
  return state === 'closed' && status === 'closed';
}

function rowOf(
  state: Incident,
  rung: { readonly page: Page; readonly ring: Ring },
  { policy, now }: { readonly policy: Policy; readonly now: Instant },
): PageRow {
  const { page, ring } = rung;
  return {
    incident: state.id,
    page: page.id,
    target: ring.target,
    key: ring.key,
    ref: ring.ref,
    since: page.requestedAt,
    askedAt: ring.askedAt,
    state: stateUnder(page, ring),
    unconfirmed: isUnconfirmed(ring, page, policy),
    awaitsAnswer: awaitsAnswer(ring, page, state),
    toldAt: isTold(ring, page) ? now : null,
    unreachable: isUnreachable(page),
    address: ring.address,
  };
}

/** Rows of the pages that differ from the state before; unchanged pages keep their identity through the fold. */
export function changedPageRows(
  before: Incident | null,
  after: Incident,
  at: { readonly policy: Policy; readonly now: Instant },
): PageRow[] {
  const rows: PageRow[] = [];
  for (const page of Object.values(after.pages)) {
    if (before?.pages[page.id] === page) continue;
    for (const ring of page.rings) rows.push(rowOf(after, { page, ring }, at));
  }
  return rows;
}
