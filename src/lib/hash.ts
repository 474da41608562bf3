/** Hashes of JSON values that do not depend on the order in which an object was built. */
import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys and no blanks. Members that are `undefined` are left out, as `JSON.stringify` does.
 * @throws TypeError for what JSON cannot hold: functions, bigints, infinite numbers
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((each) => canonicalJson(each ?? null)).join(',')}]`;
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError('JSON holds no infinite numbers');
  if (typeof value !== 'object' || value === null) {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`JSON holds no ${typeof value}`);
    return text;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 of a text's UTF-8 bytes, as lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
