/** Matchers and conditions over labels: Alertmanager's semantics, linear time, and a reason for every "no". */
import { RE2JS } from 're2js';
import type { Condition, Matcher } from '../model/policy.ts';

const PATTERNS_MAX = 10_000;
const patterns = new Map<string, RE2JS>();

function compiled(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  const fresh = RE2JS.compile(pattern, RE2JS.DOTALL);
  patterns.set(pattern, fresh);
  return fresh;
}

/** Whether one matcher holds: a missing label equals "", patterns are anchored. */
export function matches(matcher: Matcher, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, matcher.label) ? (labels[matcher.label] ?? '') : '';
  switch (matcher.operator) {
    case '=':
      return value === matcher.value;
    case '!=':
      return value !== matcher.value;
    case '=~':
      return compiled(matcher.value).matches(value);
    case '!~':
      return !compiled(matcher.value).matches(value);
  }
}

export function matcherText(matcher: Matcher): string {
  return `${matcher.label}${matcher.operator}"${matcher.value}"`;
}

/** Null when the condition holds, else the part that failed with the value seen. */
export function whyNot(
  condition: Condition,
  labels: Readonly<Record<string, string>>,
): string | null {
  for (const part of condition.all) {
    const why = partWhyNot(part, labels);
    if (why !== null) return why;
  }
  for (const part of condition.none) {
    if (partWhyNot(part, labels) === null) return `none: ${partText(part)} holds`;
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

function partWhyNot(
  part: Matcher | Condition,
  labels: Readonly<Record<string, string>>,
): string | null {
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
