import { describe, expect, it } from 'vitest';
import { CHAIN_START, checkChain, linkHash } from './chain.ts';

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
