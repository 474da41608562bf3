/** Which conditions cover another one, as a table; and that looking it up tells what comparing each with each does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Condition, Matcher } from '../core/model/policy.ts';
import { canonicalJson } from '../lib/hash.ts';
import { createCoverings, demandsOf, firstCovering } from './coverings.ts';

const is = (label: string, value = 'x'): Matcher => ({ label, operator: '=', value });

function of(parts: Partial<Condition>): Condition {
  return { all: [], any: [], none: [], ...parts };
}

function covers(first: Condition, second: Condition): boolean {
  const coverings = createCoverings([demandsOf(first)]);
  coverings.add(0, demandsOf(first));
  return coverings.covering(demandsOf(second)).length > 0;
}

const [a, b] = [is('a'), is('b')];

test.each<[string, Condition, Condition, boolean]>([
  ['everything covers anything', of({}), of({ all: [a] }), true],
  ['the same', of({ all: [a, b] }), of({ all: [b, a] }), true],
  ['fewer demands', of({ all: [a] }), of({ all: [a, b] }), true],
  ['more demands do not', of({ all: [a, b] }), of({ all: [a] }), false],
  ['other values do not', of({ all: [a] }), of({ all: [is('a', 'y')] }), false],
  ['a choice covers only the same choice', of({ any: [a, b] }), of({ all: [a] }), false],
  ['the same choice', of({ any: [a, b] }), of({ any: [a, b], all: [is('c')] }), true],
  ['a ban covers the same ban', of({ none: [a] }), of({ none: [a, b] }), true],
  ['a ban is no demand', of({ none: [a] }), of({ all: [a] }), false],
])('%s', (...[, first, second, covered]) => {
  expect(covers(first, second)).toBe(covered);
});

const matcher = fc.constantFrom(...['a', 'b', 'c'].flatMap((label) => [is(label), is(label, 'y')]));
const part = fc.oneof(
  matcher,
  fc.record({ all: fc.tuple(matcher), any: fc.tuple(), none: fc.tuple() }),
);
const condition: fc.Arbitrary<Condition> = fc.record({
  all: fc.array(part, { maxLength: 3 }),
  any: fc.array(part, { maxLength: 2 }),
  none: fc.array(part, { maxLength: 2 }),
});

/** The definition: part by part, the one against the other. */
function coversPlainly(first: Condition, second: Condition): boolean {
  const has = (list: Condition['all'], one: Matcher | Condition): boolean =>
    list.some((each) => canonicalJson(each) === canonicalJson(one));
  return (
    first.all.every((one) => has(second.all, one)) &&
    first.none.every((one) => has(second.none, one)) &&
    (first.any.length === 0 || canonicalJson(first.any) === canonicalJson(second.any))
  );
}

describe('of many conditions', () => {
  test('all that cover one are found, and no others', () => {
    fc.assert(
      fc.property(fc.array(condition, { maxLength: 25 }), condition, (all, one) => {
        const coverings = createCoverings(all.map(demandsOf));
        for (const [position, each] of all.entries()) coverings.add(position, demandsOf(each));
        expect(coverings.covering(demandsOf(one))).toEqual(
          all.flatMap((each, position) => (coversPlainly(each, one) ? [position] : [])),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('each is said to be out of reach behind the first that takes all that it would', () => {
    const ordered = fc.array(fc.record({ when: condition, continue: fc.boolean() }), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(ordered, (all) => {
        expect(firstCovering(all)).toEqual(
          all.map(({ when }, i) => {
            const first = all.findIndex((one) => !one.continue && coversPlainly(one.when, when));
            return first >= 0 && first < i ? first : null;
          }),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
