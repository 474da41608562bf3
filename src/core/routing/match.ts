/** Matchers and conditions over labels: Alertmanager's semantics, linear time, and a reason for every "no" that is asked for. */
import { RE2JS } from 're2js';
import type { Condition, Matcher } from '../model/policy.ts';
import { literalsOf } from './literals.ts';

type Labels = Readonly<Record<string, string>>;

/** Whether a text is taken. */
type Pattern = (value: string) => boolean;

/** Patterns of the same text are one; they are forgotten now and then, when those that are in use are kept by their matchers. */
const PATTERNS_MAX = 10_000;
const patterns = new Map<string, Pattern>();
const patternOf = new WeakMap<Matcher, Pattern>();

/** Compiling costs as much as a hundred tries: a pattern is compiled when a text comes that has what it asks for. */
function compiled(text: string): Pattern {
  const literals = literalsOf(text) ?? [];
  const inside = literals.map((one) => one.inside);
  let whole: RE2JS | null = null;
  const takes = (value: string): boolean =>
    (whole ??= RE2JS.compile(text, RE2JS.DOTALL)).matches(value);
  if (inside.length === 0 || inside.includes('')) return takes;
  return (value) => inside.some((part) => value.includes(part)) && takes(value);
}

function pattern(matcher: Matcher): Pattern {
  const own = patternOf.get(matcher);
  if (own !== undefined) return own;
  const known = patterns.get(matcher.value) ?? compiled(matcher.value);
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  patterns.set(matcher.value, known);
  patternOf.set(matcher, known);
  return known;
}

/** Whether one matcher holds: a missing label equals "", patterns are anchored. */
export function matches(matcher: Matcher, labels: Labels): boolean {
  const value = Object.hasOwn(labels, matcher.label) ? (labels[matcher.label] ?? '') : '';
  switch (matcher.operator) {
    case '=':
      return value === matcher.value;
    case '!=':
      return value !== matcher.value;
    case '=~':
      return pattern(matcher)(value);
    case '!~':
      return !pattern(matcher)(value);
  }
}

export function matcherText(matcher: Matcher): string {
  return `${matcher.label}${matcher.operator}"${matcher.value}"`;
}

/** Whether the condition holds; `whyNot` says why it does not. */
export function holds({ all, any, none }: Condition, labels: Labels): boolean {
  return (
    all.every((part) => partHolds(part, labels)) &&
    !none.some((part) => partHolds(part, labels)) &&
    (any.length === 0 || any.some((part) => partHolds(part, labels)))
  );
}

function partHolds(part: Matcher | Condition, labels: Labels): boolean {
  return 'label' in part ? matches(part, labels) : holds(part, labels);
}

/** Null when the condition holds, else the part that failed with the value seen. It is for people: `holds` decides. */
export function whyNot(condition: Condition, labels: Labels): string | null {
  for (const part of condition.all) {
    const why = partWhyNot(part, labels);
    if (why !== null) return why;
  }
  for (const part of condition.none) {
    if (partHolds(part, labels)) return `none: ${partText(part)} holds`;
  }
  if (condition.any.length === 0) return null;
  const failed: string[] = [];
  for (const part of condition.any) {
    const why = partWhyNot(part, labels);
    if (why === null) return null;
    failed.push(why);
  }
  return `any: ${failed.join('; ')}`;
}

function partWhyNot(part: Matcher | Condition, labels: Labels): string | null {
  if (!('label' in part)) return whyNot(part, labels);
  if (matches(part, labels)) return null;
  const seen = Object.hasOwn(labels, part.label)
    ? `${part.label} is "${labels[part.label] ?? ''}"`
    : `there is no label ${part.label}`;
  return `${matcherText(part)}, but ${seen}`;
}

/** The condition as people read it. */
export function conditionText({ all, any, none }: Condition): string {
  const parts = all.map(partText);
  if (any.length > 0) parts.push(`any of ${any.map(partText).join(', ')}`);
  if (none.length > 0) parts.push(`none of ${none.map(partText).join(', ')}`);
  return parts.join(', ');
}

function partText(part: Matcher | Condition): string {
  return 'label' in part ? matcherText(part) : 'a nested condition';
}
