/** The list of mutants is in order: `npm run mutants` can put each one where it belongs. */
import { describe, expect, test } from 'vitest';
import { exists, read } from '../house/project.ts';
import { mutants, mutate } from './all.ts';

test('a mutant takes the only place that has its words, and says when there is none or more than one', () => {
  const change = { find: 'a < b', replace: 'a <= b' };
  expect(mutate('if (a < b) stop();', change)).toEqual({ text: 'if (a <= b) stop();' });
  expect(mutate('if (b > a) stop();', change)).toEqual({
    problem: 'what it wants to change is not in the file',
  });
  expect(mutate('a < b || a < b', change)).toEqual({
    problem: 'what it wants to change stands there 2 times',
  });
});

describe('the mutants', () => {
  test('are at least 940', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(940);
  });

  test('have names of their own, which say what a user would suffer', () => {
    const names = mutants.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(names.filter((name) => name.split(' ').length < 4)).toEqual([]);
  });

  test('each change one place that is there, in production code', () => {
    const wrong = mutants.flatMap((mutant) => {
      const { name, file, find, replace } = mutant;
      if (!/^(src|adapters)\/.+\.ts$/.test(file) || file.endsWith('.test.ts'))
        return [`${name}: ${file} is no production code`];
      if (!exists(file)) return [`${name}: there is no ${file}`];
      if (find === replace) return [`${name}: it changes nothing`];
      const mutated = mutate(read(file), mutant);
      return 'problem' in mutated ? [`${name}: ${mutated.problem} (${file})`] : [];
    });
    expect(wrong).toEqual([]);
  });

  test('are guarded by tests that exist', () => {
    const missing = mutants.flatMap(({ name, tests = [] }) =>
      tests
        .filter((path) => !path.endsWith('.test.ts') || !exists(path))
        .map((path) => `${name}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  test('that nothing can notice say why in a sentence', () => {
    const silent = mutants.filter(
      ({ survives }) => survives !== undefined && survives.split(' ').length < 5,
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
