/** Reads a value from outside by its schema, and says what is wrong with it field by field, for whoever wrote it. */
import { z } from 'zod';
import { closest } from './closest.ts';

export interface FieldError {
  /** Path of the field in the body, in the query or in the address; empty: the whole. */
  readonly field: string;
  readonly message: string;
}

export type FieldsResult<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** Everything that is wrong, in one line. */
      readonly detail: string;
      readonly errors: readonly FieldError[];
    };

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a JSON object',
  record: 'a JSON object',
};

const THINGS: Readonly<Record<string, string>> = { string: 'character', array: 'item' };

/** What a value should have been; null: the words of zod will do. */
function wanted(issue: z.core.$ZodRawIssue): string | null {
  switch (issue.code) {
    case 'invalid_type':
      return `be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return Array.isArray(issue.options)
        ? `be one of ${[...new Set(issue.options.map(String))].join(', ')}`
        : null;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'not be empty';
      return bound(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive ? 'at most' : 'less than', issue.maximum);
    default:
      return null;
  }
}

function bound(origin: string, than: string, limit: number | bigint): string {
  const thing = THINGS[origin];
  if (thing === undefined) return `be ${than} ${limit}`;
  return `have ${than} ${limit} ${thing}${limit === 1 ? '' : 's'}`;
}

/** The field that tells the kinds of a body apart: it is what such an issue is about. */
function inputOf(issue: z.core.$ZodRawIssue): unknown {
  const { input } = issue;
  const isAboutKind = issue.code === 'invalid_union' && typeof input === 'object' && input !== null;
  return isAboutKind ? new Map(Object.entries(input)).get(issue.discriminator ?? '') : input;
}

/** What is wrong in our words, where the schema has no message of its own: zod asks for it. */
export function inOurWords(issue: z.core.$ZodRawIssue): string | undefined {
  const must = wanted(issue);
  if (must === null) return undefined;
  const input = inputOf(issue);
  if (input === undefined) {
    const about = issue.inst instanceof z.ZodType ? issue.inst.description : undefined;
    return `It is missing; it must ${must}${about === undefined ? '' : `: ${about}`}.`;
  }
  return input === null ? `It must ${must}, not null.` : `It must ${must}.`;
}

function knownKeys(schema: z.core.$ZodType): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodPipe) return knownKeys(schema.in);
  return schema instanceof z.ZodUnion ? schema.options.flatMap(knownKeys) : [];
}

function errorsOf(issue: z.core.$ZodIssue, schema: z.ZodType): readonly FieldError[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys')
    return [{ field: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => {
    // A field of another kind of body has the same name and does not help.
    const others = knownKeys(schema).filter((known) => known !== key);
    const meant = closest(key, others);
    const hint = meant === null ? '' : ` Did you mean "${meant}"?`;
    return { field: [...path, key].join('.'), message: `There is no such field.${hint}` };
  });
}

/** The value as the schema makes it, or what is wrong with it. @param what what it is, for people: `body` */
export function readFields<T>(schema: z.ZodType<T>, value: unknown, what: string): FieldsResult<T> {
  const result = schema.safeParse(value, { error: inOurWords });
  if (result.success) return { ok: true, value: result.data };
  const errors = result.error.issues.flatMap((issue) => errorsOf(issue, schema));
  const list = errors.map(({ field, message }) => `${field === '' ? what : field}: ${message}`);
  return { ok: false, detail: `The ${what} is not valid: ${list.join('; ')}`, errors };
}

/** The schema of a field that may be left out, for where it must be there. */
export function required(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodPipe && schema.in instanceof z.ZodType) return required(schema.in);
  // Every schema of ours is one of zod's own classes, which the type of what is inside leaves open.
  return schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
}
