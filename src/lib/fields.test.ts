import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readFields } from './fields.ts';

const order = z.strictObject({
  what: z.string().min(1).max(5),
  count: z.int().min(1).max(9).optional(),
  weight: z.number().positive().optional(),
  tags: z.array(z.string()).min(1).max(2).optional(),
  at: z.strictObject({ line: z.number() }).optional(),
  how: z.enum(['now', 'later']).optional(),
  notes: z.record(z.string(), z.string()).optional(),
  isGift: z.boolean().optional(),
  by: z.string('It must name a person.').optional(),
});

const shape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('circle'), radius: z.number() }),
  z.strictObject({ kind: z.enum(['square', 'cube']), side: z.number() }).transform((each) => each),
]);

function errors(schema: z.ZodType, value: unknown): readonly string[] {
  const result = readFields(schema, value, 'body');
  return result.ok ? [] : result.errors.map(({ field, message }) => `${field}: ${message}`);
}

describe('what is wrong', () => {
  test.each([
    [{}, 'what: It is missing; it must be a text.'],
    [{ what: null }, 'what: It must be a text, not null.'],
    [{ what: '' }, 'what: It must not be empty.'],
    [{ what: 'kettles' }, 'what: It must have at most 5 characters.'],
    [{ what: 'tea', count: 1.5 }, 'count: It must be a whole number.'],
    [{ what: 'tea', count: 0 }, 'count: It must be at least 1.'],
    [{ what: 'tea', count: 10 }, 'count: It must be at most 9.'],
    [{ what: 'tea', weight: 0 }, 'weight: It must be more than 0.'],
    [{ what: 'tea', tags: 'a' }, 'tags: It must be a list.'],
    [{ what: 'tea', tags: [] }, 'tags: It must have at least 1 item.'],
    [{ what: 'tea', tags: ['a', 5] }, 'tags.1: It must be a text.'],
    [{ what: 'tea', at: {} }, 'at.line: It is missing; it must be a number.'],
    [{ what: 'tea', how: 'never' }, 'how: It must be one of now, later.'],
    [{ what: 'tea', notes: 5 }, 'notes: It must be a JSON object.'],
    [{ what: 'tea', isGift: 1 }, 'isGift: It must be true or false.'],
    [{ what: 'tea', by: 5 }, 'by: It must name a person.'],
    [{ what: 'tea', cuont: 1 }, 'cuont: There is no such field. Did you mean "count"?'],
    [{ what: 'tea', zzz: 1 }, 'zzz: There is no such field.'],
    [[], ': It must be a JSON object.'],
  ])('with %j', (value, said) => {
    expect(errors(order, value)).toEqual([said]);
  });

  test.each([
    [{}, 'kind: It is missing; it must be one of circle, square, cube.'],
    [{ kind: 'cone' }, 'kind: It must be one of circle, square, cube.'],
    [{ kind: 'cube' }, 'side: It is missing; it must be a number.'],
    [{ kind: 'cube', side: 1, sied: 1 }, 'sied: There is no such field. Did you mean "side"?'],
    [{ kind: 'cube', side: 1, radius: 1 }, 'radius: There is no such field.'],
    [5, ': It must be a JSON object.'],
  ])('with a shape %j', (value, said) => {
    expect(errors(shape, value)).toEqual([said]);
  });

  test('is said in one line too, with the whole by its name', () => {
    const result = readFields(order, { count: 0 }, 'query');
    expect(result).toMatchObject({
      detail:
        'The query is not valid: what: It is missing; it must be a text.; count: It must be at least 1.',
    });
    expect(readFields(order, 5, 'query')).toMatchObject({
      detail: 'The query is not valid: query: It must be a JSON object.',
    });
  });
});

test('what is right comes as the schema makes it', () => {
  const doubled = z.strictObject({ n: z.number() }).transform(({ n }) => 2 * n);
  expect(readFields(doubled, { n: 4 }, 'body')).toEqual({ ok: true, value: 8 });
});
