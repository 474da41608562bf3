/** Mutants of finding rules without walking all of them: an alert must meet the rule that it would meet one by one. */
import type { Mutant } from './mutant.ts';

const PICKING = ['src/core/routing/picking.test.ts'];
const INDEX = 'src/core/routing/index-of-conditions.ts';

export const findingRulesMutants: readonly Mutant[] = [
  {
    name: 'an alert that several rules take meets another one than the first',
    file: INDEX,
    find: 'least = Math.min(least, headOf(which));',
    replace: 'least = least === Infinity ? headOf(which) : least;',
    tests: PICKING,
  },
  {
    name: 'a rule that says continue ends the search, and the worse level behind it is lost',
    file: 'src/core/routing/picking.ts',
    find: 'if (!rule.continue) break;',
    replace: 'break;',
    tests: PICKING,
  },
  {
    name: 'a rule that names no label exactly is never looked at',
    file: INDEX,
    find: 'if (keys === null) index.always.push(place);',
    replace: 'if (keys === null) index.always.push(-1);',
    tests: PICKING,
  },
  {
    name: 'a rule that asks for an empty label does not take an alert without it',
    file: INDEX,
    find: "const value = own(labels, label) ?? '';",
    replace: "const value = own(labels, label) ?? 'missing';",
    tests: PICKING,
  },
  {
    name: 'a rule with a choice of labels is found by the first of them only',
    file: INDEX,
    find: 'return isTold ? [...choices, alternatives.flat()] : choices;',
    replace: 'return isTold ? [...choices, ...alternatives.slice(0, 1)] : choices;',
    tests: PICKING,
  },
  {
    name: 'a pattern whose last letter may be missing is not found for values without it',
    file: 'src/core/routing/literals.ts',
    find: "if (token.kind === 'optional') run?.pop();",
    replace: '',
    tests: ['src/core/routing/literals.test.ts'],
  },
  {
    name: 'a pattern that does not care for upper and lower case is found by its own spelling only',
    file: 'src/core/routing/literals.ts',
    find: '[/\\((?:\\?:|(?!\\?))/y',
    replace: '[/\\((?:\\?:|\\?i\\)|(?!\\?))/y',
    tests: ['src/core/routing/literals.test.ts'],
  },
];
