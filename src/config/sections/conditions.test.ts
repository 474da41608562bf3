import { describe, expect, test } from 'vitest';
import { whyNot } from '../../core/routing/match.ts';
import { createReport, formatProblems } from '../problem.ts';
import { readYaml, spotOf } from '../yaml-file.ts';
import {
  conditionOf,
  isEverything,
  type MatchYaml,
  namedBy,
  namesSomething,
} from './conditions.ts';

const reading = readYaml('a.yaml', 'match: x\n');
if (!reading.ok) throw new Error('no YAML');
const spot = spotOf(reading.file, 'match');

function read(match: MatchYaml | undefined): {
  readonly condition: ReturnType<typeof conditionOf>;
  readonly said: string;
} {
  const report = createReport();
  const condition = conditionOf(match, spot, report);
  return { condition, said: formatProblems(report.sorted()) };
}

describe('a condition', () => {
  test.each<[string, MatchYaml | undefined, Record<string, string>, boolean]>([
    ['nothing holds for everything', undefined, {}, true],
    ['a matcher', 'a=1', { a: '1' }, true],
    ['a list needs all', ['a=1', 'b=2'], { a: '1' }, false],
    ['one text may hold several', '{a="1", b="2"}', { a: '1', b: '2' }, true],
    ['any needs one', { any: ['a=1', 'b=2'] }, { b: '2' }, true],
    ['any of none', { any: ['a=1', 'b=2'] }, { c: '3' }, false],
    ['none needs none', { none: ['a=1', 'b=2'] }, { b: '2' }, false],
    [
      'blocks combine with matchers',
      ['a=1', { any: ['b=2', { all: ['c=3', 'd=4'] }] }],
      { a: '1', c: '3', d: '4' },
      true,
    ],
    [
      'a block in a list is one condition of it',
      ['a=1', { none: 'b=2' }],
      { a: '1', b: '2' },
      false,
    ],
  ])('%s', (...[, match, labels, holds]) => {
    expect(whyNot(read(match).condition, labels) === null).toBe(holds);
  });

  test.each<[MatchYaml, boolean]>([
    ['a!=1', true],
    ['a!~"x|y"', true],
    ['a!=""', false],
    [['a!=1', 'a=~".+"'], false],
    [['a!=1', 'a=~".*"'], false],
    [['a!=1', 'b=2'], true],
    [{ any: ['a!=1', 'a=~".+"'] }, true],
    [{ none: ['a!=1'] }, false],
  ])('%j warns that a missing label equals "": %s', (match, warns) => {
    expect(read(match).said.includes('without the label a')).toBe(warns);
  });

  test.each<[MatchYaml, boolean]>([
    [[], false],
    ['a=~".*"', false],
    ['a=~".+"', false],
    ['a!="x"', false],
    [['a!="x"', 'b!~"y.*"'], false],
    [['a=""', 'b=~".+"'], false],
    ['a="x"', true],
    ['a=~"x.*|y"', true],
    ['a=~"[0-9]+"', true],
    [['a=~".+"', 'b!="y"', 'c="z"'], true],
    [{ any: ['a="x"', 'b!="y"'] }, false],
    [{ any: ['a="x"', 'b="y"'] }, true],
    [{ none: 'a="x"' }, false],
    [['a="x"', { none: 'b="y"' }], true],
  ])('%j names something: %s', (match, names) => {
    expect(namesSomething(read(match).condition)).toBe(names);
  });

  test.each<[MatchYaml | undefined, readonly Record<string, string>[]]>([
    [undefined, [{}]],
    [['a="x"', 'b!="y"'], [{ a: 'x' }]],
    ['a=~"x|y"', [{ a: 'x' }, { a: 'y' }]],
    ['a=~"x.*|y[.]z"', [{ a: 'x' }]],
    [
      ['a="x"', { any: ['b="y"', 'c="z"'] }],
      [
        { a: 'x', b: 'y' },
        { a: 'x', c: 'z' },
      ],
    ],
    [{ none: 'a="x"' }, [{}]],
  ])('%j names %j', (match, labels) => {
    expect(namedBy(read(match).condition)).toEqual(labels);
  });

  test('without any demand is everything', () => {
    expect(isEverything(read(undefined).condition)).toBe(true);
    expect(isEverything(read('a=1').condition)).toBe(false);
  });
});
