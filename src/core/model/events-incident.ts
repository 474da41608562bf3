/** Events about the incident itself: its alerts, its level, its phase, its end. */
import {
  appended,
  holderText,
  peopleText,
  whereText,
  unchanged,
  union,
  withSpent,
  without,
} from './event-entry.ts';
import type { EventEntries, EventEntry } from './event-entry.ts';
import type { EventOf, EventType } from './event.ts';
import { saysItGoesOn, type Incident, type WaitingRing } from './incident.ts';
import {
  CALM_MS,
  countsOf,
  isBetween,
  isWatched,
  quietSpellsAfter,
  reckoned,
  unheardSince,
  waitingInQuiet,
} from './quiet.ts';

const DECLARED: Readonly<Record<EventOf<'IncidentDeclared'>['how'], string>> = {
  // Who did stands beside it: a person or a machine.
  person: '',
  acknowledgement: ' because it was acknowledged',
  trusted_rule: ' by a trusted rule',
  still_firing: ' because it is still firing',
};

const MOVED: Readonly<Record<EventOf<'SeverityChanged'>['direction'], string>> = {
  start: 'Severity is',
  raise: 'Severity raised to',
  lower: 'Severity lowered to',
};

function entry<T extends EventType>(one: EventEntry<T>): EventEntry<T> {
  return one;
}

function changeText({
  newlyFiring,
  newlyResolved,
}: {
  readonly newlyFiring: number;
  readonly newlyResolved: number;
}): string {
  const parts = [
    newlyFiring > 0 ? `${newlyFiring} began` : null,
    newlyResolved > 0 ? `${newlyResolved} ended` : null,
  ].filter((part) => part !== null);
  return parts.join(', ') || 'none began or ended';
}

const AlertsAttached = entry<'AlertsAttached'>({
  fold: (state, event) => {
    const { storm } = state;
    const reached = event.service === null ? [] : [event.service];
    const change = {
      ...withSpent(state, event.spent),
      firstSignalAt: Math.min(state.firstSignalAt, event.alerts.firstSignalAt),
      alerts: countsOf(state, event.alerts),
      storm: storm === null ? null : { ...storm, services: union(storm.services, reached) },
    };
    return reckoned(state, change, event.at);
  },
  says: ({ alerts }) =>
    `Alerts: ${changeText(alerts)}; ${alerts.firing} of ${alerts.total} are firing.${alerts.truncated ? ' The sender left some out.' : ''}`,
});

const AlertsCleared = entry<'AlertsCleared'>({
  fold: (state, event) => {
    const alerts = { ...countsOf(state, event.alerts), firing: 0 };
    const relapse = waitingInQuiet(state);
    return reckoned(state, { alerts, clearedAt: event.at, relapse }, event.at);
  },
  // Told by what fires anew: its sender said nothing of an end.
  says: ({ alerts }) =>
    `Alerts: ${alerts.newlyResolved} ended${alerts.newlyFiring > 0 ? ', which nobody told' : ''}; ${alerts.firing} of ${alerts.total} are firing.${alerts.truncated ? ' The sender left some out.' : ''}`,
});

/** More of them within two hours tell nothing further. */
const RELAPSES_KEPT = 20;

function waitingText(waiting: readonly WaitingRing[]): string {
  const people = waiting.flatMap((one) => one.people);
  if (people.length === 0) return '';
  return ` ${peopleText([...new Set(people)])} did something a moment ago and is rung in 5 minutes, unless they do something now.`;
}

const AlertsRelapsed = entry<'AlertsRelapsed'>({
  fold: (state, event) => ({
    ...state,
    relapses: [...state.relapses, event.at].slice(-RELAPSES_KEPT),
    relapse: { at: event.at, waiting: event.waiting },
    isFlapping: event.isFlapping,
    // The last quiet before it flaps was one like any other.
    quietSpells:
      event.isFlapping && !state.isFlapping ? quietSpellsAfter(state, event.at) : state.quietSpells,
  }),
  says: ({ number, isFlapping, quietSince, waiting }, time) => {
    const unless = waitingText(waiting);
    const what = isFlapping ? `It is flapping, time ${number} in two hours` : 'It fires again';
    return `${what}; it was quiet since ${time(quietSince)}.${unless}`;
  },
});

const AlertsDescribed = entry<'AlertsDescribed'>({
  fold: (state, { description }) => ({ ...state, routing: { ...state.routing, description } }),
  says: ({ description }) => `What fires says now: ${description}`,
});

const RelapseUnseen = entry<'RelapseUnseen'>({
  fold: (state) => ({
    ...state,
    relapse: state.relapse === null ? null : { ...state.relapse, waiting: [] },
  }),
  says: ({ people }) => `${peopleText(people)} has done nothing since then.`,
});

const PresenceAsked = entry<'PresenceAsked'>({
  fold: (state, { person, role, at }) => ({
    ...state,
    presence: { ...state.presence, asked: { person, role, at } },
  }),
  says: ({ person, role, silentSince }, time) =>
    `Nothing was heard of ${holderText(person, role)} since ${time(silentSince)}: asked whether anybody is still on it.`,
});

const AlertsUnattended = entry<'AlertsUnattended'>({
  fold: (state, { services, later, at }) => {
    const before = state.presence.unattended;
    const unattended = later
      ? { services: union(before?.services ?? [], services), at: before?.at ?? at }
      : null;
    return { ...state, presence: { ...state.presence, unattended } };
  },
  says: ({ services, silentSince, later }, time) => {
    const named = services.filter((one) => one !== null);
    const whose = named.length === 0 ? '' : ` for ${named.join(', ')}`;
    return `Alerts fire anew, and nobody has done anything about it since ${time(silentSince)}: whoever is on call${whose} is rung${later ? ' when working hours begin' : ''}.`;
  },
});

const ResponderJoined = entry<'ResponderJoined'>({
  fold: unchanged,
  says: ({ person }) => `${person} joined the responders.`,
});

const StormGathered = entry<'StormGathered'>({
  fold: (state, event) => ({
    ...state,
    storm: {
      over: event.over,
      children: union(state.storm?.children ?? [], event.children),
      services: union(state.storm?.services ?? [], event.services),
    },
  }),
  says: ({ over, children }) => `A storm over ${over}: gathers ${peopleText(children)}.`,
});

const IncidentDeclared = entry<'IncidentDeclared'>({
  fold: (state, event) => ({
    ...state,
    phase: 'investigating',
    quietSpells:
      unheardSince(state) === null ? state.quietSpells : quietSpellsAfter(state, event.at),
    declaredAt: event.at,
    declaredBy: event.actor,
    isLevelChosen: state.isLevelChosen || event.actor.kind === 'person',
    title: event.title ?? state.title,
  }),
  says: ({ how, title, text }) => `Declared${DECLARED[how]}${appended(title)}${appended(text)}.`,
});

const SeverityChanged = entry<'SeverityChanged'>({
  fold: (state, event) => {
    const isRaised = event.direction === 'raise' && event.cause.kind !== 'person';
    const name = event.cause.kind === 'trigger' ? event.cause.name : '';
    return {
      ...state,
      ...withSpent(state, event.spent),
      level: event.to,
      levelSince: event.at,
      isLevelChosen: state.isLevelChosen || event.cause.kind === 'person',
      raisedFrom:
        event.direction === 'raise' && event.from !== null
          ? [
              ...state.raisedFrom,
              { level: event.from, since: state.levelSince, kept: state.levelKept },
            ]
          : [],
      levelKept: event.level,
      levelBecause: event.because,
      raises: isRaised ? [...state.raises, event.at] : state.raises,
      heldTriggers: without(state.heldTriggers, name),
      impactBaseline: state.impact,
      publicPages:
        event.direction === 'lower' ? state.publicPages : pagesAfterRaise(state, event.at),
    };
  },
  says: (event) => {
    const from = event.from === null ? '' : ` from ${event.from}`;
    const where = event.where === null ? '' : whereText(event.where);
    const cited = where === '' || event.because.includes(where) ? '' : ` (${where})`;
    return `${MOVED[event.direction]} ${event.to}${from}: ${event.because}${cited}.`;
  },
});

/** What is on a page already is followed up no later than the new level's interval. */
function pagesAfterRaise(state: Incident, at: number): Incident['publicPages'] {
  if (state.declaredAt === null) return state.publicPages;
  return Object.fromEntries(
    Object.entries(state.publicPages).map(([target, page]) => [
      target,
      saysItGoesOn(page) ? { ...page, raisedAt: at } : page,
    ]),
  );
}

const TriggerHeld = entry<'TriggerHeld'>({
  fold: (state, event) => ({
    ...state,
    ...withSpent(state, event.spent),
    heldTriggers: event.later
      ? { ...state.heldTriggers, [event.trigger]: event.at }
      : without(state.heldTriggers, event.trigger),
  }),
  says: ({ trigger, why }) => `Trigger "${trigger}" did not change the severity: ${why}.`,
});

const ImpactReported = entry<'ImpactReported'>({
  fold: (state, event) => {
    const impact = { ...state.impact, ...event.impact };
    return {
      ...state,
      impact,
      // The first known value of a measure is its baseline: growth is never measured from nothing.
      impactBaseline: { ...impact, ...state.impactBaseline },
      impactReports: state.impactReports + 1,
    };
  },
  says: ({ impact }) => {
    const measures = Object.entries(impact).map(
      ([name, value]) => `${value} ${name.replaceAll('_', ' ')}`,
    );
    return `Impact reported: ${measures.join(', ')}.`;
  },
});

const FlagsReconfigured = entry<'FlagsReconfigured'>({
  fold: (state, event) => ({
    ...state,
    flags: Object.fromEntries(
      Object.entries(state.flags).map(([name, flag]) => [
        name,
        { ...flag, kept: event.flags[name] ?? flag.kept },
      ]),
    ),
  }),
  says: ({ flags }) =>
    Object.entries(flags)
      .map(([name, flag]) =>
        flag.public === 'never'
          ? `Flag ${name} forbids public posts now.`
          : `Flag ${name} forbids no public posts any more.`,
      )
      .join(' '),
});

const CustomerReported = entry<'CustomerReported'>({
  fold: (state, event) => ({
    ...state,
    reports: [...state.reports, { account: event.account, tier: event.tier, at: event.at }],
  }),
  says: ({ account, tier, text }) => `Customer ${account} (${tier}) reported it${appended(text)}.`,
});

const PhaseChanged = entry<'PhaseChanged'>({
  fold: (state, event) => ({
    ...state,
    phase: event.to,
    mitigatedAt: event.to === 'monitoring' ? event.at : state.mitigatedAt,
  }),
  says: ({ from, to, text }) => `Phase ${from} → ${to}${appended(text)}.`,
});

/** The watch ends, by its time or before: while it lasted nobody was missed, but between two relapses of what flaps. */
function presenceAfterSoak(state: Incident, at: number): Incident['presence'] {
  const since = state.soak?.since ?? at;
  const isNone = !isWatched(state) || (isBetween(state) && at - since < CALM_MS);
  return isNone ? state.presence : { ...state.presence, since: at };
}

const SoakBroken = entry<'SoakBroken'>({
  fold: (state, event) => ({
    ...state,
    quietSpells: quietSpellsAfter(state, event.at),
    soak: null,
    presence: presenceAfterSoak(state, event.at),
  }),
  says: ({ because }) => `The watch ended early: ${because}.`,
});

const FlappingEnded = entry<'FlappingEnded'>({
  fold: (state) => ({ ...state, isFlapping: false }),
  says: ({ quietSince }, time) => `It flaps no more: it has been quiet since ${time(quietSince)}.`,
});

const ResolutionProposed = entry<'ResolutionProposed'>({
  fold: (state, event) => ({
    ...state,
    soak: { since: state.soak?.since ?? event.at, proposedAt: event.at },
    presence: presenceAfterSoak(state, event.at),
  }),
  says: ({ because }) => `Can be resolved: ${because}.`,
});

const over = {
  soak: null,
  audiences: {},
  notices: {},
  heldTriggers: {},
  leftOut: {},
  unproven: null,
  heldAt: null,
} as const;

/** What an incident that is over owes and waits for no more. */
function ended(state: Incident): Incident {
  return { ...state, ...over, alerts: { ...state.alerts, held: 0 } };
}

export const incidentEvents = {
  IncidentOpened: entry<'IncidentOpened'>({
    fold: (state) => {
      throw new Error(`${state.id} was opened twice`);
    },
    says: (event) => {
      const { rule, source } = event.routing;
      const by = rule === null ? '' : ` by rule "${rule.name}" (${whereText(rule.where)})`;
      const adopted =
        event.adopted === null
          ? ''
          : ` ${event.adopted.label} rings for it already and was adopted.`;
      if (event.kind === 'test') return `${event.title} was started.`;
      return `Opened from ${source}${by}: ${event.title}.${adopted}`;
    },
  }),
  AlertsAttached,
  AlertsCleared,
  StormGathered,
  ParentJoined: entry<'ParentJoined'>({
    fold: (state, event) => ({ ...state, parent: event.parent }),
    says: ({ parent }) => `Joined ${parent}, which speaks for it in public.`,
  }),
  IncidentDeclared,
  SeverityChanged,
  TriggerHeld,
  ImpactReported,
  FlagSet: entry<'FlagSet'>({
    fold: (state, event) => ({
      ...state,
      flags: { ...state.flags, [event.flag]: { at: event.at, kept: event.configured } },
    }),
    says: ({ flag }) => `Flag ${flag} set.`,
  }),
  FlagsReconfigured,
  CustomerReported,
  NoteAdded: entry<'NoteAdded'>({ fold: unchanged, says: ({ text }) => `Note: ${text}` }),
  PhaseChanged,
  RootCauseIdentified: entry<'RootCauseIdentified'>({
    fold: (state, event) => ({ ...state, rootCauseAt: event.at }),
    says: ({ text }) => `Root cause found: ${text}`,
  }),
  SoakStarted: entry<'SoakStarted'>({
    fold: (state, event) => ({ ...state, soak: { since: event.at, proposedAt: null } }),
    says: ({ until }, time) =>
      until === null
        ? 'All quiet; watched until whoever was asked for is rung, and from then on for as long as usual.'
        : `All quiet; watched until ${time(until)}.`,
  }),
  SoakBroken,
  FlappingEnded,
  AlertsRelapsed,
  AlertsDescribed,
  RelapseUnseen,
  PresenceAsked,
  AlertsUnattended,
  ResponderJoined,
  ResolutionProposed,
  IncidentResolved: entry<'IncidentResolved'>({
    fold: (state, event) => ({ ...ended(state), phase: 'resolved', resolvedAt: event.at }),
    says: ({ automatic, text }) => `Resolved${automatic ? ' by itself' : ''}${appended(text)}.`,
  }),
  IncidentClosed: entry<'IncidentClosed'>({
    fold: (state, event) => ({ ...ended(state), phase: 'closed', closedAs: event.as }),
    says: ({ as, reason }) => `Closed as ${as.replaceAll('_', ' ')}${appended(reason)}.`,
  }),
  IncidentReopened: entry<'IncidentReopened'>({
    fold: (state, event) => {
      const phase = state.declaredAt === null ? 'triage' : 'investigating';
      const open = { phase, resolvedAt: null, closedAs: null, soak: null } as const;
      const relapse = { at: event.at, waiting: event.waiting };
      return reckoned(state, { ...open, reopenedAt: event.at, relapse }, event.at);
    },
    says: ({ reason, waiting }) => `Reopened: ${reason}.${waitingText(waiting)}`,
  }),
  PostmortemDue: entry<'PostmortemDue'>({
    fold: unchanged,
    says: ({ dueAt }, time) => `A post-mortem is due by ${time(dueAt)}.`,
  }),
  DeliveriesUnparsed: entry<'DeliveriesUnparsed'>({
    fold: unchanged,
    says: ({ count, source, reason }) =>
      `${count === 1 ? 'A delivery' : `${count} deliveries`} of ${source} could not be read: ${reason}.`,
  }),
} satisfies Partial<EventEntries<EventType>>;
