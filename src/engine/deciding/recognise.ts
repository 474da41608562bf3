/**
 * Events about objects that live at a pager vendor. One that we created, or adopted before, is never an alert: it is
 * matched by key, then by the vendor's reference. While the vendor may know one of our rings under a reference that we do
 * not know, an object without a key is asked for those of its alerts, and its event waits. What is left is a foreign
 * incident: a phone rings for it already, so it is adopted instead of paged again.
 */
import { keyText } from '../../core/model/key-text.ts';
import { isDirect } from '../../core/model/made-ids.ts';
import { adoptedRef } from '../../contract/adopted.ts';
import type { Alert, VendorIncident, VendorIncidentAction } from '../../core/model/alert.ts';
import type { Adopted, Fact } from '../../core/model/input.ts';
import type { Policy, SourcePolicy } from '../../core/model/policy.ts';
import type { PageRow, Tx } from '../../store/store.ts';
import { pick } from '../../lib/pick.ts';
import { answererOf, personOf } from './people.ts';

/** How long an unmatched event waits before it is looked at again. */
export const ECHO_WAIT_MS = 2_000;
/** Vendors tell of an event for as long as this (PagerDuty: 48 h), so an echo of what we closed long ago may come. */
const ECHO_MAX_MS = 48 * 3_600_000;
/** For so long after it was asked for, what was closed meanwhile is likely enough to be meant to wait for an answer. */
const LIKELY_MS = 15 * 60_000;
/** How long is waited for an answer that is not needed, or will not come. */
const PATIENCE_MS = 30_000;
/** The alerts of an incident may be there a moment after it: only then is it known to have none. */
const ALERTS_WITHIN_MS = 60_000;

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

const OBSERVED: Readonly<Record<VendorIncidentAction, PageObserved['action']>> = {
  triggered: 'triggered',
  acknowledged: 'acknowledged',
  unacknowledged: 'unacknowledged',
  resolved: 'resolved',
  reopened: 'reopened',
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

/** What the vendor's object says when it is asked for the keys of its alerts. */
export type ToldKeys =
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  /** It is being asked, or the vendor does not answer now. */
  | { readonly kind: 'waiting' }
  /** It cannot be asked. */
  | { readonly kind: 'refused' };

/** Asks the object, if that has not been done; never waits. */
export type AskKeys = (target: string, ref: string) => ToldKeys;

export interface RecogniseContext {
  readonly tx: Tx;
  readonly askKeys: AskKeys;
  readonly policy: Policy;
  readonly now: number;
  readonly source: string;
  readonly receivedAt: number;
  /** Whether the object ended after this was said. */
  readonly isPast: boolean;
  /** Whether an alert row stands for the object: it was adopted. */
  readonly isKnownAlert: boolean;
  readonly asAlert: (incident: VendorIncident) => Alert;
}

async function pagesOf(
  incident: VendorIncident,
  target: string,
  tx: Tx,
): Promise<readonly PageRow[]> {
  const byKey = incident.key === null ? [] : await tx.pages({ target, keys: [incident.key] });
  // A key of ours is of one object; one of others names its next object as well, which is another alert.
  const known = byKey.filter(({ address }) => {
    const adopted = adoptedRef(address.address);
    return adopted === null || adopted === incident.ref;
  });
  if (known.length > 0) return known;
  return tx.pages({ target, ref: incident.ref });
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
  // That it rings is news only of what is not known under that name: some vendors give a receipt first.
  const isNews = ({ unconfirmed, ref }: PageRow): boolean =>
    unconfirmed || (ref !== null && ref !== incident.ref);
  const concerned = action === 'triggered' ? rows.filter(isNews) : rows;
  const idOf = ({ incident: id, page, key }: PageRow): string => keyText('page', id, page, key);
  const rings = new Map(concerned.map((row) => [idOf(row), row]));
  return [...rings.values()].map((row) => ({
    incident: row.incident,
    fact: {
      type: 'PageObserved',
      ...pick(row, 'page', 'target', 'key'),
      action,
      ref: incident.ref,
      ...who,
      text: textOf(incident),
      saidAt: incident.observedAt,
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
      incident.action === 'acknowledged' ? answererOf(incident.by, source.type, policy).by : null,
    label: `${target} ${incident.service?.name ?? names[0] ?? incident.ref}`,
  };
}

/** Whose the object of an unmatched event is. */
type Origin =
  | { readonly kind: 'ours'; readonly rows: readonly PageRow[] }
  | { readonly kind: 'theirs' }
  /** It may be one of ours, and nothing will tell. */
  | { readonly kind: 'untold' }
  | { readonly kind: 'waits' };

/** Whether the address names the object, wherever in it that stands. */
function names(address: unknown, id: string): boolean {
  if (typeof address !== 'object' || address === null) return false;
  return Object.entries(address).some(([name, value]) =>
    name === 'id' ? value === id : names(value, id),
  );
}

/** By the keys that the object says it was asked for. */
async function originByKeys(
  keys: readonly string[],
  target: string,
  { tx, now, receivedAt }: RecogniseContext,
): Promise<Origin> {
  const rows = await tx.pages({ target, keys });
  if (rows.length > 0) return { kind: 'ours', rows };
  const isTooEarly = keys.length === 0 && now < receivedAt + ALERTS_WITHIN_MS;
  return { kind: isTooEarly ? 'waits' : 'theirs' };
}

/** Whose it is that bears neither a key nor a reference of ours. */
async function originOf(
  incident: VendorIncident,
  target: string,
  context: RecogniseContext,
): Promise<Origin> {
  const { tx, now, receivedAt } = context;
  // What we make bears our key, wherever the vendor tells one.
  if (incident.key !== null) return { kind: 'theirs' };
  const unknown = await tx.pages({ target, unconfirmedSince: now - ECHO_MAX_MS });
  if (unknown.length === 0) return { kind: 'theirs' };
  const told = context.askKeys(target, incident.ref);
  if (told.kind === 'keys') return originByKeys(told.keys, target, context);
  const isLikely = unknown.some((row) => row.state !== 'closed' || row.askedAt > now - LIKELY_MS);
  const isPatient = now < receivedAt + PATIENCE_MS;
  if (isPatient || (isLikely && told.kind === 'waiting')) return { kind: 'waits' };
  const id = incident.service?.id ?? null;
  const isMeant = id !== null && unknown.some((row) => names(row.address.address, id));
  return { kind: isLikely && isMeant ? 'untold' : 'theirs' };
}

/** What an event about a vendor's object means here. */
export async function recognise(
  incident: VendorIncident,
  context: RecogniseContext,
): Promise<Recognised> {
  const recognised = await meaningOf(incident, context);
  // What it tells of a page of ours is true all the same; there is nothing to open for what rang then.
  if (recognised.kind === 'alert' && context.isPast)
    return { kind: 'ignored', note: `${incident.action}: it has ended since` };
  return recognised;
}

async function meaningOf(incident: VendorIncident, context: RecogniseContext): Promise<Recognised> {
  const { tx, policy } = context;
  if (incident.key !== null && isDirect(incident.key))
    return { kind: 'ignored', note: 'the echo of a page about Tocsin itself' };
  const source = policy.sources[context.source];
  const target = source?.target ?? null;
  if (source === undefined || target === null) return asPlainAlert(incident, context);
  const known = await pagesOf(incident, target, tx);
  const origin: Origin =
    known.length > 0 || context.isKnownAlert
      ? { kind: 'ours', rows: known }
      : await originOf(incident, target, context);
  if (origin.kind === 'waits')
    return {
      kind: 'wait',
      why: `it may be the echo of a page of ours: a trigger to ${target} is not confirmed yet`,
    };
  if (origin.kind === 'untold')
    return {
      kind: 'ignored',
      note: `it may be a page of ours at ${target}, which does not tell: give the target a token that may read`,
    };
  const rows = origin.kind === 'ours' ? origin.rows : [];
  const adoptable = (held: readonly PageRow[]): ObjectAlert => ({
    alert: context.asAlert(incident),
    adopted: IS_OPEN.has(incident.action)
      ? adoptedFrom(incident, { ...source, target }, policy)
      : null,
    heldBy: new Set(held.map((row) => row.incident)),
  });
  if (rows.length > 0) {
    const observed = observedPages(incident, rows, answererOf(incident.by, source.type, policy));
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
