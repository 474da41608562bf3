/** What is read from patterns, held against the patterns themselves. */
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { literalsOf } from './literals.ts';

const prefix = (text: string, inside = text) => ({ prefix: text, isWhole: false, inside });
const whole = (text: string) => ({ prefix: text, isWhole: true, inside: text });

test.each<[string, ReturnType<typeof literalsOf>]>([
  ['basket', [whole('basket')]],
  ['^basket', [whole('basket')]],
  ['basket|till', [whole('basket'), whole('till')]],
  ['db\\.eu\\-1', [whole('db.eu-1')]],
  ['basket-.*', [prefix('basket-')]],
  ['basket-\\d+', [prefix('basket-')]],
  ['baskets?', [prefix('basket')]],
  ['baskets*', [prefix('basket')]],
  ['baskets{0,2}', [prefix('basket')]],
  ['basket+', [prefix('basket')]],
  ['wagon🚃?', [prefix('wagon')]],
  ['basket(s|-eu)', [prefix('basket')]],
  ['basket(?:s|-eu)|till', [prefix('basket'), whole('till')]],
  ['.*Errors', [prefix('', 'Errors')]],
  ['(Low|High)ErrorRate.*', [prefix('', 'ErrorRate')]],
  ['[A-Z]Slow', [prefix('', 'Slow')]],
  ['basket|', [whole('basket'), whole('')]],
  ['(?i)basket', null],
  ['[^]a]b', null],
  ['\\Qa.b\\E', null],
  ['a{x', null],
])('%s', (pattern, literals) => {
  expect(literalsOf(pattern)).toEqual(literals);
});

/** Short, of few letters, so that many fit each other; most of them are patterns. */
const PARTS =
  'a b 1 🚃 . * + ? | ( (?: (?i) ) [ [^ ] ^ $ {2} {0,1} { \\d \\w \\. \\ - [ab] [^a] \n'.split(' ');
const pattern = fc
  .array(fc.constantFrom(...PARTS), { maxLength: 8 })
  .map((parts) => parts.join(''));
const value = fc
  .array(fc.constantFrom('a', 'b', 'A', '1', '.', '-', '🚃', '\n', ']', '{', '2'), { maxLength: 6 })
  .map((parts) => parts.join(''));

function compiled(text: string): RE2JS | null {
  try {
    return RE2JS.compile(text, RE2JS.DOTALL);
  } catch {
    return null;
  }
}

test('whatever a pattern takes has what was read from the pattern', () => {
  fc.assert(
    fc.property(pattern, fc.array(value, { maxLength: 20 }), (text, values) => {
      const literals = literalsOf(text);
      const own = compiled(text);
      fc.pre(literals !== null && own !== null);
      for (const one of values.filter((each) => own?.matches(each)))
        expect(
          literals?.some(
            (each) =>
              one.startsWith(each.prefix) &&
              one.includes(each.inside) &&
              (!each.isWhole || one === each.prefix),
          ),
          `${JSON.stringify(one)} is taken by ${text}`,
        ).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});
