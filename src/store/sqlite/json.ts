/** Structured values in TEXT columns. */

/** Reads back what `JSON.stringify` of a `T` wrote; only this store writes these columns, so the type is known. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

export function toFlag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}
