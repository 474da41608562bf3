/** Puts the tables together as the `Tx` of one transaction. */
import type { TurnedBack } from '../../core/model/turning-back.ts';
import type { Tx } from '../store.ts';
import { createAlerts } from './alerts.ts';
import { createCanaries } from './canaries.ts';
import { createClaimRows } from './claims.ts';
import type { Connection } from './connection.ts';
import { createHeard } from './heard.ts';
import { createInbox } from './inbox.ts';
import { createIncidents } from './incidents.ts';
import { createOpened } from './opened.ts';
import { createOutbox } from './outbox.ts';
import { createPages } from './pages.ts';
import { createRecords } from './records.ts';
import type { MethodGuard } from './transactions.ts';
import { turnRowsBack } from './turn-back.ts';

/** Prepares every statement once; the result makes the `Tx` of each transaction. */
export function prepareTx(connection: Connection): (guard: MethodGuard) => Tx {
  const inbox = createInbox(connection);
  const alerts = createAlerts(connection);
  const outbox = createOutbox(connection);
  const canaries = createCanaries(connection, outbox);
  const pages = createPages(connection);
  const claims = createClaimRows(connection);
  const incidents = createIncidents(connection, { effects: outbox, pages, claims });
  const opened = createOpened(connection);
  const heard = createHeard(connection);
  const records = createRecords(connection);
  return (guard) => ({
    putInbox: guard(inbox.put),
    takeInbox: guard(inbox.take),
    dispose: guard(inbox.dispose),
    alerts: guard(alerts.find),
    putAlerts: guard(alerts.put),
    alertCounts: guard(alerts.counts),
    unheardAlerts: guard(alerts.unheard),
    hearGroup: guard(alerts.hearGroup),
    claims: guard(claims.find),
    incidents: guard(incidents.find),
    apply: guard(incidents.apply),
    dueIncidents: guard(incidents.due),
    staleIncidents: guard(incidents.stale),
    rearm: guard(incidents.rearm),
    putCanary: guard(canaries.put),
    decidedCanary: guard(canaries.decided),
    dropCanary: guard(canaries.drop),
    lease: guard(outbox.lease),
    unsettled: guard(outbox.unsettled),
    settle: guard(outbox.settle),
    recoverSending: guard(outbox.recoverSending),
    wake: guard(outbox.wake),
    pages: guard(pages.find),
    heardOf: guard(heard.of),
    hear: guard(heard.put),
    openedLately: guard(opened),
    nextIncidentNumber: guard(records.nextIncidentNumber),
    returnIncidentNumber: guard(records.returnIncidentNumber),
    setMeta: guard(records.setMeta),
    meta: guard(records.meta),
    turnBack: guard((turned: TurnedBack) => turnRowsBack(connection, turned)),
  });
}
