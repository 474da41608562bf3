/**
 * The alerts of one batch: where each goes, and what the incidents hear of them. Alert rows are read and written once a
 * batch; an incident hears one summary however many alerts it got, so a storm of one group costs one decision a turn.
 */
import type { Alert } from '../../core/model/alert.ts';
import type { Routing } from '../../core/model/input.ts';
import { standsForItself } from '../../core/model/incident.ts';
import { own } from '../../core/model/own.ts';
import { isClearedAgain } from '../../core/routing/lateness.ts';
import { HEARD_WITHIN_MS } from '../../core/routing/staleness.ts';
import type { Classified, LoneIncident, OpenedLately } from '../../core/routing/route.ts';
import type { KnownAlert, Routed } from '../../core/routing/routed.ts';
import type { AlertRow } from '../../store/store.ts';
import {
  type AlertItem,
  type AlertsObserved,
  type Arrivals,
  type ArrivalsOptions,
  count,
  gather,
  type Gathering,
  gatheringOf,
  isIncidentOpen,
  noteEnded,
  noteNews,
} from './gatherings.ts';
import { hearRepeat } from './hearing.ts';
import { heldRow } from './held.ts';

/** An alert that stands for no object of a vendor. */
export function itemOf(
  source: string,
  alert: Alert,
  { told, word }: Pick<AlertItem, 'told' | 'word'>,
): AlertItem {
  return { source, alert, adopted: null, heldBy: new Set(), told, word };
}

export type AlertDisposition =
  | { readonly kind: 'joined'; readonly incident: string; readonly note: string }
  | { readonly kind: 'suppressed' | 'nothing'; readonly note: string };

/** A storm gathers so many at most. */
const GATHERED_MAX = 1_000;
const NONE_OPENED: OpenedLately = { parent: null, alone: [] };

const idOf = (source: string, dedupKey: string): string => `${source}\n${dedupKey}`;

function nextRow(
  item: AlertItem,
  known: KnownAlert | undefined,
  place: { readonly incident: string; readonly now: number; readonly isNew: boolean },
): AlertRow {
  const { alert } = item;
  const isNewEpisode =
    alert.status === 'firing' &&
    (known === undefined || place.isNew || known.incident !== place.incident);
  return {
    source: item.source,
    dedupKey: alert.dedupKey,
    status: alert.status,
    startsAt: alert.startsAt ?? (isNewEpisode ? null : (known?.startsAt ?? null)),
    observedAt: alert.observedAt ?? place.now,
    heardAt: place.now,
    group: item.told?.group ?? '',
    clearedAt: alert.status === 'resolved' ? place.now : null,
    held: null,
    incident: place.incident,
    title: alert.title,
    labels: alert.labels,
  };
}

/** The alert's routing by today's rules; null when they would suppress it. */
function routingOf(classified: Classified): Routing | null {
  return classified.verdict === 'take' ? classified.routing : null;
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

/** Begins with the alerts of one batch. */
export function openArrivals(options: ArrivalsOptions): Arrivals {
  return {
    ...options,
    rows: new Map(),
    changed: new Map(),
    routedNow: new Set(),
    groups: new Map(),
    gatherings: new Map(),
    leftOut: new Map(),
    held: [],
    inPart: [],
    joinedParents: new Map(),
    opened: null,
    openings: 0,
    counts: {},
  };
}

/** Whether an alert row stands for the key. */
export function knows(arrivals: Arrivals, source: string, dedupKey: string): boolean {
  return arrivals.rows.has(idOf(source, dedupKey));
}

/** Where the alert belongs, also when that is over; null: it is not known. */
export function incidentOf(arrivals: Arrivals, source: string, dedupKey: string): string | null {
  return arrivals.rows.get(idOf(source, dedupKey))?.incident ?? null;
}

/** When the alert began that is known under the key; null: none is, or nobody said. */
export function startOf(arrivals: Arrivals, source: string, dedupKey: string): number | null {
  return arrivals.rows.get(idOf(source, dedupKey))?.startsAt ?? null;
}

/** Whether the alert got its incident in this very batch: the page of its object does not exist yet. */
export function isNew(arrivals: Arrivals, source: string, dedupKey: string): boolean {
  return arrivals.routedNow.has(idOf(source, dedupKey));
}

/** Reads the rows of the keys and their incidents, but for what the batch has read or changed. Must come before `routeItem`. */
export async function readAlerts(
  arrivals: Arrivals,
  keys: readonly { readonly source: string; readonly dedupKey: string }[],
): Promise<void> {
  const missing = keys.filter(({ source, dedupKey }) => !arrivals.rows.has(idOf(source, dedupKey)));
  const known = missing.length === 0 ? [] : await arrivals.tx.alerts(missing);
  for (const row of known) arrivals.rows.set(idOf(row.source, row.dedupKey), row);
  await arrivals.workspace.prepare(known.map((row) => row.incident));
}

function classified(arrivals: Arrivals, item: AlertItem): Classified {
  return arrivals.core.classify(item.alert, item.source, arrivals.policy);
}

function isFollowed(arrivals: Arrivals, item: AlertItem): boolean {
  const known = arrivals.rows.get(idOf(item.source, item.alert.dedupKey));
  return known !== undefined && isIncidentOpen(arrivals, known.incident);
}

/** The group that the alert would open; null when it cannot be told: `routeItem` then meets the same error and names the row. */
function groupKeyOf(arrivals: Arrivals, item: AlertItem): string | null {
  try {
    return routingOf(classified(arrivals, item))?.groupKey ?? null;
  } catch {
    return null;
  }
}

/** Whether the alert opens no incident; also when that cannot be told: `routeItem` then meets the same error and names the row. */
function opensNone(arrivals: Arrivals, item: AlertItem): boolean {
  try {
    return isFollowed(arrivals, item);
  } catch {
    return true;
  }
}

/** What tells of a storm; nothing where the policy knows none. */
async function openedLately({ tx, policy, now }: Arrivals): Promise<OpenedLately> {
  const { storm } = policy.automation;
  if (storm === null) return NONE_OPENED;
  const limit = Math.max(storm.incidents, GATHERED_MAX);
  return tx.openedLately({ since: now - storm.withinMs, limit });
}

/** Reads, in one go, what the alerts need that follow no row: the open incidents of their groups and what tells of a storm. */
export async function readGroups(arrivals: Arrivals, items: readonly AlertItem[]): Promise<void> {
  const opening = items.filter(
    (item) => item.alert.status === 'firing' && !opensNone(arrivals, item),
  );
  if (opening.length === 0) return;
  arrivals.opened ??= await openedLately(arrivals);
  const keys = new Set<string>();
  for (const item of opening) {
    const key = groupKeyOf(arrivals, item);
    if (key !== null && !arrivals.groups.has(key)) keys.add(key);
  }
  if (keys.size === 0) return;
  for (const key of keys) arrivals.groups.set(key, null);
  const groups = [...keys].map((key) => ({ kind: 'group' as const, key }));
  for (const row of await arrivals.tx.claims(groups)) arrivals.groups.set(row.key, row.holder);
}

/** What tells of a storm once this incident has opened, for the alerts behind it. */
function withOpened(
  { opened, now }: Arrivals,
  one: LoneIncident,
  storm: AlertsObserved['storm'],
): OpenedLately {
  const { parent, alone } = opened ?? NONE_OPENED;
  if (storm !== null)
    return {
      parent: { incident: one.incident, openedAt: now },
      alone: alone.filter(({ incident }) => !storm.children.includes(incident)),
    };
  const isAlone = standsForItself({ kind: 'incident', routing: one, parent: null, storm });
  return isAlone ? { parent, alone: [one, ...alone] } : { parent, alone };
}

async function open(
  arrivals: Arrivals,
  item: AlertItem,
  storm: AlertsObserved['storm'],
): Promise<Gathering> {
  const incident = `inc-${await arrivals.tx.nextIncidentNumber()}`;
  arrivals.openings += 1;
  await arrivals.workspace.prepare([incident]);
  const routing = routingOf(classified(arrivals, item));
  const gathering = gather(arrivals, incident, { item, routing });
  gathering.storm = storm;
  const children = storm?.children ?? [];
  for (const child of children) arrivals.joinedParents.set(child, incident);
  if (routing !== null) arrivals.groups.set(routing.groupKey, incident);
  // The parent speaks in public for its children, so their services are its own.
  for (const one of arrivals.opened?.alone ?? [])
    if (children.includes(one.incident) && one.service !== null)
      gathering.services.add(one.service);
  const service = routing?.service ?? null;
  const opening: LoneIncident = { incident, source: item.source, service, open: true };
  arrivals.opened = withOpened(arrivals, opening, storm);
  return gathering;
}

type Taken = Extract<Routed, { to: 'incident' | 'open' | 'parent' }>;

/** The summary that the alert adds to; null when its incident need not hear of it. */
async function join(arrivals: Arrivals, item: AlertItem, routed: Taken): Promise<Gathering | null> {
  if (routed.to === 'incident' && routed.change === 'repeat')
    return hearRepeat(arrivals, item, routed.incident);
  const isResolved = item.alert.status === 'resolved';
  if (!isResolved) arrivals.routedNow.add(idOf(item.source, item.alert.dedupKey));
  if (routed.to === 'open') return open(arrivals, item, routed.storm);
  await arrivals.workspace.prepare([routed.incident]);
  return gather(arrivals, routed.incident, {
    item,
    routing: isResolved ? null : routingOf(classified(arrivals, item)),
  });
}

function remember(
  arrivals: Arrivals,
  item: AlertItem,
  at: { readonly incident: string; readonly isNew: boolean },
): void {
  const known = arrivals.rows.get(idOf(item.source, item.alert.dedupKey));
  put(arrivals, nextRow(item, known, { ...at, now: arrivals.now }));
}

/** Whether it is to be written down that the sender has spoken of the alert: not for every repeat. */
function isHeardAnew(
  { policy, now }: Arrivals,
  { startsAt }: AlertItem['alert'],
  known: KnownAlert | undefined,
): boolean {
  if (known === undefined) return false;
  // Another monitor tells of it with a start of its own, by which it is known again.
  if (known.startsAt !== null && startsAt !== null && known.startsAt !== startsAt) return true;
  if (now - known.heardAt < HEARD_WITHIN_MS) return false;
  // What begins after this is another episode; elsewhere it may become stale.
  if (known.startsAt !== null) return true;
  return own(policy.sources, known.source)?.staleAfterMs != null;
}

function put(arrivals: Arrivals, row: AlertRow): void {
  const id = idOf(row.source, row.dedupKey);
  arrivals.rows.set(id, row);
  arrivals.changed.set(id, row);
}

/** The firing waits in the inbox; the incident hears of it while it is open. */
function hold(
  arrivals: Arrivals,
  item: AlertItem,
  held: { readonly incident: string; readonly until: number; readonly incidentOpen: boolean },
): { readonly disposition: AlertDisposition; readonly gathering: Gathering | null } {
  const { incident, until, incidentOpen } = held;
  const row = heldRow(item, { now: arrivals.now, until });
  arrivals.held.push(row);
  const known = arrivals.rows.get(idOf(item.source, item.alert.dedupKey));
  if (known !== undefined) put(arrivals, { ...known, held: row.id });
  const note = `held: an alert of ${incident} that had just cleared, told perhaps by a peer that lags`;
  if (!incidentOpen) return { disposition: { kind: 'nothing', note }, gathering: null };
  const gathering = gather(arrivals, incident, { item, routing: null });
  return { disposition: { kind: 'joined', incident, note }, gathering };
}

/** Nothing is held any more of an alert that cleared once more, or whose time is over. */
function release(
  arrivals: Arrivals,
  { alert, word }: AlertItem,
  known: KnownAlert,
): Gathering | null {
  const isOver = word.isHeld && known.held === word.row;
  if (isClearedAgain(alert, known))
    put(arrivals, { ...known, clearedAt: arrivals.now, held: null });
  else if (isOver) put(arrivals, { ...known, held: null });
  return known.held === null || arrivals.rows.get(idOf(known.source, known.dedupKey)) === known
    ? null
    : gatheringOf(arrivals, known.incident);
}

/** Finds the incident that the alert belongs to. Throws what the core throws. */
export async function routeItem(
  arrivals: Arrivals,
  item: AlertItem,
): Promise<{ readonly disposition: AlertDisposition; readonly gathering: Gathering | null }> {
  const { alert } = item;
  const known = arrivals.rows.get(idOf(item.source, alert.dedupKey));
  const incidentOpen = isFollowed(arrivals, item);
  const isOpening = !incidentOpen && alert.status === 'firing';
  await readGroups(arrivals, [item]);
  const routing = isOpening ? routingOf(classified(arrivals, item)) : null;
  const group = routing === null ? null : (arrivals.groups.get(routing.groupKey) ?? null);
  const routed = arrivals.core.route(alert, () => classified(arrivals, item), {
    policy: arrivals.policy,
    now: arrivals.now,
    index: {
      alert: known === undefined ? null : { ...known, incidentOpen },
      group,
      opened: arrivals.opened ?? NONE_OPENED,
    },
    word: item.word,
  });
  if (routed.to === 'held') return hold(arrivals, item, { ...routed, incidentOpen });
  if (routed.to === 'nothing') {
    const freed = known === undefined ? null : release(arrivals, item, known);
    const isSuppressed = isOpening && classified(arrivals, item).verdict === 'suppress';
    return {
      disposition: { kind: isSuppressed ? 'suppressed' : 'nothing', note: routed.why },
      gathering: incidentOpen
        ? (hearRepeat(arrivals, item, known?.incident ?? '') ?? freed)
        : freed,
    };
  }
  const gathering = await join(arrivals, item, routed);
  const incident = gathering?.incident ?? known?.incident ?? '';
  const change = routed.to === 'incident' ? routed.change : 'new';
  if (gathering !== null && change !== 'repeat') count(gathering, change);
  if (gathering !== null && change === 'new' && known?.incident !== incident)
    noteNews(arrivals, gathering, routingOf(classified(arrivals, item)));
  if (gathering !== null && change === 'anew' && known !== undefined) noteEnded(gathering, known);
  // A repeat whose sender tells no time teaches little, and repeats are most of what arrives.
  const isTelling = gathering !== null || alert.observedAt !== null;
  if (isTelling || isHeardAnew(arrivals, alert, known))
    remember(arrivals, item, { incident, isNew: change === 'new' || change === 'anew' });
  return { disposition: { kind: 'joined', incident, note: noteOf(routed, incident) }, gathering };
}

/** Writes the alert rows and counts the alerts of the incidents that will hear of them. */
export async function write(arrivals: Arrivals): Promise<void> {
  if (arrivals.changed.size > 0) await arrivals.tx.putAlerts([...arrivals.changed.values()]);
  for (const told of arrivals.inPart) await arrivals.tx.hearGroup(told, arrivals.now);
  if (arrivals.held.length > 0) await arrivals.tx.putInbox(arrivals.held);
  const touched = [...arrivals.gatherings.keys()];
  if (touched.length > 0) arrivals.counts = await arrivals.tx.alertCounts(touched);
}
