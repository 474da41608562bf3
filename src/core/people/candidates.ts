/** Who is meant by a recipient, at this moment: people or vendor addresses, with the sentence that explains it. */
import { shiftAt } from './on-call.ts';
import { encodeSchedule } from '../model/keys.ts';
import type { PageAddress, Recipient, Policy } from '../model/policy.ts';
import type { Context } from '../model/decision.ts';

export interface Candidate {
  /** Null: the vendor decides whose phone rings. */
  readonly person: string | null;
  readonly label: string;
  /** Failover order; never empty. */
  readonly addresses: readonly PageAddress[];
  readonly because: string;
}

export interface Candidates {
  readonly list: readonly Candidate[];
  /** Why the list is empty. */
  readonly empty: string;
}

interface Scope {
  readonly context: Context;
  readonly team: string;
  readonly service: string | null;
  /** Guards against roles that name each other. */
  readonly depth: number;
}

const DEPTH_MAX = 8;

function none(empty: string): Candidates {
  return { list: [], empty };
}

function usable(addresses: readonly PageAddress[], policy: Policy): readonly PageAddress[] {
  return addresses.filter((one) => policy.targets[one.target]?.mode !== 'off');
}

function person(id: string, because: string, policy: Policy): Candidates {
  const found = policy.people[id];
  if (found === undefined) return none(`${id} is not among the people of the configuration`);
  const addresses = usable(found.addresses, policy);
  if (addresses.length === 0)
    return none(`${found.name} has no address on a pager that is switched on`);
  return { list: [{ person: id, label: found.name, addresses, because }], empty: '' };
}

/** People by id, as far as they have an address that rings. */
export function several(ids: readonly string[], because: string, policy: Policy): Candidates {
  const each = ids.map((id) => person(id, because, policy));
  return {
    list: each.flatMap((one) => one.list),
    empty:
      each
        .map((one) => one.empty)
        .filter(Boolean)
        .join('; ') || `${because}: nobody`,
  };
}

function serviceOnCall(scope: Scope): Candidates {
  const { policy } = scope.context;
  const service = scope.service === null ? undefined : policy.services[scope.service];
  if (service !== undefined) return resolve(service.onCall, scope);
  const team = policy.teams[scope.team];
  if (team?.onCall != null) return resolve(team.onCall, scope);
  if (policy.automation.alarm.page !== null) return resolve(policy.automation.alarm.page, scope);
  return none(
    `neither service ${scope.service ?? '(none)'} nor team ${scope.team || '(none)'} names an on-call`,
  );
}

function rotation(id: string, scope: Scope): Candidates {
  const found = scope.context.policy.rotations[id];
  if (found === undefined) return none(`rotation ${id} does not exist`);
  const shift = shiftAt(found, scope.context.now);
  if (shift === null) return none(`rotation ${id} has nobody on call now`);
  return person(shift.person, `on call in rotation ${id}`, scope.context.policy);
}

function schedule(recipient: Extract<Recipient, { kind: 'schedule' }>, scope: Scope): Candidates {
  const reading =
    scope.context.lookups.onCall[
      encodeSchedule({ target: recipient.target, id: recipient.schedule.id })
    ];
  if (reading === undefined)
    return none(`schedule ${recipient.schedule.name} at ${recipient.target} could not be read yet`);
  return several(
    reading.people,
    `on call in schedule ${recipient.schedule.name} at ${recipient.target}`,
    scope.context.policy,
  );
}

function addresses(list: readonly PageAddress[], policy: Policy): Candidates {
  const on = usable(list, policy);
  const first = on[0];
  if (first === undefined) return none('every pager it names is switched off');
  return {
    list: [
      {
        person: null,
        label: first.label,
        addresses: on,
        because: 'the configuration names this address',
      },
    ],
    empty: '',
  };
}

function resolve(recipient: Recipient, scope: Scope): Candidates {
  if (scope.depth > DEPTH_MAX) return none('roles name each other in a circle');
  const deeper = { ...scope, depth: scope.depth + 1 };
  const { policy } = scope.context;
  switch (recipient.kind) {
    case 'service_on_call':
      return serviceOnCall(deeper);
    case 'rotation':
      return rotation(recipient.rotation, scope);
    case 'person':
      return person(recipient.person, 'named in the configuration', policy);
    case 'group':
      return several(policy.groups[recipient.group] ?? [], `member of ${recipient.group}`, policy);
    case 'role': {
      const role = policy.roles[recipient.role];
      return role === undefined
        ? none(`role ${recipient.role} does not exist`)
        : resolve(role.page, deeper);
    }
    case 'addresses':
      return addresses(recipient.addresses, policy);
    case 'schedule':
      return schedule(recipient, scope);
  }
}

/** Resolves a source for an incident of this team and service. */
export function candidatesOf(
  recipient: Recipient,
  context: Context,
  subject: { readonly team: string; readonly service: string | null },
): Candidates {
  return resolve(recipient, { context, team: subject.team, service: subject.service, depth: 0 });
}
