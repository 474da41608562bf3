/**
 * Whom alarms ring, one after the other: whom the configuration names for them, else everybody of the incident's team. A
 * team is whoever is named as its on-call, and as on-call and fallback of its services.
 */
import { candidatesOf, several, type Candidates } from './candidates.ts';
import { shiftAt } from './on-call.ts';
import { encodeSchedule } from '../model/keys.ts';
import type { Policy, Recipient, Rotation, Service } from '../model/policy.ts';
import type { Context } from '../model/decision.ts';

interface Subject {
  readonly team: string;
  readonly service: string | null;
}

/** Who is on call, then the others in the order of their shifts. */
function byShift(rotation: Rotation, now: number): readonly string[] {
  const at = Math.max(0, rotation.people.indexOf(shiftAt(rotation, now)?.person ?? ''));
  return [...rotation.people.slice(at), ...rotation.people.slice(0, at)];
}

/** Roles that name each other lead to nobody further. */
const DEPTH_MAX = 8;

/** Everybody whom the recipient may lead to, be it their turn or not; an address of a vendor tells nobody. */
function peopleNamed(recipient: Recipient, context: Context, depth = 0): readonly string[] {
  const { policy, lookups, now } = context;
  switch (recipient.kind) {
    case 'person':
      return [recipient.person];
    case 'group':
      return policy.groups[recipient.group] ?? [];
    case 'rotation': {
      const rotation = policy.rotations[recipient.rotation];
      return rotation === undefined ? [] : byShift(rotation, now);
    }
    case 'schedule':
      return (
        lookups.onCall[encodeSchedule({ target: recipient.target, id: recipient.schedule.id })]
          ?.people ?? []
      );
    case 'role': {
      const role = policy.roles[recipient.role];
      if (role === undefined || depth >= DEPTH_MAX) return [];
      return [role.page, ...role.fallback].flatMap((one) => peopleNamed(one, context, depth + 1));
    }
    case 'service_on_call':
    case 'addresses':
      return [];
  }
}

/** The services of the team, the one that the incident is about first. */
function servicesOf(policy: Policy, { team, service }: Subject): readonly Service[] {
  const all = Object.values(policy.services);
  const own = all.filter(({ id }) => id === service);
  return [...own, ...all.filter((one) => one.team === team && one.id !== service)];
}

function peopleOfTeam(context: Context, subject: Subject): readonly string[] {
  const { policy } = context;
  const onCall = policy.teams[subject.team]?.onCall ?? null;
  const recipients = [
    ...servicesOf(policy, subject).flatMap((one) => [one.onCall, ...one.fallback]),
    ...(onCall === null ? [] : [onCall]),
  ];
  return [...new Set(recipients.flatMap((one) => peopleNamed(one, context)))];
}

/** In the order in which they are rung. Where nobody of the team can be rung, everybody who can. */
export function alarmList(context: Context, subject: Subject): Candidates {
  const { policy } = context;
  const { page } = policy.automation.alarm;
  const written = page === null ? null : candidatesOf(page, context, subject);
  if (written !== null && written.list.length > 0) return written;
  const team = several(peopleOfTeam(context, subject), `of team ${subject.team}`, policy);
  if (team.list.length > 0) return team;
  return several(Object.keys(policy.people), 'among the people of the configuration', policy);
}

/**
 * Whom Tocsin warns of itself where no incident can be opened: the on-call of the team of the default route, then whom its
 * alarms ring, each once.
 */
export function whomToWarn(context: Context): Candidates {
  const team = context.policy.routes.find((route) => route.isDefault)?.team;
  const subject = { team: team?.kind === 'fixed' ? team.team : '', service: null };
  const onCall = candidatesOf({ kind: 'service_on_call' }, context, subject);
  const others = alarmList(context, subject);
  const known = new Set<string>();
  const list = [...onCall.list, ...others.list].filter(({ person, label }) => {
    const name = person ?? label;
    return !known.has(name) && known.add(name);
  });
  return { list, empty: list.length > 0 ? '' : onCall.empty };
}
