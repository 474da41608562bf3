/** The fold: how each event changes the state. Reads nothing but the event; never policy. */
import { evolveBooks } from './evolve-books.ts';
import { evolvePages } from './evolve-pages.ts';
import { evolvePublic } from './evolve-public.ts';
import type { IncidentEvent } from './event.ts';
import type { RoutingFacts } from './input.ts';
import { INCIDENT_FORMAT, type Incident } from './incident.ts';

type Of<T extends IncidentEvent['type']> = Extract<IncidentEvent, { type: T }>;

function opened(event: Of<'IncidentOpened'>): Incident {
  return {
    format: INCIDENT_FORMAT,
    id: event.incident,
    version: event.version,
    lastEventAt: event.at,
    kind: event.kind,
    phase: 'triage',
    title: event.title,
    facts: event.facts,
    parent: null,
    storm: null,
    openedAt: event.at,
    firstSignalAt: event.firstSignalAt,
    declaredAt: null,
    declaredBy: null,
    rootCauseAt: null,
    mitigatedAt: null,
    resolvedAt: null,
    closedAs: null,
    level: null,
    levelSince: event.at,
    levelBecause: event.facts.because,
    spent: [levelFact(event.facts)],
    raises: [],
    impact: {},
    impactBaseline: {},
    impactReports: 0,
    flags: {},
    reports: [],
    alerts: { firing: 0, total: 0, lastAt: event.at, clearSince: null },
    roles: {},
    pages: {},
    runs: {},
    publicPages: {},
    drafts: {},
    audiences: {},
    room: null,
    messages: {},
    alarms: {},
    soak: null,
    timers: {},
    timerGenerations: {},
    effects: {},
  };
}

/** The word of a rule (or source) on the level: one fact, however often its alerts repeat it. */
export function levelFact(facts: RoutingFacts): string {
  return `rule#${facts.rule?.name ?? `source ${facts.source}`}=${facts.level ?? ''}`;
}

function union(known: readonly string[], more: readonly string[]): readonly string[] {
  const fresh = more.filter((one) => !known.includes(one));
  return fresh.length === 0 ? known : [...known, ...fresh];
}

/** The state after the event. Throws on an event that does not belong here: that is a bug or a damaged store. */
export function evolve(state: Incident | null, event: IncidentEvent): Incident {
  if (event.type === 'IncidentOpened') {
    if (state !== null) throw new Error(`${event.incident} was opened twice`);
    return opened(event);
  }
  if (state === null)
    throw new Error(`${event.incident} has an event ${event.type} before it was opened`);
  if (event.version !== state.version + 1)
    throw new Error(`${event.incident} jumps from version ${state.version} to ${event.version}`);
  return { ...step(state, event), version: event.version, lastEventAt: event.at };
}

/** The state after all the events of one incident, in order. */
export function fold(events: readonly IncidentEvent[]): Incident | null {
  let state: Incident | null = null;
  for (const event of events) state = evolve(state, event);
  return state;
}

function step(
  state: Incident,
  event: Exclude<IncidentEvent, { type: 'IncidentOpened' }>,
): Incident {
  return (
    evolvePages(state, event) ??
    evolvePublic(state, event) ??
    evolveStory(state, event) ??
    evolveBooks(state, event)
  );
}

function evolveStory(
  state: Incident,
  event: Exclude<IncidentEvent, { type: 'IncidentOpened' }>,
): Incident | null {
  switch (event.type) {
    case 'AlertsAttached':
      return alertsAttached(state, event);
    case 'AlertsCleared':
      return alertsCleared(state, event);
    case 'StormGathered':
      return stormGathered(state, event);
    case 'ParentJoined':
      return { ...state, parent: event.parent };
    case 'IncidentDeclared':
      return {
        ...state,
        phase: 'investigating',
        declaredAt: event.at,
        declaredBy: event.actor,
        title: event.title ?? state.title,
      };
    case 'SeverityChanged':
      return severityChanged(state, event);
    case 'TriggerHeld':
      return { ...state, spent: union(state.spent, event.spent) };
    case 'ImpactReported':
      return impactReported(state, event);
    case 'FlagSet':
      return { ...state, flags: { ...state.flags, [event.flag]: event.at } };
    case 'CustomerReported':
      return {
        ...state,
        reports: [...state.reports, { account: event.account, tier: event.tier, at: event.at }],
      };
    case 'PhaseChanged':
      return {
        ...state,
        phase: event.to,
        mitigatedAt: event.to === 'monitoring' ? event.at : state.mitigatedAt,
      };
    case 'RootCauseIdentified':
      return { ...state, rootCauseAt: event.at };
    case 'SoakStarted':
      return { ...state, soak: { since: event.at, until: event.until, proposed: false } };
    case 'SoakBroken':
      return { ...state, soak: null };
    case 'ResolutionProposed':
      return {
        ...state,
        soak: { since: state.soak?.since ?? event.at, until: event.at, proposed: true },
      };
    case 'IncidentResolved':
      return { ...state, phase: 'resolved', resolvedAt: event.at, soak: null, audiences: {} };
    case 'IncidentClosed':
      return { ...state, phase: 'closed', closedAs: event.as, soak: null, audiences: {} };
    case 'IncidentReopened':
      return {
        ...state,
        phase: state.declaredAt === null ? 'triage' : 'investigating',
        resolvedAt: null,
        closedAs: null,
        soak: null,
      };
    default:
      return null;
  }
}

function alertsCleared(state: Incident, event: Of<'AlertsCleared'>): Incident {
  return {
    ...state,
    alerts: { firing: 0, total: event.alerts.total, lastAt: event.at, clearSince: event.at },
  };
}

function stormGathered(state: Incident, event: Of<'StormGathered'>): Incident {
  return {
    ...state,
    storm: {
      over: event.over,
      children: union(state.storm?.children ?? [], event.children),
      services: union(state.storm?.services ?? [], event.services),
    },
  };
}

function alertsAttached(
  state: Incident,
  event: Extract<IncidentEvent, { type: 'AlertsAttached' }>,
): Incident {
  const services =
    event.service === null || state.storm === null
      ? null
      : union(state.storm.services, [event.service]);
  return {
    ...state,
    firstSignalAt: Math.min(state.firstSignalAt, event.alerts.firstSignalAt),
    alerts: {
      firing: event.alerts.firing,
      total: event.alerts.total,
      lastAt: event.at,
      clearSince: null,
    },
    spent: union(state.spent, event.spent),
    storm: state.storm === null || services === null ? state.storm : { ...state.storm, services },
  };
}

function severityChanged(
  state: Incident,
  event: Extract<IncidentEvent, { type: 'SeverityChanged' }>,
): Incident {
  const raised = event.direction === 'raise' && event.by !== 'person';
  return {
    ...state,
    level: event.to,
    levelSince: event.at,
    levelBecause: event.because,
    spent: union(state.spent, event.spent),
    raises: raised ? [...state.raises, event.at] : state.raises,
    impactBaseline: state.impact,
  };
}

/** Before any level change the first known value of a measure is its baseline: growth is never measured from nothing. */
function impactReported(
  state: Incident,
  event: Extract<IncidentEvent, { type: 'ImpactReported' }>,
): Incident {
  const impact = { ...state.impact, ...event.impact };
  return {
    ...state,
    impact,
    impactBaseline: { ...impact, ...state.impactBaseline },
    impactReports: state.impactReports + 1,
  };
}
