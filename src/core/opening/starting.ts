/** Incidents that a person starts: a declaration, and a test of the path to somebody's phone. */
import { serviceRequest } from '../paging/requests.ts';
import { oneLine } from '../model/plain.ts';
import { declare } from '../command/declaring.ts';
import { startEscalations } from '../paging/escalating.ts';
import { encodeGroup } from '../model/arriving-keys.ts';
import type { Routing, Stamp } from '../model/input.ts';
import type { Level } from '../model/policy.ts';
import { own } from '../model/own.ts';
import { setFlags } from '../severity/flags.ts';
import { pausedBy, whyNotByMachine } from '../severity/machines.ts';
import { changeLevel, unknownLevel } from '../severity/severity.ts';
import {
  automationPause,
  levelNamed,
  openDecision,
  type Context,
  type Refusal,
  type Decision,
} from '../model/decision.ts';

/** Beyond the end of the test: nobody else is rung for it. */
const NEVER_MS = 24 * 3_600_000;

function routingOf(
  input: Stamp,
  words: Pick<Routing, 'title' | 'description' | 'team' | 'service'>,
): Routing {
  const who = input.actor.kind === 'tocsin' ? 'tocsin' : input.actor.id;
  return {
    ...words,
    source: 'people',
    rule: null,
    route: null,
    groupKey: encodeGroup({ kind: 'declared', incident: input.incident }),
    trusted: false,
    public: 'allowed',
    level: null,
    because: `declared by ${who}`,
    labels: {},
    links: [],
  };
}

export interface Declaration {
  readonly level: string | null;
  readonly title: string | null;
  readonly team: string | null;
  readonly service: string | null;
  readonly text: string | null;
  /** What is known to hold, before anything is said in public. */
  readonly flags: readonly string[];
}

/** The level that was asked for, and what is known. */
interface Taken {
  readonly level: Level | null;
  readonly text: string | null;
}

/**
 * While automation is paused a machine is heard, and somebody rung, but how bad it is stays open: a person reads what it
 * asked for. Refused, its report would be lost, for a script asks once.
 */
function takenOf({ actor, incident }: Stamp, asked: Taken, context: Context): Taken {
  const pause = actor.kind === 'person' ? null : automationPause({ context, now: context.now });
  if (pause === null || asked.level === null) return asked;
  const held = `It was declared as ${asked.level.id} by a machine; ${pausedBy(pause)}. If it is that bad: \`tocsin severity ${incident} ${asked.level.id}\`.`;
  return { level: null, text: [asked.text, held].filter((one) => one !== null).join('\n') };
}

/** Declaring is cheap: the level may be left open ("pending more information"). */
export function openByPerson(
  input: Stamp,
  given: Declaration,
  context: Context,
): Decision | Refusal {
  const { policy } = context;
  const asked = levelNamed(policy, given.level);
  if (given.level !== null && asked === null)
    return unknownLevel(policy, given.level, 'tocsin declare --level LEVEL "..."');
  if (given.service !== null && own(policy.services, given.service) === undefined)
    return {
      code: 'unknown_service',
      message: `There is no service ${given.service}. Services: ${Object.keys(policy.services).join(', ')}. Name one of them, \`tocsin declare --service SERVICE "..."\`, or none.`,
      about: { kind: 'name', field: 'service' },
    };
  if (given.team !== null && own(policy.teams, given.team) === undefined)
    return {
      code: 'unknown_team',
      message: `There is no team ${given.team}. Teams: ${Object.keys(policy.teams).join(', ')}. Name one of them, \`tocsin declare --team TEAM "..."\`, or none.`,
      about: { kind: 'name', field: 'team' },
    };
  const { actor } = input;
  const command = 'tocsin declare --level LEVEL "..."';
  const barred =
    asked === null
      ? null
      : whyNotByMachine({ actor, policy, pause: null }, { to: asked, isDeclared: true, command });
  if (barred !== null) return barred;
  const { level, text } = takenOf(input, { level: asked, text: given.text }, context);
  const fallbackRoute = policy.routes.find((route) => route.isDefault);
  const fallbackTeam = fallbackRoute?.team.kind === 'fixed' ? fallbackRoute.team.team : '';
  const team =
    given.team ??
    (given.service === null
      ? fallbackTeam
      : (policy.services[given.service]?.team ?? fallbackTeam));
  const title = oneLine(given.title ?? '') || 'Incident declared by a person';
  const routing = routingOf(input, {
    title,
    description: text ?? '',
    team,
    service: given.service,
  });
  const decision = openDecision(input, context, {
    type: 'IncidentOpened',
    kind: 'incident',
    title,
    routing,
    firstSignalAt: context.now,
    adopted: null,
  });
  if (level !== null)
    changeLevel(decision, {
      to: level,
      cause: { kind: 'person' },
      because: routing.because,
      where: null,
      spent: [],
    });
  const refused = setFlags(decision, given.flags, 'tocsin declare --flag FLAG "..."');
  if (refused !== null) return refused;
  declare(decision, 'person', { title: null, text });
  // Without a level no role is named, yet somebody must look: the on-call of the service or team.
  if (level === null) startEscalations(decision, [serviceRequest(decision, given.service)]);
  return decision;
}

/** Pages one person through the real path; never public, counted nowhere. */
export function openTest(
  input: Stamp,
  given: { readonly person: string },
  context: Context,
): Decision | Refusal {
  const person = own(context.policy.people, given.person);
  if (person === undefined)
    return {
      code: 'unknown_person',
      message: `There is no person ${given.person}. People: ${Object.keys(context.policy.people).join(', ')}. Name one of them: \`tocsin page --test PERSON\`.`,
      about: { kind: 'name', field: 'person' },
    };
  if (person.addresses.length === 0)
    return {
      code: 'no_address',
      message: `${person.name} has no address on any pager, so nothing can ring them. Write one under \`people:\` in the configuration, then \`tocsin reload\`.`,
    };
  const title = `Test page to ${person.name}`;
  const routing = {
    ...routingOf(input, { title, description: '', team: '', service: null }),
    public: 'never' as const,
  };
  const decision = openDecision(input, context, {
    type: 'IncidentOpened',
    kind: 'test',
    title,
    routing,
    firstSignalAt: context.now,
    adopted: null,
  });
  startEscalations(decision, [
    {
      key: { kind: 'test' },
      about: `a test page to ${person.name}`,
      recipient: { kind: 'person', person: given.person },
      escalation: {
        kind: 'vendor',
        unanswered: {
          afterMs: NEVER_MS,
          page: { kind: 'person', person: given.person },
        },
      },
      fallback: [],
    },
  ]);
  return decision;
}
