/** The rows that lead from a vendor's key or reference back to a page, derived from the incident's state. */
import type { Incident, Page, Ring } from '../../core/model/incident.ts';
import { canBeAsked } from '../../core/paging/progress.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { PageRow } from '../../store/store.ts';

/**
 * Whether the vendor may know the ring under an id that we do not know yet: an unmatched event of that target may then
 * be an echo of it.
 */
function isUnconfirmed(ring: Ring, page: Page, policy: Policy): boolean {
  if (page.state === 'closed' || page.adopted || ring.ref !== null) return false;
  if (ring.status === 'pending' || ring.status === 'joining')
    return (
      policy.targets[ring.target]?.mode === 'live' || policy.targets[ring.target]?.mode === 'draft'
    );
  // Without read-back the reference never comes, and every foreign event would wait in vain.
  return ring.status === 'accepted' && canBeAsked(policy, ring.target);
}

/**
 * Until somebody has answered, that is; of the vendor's own incident, which we only adopted, until it is over there, too:
 * that is the end of an alert.
 */
function awaitsAnswer(ring: Ring, page: Page): boolean {
  const isAwaited = page.adopted ? page.state !== 'closed' : page.state === 'open';
  return isAwaited && ['accepted', 'confirmed', 'joining', 'joined'].includes(ring.status);
}

function rowOf(
  state: Incident,
  rung: { readonly page: Page; readonly ring: Ring },
  policy: Policy,
): PageRow {
  const { page, ring } = rung;
  return {
    incident: state.id,
    page: page.id,
    target: ring.target,
    key: ring.key,
    ref: ring.ref,
    since: page.requestedAt,
    state: page.state,
    unconfirmed: isUnconfirmed(ring, page, policy),
    awaitsAnswer: awaitsAnswer(ring, page),
    address: ring.address,
  };
}

/** Rows of the pages that differ from the state before; unchanged pages keep their identity through the fold. */
export function changedPageRows(
  before: Incident | null,
  after: Incident,
  policy: Policy,
): PageRow[] {
  const rows: PageRow[] = [];
  for (const page of Object.values(after.pages)) {
    if (before?.pages[page.id] === page) continue;
    for (const ring of page.rings) rows.push(rowOf(after, { page, ring }, policy));
  }
  return rows;
}
