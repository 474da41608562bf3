/** Some fields of an object, by their names. */

/** The named fields and nothing else, in the order of the names. */
export function pick<T extends object, K extends keyof T>(
  from: T,
  ...names: readonly K[]
): Pick<T, K> {
  // The type says exactly what the names do; TypeScript cannot follow entries back into an object.
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}
