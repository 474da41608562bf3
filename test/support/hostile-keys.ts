/** Keys as vendors and operators make them: whatever is in their parts, each has a text of its own. */
import fc from 'fast-check';
import { expect } from 'vitest';

/** Any text, and often one that looks like a part of a key. */
export const hostile = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(':', '%', '3A', '25', 'escalation', 'é', '🚨', '1') }),
  fc.constantFrom('', 'constructor', '__proto__', 'service', 'test', 'nobody'),
);

/** Keys of every kind of a family; a kind without an entry does not compile. */
export type EveryKind<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: fc.Arbitrary<Extract<T, { readonly kind: K }>>;
};

/** One of the family. The first kind ends keys in keys, so it holds none. */
export function oneOf<T extends { readonly kind: string }>(kinds: EveryKind<T>): fc.Arbitrary<T> {
  const all: readonly fc.Arbitrary<T>[] = Object.values(kinds);
  return fc.oneof({ depthSize: 'small', withCrossShrink: true }, ...all);
}

export function kind<K extends string>(value: K): fc.Arbitrary<K> {
  return fc.constant(value);
}

export const RUNS = { numRuns: 500 };

/** Two that differ must not share a text: a shared one would settle, alarm or wait for both at once. */
export function apart<K>(one: K, other: K, encode: (key: K) => string): void {
  const isSame = JSON.stringify(one) === JSON.stringify(other);
  expect(encode(one) === encode(other)).toBe(isSame);
}
