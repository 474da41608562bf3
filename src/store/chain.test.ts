import { describe, expect, it } from 'vitest';
import { CHAIN_START, canonicalJson, checkChain, linkHash } from './chain.ts';

describe('canonical JSON', () => {
  it.each<[string, unknown, string]>([
    [
      'sorts keys at every depth',
      { b: 1, a: { d: [{ z: 1, y: 2 }], c: null } },
      '{"a":{"c":null,"d":[{"y":2,"z":1}]},"b":1}',
    ],
    ['keeps the order of lists', [3, 1, 2], '[3,1,2]'],
    ['leaves out what JSON leaves out', { a: undefined, b: 1 }, '{"b":1}'],
    ['sorts by code unit, not by language', { ä: 1, z: 2, Z: 3 }, '{"Z":3,"z":2,"ä":1}'],
    ['keeps a key named __proto__', JSON.parse('{"__proto__":1,"a":2}'), '{"__proto__":1,"a":2}'],
  ])('%s', (_what, value, json) => {
    expect(canonicalJson(value)).toBe(json);
  });

  it('is the same for what was read back', () => {
    const value = { text: 'ä \u{1f514} \ud800 \u0000', number: 0.1 + 0.2, at: 1_768_467_600_000 };
    const json = canonicalJson(value);
    expect(canonicalJson(JSON.parse(json))).toBe(json);
  });
});

describe('the chain', () => {
  // Computed with: printf '%s\n%s' "$(printf '0%.0s' $(seq 64))" '{"a":1}' | sha256sum
  it('hashes the previous hash, a line feed and the event', () => {
    expect(linkHash(CHAIN_START, '{"a":1}')).toBe(
      'f21735afd2cd6af4fc5804b0045cebfd545aef8396d29d030c39cb8880b45b7f',
    );
  });

  it('of an incident without events is intact', () => {
    expect(checkChain([], 0)).toEqual({ intact: true });
  });

  it('misses the events that a version says there are', () => {
    expect(checkChain([], 2)).toEqual({
      intact: false,
      version: 1,
      why: 'the incident is at version 2, the events end at 0',
    });
  });
});
