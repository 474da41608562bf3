/** Looking up by a name from outside: what every object inherits (`constructor`, `__proto__`) is no entry. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
