/** By what names a page is known at Opsgenie: its alias, and the reference that we keep of it. */
import { hmac } from '../../src/contract/index.ts';

/** "Create Alert", in the vendor's unit (Java characters, which are UTF-16 units): https://docs.opsgenie.com/docs/alert-api */
export const ALIAS_MAX = 512;

/** Marks a reference that names the request which made the alert, until the alert's own id is known. */
const REQUEST = 'request:';

/** The reference by the request that made the alert. */
export function requestRef(request: string): string {
  return REQUEST + request;
}

/** Null: the reference is the id of an alert. Those are UUIDs, which never look like the others. */
export function requestOf(ref: string): string | null {
  return ref.startsWith(REQUEST) ? ref.slice(REQUEST.length) : null;
}

/** A key beyond the limit ends in its hash, so that two long keys stay two. */
export function aliasOf(key: string): string {
  if (key.length <= ALIAS_MAX) return key;
  const hash = hmac('sha256', 'opsgenie alias', key).toString('hex').slice(0, 32);
  return `${key.slice(0, ALIAS_MAX - hash.length - 1).toWellFormed()}-${hash}`;
}
