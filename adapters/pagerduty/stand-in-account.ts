/** The account of PagerDuty's stand-in: what an administrator would have entered there, taken from the configuration. */
import { isRecord, listOf, memberOf, asText } from '../../src/contract/index.ts';
import type { StandInSeed } from '../../src/contract/index.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  /** Keys of its Events API v2 integrations. */
  readonly keys: readonly string[];
  readonly isDisabled: boolean;
}

export interface PolicyStep {
  readonly delayMs: number;
  readonly targets: readonly { readonly id: string; readonly type: string }[];
}

export interface Policy {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly PolicyStep[];
  /** How often the steps are walked again when nobody answered. */
  readonly loops: number;
}

export interface Schedule {
  readonly id: string;
  readonly name: string;
  readonly onCall: readonly string[];
}

export interface Maintenance {
  readonly id: string;
  readonly services: readonly string[];
  readonly from: number;
  readonly to: number;
}

export interface Account {
  readonly token: string | null;
  readonly users: Readonly<Record<string, User>>;
  readonly services: Readonly<Record<string, Service>>;
  readonly policies: Readonly<Record<string, Policy>>;
  readonly schedules: Readonly<Record<string, Schedule>>;
  /** Most severe first. */
  readonly priorities: readonly { readonly id: string; readonly name: string }[];
  readonly maintenance: readonly Maintenance[];
}

interface Thing {
  readonly id: string;
  readonly name: string;
}

function thingOf(value: unknown): Thing[] {
  const id = asText(memberOf(value, 'id'));
  return id === null ? [] : [{ id, name: asText(memberOf(value, 'name')) ?? id }];
}

function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '.')
      .replace(/^\.|\.$/g, '') || 'user'
  );
}

function emailOf(thing: Thing): string {
  return `${slug(thing.name)}.${thing.id.toLowerCase()}@example.com`;
}

/** Escalation timeout of a new policy: https://support.pagerduty.com/main/docs/escalation-policies */
const DELAY_MS = 30 * 60_000;

function policyOf(thing: Thing, user: string): Policy {
  const targets = [{ id: user, type: 'user_reference' }];
  return { ...thing, steps: [{ delayMs: DELAY_MS, targets }], loops: 0 };
}

/** A policy whose people the configuration does not tell: one level, one invented person on call. */
function onCallOf(thing: Thing): User {
  const user = { id: `U${thing.id}`, name: `On-call of ${thing.name}` };
  return { ...user, email: emailOf(user) };
}

function byId<T extends { readonly id: string }>(
  things: readonly T[],
): Readonly<Record<string, T>> {
  return Object.fromEntries(things.map((thing) => [thing.id, thing]));
}

function responderIs(address: unknown, type: string): Thing[] {
  const responder = memberOf(address, 'responder');
  return (asText(memberOf(responder, 'type')) ?? 'user') === type ? thingOf(responder) : [];
}

function usersOf({ target, addresses, contacts }: StandInSeed): readonly User[] {
  const things = [
    ...contacts.flatMap(thingOf),
    ...addresses.flatMap((one) => [...thingOf(one['user']), ...responderIs(one, 'user')]),
  ];
  const users = things.map((thing) => ({ ...thing, email: emailOf(thing) }));
  const email = asText(target['from']);
  if (email === null) return users;
  const actor = thingOf(target['requester'])[0] ?? { id: 'PTOCSIN', name: 'Tocsin' };
  return [...users.filter((one) => one.id !== actor.id), { ...actor, email }];
}

function servicesOf({ target, addresses, contacts }: StandInSeed): readonly Service[] {
  const named = [
    ...addresses.map((one) => one['service']),
    ...contacts.map((one) => memberOf(one, 'service')),
    target['people_service'],
    ...listOf(target['poll_services']),
  ];
  return named.flatMap(thingOf).map((thing) => {
    const own = addresses.filter((one) => memberOf(one['service'], 'id') === thing.id);
    const keys = [...new Set(own.flatMap((one) => asText(one['key']) ?? []))];
    return { ...thing, policy: `E${thing.id}`, keys, isDisabled: false };
  });
}

/** Each schedule has one of the people on call, in turn, so that the configuration can reach them. */
function schedulesOf({ schedules, contacts }: StandInSeed): readonly Schedule[] {
  const people = contacts.flatMap(thingOf);
  return schedules.map((schedule, i) => {
    const person = people[i % Math.max(1, people.length)];
    return { ...schedule, onCall: person === undefined ? [] : [person.id] };
  });
}

/** The account that the configuration assumes. */
export function accountOf(seed: StandInSeed): Account {
  const services = servicesOf(seed);
  const ofServices = services.map(({ policy, name }) => ({
    id: policy,
    name: `${name} escalation`,
  }));
  const named = seed.addresses.flatMap((one) => [
    ...thingOf(one['escalation_policy']),
    ...responderIs(one, 'escalation_policy'),
  ]);
  const policies = [...ofServices, ...named];
  const priorities = seed.target['priorities'];
  return {
    token: asText(seed.target['token']),
    users: byId([...policies.map(onCallOf), ...usersOf(seed)]),
    services: byId(services),
    policies: byId(policies.map((policy) => policyOf(policy, onCallOf(policy).id))),
    schedules: byId(schedulesOf(seed)),
    priorities: isRecord(priorities) ? Object.values(priorities).flatMap(thingOf) : [],
    maintenance: [],
  };
}

/** The users behind the targets of a step. */
export function usersAt(account: Account, policy: Policy, level: number): readonly string[] {
  const targets = policy.steps[level]?.targets ?? [];
  return targets.flatMap(({ id, type }) =>
    type.startsWith('schedule') ? (account.schedules[id]?.onCall ?? []) : [id],
  );
}

export function isInMaintenance(account: Account, service: string, now: number): boolean {
  return account.maintenance.some(
    (one) => one.services.includes(service) && one.from <= now && now < one.to,
  );
}
