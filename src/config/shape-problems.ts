/** zod's complaints, turned into problems that say what to write instead. */
import type { z } from 'zod';
import { isRecord } from '../contract/json.ts';
import { closest } from '../lib/closest.ts';
import type { Report } from './problem.ts';
import { below, keyOf, type Path, type Spot } from './yaml-file.ts';
import { descriptionOf, keysOf, type Schema, schemaAt } from './zod-walk.ts';

type Issue = z.core.$ZodIssue;

interface Checked {
  readonly schema: Schema;
  readonly value: unknown;
  readonly spot: Spot;
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

/** "Did you mean ...", or the list when it is short enough to help. */
export function suggestion(word: string, known: readonly string[], what: string): string {
  const near = closest(word, known);
  if (near !== null) return `Did you mean "${near}"?`;
  if (known.length === 0) return '';
  return `${what}: ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', ...' : ''}.`;
}

/** The branch of a union that was meant: the one whose own kind the value has, if there is exactly one. */
function meantBranch(issue: Extract<Issue, { code: 'invalid_union' }>): readonly Issue[] | null {
  const branches = issue.errors.filter(
    (branch) => !branch.some((each) => each.code === 'invalid_type' && each.path.length === 0),
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
  const quote =
    issue.expected === 'string' && typeof found.value !== 'object'
      ? 'Put it in quotes.'
      : description;
  return { what: `must be ${wanted}, not ${kindOf(found.value)}`, instead: quote };
}

function reportIssue(report: Report, checked: Checked, issue: Issue): void {
  const path = pathOf(issue);
  const at = below(checked.spot, ...path);
  const schema = schemaAt(checked.schema, path, checked.value);
  const value = valueAt(checked.value, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = schema === null ? [] : keysOf(schema);
      for (const key of issue.keys)
        report.error(
          keyOf(below(at, key)),
          `unknown key "${key}"`,
          suggestion(key, known, 'Known here'),
        );
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
      if (value === undefined) report.error(at, 'is missing', `Write one of: ${words.join(', ')}.`);
      else
        report.error(
          at,
          `"${given}" is none of the words for this`,
          suggestion(given, words, 'Write one of'),
        );
      return;
    }
    case 'invalid_union': {
      const branch = meantBranch(issue);
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
          reportIssue(
            report,
            { schema: checked.schema, value: checked.value, spot: checked.spot },
            { ...each, path: [...issue.path, ...each.path] },
          );
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
    string: ' characters',
    array: ' items',
    set: ' items',
    object: ' members',
  };
  const thing = things[issue.origin];
  if (issue.code === 'too_small' && issue.origin === 'string' && limit === 1)
    return 'this is empty';
  const bound =
    issue.inclusive === false ? (issue.code === 'too_small' ? 'more than' : 'less than') : more;
  return thing === undefined ? `must be ${bound} ${limit}` : `must have ${bound} ${limit}${thing}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The parsed value, or null after reporting everything that is wrong with it. */
export function parseShape<T>(
  schema: z.ZodType<T>,
  standing: { readonly value: unknown; readonly spot: Spot },
  report: Report,
): T | null {
  const result = schema.safeParse(standing.value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) reportIssue(report, { schema, ...standing }, issue);
  return null;
}
