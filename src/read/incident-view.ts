/**
 * One incident as people read it; the CLI and the HTTP API hand out the same shapes as JSON, which stand in `shapes.ts`.
 * Every time is ISO 8601 text, UTC, to the second.
 */
import { keyText } from '../core/model/key-text.ts';
import { isoOf } from '../contract/instant.ts';
import type { Instant } from '../core/model/alert.ts';
import { owed } from '../core/deciding/owed.ts';
import { whereText, escalationKeyText } from '../core/model/event-entry.ts';
import type { Incident } from '../core/model/incident.ts';
import type { Lookups } from '../core/model/lookups.ts';
import type { Policy } from '../core/model/policy.ts';
import { levelOf } from '../core/model/decision.ts';
import { openOffers } from '../core/paging/offers.ts';
import { neverRang, countNeverRang } from '../core/paging/not-yet-rung.ts';
import { unreachablePages } from '../core/paging/progress.ts';
import { postOf } from '../core/publishing/components.ts';
import { whyNoPage } from '../core/publishing/components.ts';
import {
  mayBeThere,
  postDueAt,
  whyByHand,
  whyNeverPublic,
} from '../core/publishing/public-page.ts';
import { pick } from '../lib/pick.ts';
import type { AlertRow, ChainLink, OutboxRow } from '../store/store.ts';
import { actorText, describeEvent } from './describe.ts';
import type { EffectView, IncidentSummary, IncidentView, TimelineEntry } from './shapes.ts';

/** What is known of an incident. */
export interface Known {
  readonly state: Incident;
  /** File of the archive that it was moved to; null: it was not. */
  readonly archive: string | null;
  readonly policy: Policy;
  readonly lookups: Lookups;
  readonly links: readonly ChainLink[];
  readonly outbox: readonly OutboxRow[];
  /** As many as are shown, the firing ones first. */
  readonly alerts: readonly AlertRow[];
  readonly unparsed: IncidentView['unparsed'];
}

type AsText<T> = T extends Instant ? string : T;

/** The named instants of an object as text; null stays null. */
function times<T extends Readonly<Record<K, Instant | null>>, K extends string>(
  from: T,
  ...names: readonly K[]
): { readonly [N in K]: AsText<T[N]> } {
  const texts = names.map((name) => [name, from[name] === null ? null : isoOf(from[name])]);
  return Object.fromEntries(texts) as { readonly [N in K]: AsText<T[N]> };
}

/** An incident in a list. */
export function summaryOf({
  state,
  archive,
}: {
  readonly state: Incident;
  readonly archive: string | null;
}): IncidentSummary {
  return {
    ...pick(state, 'id', 'kind', 'title', 'phase', 'level'),
    ...pick(state.routing, 'team', 'service'),
    parent: state.parent,
    firing: state.alerts.firing,
    unreachable: unreachablePages(state),
    neverRang: countNeverRang(state),
    ...times(state, 'openedAt', 'declaredAt', 'resolvedAt'),
    closedAs: state.closedAs,
    archived: archive !== null,
  };
}

function entryOf({ event, hash }: ChainLink): TimelineEntry {
  return {
    version: event.version,
    at: isoOf(event.at),
    actor: actorText(event.actor),
    type: event.type,
    text: describeEvent(event),
    input: event.input,
    hash,
  };
}

/** The timeline that people read, oldest first. */
export function timelineOf(links: readonly ChainLink[]): readonly TimelineEntry[] {
  return links.map(entryOf);
}

type Changed = Extract<ChainLink['event'], { type: 'SeverityChanged' }>;

function changeOf(one: Changed): IncidentView['severity']['changes'][number] {
  return {
    at: isoOf(one.at),
    ...pick(one, 'from', 'to', 'direction'),
    by: one.cause.kind,
    actor: actorText(one.actor),
    because: one.because,
    where: one.where === null ? null : whereText(one.where),
  };
}

/** Name of the rule or trigger that moved the severity; null: a person did, or nothing yet. */
function causeOf(change: Changed | undefined): string | null {
  return change === undefined || change.cause.kind === 'person' ? null : change.cause.name;
}

function severityOf({ state, policy, links }: Known): IncidentView['severity'] {
  const changes = links.flatMap(({ event }) => (event.type === 'SeverityChanged' ? [event] : []));
  const last = changes.at(-1);
  return {
    ...pick(state, 'level'),
    name: levelOf({ state, policy })?.name ?? null,
    since: isoOf(state.levelSince),
    because: last === undefined ? state.routing.because : last.because,
    by: last?.cause.kind ?? null,
    cause: causeOf(last),
    where: last?.where == null ? null : whereText(last.where),
    changes: changes.map(changeOf),
    held: links.flatMap(({ event }) =>
      event.type === 'TriggerHeld'
        ? [{ at: isoOf(event.at), ...pick(event, 'trigger', 'why') }]
        : [],
    ),
  };
}

function routingOf(incident: Incident): IncidentView['routing'] {
  const { routing } = incident;
  const { rule, route } = routing;
  return {
    source: routing.source,
    neverPublic: whyNeverPublic(incident),
    rule: rule === null ? null : { name: rule.name, where: whereText(rule.where) },
    route: route === null ? null : whereText(route.where),
    ...pick(routing, 'because', 'public', 'labels', 'links'),
  };
}

function effectView(row: OutboxRow): EffectView {
  return {
    name: row.effect.name,
    status: row.status,
    attempts: row.attempt,
    ...times(row, 'dueAt'),
    outcome: row.lastOutcome,
  };
}

/** What pages and posts are told of by events alone. */
function toldBy(links: readonly ChainLink[]) {
  /** Page id -> why this person. */
  const reasons = new Map<string, string>();
  /** Pages that Tocsin itself silenced last. */
  const silenced = new Set<string>();
  /** Draft id -> when it was published. */
  const published = new Map<string, string>();
  /** Search -> what it is about now, where its key does not tell. */
  const abouts = new Map<string, string | null>();
  /** Page id and search -> what the search was about when the page was made for it. */
  const calls = new Map<string, string | null>();
  const call = (page: string, search: string): void =>
    void calls.set(keyText('call', page, search), abouts.get(search) ?? null);
  for (const { event } of links) {
    if (event.type === 'EscalationStarted') abouts.set(event.escalation.id, event.escalation.about);
    if (event.type === 'PageRequested') {
      reasons.set(event.page.id, event.because);
      for (const search of event.page.escalations) call(event.page.id, search);
    }
    if (event.type === 'PageShared') call(event.page, event.escalation);
    if (event.type === 'PageAcknowledged') {
      if (event.via === 'tocsin') silenced.add(event.page);
      else silenced.delete(event.page);
    }
    if (event.type === 'PostPublished') published.set(event.draft, isoOf(event.at));
  }
  return { reasons, silenced, published, calls };
}

function pagesOf({ state, links, outbox }: Known): IncidentView['pages'] {
  const told = toldBy(links);
  return Object.values(state.pages).map((page) => ({
    ...pick(page, 'id', 'person', 'label', 'urgency', 'state', 'adopted'),
    purposes: page.escalations.flatMap((id) => {
      const escalation = state.escalations[id];
      return escalation === undefined
        ? []
        : [told.calls.get(keyText('call', page.id, id)) ?? escalationKeyText(escalation.key)];
    }),
    because: told.reasons.get(page.id) ?? 'adopted from the vendor',
    ...times(page, 'requestedAt', 'unreachableSince'),
    acknowledgedBy: page.acknowledgedBy,
    ...times(page, 'acknowledgedAt'),
    silenced: told.silenced.has(page.id),
    neverRang: neverRang(state, page),
    rings: page.rings.map((ring) => ({
      target: ring.target,
      address: ring.address.label,
      ...pick(ring, 'key', 'status', 'ref', 'url'),
      /** Every request about this ring and what came back, oldest first. */
      attempts: outbox
        .filter(
          ({ effect }) =>
            'page' in effect &&
            effect.page === page.id &&
            effect.target === ring.target &&
            effect.key === ring.key,
        )
        .map(effectView),
    })),
  }));
}

/** Why each search led to nobody at last. */
function exhaustedBy(links: readonly ChainLink[]): ReadonlyMap<string, string> {
  return new Map(
    links.flatMap(({ event }) =>
      event.type === 'EscalationExhausted' ? [[event.escalation, event.because] as const] : [],
    ),
  );
}

/** Why each role that was ended last ended: whoever had it has another one since. */
function endedBy(links: readonly ChainLink[]): ReadonlyMap<string, string> {
  return new Map(
    links.flatMap(({ event }) =>
      event.type === 'RoleEnded' ? [[event.role, event.because] as const] : [],
    ),
  );
}

function rolesOf({ state, policy, links }: Known): IncidentView['roles'] {
  const filled = Object.entries(state.roles).map(([role, { person, at }]) => ({
    role,
    person,
    name: policy.people[person]?.name ?? null,
    since: isoOf(at),
    state: 'filled' as const,
    why: null,
  }));
  const reasons = exhaustedBy(links);
  const ended = endedBy(links);
  /** `state`: how the search for somebody stands. */
  const sought = Object.values(state.escalations).flatMap(({ id, key, state: stands }) => {
    if (key.kind !== 'role' || state.roles[key.role] !== undefined) return [];
    const whys = { exhausted: reasons.get(id), answered: ended.get(key.role) };
    const why = stands === 'exhausted' || stands === 'answered' ? (whys[stands] ?? null) : null;
    return [{ role: key.role, person: null, name: null, since: null, state: stands, why }];
  });
  return [...filled, ...sought];
}

function postsOf({ state, policy, links, outbox }: Known): IncidentView['posts'] {
  const { published } = toldBy(links);
  return Object.values(state.drafts).map((draft) => ({
    ...pick(draft, 'id', 'target', 'status', 'state', 'title', 'body'),
    components: postOf(state, draft).components,
    ...pick(draft, 'approval', 'approvedBy'),
    ...times(draft, 'draftedAt'),
    dueAt: isoOf(postDueAt({ state, policy }, draft.anchor)),
    publishedAt: published.get(draft.id) ?? null,
    ...times(draft, 'nextUpdateAt'),
    attempts: outbox
      .filter(({ effect }) => 'draft' in effect && effect.draft === draft.id)
      .map(effectView),
  }));
}

/** Everything that is known of one incident. */
export function viewOfIncident(known: Known): IncidentView {
  const { state, policy, lookups, links, alerts } = known;
  const posts = postsOf(known);
  return {
    ...summaryOf(known),
    version: state.version,
    description: state.routing.description,
    ...times(state, 'firstSignalAt', 'rootCauseAt', 'mitigatedAt'),
    declaredBy: state.declaredBy === null ? null : actorText(state.declaredBy),
    storm: state.storm,
    severity: severityOf(known),
    routing: routingOf(state),
    impact: state.impact,
    flags: Object.fromEntries(
      Object.entries(state.flags).map(([flag, { at }]) => [flag, isoOf(at)] as const),
    ),
    reports: state.reports.map((report) => ({ ...report, at: isoOf(report.at) })),
    alerts: {
      ...pick(state.alerts, 'firing', 'stale', 'held', 'total'),
      leftOut: Object.values(state.leftOut).map((one) => ({
        ...pick(one, 'source', 'count'),
        ...times(one, 'since'),
      })),
      list: alerts.map((one) => pick(one, 'source', 'dedupKey', 'status', 'title', 'labels')),
    },
    roles: rolesOf(known),
    offers: openOffers(known).map((offer) => ({
      ...pick(offer, 'role', 'person', 'by'),
      ...times(offer, 'since'),
    })),
    pages: pagesOf(known),
    public: Object.values(state.publicPages).map((page) => ({
      ...pick(page, 'target', 'published', 'url'),
      ...times(page, 'publishedAt', 'promisedAt'),
      mayBeThere: mayBeThere(known, page.target)?.id ?? null,
      byHand: whyByHand(known, page),
    })),
    noPublicPost: whyNoPage(known),
    posts,
    waiting: posts.filter((post) => post.state === 'waiting').map((post) => post.id),
    room: state.room === null ? null : pick(state.room, 'target', 'name', 'state'),
    alarms: Object.entries(state.alarms).map(([alarm, one]) => ({
      alarm,
      reason: one.reason,
      ...times(one, 'since'),
      count: one.count,
    })),
    unparsed: known.unparsed,
    // Nothing is done any more about what is archived, whatever a later policy makes of it.
    owed: (known.archive === null ? owed(state, { policy, lookups }) : [])
      .toSorted((a, b) => a.dueAt - b.dueAt)
      .map(({ what, dueAt }) => ({ what, dueAt: isoOf(dueAt) })),
    timeline: timelineOf(links),
  };
}
