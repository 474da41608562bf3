/**
 * Finding one's way inside a zod schema: which keys an object knows, what stands below a key, what is a secret. The
 * loader needs it because secrets have spellings of their own and because errors name what would have been right.
 */
import { z } from 'zod';
import { isRecord } from '../contract/json.ts';
import type { Path } from './yaml-file.ts';

export type Schema = z.core.$ZodType;

/** What to write where a value of another kind stands. */
export interface Instead {
  /** For a number: what is wrong with it, and the text that is probably meant. */
  number?(given: number): { readonly what: string; readonly hint: string };
  /** For a list, as it stands under the key; null: nothing to say of this one. */
  list?(
    key: string,
    given: readonly unknown[],
  ): { readonly what: string; readonly hint: string } | null;
  /** For any other value. */
  readonly wrong?: string;
  /** What the keys of a map are: `level`. */
  readonly keys?: string;
}

/** Schemas that know what is written in their place by mistake. */
export const INSTEAD = z.registry<Instead>();

interface Metadata {
  readonly description?: string | undefined;
  readonly secret?: unknown;
}

/** The definition as the union of all kinds, so that `type` tells which members there are. */
function definition(schema: Schema): z.core.$ZodTypeDef & z.core.$ZodTypes['_zod']['def'] {
  // zod documents this cast: `$ZodTypes` is the union of every concrete schema.
  return (schema as z.core.$ZodTypes)._zod.def;
}

function metadataOf(schema: Schema): Metadata {
  return 'meta' in schema && typeof schema.meta === 'function'
    ? ((schema.meta as () => Metadata | undefined)() ?? {})
    : {};
}

/** The schema inside wrappers (optional, default, transform, ...); null: there is nothing to unwrap. */
function inner(schema: Schema): Schema | null {
  const def = definition(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return def.innerType;
    case 'pipe':
      return def.in;
    case 'lazy':
      return def.getter();
    default:
      return null;
  }
}

/** The schema without its wrappers. */
export function unwrap(schema: Schema): Schema {
  let here = schema;
  for (let next = inner(here); next !== null; next = inner(here)) here = next;
  return here;
}

/** Whether the schema is for an address of the web. */
export function isUrl(schema: Schema): boolean {
  const def = definition(unwrap(schema));
  return def.type === 'string' && 'format' in def && def.format === 'url';
}

/** Whether a value may be left out. */
export function isOptional(schema: Schema): boolean {
  return (schema as z.core.$ZodTypes)._zod.optin === 'optional';
}

/** What the schema knows to say of a value of another kind. */
export function insteadOf(schema: Schema): Instead {
  for (let here: Schema | null = schema; here !== null; here = inner(here)) {
    const known = INSTEAD.get(here);
    if (known !== undefined) return known;
  }
  return {};
}

/** The nearest description, from the outside in. */
export function descriptionOf(schema: Schema): string | null {
  for (let here: Schema | null = schema; here !== null; here = inner(here)) {
    const { description } = metadataOf(here);
    if (description !== undefined) return description;
  }
  return null;
}

/** `one` or `many` for fields declared with the contract's `secret()` and `secrets()`. */
export function secretKind(schema: Schema): 'one' | 'many' | null {
  for (let here: Schema | null = schema; here !== null; here = inner(here)) {
    const { secret } = metadataOf(here);
    if (secret === 'one' || secret === 'many') return secret;
  }
  return null;
}

/** The members of an object schema, or null for what is no object. */
export function shapeOf(schema: Schema): Readonly<Record<string, Schema>> | null {
  const def = definition(unwrap(schema));
  return def.type === 'object' ? def.shape : null;
}

export function optionsOf(schema: Schema): readonly Schema[] {
  const def = definition(unwrap(schema));
  return def.type === 'union' ? def.options : [];
}

/** The schema of the items of a list, of the values of a record, or of members whose names are the user's; or null. */
export function elementOf(schema: Schema): Schema | null {
  const def = definition(unwrap(schema));
  if (def.type === 'object' && def.catchall !== undefined)
    return ['never', 'unknown'].includes(definition(def.catchall).type) ? null : def.catchall;
  if (def.type === 'array') return def.element;
  return def.type === 'record' ? def.valueType : null;
}

/** Whether it is a list. */
export function isList(schema: Schema): boolean {
  return definition(unwrap(schema)).type === 'array';
}

/** How a secret member may be spelled in YAML. */
export function spellingsOf(name: string, kind: 'one' | 'many'): readonly string[] {
  return kind === 'one' ? [name, `${name}_file`] : [name, `${name}_file`, `${name}_files`];
}

/** The keys that YAML may use for an object, spellings of secrets included. */
export function keysOf(schema: Schema): readonly string[] {
  const shape = shapeOf(schema);
  if (shape === null) return optionsOf(schema).flatMap(keysOf);
  return Object.entries(shape).flatMap(([name, member]) => {
    const kind = secretKind(member);
    return kind === null ? [name] : spellingsOf(name, kind);
  });
}

/** The option of a union that the keys of the value fit, or the schema itself; null when no option fits. */
export function fitting(schema: Schema, value: unknown): Schema | null {
  const options = optionsOf(schema);
  if (options.length === 0) return schema;
  const keys = isRecord(value) ? Object.keys(value) : null;
  for (const option of options) {
    const nested = fitting(option, value);
    if (nested === null) continue;
    if (
      keys === null
        ? shapeOf(nested) === null
        : shapeOf(nested) !== null && keys.every((key) => keysOf(nested).includes(key))
    )
      return nested;
  }
  return null;
}

/** The schema at a path below the schema, as far as it can be told from the value there; null: unknown. */
export function schemaAt(schema: Schema, path: Path, value: unknown): Schema | null {
  let here: Schema | null = schema;
  let at = value;
  for (const segment of path) {
    here = here === null ? null : fitting(here, at);
    if (here === null) return null;
    here = shapeOf(here)?.[String(segment)] ?? elementOf(here);
    at = isRecord(at) ? at[segment] : Array.isArray(at) ? at[Number(segment)] : undefined;
  }
  return here;
}
