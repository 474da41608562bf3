/** What the configuration names at a target: the addresses, schedules and components that must exist there. */
import type { DoctorPart } from './adapter.ts';
import { isRecord } from './json.ts';
import type { Secret } from './secret.ts';

/** What is taken from a loaded configuration. */
export interface Naming {
  readonly policy: object;
  /** What the `secret:...` references inside page addresses stand for. */
  readonly addressSecrets: Readonly<Record<string, Secret>>;
}

/** What a vendor is asked about by `doctor`. */
export type DoctorSubject = Parameters<DoctorPart<unknown>['check']>[0];

/** With what a reference to a secret begins. */
export const SECRET_PREFIX = 'secret:';

/** The value with references replaced by their secrets, as adapters take it. */
function withSecrets(value: unknown, secrets: Naming['addressSecrets']): unknown {
  if (typeof value === 'string' && value.startsWith(SECRET_PREFIX)) return secrets[value] ?? value;
  if (Array.isArray(value)) return value.map((one) => withSecrets(one, secrets));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withSecrets(inner, secrets)]),
  );
}

/** Every record inside the policy for which the test holds, in order. */
export function recordsIn(
  value: unknown,
  wanted: (record: Record<string, unknown>) => boolean,
): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap((one) => recordsIn(one, wanted));
  if (!isRecord(value)) return [];
  const inner = Object.values(value).flatMap((one) => recordsIn(one, wanted));
  return wanted(value) ? [value, ...inner] : inner;
}

/** Each once, in the order in which it came first. */
export function unique<T>(list: readonly T[]): readonly T[] {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}

function namedObjects(found: readonly unknown[]): DoctorSubject['components'] {
  return unique(
    found.filter(isRecord).map((one) => ({ id: String(one['id']), name: String(one['name']) })),
  );
}

/** Addresses of pages, with references in the places of their secrets. */
export function addressesOf(policy: object, target: string): readonly unknown[] {
  const found = recordsIn(policy, (one) => one['target'] === target && isRecord(one['address']));
  return unique(found.map((one) => one['address']));
}

/** Schedules that say who is on call. */
export function schedulesNamed(policy: object, target: string): DoctorSubject['schedules'] {
  const found = recordsIn(policy, (one) => one['kind'] === 'schedule' && one['target'] === target);
  return namedObjects(found.map((one) => one['schedule']));
}

/** Components of services on a status page. */
export function componentsOf(policy: object, target: string): DoctorSubject['components'] {
  const isComponent = (one: Record<string, unknown>): boolean =>
    one['target'] === target && typeof one['id'] === 'string' && typeof one['name'] === 'string';
  return namedObjects(recordsIn('services' in policy ? policy.services : null, isComponent));
}

/** What `doctor` asks a vendor about: everything of the configuration that has an id there. */
export function subjectOf({ policy, addressSecrets }: Naming, target: string): DoctorSubject {
  return {
    addresses: addressesOf(policy, target).map((one) => withSecrets(one, addressSecrets)),
    components: componentsOf(policy, target),
    schedules: schedulesNamed(policy, target),
  };
}
