/**
 * Events about objects that live at a pager vendor. One that we created, or adopted before, is never an alert: it is
 * matched by key, then by the vendor's reference. While one of our triggers to that account is unconfirmed an
 * unmatched event may be its echo and waits. What is left is a foreign incident: a phone rings for it already, so it
 * is adopted instead of paged again.
 */
import type { Alert, VendorIncident, VendorIncidentAction } from '../../core/model/alert.ts';
import type { Adopted, Fact } from '../../core/model/input.ts';
import type { Policy, SourcePolicy } from '../../core/model/policy.ts';
import type { PageRow, Tx } from '../../store/store.ts';
import { nameOf, personOf } from './people.ts';

/** Read-back looks 5, 15 and 45 s after the trigger, but an echo later than this is no echo. */
const ECHO_WAIT_MAX_MS = 30_000;
/** How long an unmatched event waits before it is looked at again. */
export const ECHO_WAIT_MS = 2_000;

export type PageObserved = Extract<Fact, { type: 'PageObserved' }>;

/** The alert that stands for a vendor's object; where it is taken to an incident that holds no page of it, it is adopted. */
export interface ObjectAlert {
  readonly alert: Alert;
  readonly adopted: Adopted | null;
  readonly heldBy: ReadonlySet<string>;
}

export type Recognised =
  /** Pages of ours, in every incident that holds the vendor's key. */
  | {
      readonly kind: 'pages';
      readonly observed: readonly { readonly incident: string; readonly fact: PageObserved }[];
      readonly alert: ObjectAlert | null;
    }
  | { readonly kind: 'alert'; readonly alert: ObjectAlert }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'ignored'; readonly note: string };

const OBSERVED: Readonly<Record<VendorIncidentAction, PageObserved['action'] | null>> = {
  triggered: null,
  acknowledged: 'acknowledged',
  unacknowledged: 'unacknowledged',
  resolved: 'resolved',
  // It rings again, whatever was acknowledged before.
  reopened: 'unacknowledged',
  escalated: 'escalated',
  reassigned: 'reassigned',
  priority_changed: 'noted',
  merged: 'merged',
  noted: 'noted',
};

/** Actions that prove the object is open at the vendor, so that a phone rings or somebody holds it. */
const IS_OPEN: ReadonlySet<VendorIncidentAction> = new Set([
  'triggered',
  'acknowledged',
  'unacknowledged',
  'reopened',
  'escalated',
  'reassigned',
  'priority_changed',
]);

export interface RecogniseContext {
  readonly tx: Tx;
  readonly policy: Policy;
  readonly now: number;
  readonly source: string;
  readonly receivedAt: number;
  /** Whether an alert row stands for the object: it was adopted. */
  readonly isKnownAlert: boolean;
  readonly asAlert: (incident: VendorIncident) => Alert;
}

async function pagesOf(
  incident: VendorIncident,
  target: string,
  tx: Tx,
): Promise<readonly PageRow[]> {
  const byKey = incident.key === null ? [] : await tx.pagesBy({ target, key: incident.key });
  if (byKey.length > 0) return byKey;
  return tx.pagesBy({ target, ref: incident.ref });
}

function textOf(incident: VendorIncident): string | null {
  if (incident.action === 'priority_changed')
    return `priority is now ${incident.vendorSeverity ?? 'none'}`;
  if (incident.action === 'merged') return incident.mergedInto;
  if (incident.action === 'reassigned' || incident.action === 'escalated')
    return incident.assignees.map((one) => one.name ?? one.email ?? one.id).join(', ') || null;
  return incident.note;
}

function observedPages(
  incident: VendorIncident,
  rows: readonly PageRow[],
  who: { readonly by: string | null; readonly known: boolean },
) {
  const action = OBSERVED[incident.action];
  if (action === null) return [];
  const pages = new Map(rows.map((row) => [`${row.incident}|${row.page}`, row]));
  return [...pages.values()].map((row) => ({
    incident: row.incident,
    fact: {
      type: 'PageObserved',
      page: row.page,
      action,
      ref: incident.ref,
      ...who,
      text: textOf(incident),
    } satisfies PageObserved,
  }));
}

function adoptedFrom(
  incident: VendorIncident,
  source: SourcePolicy & { readonly target: string },
  policy: Policy,
): Adopted {
  const { target } = source;
  const people = incident.assignees
    .map((one) => personOf(one, source.type, policy))
    .filter((one) => one !== null);
  const names = incident.assignees
    .map((one) => one.name ?? one.email ?? one.id)
    .filter((one) => one !== null);
  return {
    target,
    ref: incident.ref,
    key: incident.key,
    urgency: incident.urgency ?? 'high',
    people: [...new Set(people)],
    acknowledgedBy:
      incident.action === 'acknowledged' ? nameOf(incident.by, source.type, policy).by : null,
    label: `${target} ${incident.service?.name ?? names[0] ?? incident.ref}`,
  };
}

/** What an event about a vendor's object means here. */
export async function recognise(
  incident: VendorIncident,
  context: RecogniseContext,
): Promise<Recognised> {
  const { tx, policy, now } = context;
  const source = policy.sources[context.source];
  const target = source?.target ?? null;
  if (source === undefined || target === null) return asPlainAlert(incident, context);
  const rows = await pagesOf(incident, target, tx);
  const adoptable = (held: readonly PageRow[]): ObjectAlert => ({
    alert: context.asAlert(incident),
    adopted: IS_OPEN.has(incident.action)
      ? adoptedFrom(incident, { ...source, target }, policy)
      : null,
    heldBy: new Set(held.map((row) => row.incident)),
  });
  if (rows.length > 0) {
    const observed = observedPages(incident, rows, nameOf(incident.by, source.type, policy));
    // The recovery or the return of an adopted object is also the alert's own.
    const speaksOfAlert =
      context.isKnownAlert && ['resolved', 'reopened', 'triggered'].includes(incident.action);
    if (observed.length === 0 && !speaksOfAlert)
      return { kind: 'ignored', note: 'the echo of a page of ours' };
    return { kind: 'pages', observed, alert: speaksOfAlert ? adoptable(rows) : null };
  }
  if (context.isKnownAlert && !IS_OPEN.has(incident.action)) return asPlainAlert(incident, context);
  if (!IS_OPEN.has(incident.action))
    return {
      kind: 'ignored',
      note: `${incident.action}: an object at ${target} that is not known here`,
    };
  if (
    !context.isKnownAlert &&
    now < context.receivedAt + ECHO_WAIT_MAX_MS &&
    (await tx.hasUnconfirmed(target))
  )
    return {
      kind: 'wait',
      why: `it may be the echo of a page of ours: a trigger to ${target} is not confirmed yet`,
    };
  return { kind: 'alert', alert: adoptable([]) };
}

/** Without a pager account behind the source there is nothing to adopt, and only opening and recovery mean anything. */
function asPlainAlert(incident: VendorIncident, context: RecogniseContext): Recognised {
  if (incident.action === 'merged' || incident.action === 'noted')
    return { kind: 'ignored', note: `${incident.action}: changes nothing here` };
  return {
    kind: 'alert',
    alert: { alert: context.asAlert(incident), adopted: null, heldBy: new Set() },
  };
}
