/**
 * Nothing that does nothing: every field of the configuration changes what happens. Each has a case, two configurations
 * that differ in that field alone and what the core does with both, or stands among the exceptions with the reason.
 */
import { describe, expect, test } from 'vitest';
import { registry } from '../../adapters/index.ts';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { exists, read } from '../house/project.ts';
import { automationCases } from './fields/automation.ts';
import { type Case, isAt, seenWith } from './fields/case.ts';
import { exceptions } from './fields/exceptions.ts';
import { expectCases } from './fields/expecting.ts';
import { levelCases } from './fields/levels.ts';
import { pageCases } from './fields/pages.ts';
import { pagingCases } from './fields/paging.ts';
import { pathsOf } from './fields/paths.ts';
import { peopleCases } from './fields/people.ts';
import { routingCases } from './fields/routing.ts';
import { updateCases } from './fields/updates.ts';
import { wholeCases } from './fields/whole.ts';

const paths = pathsOf(configJsonSchema(registry));
const cases: readonly Case[] = [
  ...levelCases,
  ...updateCases,
  ...routingCases,
  ...expectCases,
  ...peopleCases,
  ...pagingCases,
  ...pageCases,
  ...automationCases,
  ...wholeCases,
];
const excepted = exceptions.flatMap((one) => one.paths);
const proven = new Set(cases.map((one) => one.path));

/** A section says what the fields below it say. */
function holdsOthers(path: string): boolean {
  return paths.some((other) => other.startsWith(`${path}.`));
}

describe('the fields of the schema', () => {
  test('each have a case or a reason why they have none', () => {
    const bare = paths.filter(
      (path) => !proven.has(path) && !excepted.includes(path) && !holdsOthers(path),
    );
    expect(bare).toEqual([]);
    expect(paths.length).toBeGreaterThan(200);
  });

  test('are what the cases and the exceptions are about', () => {
    expect([...proven, ...excepted].filter((path) => !paths.includes(path))).toEqual([]);
    expect(excepted.filter((path) => proven.has(path))).toEqual([]);
    expect(excepted.filter((path, i) => excepted.indexOf(path) !== i)).toEqual([]);
  });
});

describe('an exception', () => {
  test.each(exceptions)('$because', ({ because, provenIn, paths: named }) => {
    expect(because.length).toBeGreaterThan(20);
    expect(named).not.toEqual([]);
    expect(provenIn.filter((path) => !exists(path))).toEqual([]);
    const text = provenIn.map(read).join('\n');
    const last = (path: string): string => path.split('.').at(-1) ?? path;
    expect(named.filter((path) => !text.includes(last(path)))).toEqual([]);
  });
});

describe('the field', () => {
  test.each(cases)('$path', (one) => {
    expect(isAt(one), `${one.at} is no place of ${one.path}`).toBe(true);
    const seen = one.values.map((value) => seenWith(one, value));
    expect(seen).toEqual(one.sees);
    expect(seen[0]).not.toEqual(seen[1]);
  });
});
