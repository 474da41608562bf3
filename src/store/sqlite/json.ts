/** Structured values in TEXT columns. */

/** Reads back what `JSON.stringify` of a `T` wrote; only this store writes these columns, so the type is known. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

/** The same for what can be had from elsewhere: null when a bad disk or a hand has left no JSON of an object. */
export function objectOrNull<T extends object>(text: string): T | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : null;
  } catch {
    return null;
  }
}

export function toFlag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}
