/**
 * Incidents as people read them: `show`, lists, and the timeline. Pure reads; nothing here is asked by a decision.
 * Every time is ISO 8601 text, UTC, to the second.
 */
import { isoOf } from '../contract/instant.ts';
import type { Incident, Page } from '../core/model/incident.ts';
import { fold } from '../core/model/events.ts';
import { placeText, runKeyText } from '../core/model/event-entry.ts';
import { type Lookups, NO_LOOKUPS } from '../core/model/lookups.ts';
import { postOf } from '../core/publishing/components.ts';
import { postDueAt } from '../core/publishing/public-page.ts';
import { owed } from '../core/deciding/owed.ts';
import type { Policy } from '../core/model/policy.ts';
import { levelOf } from '../core/model/turn.ts';
import { incidentIdOf } from '../lib/incident-id.ts';
import type { AlertRow, ChainLink, OutboxRow, Reads } from '../store/store.ts';
import { actorText, describeEvent } from './describe.ts';
import { readableStates, readState } from '../store/read-state.ts';
import type {
  Time,
  TimelineEntry,
  SeverityView,
  EffectView,
  PageView,
  RoleView,
  DraftView,
  IncidentSummary,
  IncidentView,
} from './incident-view.ts';

const ALERTS_MAX = 50;

function time(at: number | null): Time | null {
  return at === null ? null : isoOf(at);
}

function summaryOf(state: Incident): IncidentSummary {
  return {
    id: state.id,
    kind: state.kind,
    title: state.title,
    phase: state.phase,
    level: state.level,
    team: state.facts.team,
    service: state.facts.service,
    parent: state.parent,
    firing: state.alerts.firing,
    openedAt: isoOf(state.openedAt),
    declaredAt: time(state.declaredAt),
    resolvedAt: time(state.resolvedAt),
    closedAs: state.closedAs,
  };
}

/** The timeline that people read, oldest first. */
export function timelineOf(links: readonly ChainLink[]): readonly TimelineEntry[] {
  return links.map(({ event, hash }) => ({
    version: event.version,
    at: isoOf(event.at),
    actor: actorText(event.actor),
    type: event.type,
    text: describeEvent(event),
    input: event.input,
    hash,
  }));
}

type Changed = Extract<ChainLink['event'], { type: 'SeverityChanged' }>;

function changesOf(links: readonly ChainLink[]): readonly Changed[] {
  return links.flatMap(({ event }) => (event.type === 'SeverityChanged' ? [event] : []));
}

/** Name of the rule or trigger that moved the severity; null: a person did, or nothing yet. */
function causeOf(change: Changed | undefined): string | null {
  return change === undefined || change.cause.kind === 'person' ? null : change.cause.name;
}

function severityOf(state: Incident, policy: Policy, links: readonly ChainLink[]): SeverityView {
  const changes = changesOf(links);
  const last = changes.at(-1);
  return {
    level: state.level,
    name: levelOf({ state, policy })?.name ?? null,
    since: isoOf(state.levelSince),
    because: last === undefined ? state.facts.because : last.because,
    by: last?.cause.kind ?? null,
    cause: causeOf(last),
    where: last?.where == null ? null : placeText(last.where),
    changes: changes.map((one) => ({
      at: isoOf(one.at),
      from: one.from,
      to: one.to,
      direction: one.direction,
      by: one.cause.kind,
      actor: actorText(one.actor),
      because: one.because,
      where: one.where === null ? null : placeText(one.where),
    })),
    held: links.flatMap(({ event }) =>
      event.type === 'TriggerHeld'
        ? [{ at: isoOf(event.at), trigger: event.trigger, why: event.why }]
        : [],
    ),
  };
}

function effectView(row: OutboxRow): EffectView {
  return {
    name: row.effect.name,
    status: row.status,
    attempts: row.attempt,
    dueAt: isoOf(row.dueAt),
    outcome: row.lastOutcome,
  };
}

interface Told {
  readonly outbox: readonly OutboxRow[];
  /** Page id -> why this person. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Pages that Tocsin itself silenced last. */
  readonly silenced: ReadonlySet<string>;
  /** Draft id -> when it was published. */
  readonly published: ReadonlyMap<string, number>;
}

function toldBy(links: readonly ChainLink[], outbox: readonly OutboxRow[]): Told {
  const reasons = new Map<string, string>();
  const silenced = new Set<string>();
  const published = new Map<string, number>();
  for (const { event } of links) {
    if (event.type === 'PageRequested') reasons.set(event.page.id, event.because);
    if (event.type === 'PageAcknowledged') {
      if (event.via === 'tocsin') silenced.add(event.page);
      else silenced.delete(event.page);
    }
    if (event.type === 'PostPublished') published.set(event.draft, event.at);
  }
  return { outbox, reasons, silenced, published };
}

function pageView(state: Incident, page: Page, told: Told): PageView {
  return {
    id: page.id,
    person: page.person,
    label: page.label,
    urgency: page.urgency,
    state: page.state,
    adopted: page.adopted,
    purposes: page.runs.flatMap((id) => {
      const run = state.runs[id];
      return run === undefined ? [] : [run.about ?? runKeyText(run.key)];
    }),
    because: told.reasons.get(page.id) ?? 'adopted from the vendor',
    requestedAt: isoOf(page.requestedAt),
    acknowledgedBy: page.acknowledgedBy,
    acknowledgedAt: time(page.acknowledgedAt),
    silenced: told.silenced.has(page.id),
    rings: page.rings.map((ring) => ({
      target: ring.target,
      address: ring.address.label,
      key: ring.key,
      status: ring.status,
      ref: ring.ref,
      attempts: told.outbox
        .filter(
          ({ effect }) =>
            'page' in effect &&
            effect.page === page.id &&
            effect.target === ring.target &&
            effect.key === ring.key,
        )
        .map(effectView),
    })),
  };
}

function rolesOf(state: Incident, policy: Policy): readonly RoleView[] {
  const filled = Object.entries(state.roles).map(([role, { person, at }]) => ({
    role,
    person,
    name: policy.people[person]?.name ?? null,
    since: isoOf(at),
    state: 'filled' as const,
  }));
  const sought = Object.values(state.runs).flatMap(({ key, state: stands }) =>
    key.kind === 'role' && state.roles[key.role] === undefined
      ? [{ role: key.role, person: null, name: null, since: null, state: stands }]
      : [],
  );
  return [...filled, ...sought];
}

function postsOf(state: Incident, policy: Policy, told: Told): readonly DraftView[] {
  return Object.values(state.drafts).map((draft) => ({
    id: draft.id,
    target: draft.target,
    status: draft.status,
    state: draft.state,
    title: draft.title,
    body: draft.body,
    components: postOf(state, draft).components,
    approval: draft.approval,
    approvedBy: draft.approvedBy,
    draftedAt: isoOf(draft.draftedAt),
    dueAt: isoOf(postDueAt({ state, policy }, draft.anchor)),
    publishedAt: time(told.published.get(draft.id) ?? null),
    nextUpdateAt: time(draft.nextUpdateAt),
    attempts: told.outbox
      .filter(({ effect }) => 'draft' in effect && effect.draft === draft.id)
      .map(effectView),
  }));
}

/** What is owed, the earliest first. */
function owedBy({ state, policy, lookups }: Read): IncidentView['owed'] {
  return owed(state, { policy, lookups })
    .toSorted((a, b) => a.dueAt - b.dueAt)
    .map(({ what, dueAt }) => ({ what, dueAt: isoOf(dueAt) }));
}

function routingOf({ facts }: Incident): IncidentView['routing'] {
  return {
    source: facts.source,
    rule:
      facts.rule === null ? null : { name: facts.rule.name, where: placeText(facts.rule.where) },
    route: facts.route === null ? null : placeText(facts.route.where),
    because: facts.because,
    public: facts.public,
    labels: facts.labels,
    links: facts.links,
  };
}

interface Read {
  readonly state: Incident;
  readonly policy: Policy;
  readonly lookups: Lookups;
  readonly links: readonly ChainLink[];
  readonly outbox: readonly OutboxRow[];
  readonly alerts: readonly AlertRow[];
}

function viewOf(read: Read): IncidentView {
  const { state, policy, links, outbox, alerts } = read;
  const told = toldBy(links, outbox);
  const posts = postsOf(state, policy, told);
  return {
    ...summaryOf(state),
    version: state.version,
    description: state.facts.description,
    firstSignalAt: isoOf(state.firstSignalAt),
    rootCauseAt: time(state.rootCauseAt),
    mitigatedAt: time(state.mitigatedAt),
    declaredBy: state.declaredBy === null ? null : actorText(state.declaredBy),
    storm: state.storm,
    severity: severityOf(state, policy, links),
    routing: routingOf(state),
    impact: state.impact,
    flags: Object.fromEntries(
      Object.entries(state.flags).map(([flag, { at }]) => [flag, isoOf(at)]),
    ),
    reports: state.reports.map((report) => ({ ...report, at: isoOf(report.at) })),
    alerts: {
      firing: state.alerts.firing,
      total: state.alerts.total,
      list: alerts.map(({ source, dedupKey, status, title, labels }) => ({
        source,
        dedupKey,
        status,
        title,
        labels,
      })),
    },
    roles: rolesOf(state, policy),
    pages: Object.values(state.pages).map((page) => pageView(state, page, told)),
    public: Object.values(state.publicPages).map((page) => ({
      target: page.target,
      published: page.published,
      publishedAt: time(page.publishedAt),
      promisedAt: time(page.promisedAt),
    })),
    posts,
    waiting: posts.filter((post) => post.state === 'waiting').map((post) => post.id),
    room:
      state.room === null
        ? null
        : { target: state.room.target, name: state.room.name, state: state.room.state },
    alarms: Object.entries(state.alarms).map(([alarm, { reason, since, count }]) => ({
      alarm,
      reason,
      since: isoOf(since),
      count,
    })),
    owed: owedBy(read),
    timeline: timelineOf(links),
  };
}

export type ViewReads = Pick<
  Reads,
  'incident' | 'listIncidents' | 'timeline' | 'outboxOf' | 'alertsOf'
>;

/** What a view follows from beside the store; without lookups, pauses are left out of account. */
export interface ViewContext {
  readonly policy: Policy;
  readonly lookups?: Partial<Lookups>;
}

/** Everything that is known of one incident; null: there is none. `id` may be `7` for `inc-7`. */
export async function incidentView(
  reads: ViewReads,
  context: ViewContext,
  id: string,
): Promise<IncidentView | null> {
  const row = await reads.incident(incidentIdOf(id));
  if (row === null) return null;
  const state = await readState(row, { reads, fold });
  const links = await reads.timeline(row.id);
  const outbox = await reads.outboxOf(row.id);
  const alerts = await reads.alertsOf(row.id, ALERTS_MAX);
  const lookups = { ...NO_LOOKUPS, ...context.lookups };
  return viewOf({ state, policy: context.policy, lookups, links, outbox, alerts });
}

/** The timeline of one incident; null: there is none. `id` may be `7` for `inc-7`. */
export async function incidentTimeline(
  reads: Pick<Reads, 'incident' | 'timeline'>,
  id: string,
): Promise<readonly TimelineEntry[] | null> {
  const row = await reads.incident(incidentIdOf(id));
  return row === null ? null : timelineOf(await reads.timeline(row.id));
}

export interface ListQuery {
  /** Null: open and closed ones. */
  readonly open: boolean | null;
  readonly limit: number;
  /** Id of the last incident of the page before. */
  readonly before: string | null;
}

/** Incidents, newest first. */
export async function incidentList(
  reads: Pick<Reads, 'listIncidents' | 'timeline'>,
  query: ListQuery,
): Promise<readonly IncidentSummary[]> {
  const before = query.before === null ? null : incidentIdOf(query.before);
  const rows = await reads.listIncidents({ ...query, before });
  return (await readableStates(rows, { reads, fold })).map(summaryOf);
}

export interface Views {
  incident(id: string): Promise<IncidentView | null>;
  timeline(id: string): Promise<readonly TimelineEntry[] | null>;
  list(query: ListQuery): Promise<readonly IncidentSummary[]>;
  /** ISO 8601 text of an instant, UTC. */
  time(at: number): Time;
}

/** The views over a store, and the policy and lookups as they are when asked. */
export function createViews(reads: ViewReads, context: () => ViewContext): Views {
  return {
    incident: (id) => incidentView(reads, context(), id),
    timeline: (id) => incidentTimeline(reads, id),
    list: (query) => incidentList(reads, query),
    time: isoOf,
  };
}
