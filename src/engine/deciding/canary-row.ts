/**
 * The decision about a canary: the rules and the core decide what an alert of nobody's would come to, by the policy and the
 * lookups of now. What they want is left, and a page that goes to nobody takes its place in the outbox.
 */
import { SELF } from '../../core/model/about-tocsin.ts';
import type { Alert } from '../../core/model/alert.ts';
import { CANARY, type PageEffect } from '../../core/model/effect.ts';
import { encodeEffect, encodePage } from '../../core/model/made-ids.ts';
import type { InboxRow } from '../../store/store.ts';
import type { Core } from './core.ts';
import type { Turn } from './turns.ts';

const TITLE = 'Canary';

function alertAt(now: number): Alert {
  return {
    kind: 'alert',
    dedupKey: CANARY,
    status: 'firing',
    title: TITLE,
    description: '',
    labels: { alertname: TITLE },
    vendorSeverity: null,
    startsAt: now,
    observedAt: now,
    links: [],
  };
}

const ONE_FIRES = {
  firing: 1,
  stale: 0,
  held: 0,
  total: 1,
  newlyFiring: 1,
  newlyResolved: 0,
  newlyStale: 0,
  heardAgain: 0,
  truncated: false,
};

/** Says by its key which canary it is of. */
function pageOf({ id }: InboxRow, now: number): PageEffect {
  return {
    id: encodeEffect({ incident: id, version: 0, index: 0 }),
    incident: CANARY,
    stream: CANARY,
    lane: 'page',
    dueAt: now,
    name: 'pager.trigger',
    target: CANARY,
    page: encodePage(1),
    key: id,
    address: { target: CANARY, address: {}, label: TITLE },
    urgency: 'high',
    rank: 0,
    severity: null,
    title: TITLE,
    body: '',
    origin: SELF,
    links: [],
  };
}

/** Throws what the core throws over it. */
export async function decideCanary(
  row: InboxRow,
  { workspace, now }: Turn,
  { classify }: Pick<Core, 'classify'>,
): Promise<void> {
  const classified = classify(alertAt(now), SELF, workspace.policy);
  if (classified.verdict === 'take') {
    const decided = await workspace.rehearse({
      id: row.id,
      incident: CANARY,
      actor: { kind: 'tocsin' },
      type: 'AlertsObserved',
      routing: classified.routing,
      alerts: { ...ONE_FIRES, firstSignalAt: now },
      told: [],
      unheard: null,
      endedUnheard: null,
      news: null,
      services: [],
      adopted: null,
      storm: null,
    });
    if (!decided.ok) throw new Error(`an alert would be refused: ${decided.message}`);
  }
  await workspace.sendCanary(pageOf(row, now));
}
