/**
 * The minimal path: when routing, deciding or folding has thrown three times, an incident is opened and somebody is paged
 * without asking the rules or any incident's state. Poison can neither be lost nor block.
 */
import type { Instant } from '../model/alert.ts';
import { encodeGroup } from '../model/arriving-keys.ts';
import { candidatesOf } from '../people/candidates.ts';
import { startEscalations } from '../paging/escalating.ts';
import { raiseAlarm } from '../paging/alarms.ts';
import { callDue } from '../paging/sounding.ts';
import { owedByCall } from '../paging/owed-paging.ts';
import { groundOf, underAlarm } from '../model/obligation.ts';
import { isOwed, type Incident } from '../model/incident.ts';
import type { Routing, Stamp } from '../model/input.ts';
import type { Lookups } from '../model/lookups.ts';
import type { Recipient, Policy } from '../model/policy.ts';
import { beginDecision, type Concluded, type Context, openDecision } from '../model/decision.ts';

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

function whoever(policy: Policy, team: string): Recipient {
  return policy.teams[team]?.onCall ?? policy.automation.alarm.page ?? { kind: 'service_on_call' };
}

function stamp(id: string, incident: string): Stamp {
  return { id, incident, actor: { kind: 'tocsin' } };
}

/** Opens the incident on the default route's team and rings its on-call; if there is none, anybody with an address. */
export function minimalIncident(args: MinimalArgs): Concluded {
  const { policy, now, lookups } = args;
  const route = policy.routes.find((one) => one.isDefault);
  const team = route?.team.kind === 'fixed' ? route.team.team : '';
  const routing: Routing = {
    source: args.source,
    team,
    service: null,
    rule: null,
    route: null,
    groupKey: encodeGroup({ kind: 'minimal', input: args.input }),
    trusted: false,
    public: 'never',
    level: null,
    because: args.reason,
    title: args.title,
    description: args.reason,
    labels: {},
    links: [],
  };
  const input = stamp(args.input, args.incident);
  const context = { now, policy, lookups };
  const decision = openDecision(input, context, {
    type: 'IncidentOpened',
    kind: 'incident',
    title: args.title,
    routing,
    firstSignalAt: now,
    adopted: null,
  });
  const wanted = whoever(policy, team);
  const reaches = candidatesOf(wanted, context, { team, service: null }).list.length > 0;
  const anybody = Object.values(policy.people).find((person) => person.addresses.length > 0);
  const recipient: Recipient =
    reaches || anybody === undefined ? wanted : { kind: 'person', person: anybody.id };
  startEscalations(decision, [
    {
      key: { kind: 'service', service: null },
      recipient,
      escalation: { kind: 'vendor', unanswered: null },
      fallback: [],
    },
  ]);
  return decision;
}

/**
 * An incident that speaks for others cannot go on by itself: that nobody has answered is an alarm at its interval, which
 * rings as every alarm does. Null: nobody is to be rung now.
 */
export function minimalAlarm(
  state: Incident,
  { input, ...context }: Context & { readonly input: string },
): Concluded | null {
  const decision = beginDecision(state, stamp(input, state.id), context);
  for (const escalation of Object.values(state.escalations)) {
    if (!isOwed(escalation) || escalation.key.kind === 'alarm') continue;
    const alarm = { kind: 'escalation', escalation: escalation.key } as const;
    const first = escalation.since + context.policy.automation.alarmEveryMs;
    const dueAt = underAlarm(groundOf(state, context), alarm, '')?.dueAt ?? first;
    if (decision.now >= dueAt)
      raiseAlarm(decision, alarm, 'what it owes cannot be dealt with, and nobody has answered');
  }
  const call = owedByCall(groundOf(decision.state, context), null);
  if ('dueAt' in call && decision.now >= call.dueAt) callDue(decision, null);
  return decision.events.length === 0 ? null : decision;
}
