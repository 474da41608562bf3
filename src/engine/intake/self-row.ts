/** Rows of our own making: alerts about Tocsin enter as everybody's do. */
import { SELF } from '../../core/model/about-tocsin.ts';
import type { InboxRow } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { encode } from '../deciding/parsed.ts';
import { asSelfAlert, type SelfAlert } from '../deciding/self-alert.ts';

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
