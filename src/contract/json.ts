/**
 * Reading strangers' JSON: bounded in depth, own properties only, never a throw. Not a schema: vendors add, drop and
 * retype fields without notice, so each adapter asks for what it needs and says what it does when that is absent.
 */

/** Nesting that a reader accepts; no vendor payload seen goes beyond 12. */
export const JSON_DEPTH_MAX = 64;

export type JsonRecord = Readonly<Record<string, unknown>>;

export type JsonReading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

const utf8 = new TextDecoder();

/** Walked after parsing, which does not recurse: looking at the values is several times cheaper than at every byte. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const member of members) if (isDeeperThan(levels - 1, member)) return true;
  return false;
}

/** The digits of an integer that a double cannot hold; everything else as parsed. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? source : value;
}

/**
 * The JSON value of a raw body. Malformed UTF-8 is read with replacement characters (an alert with one bad byte still
 * pages); nesting beyond 64 is refused. An integer beyond 2^53 is returned as a string of its digits, because a rounded
 * id would merge two alerts and a rounded nanosecond time reorders them.
 */
export function readJson(body: Uint8Array): JsonReading {
  if (body.length === 0) return { ok: false, reason: 'the body is empty' };
  const text = utf8.decode(body);
  let value: unknown;
  try {
    // The reviver visits every value, so it is used only where sixteen digits in a row make it possible to matter.
    value = (/\d{16}/.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)) as unknown;
  } catch {
    return { ok: false, reason: 'the body is no JSON' };
  }
  if (isDeeperThan(JSON_DEPTH_MAX, value))
    return { ok: false, reason: `the body is nested deeper than ${JSON_DEPTH_MAX} levels` };
  return { ok: true, value };
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member of an object, or undefined; inherited names (`constructor`, `__proto__`) are never found. */
export function memberOf(value: unknown, name: string): unknown {
  if (!isRecord(value) || name === '__proto__' || !Object.hasOwn(value, name)) return undefined;
  return value[name];
}

/** A list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A text that says something; numbers and booleans are spelled out, everything else (and the empty text) is null. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return null;
}

/** The members of an object that are texts, numbers or booleans, as texts; empty texts are kept, `__proto__` is dropped. */
export function textsOf(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  if (!isRecord(value)) return texts;
  for (const [name, member] of Object.entries(value)) {
    const text = member === '' ? '' : textOf(member);
    if (text !== null && name !== '__proto__') texts[name] = text;
  }
  return texts;
}

/** An http(s) address, or null: links reach people, so `javascript:` and `data:` never pass. */
export function webAddressOf(value: unknown): string | null {
  return typeof value === 'string' && /^https?:\/\/[^\s]+$/i.test(value) ? value : null;
}
