/** What adapters get to read of an answer that refuses: a vendor, or a proxy on the way, repeats what it was sent. */

/** What is more than this of a refusal is read by nobody. */
const REFUSAL_CHARS_MAX = 100_000;

/**
 * The text of an answer that is no success, without secrets: adapters cut what they tell of it, and a secret that is cut
 * is not recognised any more. Of JSON each text is looked at unescaped, as adapters read it.
 */
export function refusalText(text: string, redact: (text: string) => string): string {
  const some = text.slice(0, REFUSAL_CHARS_MAX);
  try {
    const read: unknown = JSON.parse(some);
    const clean = JSON.stringify(read, (_key, value: unknown) =>
      typeof value === 'string' ? redact(value) : value,
    );
    return redact(clean === JSON.stringify(read) ? some : clean);
  } catch {
    return redact(some);
  }
}
