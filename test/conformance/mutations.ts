/** Systematic damage to JSON: every key deleted, every value replaced. */

type Json = unknown;

function isContainer(value: Json): value is Record<string, Json> | Json[] {
  return typeof value === 'object' && value !== null;
}

/** Paths of every value below the root, parents first. */
export function pathsOf(
  value: Json,
  prefix: readonly string[] = [],
): readonly (readonly string[])[] {
  if (!isContainer(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const path = [...prefix, key];
    return [path, ...pathsOf(child, path)];
  });
}

/** The value at the path, or undefined. */
export function at(value: Json, path: readonly string[]): Json {
  let current = value;
  for (const key of path)
    current = isContainer(current) ? (current as Record<string, Json>)[key] : undefined;
  return current;
}

/** A copy in which the value at the path is replaced; class instances on the way are kept as they are. */
export function replaced(value: Json, path: readonly string[], by: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (!isContainer(value)) return value;
  const copy: Record<string, Json> | Json[] = Array.isArray(value) ? [...value] : { ...value };
  const slots = copy as Record<string, Json>;
  slots[key] = replaced(slots[key], rest, by);
  return copy;
}

/** A copy without the key (or array element) at the path. */
export function deleted(value: Json, path: readonly string[]): Json {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  const parentPath = path.slice(0, -1);
  const parent = at(value, parentPath);
  if (Array.isArray(parent)) return replaced(value, parentPath, parent.toSpliced(Number(last), 1));
  const { [last]: _gone, ...rest } = parent as Record<string, Json>;
  return replaced(value, parentPath, rest);
}

const STRANGERS: readonly Json[] = [
  null,
  0,
  -1e308,
  '',
  'text',
  true,
  [],
  {},
  [[]],
  { unexpected: {} },
];

/** The document damaged once per key and way: deleted, or replaced by a value of another type. */
export function* damaged(
  document: Json,
): Generator<{ readonly how: string; readonly document: Json }> {
  for (const path of pathsOf(document)) {
    yield { how: `without ${path.join('.')}`, document: deleted(document, path) };
    for (const stranger of STRANGERS)
      yield {
        how: `${path.join('.')} = ${JSON.stringify(stranger)}`,
        document: replaced(document, path, stranger),
      };
  }
}

/** A copy of the value, frozen all the way down; class instances are left as they are. */
export function frozen<T>(value: T): T {
  return frozenCopy(value) as T;
}

function frozenCopy(value: Json): Json {
  if (!isContainer(value)) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, child]) => [key, frozenCopy(child)])),
  );
}
