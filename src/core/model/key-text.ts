/** How values become texts and values again: the kind and the parts of each, whatever is in them. */

/** A part of a key in whose text the mark between parts does not occur. */
export function escaped(part: string, mark: ':' | '/'): string {
  // Most have nothing to escape, and a key is made for each alert.
  if (!part.includes('%') && !part.includes(mark)) return part;
  return part.replaceAll('%', '%25').replaceAll(mark, mark === ':' ? '%3A' : '%2F');
}

/** The part again. */
export function plain(part: string): string {
  return part.replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%25', '%');
}

/** The text of a key: its kind and what tells it apart, so that no two keys of a family have one text. */
export function keyText(kind: string, ...leaves: readonly string[]): string {
  let text = kind;
  for (const leaf of leaves) text += `:${escaped(leaf, ':')}`;
  return text;
}

/** The parts of a text, one after the other. */
export interface KeyParts {
  /** @throws when there is none left */
  next(): string;
  readonly left: () => boolean;
}

function partsOf(encoded: string): KeyParts {
  let rest: string | null = encoded;
  return {
    left: () => rest !== null,
    next: () => {
      if (rest === null) throw new Error(`"${encoded}" ends too early`);
      const end = rest.indexOf(':');
      const part = end < 0 ? rest : rest.slice(0, end);
      rest = end < 0 ? null : rest.slice(end + 1);
      return plain(part);
    },
  };
}

/** How each kind of a family is read back; a kind without an entry does not compile. */
export type KeyReaders<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: (parts: KeyParts) => Extract<T, { readonly kind: K }>;
};

/** @throws when the family has no such kind, or the text ends too early */
export function readKey<T extends { readonly kind: string }>(
  family: string,
  readers: KeyReaders<T>,
  parts: KeyParts,
): T {
  const kind = parts.next();
  if (!Object.hasOwn(readers, kind)) throw new Error(`there is no ${family} of kind "${kind}"`);
  // It is one of the table's.
  return readers[kind as T['kind']](parts);
}

/** The whole text must be one key. @throws when it is none: it was not made here */
export function wholeKey<K>(encoded: string, read: (parts: KeyParts) => K): K {
  const parts = partsOf(encoded);
  const key = read(parts);
  if (parts.left()) throw new Error(`"${encoded}" goes on after its end`);
  return key;
}

/** Null: the text was not made here. What stands in a store may be anybody's. */
export function keyOrNull<K>(encoded: string, read: (parts: KeyParts) => K): K | null {
  try {
    return wholeKey(encoded, read);
  } catch {
    return null;
  }
}
