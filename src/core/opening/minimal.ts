/**
 * The minimal path: when routing, deciding or folding has thrown three times, an incident is opened and somebody is paged
 * without asking the rules or any incident's state. Poison can neither be lost nor block.
 */
import type { Instant } from '../model/alert.ts';
import { candidatesOf } from '../people/candidates.ts';
import type { Effect } from '../model/effect.ts';
import { startRuns } from '../paging/escalating.ts';
import type { IncidentEvent } from '../model/event.ts';
import type { Incident } from '../model/incident.ts';
import type { RoutingFacts } from '../model/input.ts';
import type { Lookups } from '../model/lookups.ts';
import type { PageSource, Policy } from '../model/policy.ts';
import { openTurn } from '../model/turn.ts';

interface MinimalArgs {
  readonly incident: string;
  readonly input: string;
  readonly now: Instant;
  readonly policy: Policy;
  readonly lookups: Lookups;
  /** What could not be decided, in a sentence. */
  readonly title: string;
  readonly reason: string;
  readonly source: string;
}

function whoever(policy: Policy, team: string): PageSource {
  return policy.teams[team]?.onCall ?? policy.automation.alarm.page ?? { kind: 'service_on_call' };
}

/** Opens the incident on the default route's team and rings its on-call; if there is none, anybody with an address. */
export function minimalIncident(args: MinimalArgs): {
  readonly state: Incident;
  readonly events: readonly IncidentEvent[];
  readonly effects: readonly Effect[];
} {
  const { policy, now, lookups } = args;
  const route = policy.routes.find((one) => one.isDefault);
  const team = route?.team.kind === 'fixed' ? route.team.team : '';
  const facts: RoutingFacts = {
    source: args.source,
    team,
    service: null,
    rule: null,
    route: null,
    groupKey: `minimal/${args.input}`,
    trusted: false,
    public: 'never',
    level: null,
    because: args.reason,
    title: args.title,
    description: args.reason,
    labels: {},
    links: [],
  };
  const input = {
    id: args.input,
    incident: args.incident,
    at: now,
    actor: { kind: 'tocsin' } as const,
    type: 'AddNote' as const,
    text: args.reason,
  };
  const context = { now, policy, lookups };
  const turn = openTurn(input, context, {
    type: 'IncidentOpened',
    kind: 'incident',
    title: args.title,
    facts,
    firstSignalAt: now,
    adopted: null,
  });
  const wanted = whoever(policy, team);
  const reaches = candidatesOf(wanted, context, { team, service: null }).list.length > 0;
  const anybody = Object.values(policy.people).find((person) => person.addresses.length > 0);
  const source: PageSource =
    reaches || anybody === undefined ? wanted : { kind: 'person', person: anybody.id };
  startRuns(turn, [
    {
      key: { kind: 'service', service: null },
      source,
      escalation: { kind: 'vendor', unanswered: null },
      fallback: [],
    },
  ]);
  return { state: turn.state, events: turn.events, effects: turn.effects };
}
