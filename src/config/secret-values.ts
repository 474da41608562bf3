/**
 * Secrets: the spellings `name: ${VARIABLE}` and `name_file: path` of fields that schemas declare with `secret()` or
 * `secrets()`, turned into `Secret` objects before the schema sees the value.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { isRecord, type JsonRecord } from '../contract/json.ts';
import { Secret } from '../contract/secret.ts';
import { looksLikePath, unreadableFile } from '../lib/shown-path.ts';
import type { Report } from './problem.ts';
import { below, keyOf, pathText, type Spot } from './yaml-file.ts';
import {
  elementOf,
  fitting,
  isOptional,
  secretKind,
  shapeOf,
  spellingsOf,
  type Schema,
} from './zod-walk.ts';

export interface GeneratedSecret {
  readonly path: string;
  readonly value: string;
}

export interface SecretSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Throws when there is no such file. */
  readFile(path: string): string;
  /** Unset secrets get fixed values and literal ones are taken. */
  readonly sandbox: boolean;
  /** Values by path for parts that keep their last good copy: used when the source no longer has them. */
  readonly remembered: Readonly<Record<string, Secret>>;
  readonly report: Report;
}

export interface SecretStore {
  /** The value with every secret field resolved; `spot` is where it stands. Problems are reported. */
  resolve(schema: Schema, value: unknown, spot: Spot): unknown;
  /** Every secret by path. */
  readonly byPath: Readonly<Record<string, Secret>>;
  readonly generated: readonly GeneratedSecret[];
}

const VARIABLE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** Whether a text is a reference to a variable, which is replaced in secret fields only. */
export function isVariable(text: string): boolean {
  return VARIABLE.test(text);
}

interface Resolving extends SecretSource {
  readonly byPath: Record<string, Secret>;
  readonly generated: GeneratedSecret[];
}

export function createSecretStore(source: SecretSource): SecretStore {
  const resolving: Resolving = { ...source, byPath: {}, generated: [] };
  return {
    resolve: (schema, value, spot) => resolve(resolving, { schema, value, spot }),
    byPath: resolving.byPath,
    generated: resolving.generated,
  };
}

/** Where a secret stands, and the path under which it is known: that of the field, whatever its spelling. */
interface SecretSpot {
  readonly at: Spot;
  readonly path: string;
}

function keep(resolving: Resolving, path: string, value: string): Secret {
  const secret = new Secret(value);
  resolving.byPath[path] = secret;
  return secret;
}

/** Where there is no value: the remembered one, the sandbox's fixed one, or a problem. */
function absent(
  resolving: Resolving,
  { at, path }: SecretSpot,
  words: { readonly what: string; readonly instead: string },
): Secret {
  const known = resolving.remembered[path];
  if (known !== undefined) return keep(resolving, path, known.reveal());
  if (!resolving.sandbox) {
    resolving.report.error(at, words.what, words.instead);
    return new Secret('');
  }
  const value = `sandbox-secret-${path}`;
  resolving.generated.push({ path, value });
  return keep(resolving, path, value);
}

function fromText(resolving: Resolving, text: unknown, { at, path }: SecretSpot): Secret {
  const field = String(at.path.findLast((each) => typeof each === 'string') ?? 'name');
  const spellings = `Write ${field}_file: <path>, or ${field}: "\${VARIABLE}".`;
  if (typeof text !== 'string' || text === '') {
    resolving.report.error(at, 'a secret is a text', spellings);
    return new Secret('');
  }
  const name = VARIABLE.exec(text)?.[1];
  if (name === undefined) {
    if (!resolving.sandbox)
      resolving.report.error(at, 'the secret itself stands in the file', spellings);
    return keep(resolving, path, text);
  }
  const value = resolving.environment[name];
  if (value !== undefined && value !== '') return keep(resolving, path, value);
  return absent(
    resolving,
    { at, path },
    {
      what: `the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`,
      instead: `Set ${name} where Tocsin is started.`,
    },
  );
}

/** Relative paths are those of the YAML file's folder, as in Prometheus. */
function fromFile(resolving: Resolving, file: unknown, { at, path }: SecretSpot): Secret {
  if (typeof file !== 'string' || file === '') {
    resolving.report.error(
      at,
      'this is no path of a file',
      'Write the path of the file that holds the secret.',
    );
    return new Secret('');
  }
  const full = isAbsolute(file) ? file : join(dirname(at.file.path), file);
  let text: string | null;
  try {
    text = resolving.readFile(full).replace(/\r?\n$/, '');
  } catch {
    text = null;
  }
  if (text !== null && text !== '') return keep(resolving, path, text);
  return absent(
    resolving,
    { at, path },
    {
      what: text === null ? unreadableFile(file, full) : `the file ${full} is empty`,
      instead: looksLikePath(file)
        ? 'Create it, readable for the user that runs Tocsin, with the secret as its only line.'
        : 'Write the path of a file that holds the secret as its only line. If the secret itself stands here, others may have read it: have the vendor replace it.',
    },
  );
}

interface Field {
  readonly name: string;
  readonly kind: 'one' | 'many';
  readonly optional: boolean;
  /** The object that holds it. */
  readonly spot: Spot;
}

type Read = (resolving: Resolving, value: unknown, place: SecretSpot) => Secret;

function readSeveral(
  resolving: Resolving,
  { given, place }: { readonly given: unknown; readonly place: SecretSpot },
  read: Read,
): readonly Secret[] {
  if (!Array.isArray(given)) return [read(resolving, given, place)];
  if (given.length === 0) {
    resolving.report.error(place.at, 'the list is empty', 'Name at least one secret.');
    return [new Secret('')];
  }
  return given.map((each, i) =>
    read(resolving, each, { at: below(place.at, i), path: `${place.path}[${i}]` }),
  );
}

function readField(
  resolving: Resolving,
  field: Field,
  holder: Readonly<Record<string, unknown>>,
): Secret | readonly Secret[] | undefined {
  const { name, kind, spot } = field;
  const [first, second] = spellingsOf(name, kind).filter((spelling) =>
    Object.hasOwn(holder, spelling),
  );
  const path = pathText([...spot.path, name]);
  if (first === undefined) {
    if (field.optional) return undefined;
    const missing = absent(
      resolving,
      { at: below(spot, name), path },
      {
        what: 'is missing',
        instead: `Write ${name}_file: <path>, or ${name}: "\${VARIABLE}".`,
      },
    );
    return kind === 'one' ? missing : [missing];
  }
  if (second !== undefined)
    resolving.report.error(
      keyOf(below(spot, second)),
      `${first} and ${second} are both given`,
      'Keep one of them.',
    );
  const place = { at: below(spot, first), path };
  const read = first === name ? fromText : fromFile;
  if (kind === 'one') return read(resolving, holder[first], place);
  return readSeveral(resolving, { given: holder[first], place }, read);
}

interface Standing {
  readonly schema: Schema;
  readonly value: unknown;
  readonly spot: Spot;
}

function resolveObject(
  resolving: Resolving,
  shape: Readonly<Record<string, Schema>>,
  { value, spot }: { readonly value: JsonRecord; readonly spot: Spot },
): JsonRecord {
  const result: Record<string, unknown> = { ...value };
  for (const [name, schema] of Object.entries(shape)) {
    const kind = secretKind(schema);
    if (kind === null) {
      if (Object.hasOwn(value, name))
        result[name] = resolve(resolving, { schema, value: value[name], spot: below(spot, name) });
      continue;
    }
    for (const spelling of spellingsOf(name, kind)) delete result[spelling];
    const secret = readField(resolving, { name, kind, optional: isOptional(schema), spot }, value);
    if (secret !== undefined) result[name] = secret;
  }
  return result;
}

function resolve(resolving: Resolving, { schema, value, spot }: Standing): unknown {
  const fit = fitting(schema, value);
  if (fit === null) return value;
  const shape = shapeOf(fit);
  if (shape !== null)
    return isRecord(value) ? resolveObject(resolving, shape, { value, spot }) : value;
  const element = elementOf(fit);
  if (element === null) return value;
  const next = (each: unknown, key: string | number): unknown =>
    resolve(resolving, { schema: element, value: each, spot: below(spot, key) });
  if (Array.isArray(value)) return value.map(next);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, next(each, key)]));
}
