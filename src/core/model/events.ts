/**
 * The table of events: one entry per type, its fold and its sentence. A type without an entry does not compile, and a test
 * asks that some story produces each.
 */
import type { Instant } from './alert.ts';
import type { EventEntries, EventEntry } from './event-entry.ts';
import type { BodyOf, EventBody, EventOf, EventType, IncidentEvent } from './event.ts';
import { hearingEvents } from './events-hearing.ts';
import { incidentEvents } from './events-incident.ts';
import { pagingEvents } from './events-paging.ts';
import { publicEvents } from './events-public.ts';
import { INCIDENT_FORMAT, type Incident } from './incident.ts';
import { ruleEvidence } from './evidence.ts';

const EVENTS: EventEntries<EventType> = {
  ...incidentEvents,
  ...hearingEvents,
  ...pagingEvents,
  ...publicEvents,
};

export const EVENT_TYPES = Object.keys(EVENTS) as readonly EventType[];

function entryOf<T extends EventType>(type: T): EventEntry<T> {
  return EVENTS[type];
}

function opened(event: EventOf<'IncidentOpened'>): Incident {
  return {
    format: INCIDENT_FORMAT,
    id: event.incident,
    version: event.version,
    lastEventAt: event.at,
    kind: event.kind,
    phase: 'triage',
    title: event.title,
    routing: event.routing,
    parent: null,
    storm: null,
    openedAt: event.at,
    firstSignalAt: event.firstSignalAt,
    declaredAt: null,
    declaredBy: null,
    rootCauseAt: null,
    mitigatedAt: null,
    resolvedAt: null,
    reopenedAt: null,
    closedAs: null,
    level: null,
    levelSince: event.at,
    isLevelChosen: false,
    raisedFrom: [],
    levelKept: null,
    answeredAt: null,
    missed: {},
    levelBecause: event.routing.because,
    spent: [ruleEvidence(event.routing)],
    heldTriggers: {},
    raises: [],
    impact: {},
    impactBaseline: {},
    impactReports: 0,
    flags: {},
    reports: [],
    alerts: { firing: 0, stale: 0, held: 0, total: 0 },
    heldAt: null,
    leftOut: {},
    unproven: null,
    clearedAt: null,
    relapses: [],
    relapse: null,
    isFlapping: false,
    signsOfLife: signOfLife(event),
    presence: { since: null, asked: null, unattended: null },
    roles: {},
    keptRoles: {},
    pages: {},
    rang: {},
    unheardAnswers: {},
    escalations: {},
    publicPages: {},
    drafts: {},
    audiences: {},
    room: null,
    notices: {},
    alarms: {},
    soak: null,
    quietSpells: [],
    stuck: {},
  };
}

/** Who shows by it that they are there. */
function signOfLife(event: IncidentEvent): Incident['signsOfLife'] {
  const { actor, at } = event;
  // Silenced by us, since somebody answered or was given a role: who did either has an event of their own.
  if (event.type === 'PageAcknowledged' && event.via === 'tocsin') return {};
  // What a pager tells of its own ring nobody has done.
  if (event.type === 'RingChanged') return {};
  if (event.type === 'PageAcknowledged' || event.type === 'PageNoted')
    return event.by === null ? {} : { [event.by]: at };
  return actor.kind === 'person' ? { [actor.id]: at } : {};
}

function folded<T extends EventType>(state: Incident, event: EventOf<T> & { type: T }): Incident {
  return entryOf<T>(event.type).fold(state, event);
}

/** The state after the event. Throws on an event that does not belong here: that is a bug or a damaged store. */
export function evolve(state: Incident | null, event: IncidentEvent): Incident {
  if (state === null) {
    if (event.type !== 'IncidentOpened')
      throw new Error(`${event.incident} has an event ${event.type} before it was opened`);
    return opened(event);
  }
  if (event.version !== state.version + 1)
    throw new Error(`${event.incident} jumps from version ${state.version} to ${event.version}`);
  const after = folded(state, event);
  const signsOfLife = { ...after.signsOfLife, ...signOfLife(event) };
  return { ...after, signsOfLife, version: event.version, lastEventAt: event.at };
}

/** The state after all the events of one incident, in order. */
export function fold(events: readonly IncidentEvent[]): Incident | null {
  let state: Incident | null = null;
  for (const event of events) state = evolve(state, event);
  return state;
}

function said<T extends EventType>(
  event: BodyOf<T> & { type: T },
  time: (at: Instant) => string,
): string {
  return entryOf<T>(event.type).says(event, time);
}

/** The event as one sentence for people. @param time text of an instant */
export function sentenceOf(event: EventBody, time: (at: Instant) => string): string {
  // Reasons that people or vendors wrote may end with a full stop of their own.
  return said(event, time).replace(/([.!?])\.$/, '$1');
}
