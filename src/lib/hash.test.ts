import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, sha256 } from './hash.ts';

describe('canonical JSON', () => {
  test('sorts keys at every depth and keeps the order of lists', () => {
    expect(canonicalJson({ b: [2, 1, { d: null, c: 'é' }], a: true })).toBe(
      '{"a":true,"b":[2,1,{"c":"é","d":null}]}',
    );
  });

  test('leaves out what is undefined', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  test('sorts by code unit, not by language', () => {
    expect(canonicalJson({ ä: 1, z: 2, Z: 3 })).toBe('{"Z":3,"z":2,"ä":1}');
  });

  test('keeps a key named __proto__', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}');
  });

  test('is the same for what was read back', () => {
    const value = { text: 'ä \u{1f514} \ud800 \u0000', number: 0.1 + 0.2, at: 1_768_467_600_000 };
    const json = canonicalJson(value);
    expect(canonicalJson(JSON.parse(json))).toBe(json);
  });

  test('means the same value as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test.each([[() => 1], [1n], [Number.NaN], [Number.POSITIVE_INFINITY]])('refuses %s', (value) => {
    expect(() => canonicalJson({ value })).toThrow(TypeError);
  });
});

test('SHA-256 is the one of FIPS 180-4', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
