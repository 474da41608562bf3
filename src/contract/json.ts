/**
 * Reading strangers' JSON: bounded in depth, own properties only, never a throw. Not a schema: vendors add, drop and
 * retype fields without notice, so each adapter asks for what it needs and says what it does when that is absent.
 */
import { boundedJson, JSON_DEPTH_MAX } from './bounded.ts';

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

const TOO_DEEP = `the body is nested deeper than ${JSON_DEPTH_MAX} levels`;
/** A body of so many characters holds nothing that would have to be cut before it is read. */
const SMALL_CHARS = 16_384;

/**
 * The JSON value of a raw body. Malformed UTF-8 is read with replacement characters (an alert with one bad byte still
 * pages); nesting beyond 64 is refused. An integer beyond 2^53 is returned as a string of its digits. Objects and texts
 * of a size that nobody means are cut: see bounded.ts.
 */
export function readJson(body: Uint8Array): JsonReading {
  if (body.length === 0) return { ok: false, reason: 'the body is empty' };
  const text = utf8.decode(body);
  const isPlain = text.length <= SMALL_CHARS && !/(?:^|[\s:[,-])\d{16}/.test(text);
  const bounded = isPlain ? text : boundedJson(text);
  if (bounded === null) return { ok: false, reason: TOO_DEEP };
  let value: unknown;
  try {
    value = JSON.parse(bounded) as unknown;
  } catch {
    return { ok: false, reason: 'the body is no JSON' };
  }
  if (isPlain && isDeeperThan(JSON_DEPTH_MAX, value)) return { ok: false, reason: TOO_DEEP };
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
export function asText(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return null;
}

/** The members of an object that are texts, numbers or booleans, as texts; empty texts are kept, `__proto__` is dropped. */
export function textsOf(value: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  if (!isRecord(value)) return texts;
  // By key: an array for each member is most of what reading fifty thousand alerts would leave behind.
  for (const name of Object.keys(value)) {
    const member = value[name];
    const text = member === '' ? '' : asText(member);
    if (text !== null && name !== '__proto__') texts[name] = text;
  }
  return texts;
}

/** An http(s) address, or null: links reach people, so `javascript:` and `data:` never pass. */
export function webAddressOf(value: unknown): string | null {
  return typeof value === 'string' && /^https?:\/\/[^\s]+$/i.test(value) ? value : null;
}
