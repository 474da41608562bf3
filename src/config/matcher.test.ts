import { describe, expect, test } from 'vitest';
import { readMatchers } from './matcher.ts';

function read(text: string): readonly (readonly string[])[] | string {
  const reading = readMatchers(text);
  if (!reading.ok) return `${reading.offset}: ${reading.what}`;
  return reading.matchers.map(({ label, operator, value }) => [label, operator, value]);
}

describe('a matcher', () => {
  test.each([
    ['severity="critical"', [['severity', '=', 'critical']]],
    ['severity = critical', [['severity', '=', 'critical']]],
    ['team!="dev"', [['team', '!=', 'dev']]],
    ['severity=~"page|critical"', [['severity', '=~', 'page|critical']]],
    ['env!~dev|test', [['env', '!~', 'dev|test']]],
    ['instance=~"10\\.0\\..*"', [['instance', '=~', '10\\.0\\..*']]],
    ['text="say \\"hi\\" \\\\ there"', [['text', '=', 'say "hi" \\ there']]],
    ['team=""', [['team', '=', '']]],
    ['team=', [['team', '=', '']]],
    ['"foo bar"="x"', [['foo bar', '=', 'x']]],
    ['message="a, b } c"', [['message', '=', 'a, b } c']]],
    [
      '{foo="bar,baz", dings!=bums,}',
      [
        ['foo', '=', 'bar,baz'],
        ['dings', '!=', 'bums'],
      ],
    ],
    [
      ' { a = b , c =~ d } ',
      [
        ['a', '=', 'b'],
        ['c', '=~', 'd'],
      ],
    ],
    ['a="}"', [['a', '=', '}']]],
  ])('%s is read', (text, matchers) => {
    expect(read(text)).toEqual(matchers);
  });

  test.each([
    ['severity', '8: here one of =, !=, =~, !~ is expected'],
    ['severity=="x"', '8: "==" is no operator'],
    ['="x"', '0: here a label name is expected'],
    ['', '0: here a label name is expected'],
    ['a="x', '2: the quotation mark is never closed'],
    ['a="x" b="y"', '6: here a comma or the end is expected'],
    ['a=x"y"', '3: " stands inside a value without quotes'],
    ['a=~"(x"', '3: this is no pattern: missing closing ): `(x`'],
    ['a!~"(x"', '3: this is no pattern: missing closing ): `(x`'],
    ['a="1", b=~"x(?=y)"', '10: this is no pattern: invalid or unsupported Perl syntax: `(?=`'],
    ['""="x"', '0: the label name is empty'],
  ])('%s is refused', (text, fault) => {
    expect(read(text)).toBe(fault);
  });
});
