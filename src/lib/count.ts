/** Numbers of things, as people read them. */

/** `1 level`, `3 levels`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
