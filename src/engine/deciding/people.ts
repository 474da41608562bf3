/** Who of the policy a vendor means. */
import { keyText } from '../../core/model/key-text.ts';
import type { VendorPerson } from '../../core/model/alert.ts';
import type { Actor } from '../../core/model/input.ts';
import type { Policy } from '../../core/model/policy.ts';

const indexes = new WeakMap<Policy, ReadonlyMap<string, string>>();

function indexOf(policy: Policy): ReadonlyMap<string, string> {
  const known = indexes.get(policy);
  if (known !== undefined) return known;
  const index = new Map<string, string>();
  for (const person of Object.values(policy.people)) {
    for (const [type, ids] of Object.entries(person.vendorIds)) {
      for (const id of ids) index.set(keyText(type, id.toLowerCase()), person.id);
    }
    // E-mail addresses name the same person at every vendor.
    if (person.email !== null) index.set(keyText('@', person.email.toLowerCase()), person.id);
  }
  indexes.set(policy, index);
  return index;
}

type Named = Pick<VendorPerson, 'id' | 'email'> & { readonly name?: string | null };

/** The person's id in the policy, or null for somebody unknown. `type` is the adapter's name. */
export function personOf(vendor: Named, type: string, policy: Policy): string | null {
  const index = indexOf(policy);
  const byId = vendor.id === null ? undefined : index.get(keyText(type, vendor.id.toLowerCase()));
  if (byId !== undefined) return byId;
  if (vendor.email === null) return null;
  const email = vendor.email.toLowerCase();
  return index.get(keyText(type, email)) ?? index.get(keyText('@', email)) ?? null;
}

/** Whether the vendor means Tocsin itself, at any of its accounts there. */
function isOurself(vendor: Named, type: string, policy: Policy): boolean {
  const names = [vendor.id, vendor.email, vendor.name].flatMap((name) => name?.toLowerCase() ?? []);
  return Object.values(policy.targets).some(
    (target) =>
      target.type === type && target.ownNames?.some((own) => names.includes(own)) === true,
  );
}

/**
 * Person id when known, else the vendor's own name for somebody, else null: the vendor itself, or ourselves. Who gave
 * Tocsin their own user counts as a person: their answers must not be missed.
 */
export function answererOf(
  vendor: Named | null,
  type: string,
  policy: Policy,
): { readonly by: string | null; readonly known: boolean } {
  if (vendor === null) return { by: null, known: false };
  const person = personOf(vendor, type, policy);
  if (person !== null) return { by: person, known: true };
  if (isOurself(vendor, type, policy)) return { by: null, known: false };
  return { by: vendor.name ?? vendor.email ?? vendor.id, known: false };
}

/** The actor of an input that a vendor reports. */
export function actorOf(
  who: { readonly by: string | null; readonly known: boolean },
  source: string,
): Actor {
  if (who.by === null) return { kind: 'source', id: source };
  return { kind: who.known ? 'person' : 'machine', id: who.by, via: source };
}
