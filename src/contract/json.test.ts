import { describe, expect, it } from 'vitest';
import { JSON_DEPTH_MAX } from './bounded.ts';
import { listOf, memberOf, readJson, asText, textsOf, webAddressOf } from './json.ts';

const read = (text: string): unknown => readJson(Buffer.from(text));

describe('a body', () => {
  it('is read with its own members only', () => {
    expect(read('{"a": [1, null, "b"]}')).toEqual({ ok: true, value: { a: [1, null, 'b'] } });
    expect(memberOf({}, 'constructor')).toBeUndefined();
    expect(memberOf(JSON.parse('{"__proto__": 1}'), '__proto__')).toBeUndefined();
  });

  it('keeps the digits of integers that a double would round, and leaves other numbers alone', () => {
    const body =
      '{"id": 9007199254740993, "ns": -1772442845123456789, "near": 9007199254740991, "half": 1234567890123456.5}';
    expect(read(body)).toEqual({
      ok: true,
      value: {
        id: '9007199254740993',
        ns: '-1772442845123456789',
        near: 9_007_199_254_740_991,
        half: 1234567890123456.5,
      },
    });
  });

  it.each([
    ['alone', '9007199254740993', '9007199254740993'],
    ['in a list', '[1,9007199254740993]', [1, '9007199254740993']],
    ['first in a list', '[-9007199254740993]', ['-9007199254740993']],
    ['on a line of its own', '{"id":\n9007199254740993}', { id: '9007199254740993' }],
    ['in a text', '"0000000000000007"', '0000000000000007'],
    ['in a text with words', '"order 9007199254740993, new"', 'order 9007199254740993, new'],
  ])('keeps long digits %s', (_where, body, value) => {
    expect(read(body)).toEqual({ ok: true, value });
  });

  it('with a broken character is read all the same', () => {
    expect(readJson(Buffer.from([0x22, 0xff, 0x22]))).toEqual({ ok: true, value: '\uFFFD' });
    expect(read('\uFEFF{}')).toEqual({ ok: true, value: {} });
  });

  it.each([
    ['nothing', '', 'the body is empty'],
    ['half a document', '{"a": ', 'the body is no JSON'],
    ['a bomb', '['.repeat(500_000), 'the body is nested deeper than 64 levels'],
    [
      'one level too many',
      `${'['.repeat(JSON_DEPTH_MAX + 1)}${']'.repeat(JSON_DEPTH_MAX + 1)}`,
      'the body is nested deeper than 64 levels',
    ],
    [
      'a whole bomb',
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      'the body is nested deeper than 64 levels',
    ],
  ])('of %s is refused', (_what, body, reason) => {
    expect(read(body)).toEqual({ ok: false, reason });
  });

  it('of exactly 64 levels is read', () => {
    expect(read(`${'['.repeat(JSON_DEPTH_MAX)}${']'.repeat(JSON_DEPTH_MAX)}`)).toMatchObject({
      ok: true,
    });
  });
});

describe('reading a value', () => {
  it('as text spells numbers and booleans, and knows nothing of objects', () => {
    expect([
      asText('a'),
      asText(''),
      asText(0),
      asText(false),
      asText(null),
      asText({}),
      asText([]),
    ]).toEqual(['a', null, '0', 'false', null, null, null]);
  });

  it('as texts keeps empty ones, drops what is no text, and cannot set a prototype', () => {
    const texts = textsOf(JSON.parse('{"a": "", "b": 1, "c": {}, "__proto__": "x"}'));
    expect(Object.entries(texts)).toEqual([
      ['a', ''],
      ['b', '1'],
    ]);
    expect(Object.getPrototypeOf(texts)).toBe(Object.prototype);
  });

  it('as a list is empty where there is none', () => {
    expect([listOf([1]), listOf('ab'), listOf(undefined)]).toEqual([[1], [], []]);
  });

  it('as an address is on the web', () => {
    expect(webAddressOf('https://example.com/a?b=c')).toBe('https://example.com/a?b=c');
    for (const other of [
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'https://a b',
      'example.com',
      5,
    ])
      expect(webAddressOf(other)).toBeNull();
  });
});
