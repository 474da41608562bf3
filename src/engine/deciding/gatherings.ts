/** What the incidents of one batch will hear of their alerts: a summary each, however many alerts it is about. */
import type { Alert } from '../../core/model/alert.ts';
import { isOver } from '../../core/model/incident.ts';
import type { Adopted, Fact, Routing, Told } from '../../core/model/input.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Word } from '../../core/routing/lateness.ts';
import type { OpenedLately } from '../../core/routing/route.ts';
import type { KnownAlert } from '../../core/routing/routed.ts';
import { pick } from '../../lib/pick.ts';
import type { AlertCount, AlertRow, InboxRow, Tx } from '../../store/store.ts';
import type { Core } from './core.ts';
import type { Workspace } from './workspace.ts';

export interface AlertItem {
  readonly source: string;
  readonly alert: Alert;
  readonly adopted: Adopted | null;
  /** Incidents that hold a page of the vendor's object already: there it is not adopted again. */
  readonly heldBy: ReadonlySet<string>;
  /** How whole the delivery is that it came with; null: it came with none that could leave something out. */
  readonly told: Told | null;
  readonly word: Word;
}

export type AlertsObserved = Extract<Fact, { type: 'AlertsObserved' }>;

/** What one incident will hear. */
export interface Gathering {
  readonly incident: string;
  routing: Routing | null;
  /** Of the alerts that the incident has never heard of. */
  news: Routing | null;
  /** Services of the alerts that fire anew. */
  readonly services: Set<string>;
  newlyFiring: number;
  newlyResolved: number;
  /** Alerts that were stale and are heard of again. */
  heardAgain: number;
  endedUnheard: AlertsObserved['endedUnheard'];
  firstSignalAt: number;
  /** By the sender's group: the last delivery counts. */
  readonly told: Map<string, Told>;
  adopted: Adopted | null;
  storm: AlertsObserved['storm'];
}

export interface ArrivalsOptions {
  readonly tx: Tx;
  readonly core: Core;
  readonly policy: Policy;
  readonly workspace: Workspace;
  readonly now: number;
}

/** One batch's view of alerts, groups and opened incidents; what was routed before is seen by what comes after. */
export interface Arrivals extends ArrivalsOptions {
  readonly rows: Map<string, KnownAlert>;
  readonly changed: Map<string, AlertRow>;
  readonly routedNow: Set<string>;
  /** Group key -> its open incident; null: looked up, none. */
  readonly groups: Map<string, string | null>;
  readonly gatherings: Map<string, Gathering>;
  /** Group of a sender -> the incidents that know of something that is left out of it. */
  readonly leftOut: Map<string, readonly string[]>;
  /** Deliveries that left alerts out. */
  readonly inPart: Told[];
  /** Rows of the inbox that hold alerts of this batch. */
  readonly held: InboxRow[];
  /** Incidents that this batch joined to a storm's parent: child -> parent. */
  readonly joinedParents: Map<string, string>;
  opened: OpenedLately | null;
  /** How many incidents this batch opens. */
  openings: number;
  counts: Readonly<Record<string, AlertCount>>;
}

function worseOf(a: Routing | null, b: Routing | null, policy: Policy): Routing | null {
  if (a === null || b === null) return a ?? b;
  const rank = (routing: Routing): number =>
    policy.levels.find((level) => level.id === routing.level)?.rank ?? policy.levels.length;
  return rank(b) < rank(a) ? b : a;
}

export function isIncidentOpen(arrivals: Arrivals, incident: string): boolean {
  const state = arrivals.workspace.state(incident);
  // One that this batch opens has no state yet.
  return state === null ? arrivals.gatherings.has(incident) : !isOver(state);
}

/** Notes how whole the delivery is. */
export function noteGathered(gathering: Gathering, told: Told | null): void {
  if (told !== null) gathering.told.set(told.group, told);
}

function fresh(incident: string, firstSignalAt: number): Gathering {
  return {
    incident,
    routing: null,
    news: null,
    services: new Set(),
    newlyFiring: 0,
    newlyResolved: 0,
    heardAgain: 0,
    endedUnheard: null,
    firstSignalAt,
    told: new Map(),
    adopted: null,
    storm: null,
  };
}

/** The summary that the incident hears; begun where there is none. */
export function gatheringOf(arrivals: Arrivals, incident: string): Gathering {
  const begun = arrivals.gatherings.get(incident) ?? fresh(incident, arrivals.now);
  arrivals.gatherings.set(incident, begun);
  return begun;
}

/** The summary of the incident, with what the alert says of itself. */
export function gather(
  arrivals: Arrivals,
  incident: string,
  about: { readonly item: AlertItem; readonly routing: Routing | null },
): Gathering {
  const { item, routing } = about;
  const adopted = item.heldBy.has(incident) ? null : item.adopted;
  const at = item.alert.startsAt ?? item.alert.observedAt ?? arrivals.now;
  const known = arrivals.gatherings.get(incident);
  // A summary carries one adopted object; another one is another summary.
  const isAnother = adopted !== null && (known?.adopted ?? adopted).ref !== adopted.ref;
  const begun = known === undefined || isAnother ? fresh(incident, at) : known;
  arrivals.gatherings.set(incident, begun);
  begun.routing = worseOf(begun.routing, routing, arrivals.policy);
  if (routing?.service != null) begun.services.add(routing.service);
  begun.firstSignalAt = Math.min(begun.firstSignalAt, at);
  noteGathered(begun, item.told);
  begun.adopted ??= adopted;
  return begun;
}

/** Notes what an alert says that the incident has never heard of. */
export function noteNews(arrivals: Arrivals, gathering: Gathering, routing: Routing | null): void {
  gathering.news = worseOf(gathering.news, routing, arrivals.policy);
}

/** Notes that an episode of an alert has ended, which nobody told. */
export function noteEnded(gathering: Gathering, { heardAt }: Pick<KnownAlert, 'heardAt'>): void {
  const { alerts, heardAt: before } = gathering.endedUnheard ?? { alerts: 0, heardAt };
  gathering.endedUnheard = { alerts: alerts + 1, heardAt: Math.max(before, heardAt) };
}

/** Counts what has changed of an alert. */
export function count(gathering: Gathering, change: 'new' | 'anew' | 'heard' | 'resolved'): void {
  if (change === 'resolved') gathering.newlyResolved += 1;
  else if (change === 'heard') gathering.heardAgain += 1;
  else gathering.newlyFiring += 1;
}

const NONE: AlertCount = { firing: 0, stale: 0, held: 0, total: 0 };

/** What the incident hears; the counts are as of `write`. */
export function observed(arrivals: Arrivals, gathering: Gathering): AlertsObserved {
  const counts = arrivals.counts[gathering.incident] ?? NONE;
  const routing = gathering.routing ?? arrivals.workspace.state(gathering.incident)?.routing;
  if (routing === undefined)
    throw new Error(`${gathering.incident} got alerts without any routing`);
  const { news, adopted, endedUnheard, storm } = gathering;
  const changed = pick(gathering, 'newlyFiring', 'newlyResolved', 'heardAgain', 'firstSignalAt');
  const told = [...gathering.told.values()];
  const truncated = told.some(({ leftOut }) => leftOut > 0);
  return {
    type: 'AlertsObserved',
    routing,
    alerts: { ...counts, ...changed, newlyStale: 0, truncated },
    told,
    unheard: null,
    endedUnheard,
    news,
    services: [...gathering.services],
    adopted,
    storm,
  };
}
