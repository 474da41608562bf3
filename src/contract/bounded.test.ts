/** What strangers send is cut where it is too large, and stays what it is everywhere else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedJson, CUT, cutText, JSON_DEPTH_MAX, MEMBERS_MAX, TEXT_MAX } from './bounded.ts';

function read(json: string): unknown {
  return JSON.parse(boundedJson(json) ?? 'null');
}

function objectOf(count: number, more: object = {}): Record<string, unknown> {
  const members = Array.from({ length: count }, (_, n) => [`label_${n}`, 'v'] as const);
  return { ...Object.fromEntries(members), ...more };
}

const LONG = 'x'.repeat(TEXT_MAX + 1);

describe('JSON of a size that people mean', () => {
  test('is read as it is, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(3), (value, indent) => {
        const json = JSON.stringify(value, null, indent);
        fc.pre(!/\d{16}/.test(json));
        expect(boundedJson(json)).toBe(json);
      }),
    );
  });

  test('that is none stays none', () => {
    for (const broken of [
      '{"a": ',
      '"open',
      '{"a" 1}',
      '}{',
      ']',
      '{"a":01234567890123456789}',
      '\\',
    ])
      expect(() => JSON.parse(boundedJson(broken) ?? '')).toThrow(SyntaxError);
  });
});

describe('a text that is too long', () => {
  test('keeps its beginning, and says how long it was', () => {
    expect(read(JSON.stringify({ a: LONG, b: 'short' }))).toEqual({
      a: expect.stringMatching(/^x{16384}… \(cut: 16385 characters, [0-9a-f]{12}\)$/),
      b: 'short',
    });
  });

  test('is cut beside what is written by a backslash, never within', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u0001', 'é', '🚨') }),
        fc.nat(40),
        (part, shift) => {
          const text = `${'a'.repeat(shift)}${`${part}é"\\\u0001`.repeat(TEXT_MAX)}`.slice(
            0,
            3 * TEXT_MAX,
          );
          const [cut, after] = read(JSON.stringify([text, 'after'])) as [string, string];
          expect(after).toBe('after');
          const [kept = ''] = cut.split('… (cut: ');
          expect(text.startsWith(kept.slice(0, -1))).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('stays another one when it differs only in what was cut', () => {
    const [a, b] = [`${LONG}a`, `${LONG}b`];
    expect(read(JSON.stringify(a))).not.toBe(read(JSON.stringify(b)));
    expect(cutText(a, 10)).not.toBe(cutText(b, 10));
    expect(cutText(a, 10)).toMatch(/^x{10}… \(cut: 16386 characters/);
  });

  test('in words of people never ends in half a character', () => {
    expect(cutText('🚨🚨', 3)).toMatch(/^🚨\uFFFD… /);
  });
});

describe('an object of too many members', () => {
  test('keeps the first, and says how many there were more', () => {
    const value = read(JSON.stringify({ labels: objectOf(5_000), next: { a: 1 } }));
    const { labels, next } = value as { labels: Record<string, string>; next: object };
    expect(Object.keys(labels)).toHaveLength(MEMBERS_MAX + 1);
    expect(labels[CUT]).toMatch(/^4000 members, [0-9a-f]{12}$/);
    expect(next).toEqual({ a: 1 });
  });

  test('is cut whole where its members are large, deep, or long texts', () => {
    const inner = { deep: { list: [1, { a: LONG }], more: objectOf(1_200) } };
    const value = read(JSON.stringify({ labels: objectOf(MEMBERS_MAX, inner), next: [LONG, 2] }));
    expect(Object.keys((value as { labels: object }).labels)).toHaveLength(MEMBERS_MAX + 1);
    expect((value as { next: unknown[] }).next[1]).toBe(2);
  });

  test('of exactly as many as are kept is whole', () => {
    expect(read(JSON.stringify(objectOf(MEMBERS_MAX)))).toEqual(objectOf(MEMBERS_MAX));
  });

  test('differs from one that differs only in what was cut', () => {
    const [a, b] = ['1', '2'].map((last) => read(JSON.stringify(objectOf(2_000, { last }))));
    expect(a).not.toEqual(b);
  });
});

test('a list is never cut: each of its elements may be an alert', () => {
  const list = Array.from({ length: 50_000 }, (_, n) => n);
  expect(read(JSON.stringify(list))).toEqual(list);
});

test('what is nested too deep is not read at all', () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  expect(boundedJson(nested(JSON_DEPTH_MAX))).toBe(nested(JSON_DEPTH_MAX));
  expect(boundedJson(nested(JSON_DEPTH_MAX + 1))).toBeNull();
});
