import { describe, expect, test } from 'vitest';
import {
  below,
  keyOf,
  keysAt,
  pathText,
  readYaml,
  type Spot,
  spotOf,
  whereIs,
  type YamlFile,
} from './yaml-file.ts';

function fileOf(text: string): YamlFile {
  const reading = readYaml('a.yaml', text);
  if (!reading.ok) throw new Error(reading.faults.map((each) => each.what).join());
  return reading.file;
}

function at(spot: Spot): string {
  const { line, column } = whereIs(spot);
  return `${line}:${column}`;
}

describe('a place in a file', () => {
  const file = fileOf(
    'people:\n  ada: {name: "Ada", list: [1, two]}\n12: x\nmore: &more {deep: 1}\nagain: *more\n',
  );

  test.each([
    [['people'], '2:3', '1:1'],
    [['people', 'ada', 'name'], '2:15', '2:9'],
    [['people', 'ada', 'list', 1], '2:32', '2:32'],
    [['12'], '3:5', '3:1'],
    [['again', 'deep'], '4:20', '4:14'],
  ])('%j is found with its key', (path, value, key) => {
    const spot = spotOf(file, ...path);
    expect([at(spot), at(keyOf(spot))]).toEqual([value, key]);
  });

  test('that is missing is where it is missing from', () => {
    expect(at(spotOf(file, 'people', 'ada', 'email'))).toBe('2:3');
    expect(at(spotOf(file, 'nothing', 'at', 'all'))).toBe('1:1');
  });

  test('inside a text counts from the text, quotes aside', () => {
    expect(at({ ...spotOf(file, 'people', 'ada', 'name'), offset: 2 })).toBe('2:18');
    expect(at({ ...spotOf(file, '12'), offset: 1 })).toBe('3:6');
  });

  test('is written as a path', () => {
    expect(pathText(below(spotOf(file, 'people'), 'ada', 'list', 1).path)).toBe(
      'people.ada.list[1]',
    );
    expect(pathText(['texts', 'public.title'])).toBe('texts["public.title"]');
  });
});

describe('a file', () => {
  test('has its keys in their own order, numbers too', () => {
    expect(keysAt(spotOf(fileOf('3: a\n1: b\nx: c\n')))).toEqual(['3', '1', 'x']);
  });

  test('takes words of YAML 1.1 as the texts they are', () => {
    expect(fileOf('mode: off\nat: 10:00\nday: 2026-01-05\nyes: no\n').value).toEqual({
      mode: 'off',
      at: '10:00',
      day: '2026-01-05',
      yes: 'no',
    });
  });

  test.each([
    ['larger than 1 MB', `a: ${'x'.repeat(1024 * 1024)}`, 'the file is larger than 1 MB'],
    ['with a key twice', 'a: 1\nb: 2\na: 3\n', 'this key stands here twice'],
    ['with two documents', 'a: 1\n---\na: 2\n', 'here a second document begins'],
    ['with a tag', 'a: !!binary aGk=\n', 'tags (tag:yaml.org,2002:binary) are not read'],
    ['with an alias of nothing', 'a: *b\n', 'its aliases expand to too much, or name no anchor'],
  ])('%s is refused', (_what, text, fault) => {
    const reading = readYaml('a.yaml', text);
    expect(reading.ok ? [] : reading.faults.map((each) => each.what)).toContain(fault);
  });

  test('that is nested without end is refused instead of overflowing the stack', () => {
    const reading = readYaml('a.yaml', '['.repeat(20_000) + ']'.repeat(20_000));
    expect(reading.ok).toBe(false);
  });
});
