/** zod's complaints, turned into problems that say what to write instead. */
import { z } from 'zod';
import { isRecord } from '../contract/json.ts';
import { closest } from '../lib/closest.ts';
import type { Report } from './problem.ts';
import { below, keyOf, type Path, type Spot, withSpace } from './yaml-file.ts';
import {
  descriptionOf,
  elementOf,
  insteadOf,
  isList,
  isOptional,
  keysOf,
  optionsOf,
  type Schema,
  schemaAt,
  shapeOf,
} from './zod-walk.ts';

type Issue = z.core.$ZodIssue;

interface Checked {
  readonly schema: Schema;
  readonly value: unknown;
  readonly spot: Spot;
  /** Keys that stand in the same map and are read elsewhere. */
  readonly others?: readonly string[];
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  undefined: 'missing',
  null: 'empty',
  custom: 'something else',
};

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  return KINDS[Array.isArray(value) ? 'array' : typeof value] ?? 'something else';
}

function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const segment of path) {
    if (Array.isArray(here)) here = here[Number(segment)];
    else here = isRecord(here) && Object.hasOwn(here, segment) ? here[segment] : undefined;
  }
  return here;
}

function sentence(text: string | null): string {
  if (text === null || text === '') return '';
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Names that are listed at most: all sections, and all that helps. */
const LISTED_MAX = 30;

/** "Did you mean ...", or the list when it is short enough to help. */
export function suggestion(word: string, known: readonly string[], what: string): string {
  const near = closest(word, known);
  if (near !== null) return `Did you mean "${near}"?`;
  if (known.length === 0) return '';
  const rest = known.length - LISTED_MAX;
  return `${what}: ${known.slice(0, LISTED_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
}

/** The branch of a union that was meant: the one whose own kind the value has, if there is exactly one. */
function meantBranch(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  value: unknown,
): readonly Issue[] | null {
  // A list or a map is none of a few words, and was not meant as one.
  const isNoWord = typeof value === 'object';
  const branches = issue.errors.filter(
    (branch) =>
      !branch.some(
        ({ code, path }) =>
          path.length === 0 && (code === 'invalid_type' || (isNoWord && code === 'invalid_value')),
      ),
  );
  const [only] = branches;
  return branches.length === 1 && only !== undefined ? only : null;
}

function pathOf(issue: Issue): Path {
  return issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
}

function hintOf(issue: Issue, schema: Schema | null): string {
  const params: unknown = 'params' in issue ? issue.params : undefined;
  if (isRecord(params) && typeof params['hint'] === 'string') return params['hint'];
  return sentence(schema === null ? null : descriptionOf(schema));
}

function wrongType(
  issue: Extract<Issue, { code: 'invalid_type' }>,
  at: Spot,
  found: { schema: Schema | null; value: unknown },
): { what: string; instead: string } {
  const wanted = KINDS[issue.expected] ?? issue.expected;
  const description = sentence(found.schema === null ? null : descriptionOf(found.schema));
  const key = String(at.path.at(-1) ?? '');
  if (found.value === undefined)
    return {
      what: 'is missing',
      instead: description === '' ? `Write ${key}: ${wanted}.` : `Write ${key}: ${description}`,
    };
  const what = `must be ${wanted}, not ${kindOf(found.value)}`;
  const spaced = typeof found.value === 'string' ? withSpace(found.value) : null;
  if (spaced !== null && issue.expected !== 'array') return { what, instead: spaced };
  const known = found.schema === null ? {} : insteadOf(found.schema);
  if (typeof found.value === 'number' && known.number !== undefined) {
    const { what: fault, hint } = known.number(found.value);
    return { what: fault, instead: hint };
  }
  if (known.wrong !== undefined) return { what, instead: known.wrong };
  if (typeof found.value === 'object') return { what, instead: description };
  if (issue.expected === 'string') return { what, instead: 'Put it in quotes.' };
  const around = found.schema === null ? null : wrappedIn(found.schema, found.value);
  return { what, instead: around === null ? description : `Write ${key}: ${around}.` };
}

/** The list or map that was probably meant where a single value stands; null: it cannot be told. */
function wrappedIn(schema: Schema, value: unknown): string | null {
  return isList(schema) ? listOf(schema, value) : mapAround(schema, value);
}

/** The words of a text that stands where a list of them was meant. */
function listOf(schema: Schema, value: unknown): string | null {
  const element = elementOf(schema);
  const items = String(value)
    .split(/[,\s]+/)
    .filter((item) => item !== '');
  const fit = element !== null && items.every((item) => z.safeParse(element, item).success);
  return fit && items.length > 0 ? `[${items.join(', ')}]` : null;
}

/** What means itself in YAML, without quotes. */
const PLAIN = /^[\w@./+-][\w @./+-]*$/;

/** The map that was probably meant where a single value stands, with that value in its place; null: it cannot be told. */
function mapAround(schema: Schema, value: unknown): string | null {
  const takes = (one: Schema): boolean => z.safeParse(one, value).success;
  const shape = shapeOf(schema);
  const given = PLAIN.test(String(value)) ? String(value) : JSON.stringify(value);
  if (shape === null) {
    const element = elementOf(schema);
    const { keys = 'name' } = insteadOf(schema);
    return element === null || !takes(element) ? null : `{<${keys}>: ${given}}`;
  }
  const fits = Object.keys(shape).filter((key) => takes(shape[key] as Schema));
  // Of two that would take it, nobody knows which was meant.
  const [only] = fits.length === 1 ? fits : [];
  const named = Object.entries(shape).flatMap(([key, one]) => {
    if (key === only) return [`${key}: ${given}`];
    return isOptional(one) ? [] : [`${key}: ...`];
  });
  return named.length === 0 ? null : `{${named.join(', ')}}`;
}

interface Said {
  readonly what: string;
  readonly instead: string;
}

/** A number where one of a few words stands, or a text that is read: what that text is. */
function numberForWord(
  words: readonly string[],
  { schema, value }: { readonly schema: Schema | null; readonly value: unknown },
): Said | null {
  const [number] = (schema === null ? [] : optionsOf(schema)).flatMap(
    (option) => insteadOf(option).number ?? [],
  );
  if (typeof value !== 'number' || number === undefined) return null;
  const { what, hint } = number(value);
  return { what, instead: orWords(hint, words) };
}

function orWords(hint: string, words: readonly string[]): string {
  return `${hint.replace(/\.$/, '')}, or ${words.join(', ')}.`;
}

/** A text that is neither one of a few words nor can be read: what is wrong is said of both. */
function unreadWord(issue: Extract<Issue, { code: 'invalid_union' }>): Said | null {
  const own = issue.errors.flat().filter((one) => one.path.length === 0);
  const words = own.flatMap((one) => (one.code === 'invalid_value' ? one.values.map(String) : []));
  const read = own.find((one) => one.code === 'custom');
  if (words.length === 0 || read === undefined) return null;
  return { what: read.message, instead: orWords(hintOf(read, null), words) };
}

/** A list where something else stands: what was probably meant by it; null: it cannot be told. */
function listInstead(
  at: Spot,
  { schema, value }: { readonly schema: Schema | null; readonly value: unknown },
): Said | null {
  if (schema === null || !Array.isArray(value)) return null;
  const said = insteadOf(schema).list?.(String(at.path.at(-1) ?? ''), value) ?? null;
  return said === null ? null : { what: said.what, instead: said.hint };
}

function reportKey(
  report: Report,
  at: Spot,
  { key, known }: { readonly key: string; readonly known: readonly string[] },
): void {
  report.error(keyOf(at), `unknown key "${key}"`, suggestion(key, known, 'Known here'));
}

function reportIssue(report: Report, checked: Checked, issue: Issue): void {
  const path = pathOf(issue);
  const at = below(checked.spot, ...path);
  const schema = schemaAt(checked.schema, path, checked.value);
  const value = valueAt(checked.value, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const others = path.length === 0 ? (checked.others ?? []) : [];
      const known = [...others, ...(schema === null ? [] : keysOf(schema))];
      for (const key of issue.keys) reportKey(report, below(at, key), { key, known });
      return;
    }
    case 'invalid_type': {
      const { what, instead } = wrongType(issue, at, { schema, value });
      report.error(at, what, instead);
      return;
    }
    case 'invalid_value': {
      const words = issue.values.map(String);
      const given = typeof value === 'string' ? value : JSON.stringify(value);
      const said = numberForWord(words, { schema, value });
      if (said !== null) report.error(at, said.what, said.instead);
      else if (value === undefined)
        report.error(at, 'is missing', `Write one of: ${words.join(', ')}.`);
      else
        report.error(
          at,
          `"${given}" is none of the words for this`,
          suggestion(given, words, 'Write one of'),
        );
      return;
    }
    case 'invalid_union': {
      const said = unreadWord(issue);
      if (said !== null) return report.error(at, said.what, said.instead);
      const list = listInstead(at, { schema, value });
      if (list !== null) return report.error(at, list.what, list.instead);
      const branch = meantBranch(issue, value);
      if (branch === null)
        report.error(
          at,
          value === undefined
            ? 'is missing'
            : `is not of a kind that is understood here (${kindOf(value)})`,
          hintOf(issue, schema),
        );
      else
        for (const each of branch)
          reportIssue(report, checked, { ...each, path: [...issue.path, ...each.path] });
      return;
    }
    case 'invalid_key':
      report.error(
        keyOf(at),
        `"${String(path.at(-1) ?? '')}" cannot be a key here`,
        issue.issues.map((each) => sentence(each.message)).join(' '),
      );
      return;
    case 'too_small':
    case 'too_big':
      report.error(at, sizeFault(issue), hintOf(issue, schema));
      return;
    default:
      report.error(at, lowerFirst(issue.message).replace(/\.$/, ''), hintOf(issue, schema));
  }
}

/** A schema's own words, else what zod means in ours. */
function sizeFault(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  if (!/^Too (small|big)/.test(issue.message)) return lowerFirst(issue.message);
  const { limit, more } =
    issue.code === 'too_small'
      ? { limit: issue.minimum, more: 'at least' }
      : { limit: issue.maximum, more: 'at most' };
  const things: Readonly<Record<string, string>> = {
    string: 'character',
    array: 'item',
    set: 'item',
    object: 'member',
  };
  const thing = things[issue.origin];
  if (issue.code === 'too_small' && issue.origin === 'string' && limit === 1)
    return 'this is empty';
  const bound =
    issue.inclusive === false ? (issue.code === 'too_small' ? 'more than' : 'less than') : more;
  return thing === undefined
    ? `must be ${bound} ${limit}`
    : `must have ${bound} ${limit} ${thing}${limit === 1 ? '' : 's'}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The parsed value, or null after reporting everything that is wrong with it. */
export function parseShape<T>(
  schema: z.ZodType<T>,
  standing: Omit<Checked, 'schema'>,
  report: Report,
): T | null {
  const result = schema.safeParse(standing.value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) reportIssue(report, { schema, ...standing }, issue);
  return null;
}
