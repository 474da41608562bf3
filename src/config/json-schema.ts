/**
 * The schema that editors use: made from the same schemas as the loader's, with each adapter's own merged in by `type`,
 * and secrets in the spellings that YAML has for them. JSON Schema draft 7, the one that yaml-language-server knows best.
 */
import { z } from 'zod';
import type { AnyAdapter, Registry } from '../contract/adapter.ts';
import { isRecord } from '../contract/json.ts';
import { BUILT_IN_TEXTS } from '../core/texts/text.ts';
import { heartbeatShape } from './sections/heartbeat.ts';
import { NAMED_KINDS } from './sections/pages.ts';
import { SOURCE_KEYS } from './sections/sources.ts';
import { configFile, MAPS } from './sections/table.ts';
import { TARGET_KEYS } from './sections/targets.ts';
import { type Schema, spellingsOf } from './zod-walk.ts';

type Json = Readonly<Record<string, unknown>>;

const DEFINITIONS = '#/definitions/';

function convert(schema: Schema): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return json;
}

/** Applies the change to the object and everything below it, from the inside out. */
function everywhere(value: unknown, change: (json: Json) => Json): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => everywhere(each, change));
  if (!isRecord(value)) return value;
  const inside = Object.entries(value).map(
    ([key, each]) => [key, everywhere(each, change)] as const,
  );
  return change(Object.fromEntries(inside));
}

function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}

/** YAML's spellings of one secret member. */
function secretProperties(
  name: string,
  { kind, description }: { readonly kind: 'one' | 'many'; readonly description: unknown },
): Json {
  const variable = { type: 'string', pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$' };
  const file = {
    type: 'string',
    minLength: 1,
    description: `Path of a file that holds it. ${String(description)}`,
  };
  const [plain = name, ...files] = spellingsOf(name, kind);
  if (kind === 'one')
    return {
      [plain]: { ...variable, description: `As \${VARIABLE}. ${String(description)}` },
      ...Object.fromEntries(files.map((each) => [each, file])),
    };
  const list = { type: 'array', minItems: 1, items: variable };
  const paths = {
    type: 'array',
    minItems: 1,
    items: { type: 'string', minLength: 1 },
    description: `Paths of files, all valid at once. ${String(description)}`,
  };
  return {
    [plain]: {
      anyOf: [variable, list],
      description: `As \${VARIABLE}, or a list of them. ${String(description)}`,
    },
    [`${name}_file`]: file,
    [`${name}_files`]: paths,
  };
}

/** Replaces secret members by their spellings, one of which is required where the secret is. */
function spellSecrets(json: Json): Json {
  const properties = recordOf(json['properties']);
  const secrets = Object.entries(properties).flatMap(([name, member]) => {
    const { secret: kind, description } = recordOf(member);
    return kind === 'one' || kind === 'many' ? [{ name, kind, description } as const] : [];
  });
  if (secrets.length === 0) return json;
  const required = (Array.isArray(json['required']) ? json['required'] : []) as readonly unknown[];
  const names = new Set<unknown>(secrets.map(({ name }) => name));
  const spelled = Object.entries(properties).flatMap(([name, member]) => {
    const secret = secrets.find((each) => each.name === name);
    return Object.entries(
      secret === undefined ? { [name]: member } : secretProperties(name, secret),
    );
  });
  const choices = secrets
    .filter(({ name }) => required.includes(name))
    .map(({ name, kind }) => ({
      anyOf: spellingsOf(name, kind).map((spelling) => ({ required: [spelling] })),
    }));
  return {
    ...json,
    properties: Object.fromEntries(spelled),
    required: required.filter((name) => !names.has(name)),
    ...(choices.length === 0 ? {} : { allOf: choices }),
  };
}

function vendorJson(schema: Schema): Json {
  return recordOf(everywhere(convert(schema), spellSecrets));
}

/** An object schema with further members in front of its own. */
function withMembers(json: Json, members: Json, required: readonly string[]): Json {
  const own = (Array.isArray(json['required']) ? json['required'] : []) as readonly unknown[];
  return {
    ...json,
    properties: { ...members, ...recordOf(json['properties']) },
    required: [...required, ...own],
  };
}

/** A source or target: `type` decides which members there are. */
function byType(
  adapters: readonly (readonly [string, Schema])[],
  ours: {
    readonly schema: Schema;
    readonly keys: readonly string[];
    readonly required: readonly string[];
  },
): Json {
  const { description, properties } = convert(ours.schema);
  const members = Object.fromEntries(ours.keys.map((key) => [key, recordOf(properties)[key]]));
  const names = adapters.map(([name]) => name);
  return {
    type: 'object',
    description,
    properties: { type: { ...recordOf(members['type']), enum: names } },
    required: ours.required,
    allOf: adapters.map(([name, schema]) => ({
      if: { properties: { type: { const: name } }, required: ['type'] },
      // Required members are asked for once, above; the strict list of known members needs them here too.
      then: withMembers(vendorJson(schema), members, []),
    })),
  };
}

const VIA = { via: { type: 'string', minLength: 1, description: 'A target that can page.' } };

const SCHEDULE: Json = {
  type: 'object',
  properties: {
    ...VIA,
    schedule: {
      type: 'object',
      description: 'A schedule at the vendor, read ahead; whoever is on call there is paged.',
      properties: {
        name: { type: 'string', description: 'Name of the schedule, for readers.' },
        id: { type: 'string', description: 'Id of the schedule at the vendor.' },
      },
      required: ['name', 'id'],
      additionalProperties: false,
    },
  },
  required: ['via', 'schedule'],
  additionalProperties: false,
};

function pageDefinitions(registry: Registry): Readonly<Record<string, Json>> {
  const addresses = registry.flatMap(({ name, pager }) =>
    pager === undefined
      ? []
      : [{ ...withMembers(vendorJson(pager.address), VIA, ['via']), title: name }],
  );
  const named = NAMED_KINDS.map((kind) => ({
    type: 'object',
    properties: { [kind]: { type: 'string', minLength: 1, description: `Name of a ${kind}.` } },
    required: [kind],
    additionalProperties: false,
  }));
  const schedules = registry.some((adapter) => adapter.onCall !== undefined) ? [SCHEDULE] : [];
  const address = { $ref: `${DEFINITIONS}address` };
  return {
    address: { anyOf: addresses },
    page: {
      anyOf: [
        { type: 'string', minLength: 1 },
        address,
        ...schedules,
        ...named,
        { type: 'array', minItems: 1, items: address },
      ],
    },
  };
}

function personJson(registry: Registry): Json {
  const contacts = registry.flatMap((adapter): readonly (readonly [string, Schema])[] =>
    adapter.contact === undefined ? [] : [[adapter.name, adapter.contact]],
  );
  const { shape: _shape, ...json } = convert(MAPS.people);
  const known = Object.fromEntries(contacts.map(([name, schema]) => [name, vendorJson(schema)]));
  // Keys that are no vendor are names of targets, which a schema cannot know.
  return {
    ...json,
    properties: { ...recordOf(json['properties']), ...known },
    additionalProperties: { anyOf: Object.values(known) },
  };
}

function textsJson(): Json {
  const texts = Object.entries(BUILT_IN_TEXTS).map(
    ([name, text]) => [name, { type: 'string', description: `Built-in: ${text}` }] as const,
  );
  return { type: 'object', properties: Object.fromEntries(texts), additionalProperties: false };
}

function sides(
  registry: Registry,
  side: (adapter: AnyAdapter) => Schema | undefined,
): readonly (readonly [string, Schema])[] {
  return registry.flatMap((adapter) => {
    const schema = side(adapter);
    return schema === undefined ? [] : [[adapter.name, schema] as const];
  });
}

/** The editors' schema for every file of a configuration, whose adapters are those of the registry. */
export function configJsonSchema(registry: Registry): Json {
  const shapes: Readonly<Record<string, Json>> = {
    page: { allOf: [{ $ref: `${DEFINITIONS}page` }] },
    person: personJson(registry),
    source: byType(
      sides(registry, (adapter) => adapter.source?.config),
      { schema: MAPS.sources, keys: SOURCE_KEYS, required: ['type'] },
    ),
    target: byType(
      sides(registry, (adapter) => adapter.config),
      { schema: MAPS.targets, keys: TARGET_KEYS, required: ['type', 'mode'] },
    ),
    texts: textsJson(),
    heartbeat: vendorJson(heartbeatShape),
  };
  const withShapes = (json: Json): Json => {
    const { shape, description, ...rest } = json;
    if (typeof shape !== 'string') return json;
    return { ...(description === undefined ? {} : { description }), ...(shapes[shape] ?? rest) };
  };
  const { definitions, ...root } = recordOf(everywhere(convert(configFile), withShapes));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tocsin configuration',
    ...root,
    definitions: { ...recordOf(definitions), ...pageDefinitions(registry) },
  };
}

/** The text of `config/schema.json`. */
export function configSchemaText(registry: Registry): string {
  return `${JSON.stringify(configJsonSchema(registry), null, 2)}\n`;
}
