/**
 * The alerts of one batch: where each goes, and what the incidents hear of them. Alert rows are read and written once a
 * batch; an incident hears one summary however many alerts it got, so a storm of one group costs one decision a turn.
 */
import type { Alert } from '../../core/model/alert.ts';
import type { Adopted, Fact, RoutingFacts } from '../../core/model/input.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Classified, KnownAlert, Opening, Routed } from '../../core/routing/route.ts';
import { isOver } from '../../core/model/turn.ts';
import type { AlertRow, Tx } from '../../store/store.ts';
import type { Core } from './core.ts';
import type { Workspace } from './workspace.ts';

export interface AlertItem {
  readonly source: string;
  readonly alert: Alert;
  readonly adopted: Adopted | null;
  /** Incidents that hold a page of the vendor's object already: there it is not adopted again. */
  readonly heldBy: ReadonlySet<string>;
  readonly truncated: boolean;
}

export type Placed =
  | { readonly kind: 'joined'; readonly incident: string; readonly note: string }
  | { readonly kind: 'suppressed' | 'nothing'; readonly note: string };

export type AlertsObserved = Extract<Fact, { type: 'AlertsObserved' }>;

/** What one incident will hear. */
export interface Gathering {
  readonly incident: string;
  facts: RoutingFacts | null;
  /** Services of the alerts that fire anew. */
  readonly services: Set<string>;
  newlyFiring: number;
  newlyResolved: number;
  firstSignalAt: number;
  truncated: boolean;
  adopted: Adopted | null;
  storm: AlertsObserved['storm'];
}

export interface AlertDeskOptions {
  readonly tx: Tx;
  readonly core: Core;
  readonly policy: Policy;
  readonly workspace: Workspace;
  readonly now: number;
}

/** A storm's parent stays findable while it is open, however long ago it gathered. */
const OPENINGS_LOOK_BACK_MS = 24 * 3_600_000;
const OPENINGS_MAX = 1_000;

const idOf = (source: string, dedupKey: string): string => `${source}\n${dedupKey}`;

function nextRow(
  item: AlertItem,
  known: KnownAlert | undefined,
  place: { readonly incident: string; readonly now: number },
): AlertRow {
  const { alert } = item;
  const isNewEpisode =
    alert.status === 'firing' &&
    (known === undefined || known.status === 'resolved' || known.incident !== place.incident);
  return {
    source: item.source,
    dedupKey: alert.dedupKey,
    status: alert.status,
    episode: (known?.episode ?? 0) + (isNewEpisode ? 1 : 0),
    startsAt: alert.startsAt ?? (isNewEpisode ? null : (known?.startsAt ?? null)),
    observedAt: alert.observedAt ?? place.now,
    incident: place.incident,
    title: alert.title,
    labels: alert.labels,
  };
}

function worseOf(
  a: RoutingFacts | null,
  b: RoutingFacts | null,
  policy: Policy,
): RoutingFacts | null {
  if (a === null || b === null) return a ?? b;
  const rank = (facts: RoutingFacts): number =>
    policy.levels.find((level) => level.id === facts.level)?.rank ?? policy.levels.length;
  return rank(b) < rank(a) ? b : a;
}

/** The alert's facts by today's rules; null when they would suppress it. */
function factsOf(classified: Classified): RoutingFacts | null {
  return classified.verdict === 'take' ? classified.facts : null;
}

function noteOf(routed: Taken, incident: string): string {
  if (routed.to === 'open')
    return routed.storm === null
      ? `opened ${incident}`
      : `opened ${incident} as the parent of a storm`;
  if (routed.to === 'parent') return `joined ${incident}, the parent of a storm`;
  return routed.change === 'repeat'
    ? `repeats an alert of ${incident}`
    : `joined ${incident} (${routed.change})`;
}

/** One batch's view of alerts, groups and openings; what was placed before is seen by what comes after. */
export interface AlertDesk extends AlertDeskOptions {
  readonly rows: Map<string, KnownAlert>;
  readonly changed: Map<string, AlertRow>;
  readonly placedNow: Set<string>;
  readonly classes: WeakMap<Alert, Classified>;
  /** Group key -> its open incident; null: looked up, none. */
  readonly groups: Map<string, string | null>;
  readonly gatherings: Map<string, Gathering>;
  /** Incidents that this batch joined to a storm's parent: child -> parent. */
  readonly joinedParents: Map<string, string>;
  openings: readonly Opening[] | null;
  counts: Readonly<Record<string, { readonly firing: number; readonly total: number }>>;
}

/** Opens the desk for one batch. */
export function openAlertDesk(options: AlertDeskOptions): AlertDesk {
  return {
    ...options,
    rows: new Map(),
    changed: new Map(),
    placedNow: new Set(),
    classes: new WeakMap(),
    groups: new Map(),
    gatherings: new Map(),
    joinedParents: new Map(),
    openings: null,
    counts: {},
  };
}

/** Whether an alert row stands for the key. */
export function knows(desk: AlertDesk, source: string, dedupKey: string): boolean {
  return desk.rows.has(idOf(source, dedupKey));
}

/** Whether the alert got its incident in this very batch: the page of its object does not exist yet. */
export function isNew(desk: AlertDesk, source: string, dedupKey: string): boolean {
  return desk.placedNow.has(idOf(source, dedupKey));
}

/** Reads the rows of the keys and their incidents. Must come before `place`. */
export async function read(
  desk: AlertDesk,
  keys: readonly { readonly source: string; readonly dedupKey: string }[],
): Promise<void> {
  const known = keys.length === 0 ? [] : await desk.tx.alerts(keys);
  for (const row of known) desk.rows.set(idOf(row.source, row.dedupKey), row);
  await desk.workspace.prepare(known.map((row) => row.incident));
}

function classified(desk: AlertDesk, item: AlertItem): Classified {
  const known = desk.classes.get(item.alert);
  if (known !== undefined) return known;
  const fresh = desk.core.classify(item.alert, item.source, desk.policy);
  desk.classes.set(item.alert, fresh);
  return fresh;
}

function isIncidentOpen(desk: AlertDesk, incident: string): boolean {
  if (desk.gatherings.has(incident)) return true;
  const state = desk.workspace.state(incident);
  return state !== null && !isOver(state);
}

function isFollowed(desk: AlertDesk, item: AlertItem): boolean {
  const known = desk.rows.get(idOf(item.source, item.alert.dedupKey));
  return known !== undefined && isIncidentOpen(desk, known.incident);
}

/** The group that the alert would open; null when it cannot be told: `place` then meets the same error and names the row. */
function groupKeyOf(desk: AlertDesk, item: AlertItem): string | null {
  try {
    return factsOf(classified(desk, item))?.groupKey ?? null;
  } catch {
    return null;
  }
}

/** Whether the alert opens no incident; also when that cannot be told: `place` then meets the same error and names the row. */
function isPlaced(desk: AlertDesk, item: AlertItem): boolean {
  try {
    return isFollowed(desk, item);
  } catch {
    return true;
  }
}

/** Reads, in one go, what the alerts need that follow no row: the open incidents of their groups and the latest openings. */
export async function readGroups(desk: AlertDesk, items: readonly AlertItem[]): Promise<void> {
  const opening = items.filter((item) => item.alert.status === 'firing' && !isPlaced(desk, item));
  if (opening.length === 0) return;
  desk.openings ??= await desk.tx.openedSince(desk.now - OPENINGS_LOOK_BACK_MS, OPENINGS_MAX);
  const keys = new Set<string>();
  for (const item of opening) {
    const key = groupKeyOf(desk, item);
    if (key !== null && !desk.groups.has(key)) keys.add(key);
  }
  if (keys.size === 0) return;
  for (const key of keys) desk.groups.set(key, null);
  const groups = [...keys].map((key) => ({ kind: 'group' as const, key }));
  for (const row of await desk.tx.claims(groups)) desk.groups.set(row.key, row.holder);
}

function gather(
  desk: AlertDesk,
  incident: string,
  about: { readonly item: AlertItem; readonly facts: RoutingFacts | null },
): Gathering {
  const { item, facts } = about;
  const adopted = item.heldBy.has(incident) ? null : item.adopted;
  const at = item.alert.startsAt ?? item.alert.observedAt ?? desk.now;
  const begun = desk.gatherings.get(incident);
  // A summary carries one adopted object; another one is another summary.
  if (
    begun !== undefined &&
    (adopted === null || begun.adopted === null || begun.adopted.ref === adopted.ref)
  ) {
    begun.facts = worseOf(begun.facts, facts, desk.policy);
    if (facts?.service != null) begun.services.add(facts.service);
    begun.firstSignalAt = Math.min(begun.firstSignalAt, at);
    begun.truncated ||= item.truncated;
    begun.adopted ??= adopted;
    return begun;
  }
  const fresh: Gathering = {
    incident,
    facts,
    services: new Set(facts?.service == null ? [] : [facts.service]),
    newlyFiring: 0,
    newlyResolved: 0,
    firstSignalAt: at,
    truncated: item.truncated,
    adopted,
    storm: null,
  };
  desk.gatherings.set(incident, fresh);
  return fresh;
}

async function open(
  desk: AlertDesk,
  item: AlertItem,
  storm: AlertsObserved['storm'],
): Promise<Gathering> {
  const incident = `inc-${await desk.tx.nextIncidentNumber()}`;
  await desk.workspace.prepare([incident]);
  const facts = factsOf(classified(desk, item));
  const gathering = gather(desk, incident, { item, facts });
  gathering.storm = storm;
  const children = storm?.children ?? [];
  for (const child of children) desk.joinedParents.set(child, incident);
  if (facts !== null) desk.groups.set(facts.groupKey, incident);
  const opening: Opening = {
    incident,
    source: item.source,
    team: facts?.team ?? '',
    service: facts?.service ?? null,
    openedAt: desk.now,
    storm: storm !== null,
    parent: null,
    open: true,
  };
  const known = desk.openings ?? [];
  // The parent speaks in public for its children, so their services are its own.
  for (const one of known)
    if (children.includes(one.incident) && one.service !== null)
      gathering.services.add(one.service);
  const adopted = (one: Opening): Opening =>
    children.includes(one.incident) ? { ...one, parent: incident } : one;
  desk.openings = [opening, ...(children.length === 0 ? known : known.map(adopted))];
  return gathering;
}

type Taken = Extract<Routed, { to: 'incident' | 'open' | 'parent' }>;

/** The summary that the alert adds to; null when its incident need not hear of it. */
async function join(desk: AlertDesk, item: AlertItem, routed: Taken): Promise<Gathering | null> {
  if (routed.to === 'incident' && routed.change === 'repeat') return null;
  const isResolved = item.alert.status === 'resolved';
  if (!isResolved) desk.placedNow.add(idOf(item.source, item.alert.dedupKey));
  if (routed.to === 'open') return open(desk, item, routed.storm);
  await desk.workspace.prepare([routed.incident]);
  return gather(desk, routed.incident, {
    item,
    facts: isResolved ? null : factsOf(classified(desk, item)),
  });
}

function remember(desk: AlertDesk, item: AlertItem, incident: string): void {
  const id = idOf(item.source, item.alert.dedupKey);
  const row = nextRow(item, desk.rows.get(id), { incident, now: desk.now });
  desk.rows.set(id, row);
  desk.changed.set(id, row);
}

/** Finds the alert's place. Throws what the core throws. */
export async function place(
  desk: AlertDesk,
  item: AlertItem,
): Promise<{ readonly placed: Placed; readonly gathering: Gathering | null }> {
  const { alert } = item;
  const known = desk.rows.get(idOf(item.source, alert.dedupKey));
  const incidentOpen = isFollowed(desk, item);
  const isOpening = !incidentOpen && alert.status === 'firing';
  await readGroups(desk, [item]);
  const facts = isOpening ? factsOf(classified(desk, item)) : null;
  const group = facts === null ? null : (desk.groups.get(facts.groupKey) ?? null);
  const routed = desk.core.route(alert, () => classified(desk, item), {
    policy: desk.policy,
    now: desk.now,
    index: {
      alert: known === undefined ? null : { ...known, incidentOpen },
      group,
      openings: desk.openings ?? [],
    },
  });
  if (routed.to === 'nothing') {
    const isSuppressed = isOpening && classified(desk, item).verdict === 'suppress';
    return {
      placed: { kind: isSuppressed ? 'suppressed' : 'nothing', note: routed.why },
      gathering: null,
    };
  }
  const gathering = await join(desk, item, routed);
  const incident = gathering?.incident ?? known?.incident ?? '';
  if (gathering !== null && alert.status === 'resolved') gathering.newlyResolved += 1;
  if (gathering !== null && alert.status === 'firing') gathering.newlyFiring += 1;
  // A repeat whose sender tells no time teaches nothing new, and repeats are most of what arrives.
  if (gathering !== null || alert.observedAt !== null) remember(desk, item, incident);
  return { placed: { kind: 'joined', incident, note: noteOf(routed, incident) }, gathering };
}

/** Writes the alert rows and counts the alerts of the incidents that will hear of them. */
export async function write(desk: AlertDesk): Promise<void> {
  if (desk.changed.size > 0) await desk.tx.putAlerts([...desk.changed.values()]);
  const touched = [...desk.gatherings.keys()];
  if (touched.length > 0) desk.counts = await desk.tx.alertCounts(touched);
}

/** What the incident hears; the counts are as of `write`. */
export function observed(desk: AlertDesk, gathering: Gathering): AlertsObserved {
  const count = desk.counts[gathering.incident] ?? { firing: 0, total: 0 };
  const facts = gathering.facts ?? desk.workspace.state(gathering.incident)?.facts;
  if (facts === undefined) throw new Error(`${gathering.incident} got alerts without any facts`);
  const { newlyFiring, newlyResolved, firstSignalAt, truncated, adopted, storm } = gathering;
  return {
    type: 'AlertsObserved',
    facts,
    alerts: { ...count, newlyFiring, newlyResolved, firstSignalAt, truncated },
    services: [...gathering.services],
    adopted,
    storm,
  };
}
