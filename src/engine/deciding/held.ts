/** Alerts that are held: each is a row of the inbox of its own, so that the rest of its delivery is decided at once. */
import { encodeHeldRow } from '../../core/model/arriving-keys.ts';
import { hmac } from '../../contract/signature.ts';
import type { InboxRow } from '../../store/store.ts';
import type { AlertItem } from './gatherings.ts';
import { encode } from './parsed.ts';

/** The row that holds the alert until the instant. */
export function heldRow(
  { source, alert, word }: AlertItem,
  at: { readonly now: number; readonly until: number },
): InboxRow {
  const digest = hmac('sha256', 'held', alert.dedupKey).toString('hex').slice(0, 16);
  return {
    id: encodeHeldRow({ row: word.row, digest }),
    origin: 'held',
    actor: { kind: 'source', id: source },
    source,
    deliveryId: null,
    receivedAt: at.now,
    headers: {},
    body: encode(alert),
    notBefore: at.until,
    failures: 0,
  };
}
