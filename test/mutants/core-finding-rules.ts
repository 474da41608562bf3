/** Mutants of finding rules without walking all of them, and of loading them while the server goes on. */
import type { Mutant } from './mutant.ts';

const LOADING = ['test/loading.test.ts'];
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
    find: 'if (keys === null) index.always.push(position);',
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
    find: "[/\\^/y, () => ({ kind: 'begin' })],",
    replace: "[/\\^|\\(\\?i\\)/y, () => ({ kind: 'begin' })],",
    tests: ['src/core/routing/literals.test.ts'],
  },
  {
    name: 'nothing else is done until a reload has put thousands of rules together',
    file: 'src/loading/beside.ts',
    find: 'if (clock.monotonic() - since < SLICE_MS) continue;',
    replace: 'if (clock.monotonic() >= 0) continue;',
    tests: LOADING,
  },
  {
    name: 'a thread that breaks while it loads ends the server',
    file: 'src/loading/beside.ts',
    find: 'return broken(file, error);',
    replace: 'throw error;',
    tests: LOADING,
  },
  {
    name: 'after a reload a configuration can be changed while it is in use',
    file: 'src/loading/beside.ts',
    find: 'unpack(packed, registry, deepFreeze)',
    replace: 'unpack(packed, registry)',
    tests: LOADING,
  },
  {
    name: 'a secret that is handed to another thread is read there as [secret]',
    file: 'src/loading/packed.ts',
    find: "if (value instanceof Secret) return { kind: 'secret', value: value.reveal() };",
    replace: "if (value instanceof Secret) return { kind: 'secret', value: String(value) };",
    tests: ['src/loading/packed.test.ts'],
  },
  {
    name: 'of two reloads at once the older file may hold in the end',
    file: 'src/loading/reloads.ts',
    find: 'return inTurn(() => once(how)).finally',
    replace: 'return once(how).finally',
    tests: ['test/acceptance/serving.test.ts'],
  },
];
