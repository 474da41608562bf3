/** Shared secrets that a sender shows in a header: compared in constant time, several valid at once for rotation. */
import type { Secret } from './secret.ts';
import { digestOf, equalsDigest, equalsText } from './signature.ts';

/** Each secret is compared with every delivery of its source. */
const digests = new WeakMap<Secret, Buffer>();

function digestOfSecret(secret: Secret): Buffer {
  const known = digests.get(secret) ?? digestOf(secret.reveal());
  digests.set(secret, known);
  return known;
}

/** Whether the text is one of the secrets; the time taken does not tell which, nor how close it came. */
export function isOneOf(given: string, valid: readonly Secret[]): boolean {
  const shown = digestOf(given);
  let found = false;
  for (const secret of valid) found = equalsDigest(digestOfSecret(secret), shown) || found;
  return found;
}

/** Whether an `Authorization` value is `Bearer <one of the tokens>`; the scheme's case does not matter (RFC 9110). */
export function isBearer(header: string | undefined, tokens: readonly Secret[]): boolean {
  const token = /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  return token !== undefined && isOneOf(token, tokens);
}

/** Whether an `Authorization` value is `Basic <base64 of username:password>` with one of the passwords. */
export function isBasic(
  header: string | undefined,
  username: string,
  passwords: readonly Secret[],
): boolean {
  const encoded = /^basic +(\S+) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return false;
  const bytes = Buffer.from(encoded, 'base64');
  // Decoding skips what is no base64, so that a damaged header would pass as the whole one.
  if (bytes.toString('base64') !== encoded) return false;
  const pair = bytes.toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) return false;
  const knownPassword = isOneOf(pair.slice(colon + 1), passwords);
  return equalsText(username, pair.slice(0, colon)) && knownPassword;
}
