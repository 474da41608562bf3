/** Rows of our own making: alerts about Tocsin enter as everybody's do. */
import { SELF } from '../../core/model/about-tocsin.ts';
import type { Log } from '../../contract/adapter.ts';
import type { InboxRow } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { encode } from '../deciding/parsed.ts';
import { asSelfAlert, type SelfAlert } from '../deciding/self-alert.ts';
import type { Writer } from '../deciding/writer.ts';

export function selfRow(alert: SelfAlert, clock: Clock): InboxRow {
  const now = clock.now();
  return {
    id: clock.id(),
    origin: 'self',
    actor: { kind: 'tocsin' },
    source: SELF,
    deliveryId: null,
    receivedAt: now,
    headers: {},
    body: encode(asSelfAlert(alert, now)),
    notBefore: 0,
    failures: 0,
  };
}

/** Stores it in the next turn; what cannot be stored is logged. */
export function storeSelfAlert(
  alert: SelfAlert,
  at: { readonly writer: Writer; readonly clock: Clock; readonly log: Log },
): void {
  at.writer
    .intake(selfRow(alert, at.clock))
    .catch((error: unknown) =>
      at.log.error({ error, alert }, 'an alert about Tocsin itself could not be stored'),
    );
}
