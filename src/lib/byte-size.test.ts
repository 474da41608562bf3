import { expect, test } from 'vitest';
import { parseByteSize } from './byte-size.ts';

test.each([
  ['4096', 4096],
  ['512KB', 524_288],
  ['1MB', 1_048_576],
  ['1 mb', 1_048_576],
  ['2GB', 2_147_483_648],
  ['7b', 7],
])('%s is %d bytes', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each(['', 'MB', '1TB', '-1KB', '1.5MB', '1MBit'])('%j is no size', (text) => {
  expect(parseByteSize(text)).toBeNull();
});
