/** What a vendor told us because we asked, as a row of the inbox like any delivery. */
import type { Observation } from '../../core/model/alert.ts';
import type { InboxRow } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { encode } from '../deciding/parsed.ts';

/** The row of one observation that the source would have told of. */
export function learnedRow(
  observation: Observation,
  from: { readonly origin: 'poll' | 'read_back'; readonly source: string },
  clock: Clock,
): InboxRow {
  const { origin, source } = from;
  return {
    id: clock.id(),
    origin,
    actor: { kind: 'source', id: source },
    source,
    deliveryId: null,
    receivedAt: clock.now(),
    headers: {},
    body: encode(observation),
    notBefore: 0,
    failures: 0,
  };
}
