import { expect, test } from 'vitest';
import { mintText } from './minted.ts';

test('a text has as many characters as were asked for, each by one byte', () => {
  expect(mintText(4, () => Uint8Array.of(0, 31, 32, 255))).toBe('0z0z');
  expect(mintText(0, (bytes) => new Uint8Array(bytes))).toBe('');
});
