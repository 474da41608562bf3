/** How Opsgenie names people: an e-mail address in most places, an id or a display name in others. */
import { isRecord, memberOf, asText } from '../../src/contract/index.ts';
import type { VendorPerson } from '../../src/contract/index.ts';

/** A person given as an e-mail address, a name, or `{id, name | username}`; null when nobody is named. */
export function personOf(value: unknown, id: unknown = null): VendorPerson | null {
  if (isRecord(value))
    return personOf(
      asText(memberOf(value, 'username')) ?? asText(memberOf(value, 'name')),
      memberOf(value, 'id'),
    );
  const text = asText(value);
  const knownId = asText(id);
  if (knownId === null && text === null) return null;
  const email = text?.includes('@') === true ? text : null;
  return { id: knownId, name: email === null ? text : null, email };
}

/**
 * Who did something to an alert. A user of Opsgenie has an e-mail address for a name; whatever else acts there is a
 * policy, an integration or the API (`System`, `Alert API`), and nobody's answer.
 */
export function actorOf(name: unknown, id: unknown = null): VendorPerson | null {
  const text = asText(name);
  return text === null || text.includes('@') ? personOf(name, id) : null;
}
