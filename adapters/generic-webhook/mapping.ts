/** The field mapping of a generic webhook: which part of any JSON is which part of an alert. */
import { z } from 'zod';
import {
  httpDateOf,
  instantOf,
  isRecord,
  asText,
  textsOf,
  webAddressOf,
} from '../../src/contract/index.ts';
import type { Alert, Link } from '../../src/contract/index.ts';
import { readPath, valuesAt } from './path.ts';
import type { Path, ReadFrom } from './path.ts';

const path = z.string().transform((text, context): Path => {
  const reading = readPath(text);
  if (reading.ok) return reading.path;
  context.addIssue({ code: 'custom', message: reading.problem });
  return z.NEVER;
});

type Value = Path | { readonly literal: string };

/** A path, or any other text for itself. */
const value = z
  .string()
  .min(1)
  .transform((text, context): Value => {
    if (!/^[$@]/.test(text)) return { literal: text };
    const reading = readPath(text);
    if (reading.ok) return reading.path;
    context.addIssue({ code: 'custom', message: reading.problem });
    return z.NEVER;
  });

const words = z
  .array(
    z
      .union([z.string().min(1), z.number(), z.boolean()])
      .transform((word) => String(word).toLowerCase()),
  )
  .default([]);

const status = z
  .strictObject({
    path: path.meta({ description: 'Where the state stands, e.g. `$.check.state`.' }),
    firing: words.meta({
      description: 'Words (in any case) that mean: it is broken, e.g. `[down, alert]`.',
    }),
    resolved: words.meta({ description: 'Words that mean: it is fine again, e.g. `[up, ok]`.' }),
    ignore: words.meta({
      description: 'Words that mean neither and are left aside, e.g. `[test]`.',
    }),
    otherwise: z.enum(['fail', 'firing', 'resolved', 'ignore']).default('fail').meta({
      description:
        'What any other word means. `fail` (the default) opens the incident for deliveries that nobody could read.',
    }),
  })
  .refine((given) => given.firing.length + given.resolved.length > 0, {
    message: 'name the words for `firing`, for `resolved`, or for both',
  });

export const mapping = z.strictObject({
  each: path.optional().meta({
    description:
      'A list in which each element is one alert, e.g. `$.alerts[*]`; paths inside the element begin with `@`.',
  }),
  dedup_key: z.union([path, z.array(path).min(1)]).meta({
    description:
      'What identifies the alert: the same for its firing and its resolving, e.g. `$.check.id`; several paths are joined with `/`.',
  }),
  title: value.meta({ description: 'One line for people: a path, or a fixed text.' }),
  description: value.optional().meta({ description: 'The longer text: a path, or a fixed text.' }),
  status: status.optional().meta({
    description: 'How firing and resolved are told apart. Without it every delivery is firing.',
  }),
  severity: value.optional().meta({
    description: "The sender's own word for how bad it is, translated by `severity_map`.",
  }),
  starts_at: path.optional().meta({
    description:
      'When this episode began: ISO 8601, or seconds to nanoseconds since 1970. A later value under the same key is a new episode.',
  }),
  observed_at: path.optional().meta({
    description:
      'When the sender saw this. What is older than the last observation changes nothing; leave it out unless the sender means exactly that.',
  }),
  labels: z.record(z.string().min(1), value).default({}).meta({
    description:
      'What rules match on: `{service: $.service.name, env: prod}`. The name `"*"` takes every member of an object: `{"*": $.tags}`.',
  }),
  links: z
    .record(z.string().min(1), value)
    .default({})
    .meta({ description: 'Text of a link -> its address, e.g. `{Dashboard: $.urls.dashboard}`.' }),
});

export type Mapping = z.infer<typeof mapping>;

export interface Aside {
  readonly what: string;
  readonly reason: string;
}

export type Mapped =
  | { readonly ok: true; readonly alert: Alert | null; readonly asides: readonly Aside[] }
  /** Names the field and its path. */
  | { readonly ok: false; readonly reason: string };

/** One alert from its place in the document. What identifies it and its state must be there; the rest may be missing. */
export function alertAt(rules: Mapping, place: ReadFrom): Mapped {
  const keys: string[] = [];
  for (const part of Array.isArray(rules.dedup_key) ? rules.dedup_key : [rules.dedup_key]) {
    const text = textAt(part, place);
    if (text === null) return { ok: false, reason: `dedup_key: no text at ${part.text}` };
    keys.push(text);
  }
  const state = stateAt(rules.status, place);
  if (state.is === 'unknown') return { ok: false, reason: state.reason };
  if (state.is === 'ignored')
    return {
      ok: true,
      alert: null,
      asides: [{ what: `alert ${keys.join('/')}`, reason: state.reason }],
    };
  const asides: Aside[] = [];
  const found = <T>(
    field: string,
    given: Value | undefined,
    read: (from: Value) => T | null,
  ): T | null => {
    const result = given === undefined ? null : read(given);
    if (result === null && given !== undefined && 'text' in given)
      asides.push({ what: field, reason: `nothing usable at ${given.text}` });
    return result;
  };
  const text = (from: Value): string | null => textAt(from, place);
  const instant = (from: Value): number | null => ('text' in from ? instantAt(from, place) : null);
  const alert: Alert = {
    kind: 'alert',
    dedupKey: keys.join('/'),
    status: state.is,
    title: found('title', rules.title, text) ?? `Alert ${keys.join('/')}`,
    description: found('description', rules.description, text) ?? '',
    labels: textsAt(rules.labels, place),
    vendorSeverity: found('severity', rules.severity, text),
    startsAt: found('starts_at', rules.starts_at, instant),
    observedAt: found('observed_at', rules.observed_at, instant),
    links: linksAt(rules.links, place),
  };
  return { ok: true, alert, asides };
}

/** The text a value stands for; several (`[*]`) are joined with commas. */
function textAt(from: Value, place: ReadFrom): string | null {
  if ('literal' in from) return from.literal;
  const texts = valuesAt(from, place)
    .map(asText)
    .filter((text) => text !== null);
  return texts.length === 0 ? null : texts.join(',');
}

function textsAt(
  rules: Readonly<Record<string, Value>>,
  place: ReadFrom,
): Readonly<Record<string, string>> {
  const all = rules['*'];
  const texts: Record<string, string> =
    all !== undefined && 'text' in all ? membersAt(all, place) : {};
  for (const [name, from] of Object.entries(rules)) {
    const text = name === '*' || name === '__proto__' ? null : textAt(from, place);
    if (text !== null) texts[name] = text;
  }
  return texts;
}

function membersAt(from: Path, place: ReadFrom): Record<string, string> {
  return Object.assign({}, ...valuesAt(from, place).filter(isRecord).map(textsOf)) as Record<
    string,
    string
  >;
}

function linksAt(rules: Mapping['links'], place: ReadFrom): readonly Link[] {
  return Object.entries(rules).flatMap(([text, from]) => {
    const url = webAddressOf(textAt(from, place));
    return url === null ? [] : [{ url, text }];
  });
}

type State =
  | { readonly is: 'firing' | 'resolved' }
  | { readonly is: 'ignored' | 'unknown'; readonly reason: string };

function stateAt(rules: Mapping['status'], place: ReadFrom): State {
  if (rules === undefined) return { is: 'firing' };
  const word = textAt(rules.path, place);
  if (word === null) return { is: 'unknown', reason: `status: no text at ${rules.path.text}` };
  const known = word.toLowerCase();
  if (rules.firing.includes(known)) return { is: 'firing' };
  if (rules.resolved.includes(known)) return { is: 'resolved' };
  const told = `status: ${JSON.stringify(word.slice(0, 100))} at ${rules.path.text}`;
  if (rules.ignore.includes(known) || rules.otherwise === 'ignore')
    return { is: 'ignored', reason: `${told} means neither firing nor resolved` };
  if (rules.otherwise === 'fail')
    return { is: 'unknown', reason: `${told} is in none of firing, resolved and ignore` };
  return { is: rules.otherwise };
}

/** Digits that an epoch time of the present century has at most, by its unit. */
const SECOND_DIGITS = 11;
const MILLISECOND_DIGITS = 14;
const MICROSECOND_DIGITS = 17;

/** Epoch ms of ISO 8601, an HTTP date, or a number of seconds, milli-, micro- or nanoseconds; zero means "not set". */
export function timeOf(given: unknown): number | null {
  const text = asText(given);
  if (text === null) return null;
  const [, whole] = /^(\d{1,20})(?:\.\d+)?$/.exec(text) ?? [];
  if (whole === undefined) return instantOf(text) ?? httpDateOf(text);
  const at = epochMsOf(text, whole);
  return at > 0 ? at : null;
}

/** Long integers are divided as integers: a double would round the last nanoseconds up into the next millisecond. */
function epochMsOf(text: string, whole: string): number {
  if (whole.length <= SECOND_DIGITS) return Math.round(Number(text) * 1000);
  if (whole.length <= MILLISECOND_DIGITS) return Math.floor(Number(text));
  return Number(BigInt(whole) / (whole.length <= MICROSECOND_DIGITS ? 1000n : 1_000_000n));
}

function instantAt(from: Path, place: ReadFrom): number | null {
  return timeOf(valuesAt(from, place)[0]);
}
