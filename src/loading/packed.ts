/**
 * Values on their way from one thread to another: as texts that are read again piece by piece, so that reading very many
 * of them can be interrupted. What is no plain value stands for itself: secrets, adapters.
 */
import { Secret } from '../contract/secret.ts';

type Named = { readonly name: string };

/** A text is JSON; all else is what JSON cannot hold, or holds such, or is too long for one piece. */
export type Packed =
  | string
  | { readonly kind: 'list'; readonly items: readonly Packed[] }
  | { readonly kind: 'map'; readonly members: readonly (readonly [string, Packed])[] }
  | { readonly kind: 'secret'; readonly value: string }
  | { readonly kind: 'known'; readonly name: string }
  /** A number or a nothing that JSON has no word for. */
  | { readonly kind: 'other'; readonly value: number | undefined };

/** Some tenths of a millisecond to read. */
const PIECE_CHARACTERS = 32_768;

function isShort(texts: readonly Packed[]): texts is readonly string[] {
  let length = 0;
  for (const one of texts) {
    if (typeof one !== 'string') return false;
    length += one.length;
  }
  return length < PIECE_CHARACTERS;
}

function ofPlain(value: unknown): Packed {
  if (value === undefined) return { kind: 'other', value };
  if (typeof value === 'number' && !Number.isFinite(value)) return { kind: 'other', value };
  const text: string | undefined = ['string', 'number', 'boolean'].includes(typeof value)
    ? JSON.stringify(value)
    : undefined;
  if (value !== null && text === undefined)
    throw new TypeError(`a ${typeof value} cannot be handed to another thread`);
  return text ?? 'null';
}

/**
 * The value as a packed.
 * @param known what stands for itself and is known at both ends, by its name
 * @throws TypeError for what can be handed to no other thread
 */
export function pack(value: unknown, known: readonly Named[]): Packed {
  if (typeof value !== 'object' || value === null) return ofPlain(value);
  if (value instanceof Secret) return { kind: 'secret', value: value.reveal() };
  const own = known.find((one) => one === value);
  if (own !== undefined) return { kind: 'known', name: own.name };
  if (Array.isArray(value)) {
    const items = value.map((each) => pack(each, known));
    return isShort(items) ? `[${items.join(',')}]` : { kind: 'list', items };
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype)
    throw new TypeError('an object of a class cannot be handed to another thread');
  const members = Object.entries(value).map(([key, each]) => [key, pack(each, known)] as const);
  const texts = members.map(([, packed]) => packed);
  if (!isShort(texts)) return { kind: 'map', members };
  return `{${members.map(([key], i) => `${JSON.stringify(key)}:${texts[i] ?? 'null'}`).join(',')}}`;
}

/**
 * What was packed, piece by piece.
 * @param finish is handed each piece, and whatever is put together of pieces
 */
export function* unpack(
  packed: Packed,
  known: readonly Named[],
  finish: (value: unknown) => void = () => undefined,
): Generator<void, unknown> {
  const value = yield* opened(packed, known, finish);
  finish(value);
  yield;
  return value;
}

function* opened(
  packed: Packed,
  known: readonly Named[],
  finish: (value: unknown) => void,
): Generator<void, unknown> {
  if (typeof packed === 'string') return JSON.parse(packed) as unknown;
  switch (packed.kind) {
    case 'list': {
      const items: unknown[] = [];
      for (const item of packed.items) items.push(yield* unpack(item, known, finish));
      return items;
    }
    case 'map': {
      const members: [string, unknown][] = [];
      for (const [key, member] of packed.members)
        members.push([key, yield* unpack(member, known, finish)]);
      return Object.fromEntries(members);
    }
    case 'secret':
      return new Secret(packed.value);
    case 'known':
      return known.find(({ name }) => name === packed.name);
    case 'other':
      return packed.value;
  }
}
