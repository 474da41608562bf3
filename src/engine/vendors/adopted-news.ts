/**
 * What became of a vendor's own incident that we took over, as its source would have told it. Its end is also that of an
 * alert, so what was read there goes the way of a delivery.
 */
import { adoptedRef } from '../../contract/adopted.ts';
import type { PageFound } from '../../contract/order.ts';
import type { VendorIncident } from '../../core/model/alert.ts';
import type { Policy } from '../../core/model/policy.ts';
import { objectKey } from '../../core/model/arriving-keys.ts';
import type { AlertRow, InboxRow, PageRow } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Turn } from '../deciding/turns.ts';
import { learnedRow } from './learned-row.ts';

/** Whether the row is of an object that was only taken over. */
export function isAdopted({ address }: Pick<PageRow, 'address'>): boolean {
  return adoptedRef(address.address) !== null;
}

/** The sources that speak of the target: the object's alert came by one of them. */
function speakersOf(target: string, policy: Policy): readonly string[] {
  return Object.values(policy.sources)
    .filter((source) => source.target === target)
    .map(({ name }) => name);
}

function incidentOf(ref: string, found: PageFound, alert: AlertRow | undefined): VendorIncident {
  return {
    kind: 'vendor_incident',
    action: found.status === 'resolved' ? 'resolved' : 'acknowledged',
    ref,
    key: null,
    title: alert?.title ?? ref,
    description: '',
    url: null,
    labels: alert?.labels ?? {},
    vendorSeverity: null,
    urgency: null,
    service: null,
    assignees: [],
    by: found.by,
    note: null,
    mergedInto: null,
    observedAt: null,
  };
}

/** The row that tells it; null: no source speaks of the target any more. */
export async function adoptedNews(
  about: { readonly target: string; readonly ref: string; readonly found: PageFound },
  turn: Turn,
  clock: Clock,
): Promise<InboxRow | null> {
  const { target, ref, found } = about;
  const sources = speakersOf(target, turn.workspace.policy);
  const dedupKey = objectKey(ref);
  const [alert] = await turn.tx.alerts(sources.map((source) => ({ source, dedupKey })));
  const source = alert?.source ?? sources[0];
  if (source === undefined) return null;
  return learnedRow(incidentOf(ref, found, alert), { origin: 'read_back', source }, clock);
}
