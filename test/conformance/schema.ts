/** Checks on the configuration schemas of an adapter: strict, with a path on every problem, every field described. */
import { expect } from 'vitest';
import { z } from 'zod';
import type { Check } from './check.ts';
import { at, deleted, pathsOf, replaced } from './mutations.ts';

export interface SchemaSubject {
  /** For titles: `config`, `source.config`, `pager.address`. */
  readonly name: string;
  readonly schema: z.ZodType;
  /** Valid raw values, secrets as `Secret`; together they should use every field. */
  readonly valid: readonly unknown[];
}

function problemsOf(schema: z.ZodType, value: unknown): readonly z.core.$ZodIssue[] {
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues;
}

/** Where a problem points: its path, and the key for unknown keys; unions report their branches' problems inside. */
function placesOf(
  issues: readonly z.core.$ZodIssue[],
  prefix: readonly PropertyKey[] = [],
): readonly string[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    const own = path.map(String).join('.');
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => [...path, key].map(String).join('.'));
    if (issue.code === 'invalid_union')
      return [own, ...issue.errors.flatMap((branch) => placesOf(branch, path))];
    return [own];
  });
}

function refusesUnknownKeys({ schema, valid }: SchemaSubject): void {
  for (const value of valid) {
    const places = placesOf(problemsOf(schema, { ...(value as object), surprise_key: 1 }));
    expect(places, 'an unknown key must be refused and named').toContain('surprise_key');
  }
}

function refusesWrongTypes({ schema, valid }: SchemaSubject): void {
  for (const value of valid) {
    for (const path of pathsOf(value)) {
      const wrong = Array.isArray(at(value, path)) ? 5 : [[]];
      const places = placesOf(problemsOf(schema, replaced(value, path, wrong)));
      const expected = path.join('.');
      // A union reports at the union itself when the damage matches none of its branches.
      const named = places.some(
        (place) => place !== '' && (place.startsWith(expected) || expected.startsWith(place)),
      );
      expect(
        named,
        `${expected} = ${JSON.stringify(wrong)} must be refused with its path; problems at: ${places.join(', ')}`,
      ).toBe(true);
    }
  }
}

function survivesMissingFields({ schema, valid }: SchemaSubject): void {
  for (const value of valid)
    for (const path of pathsOf(value))
      expect(() => schema.safeParse(deleted(value, path))).not.toThrow();
  for (const stranger of [null, undefined, 5, 'text', [], [null]])
    expect(
      schema.safeParse(stranger).success,
      `${JSON.stringify(stranger)} is no configuration`,
    ).toBe(false);
}

function describesEveryField({ schema }: SchemaSubject): void {
  const described = (node: unknown, where: string): void => {
    for (const branch of ['anyOf', 'oneOf', 'allOf'])
      for (const part of (at(node, [branch]) as unknown[] | undefined) ?? [])
        described(part, where);
    for (const [key, field] of Object.entries((at(node, ['properties']) ?? {}) as object)) {
      const discriminator = at(field, ['const']) !== undefined;
      expect(
        discriminator || Boolean(at(field, ['description'])),
        `${where}.${key} has no description`,
      ).toBe(true);
    }
  };
  described(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }), 'schema');
}

export function schemaChecks(subject: SchemaSubject): readonly Check[] {
  const { name, schema, valid } = subject;
  return [
    {
      title: `${name} accepts the given examples`,
      run: () => {
        expect(valid.length, `give at least one valid ${name}`).toBeGreaterThan(0);
        for (const value of valid) expect(problemsOf(schema, value)).toEqual([]);
      },
    },
    { title: `${name} refuses an unknown key by name`, run: () => refusesUnknownKeys(subject) },
    {
      title: `${name} refuses each wrong type with its path`,
      run: () => refusesWrongTypes(subject),
    },
    {
      title: `${name} answers every missing field with a problem or a default`,
      run: () => survivesMissingFields(subject),
    },
    { title: `${name} describes every field`, run: () => describesEveryField(subject) },
  ];
}
