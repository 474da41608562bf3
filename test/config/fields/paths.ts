/** Every place of the configuration at which something can be written, read from the schema that editors use. */
import { SOURCE_KEYS } from '../../../src/config/sections/sources.ts';
import { TARGET_KEYS } from '../../../src/config/sections/targets.ts';
import { isRecord } from '../../../src/contract/json.ts';

type Json = Readonly<Record<string, unknown>>;

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** `target` of the adapter of this type, where the schema tells them apart by `type`. */
function typeOf(branch: Json): string | null {
  const condition = isRecord(branch['if']) ? branch['if']['properties'] : null;
  const type = isRecord(condition) ? condition['type'] : null;
  return isRecord(type) && typeof type['const'] === 'string' ? type['const'] : null;
}

/** `token_file` and `token_files` are other spellings of the secret `token`. */
function isSpelling(name: string, members: Json): boolean {
  const plain = name.replace(/_files?$/, '');
  return plain !== name && plain in members;
}

function* below(schema: Json, at: string): Generator<string> {
  const { properties, additionalProperties, items } = schema;
  const members = isRecord(properties) ? properties : {};
  for (const [name, member] of Object.entries(members)) {
    if (isSpelling(name, members)) continue;
    const path = at === '' ? name : `${at}.${name}`;
    yield path;
    if (isRecord(member)) yield* below(member, path);
  }
  if (isRecord(additionalProperties)) yield* below(additionalProperties, `${at}.*`);
  if (isRecord(items)) yield* below(items, at);
  for (const key of ['anyOf', 'oneOf', 'allOf'])
    for (const branch of listOf(schema[key])) {
      const type = typeOf(branch);
      if (type === null) yield* below(branch, at);
      else if (isRecord(branch['then'])) yield* below(branch['then'], `${at}<${type}>`);
    }
}

/** The names of the definitions stand for the places that refer to them. */
function* all(schema: Json): Generator<string> {
  yield* below(schema, '');
  const { definitions } = schema;
  for (const [name, definition] of Object.entries(isRecord(definitions) ? definitions : {}))
    if (isRecord(definition)) yield* below(definition, name);
}

/**
 * Paths with `*` for names that are the user's. Items of a list have the path of the list; what an adapter adds stands
 * behind its type: `targets.*<slack>.bot_token`; what may stand wherever somebody is paged, below `page`.
 */
export function pathsOf(schema: Json): readonly string[] {
  const ours = new Set<string>([...SOURCE_KEYS, ...TARGET_KEYS]);
  const known = [...all(schema)].map((path) => {
    const [, section = '', key = '', rest = ''] =
      /^(\w+\.\*)<[\w-]+>\.(\w+)((?:\..+)?)$/.exec(path) ?? [];
    return ours.has(key) ? `${section}.${key}${rest}` : path;
  });
  return [...new Set(known)].toSorted();
}
