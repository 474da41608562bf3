import { expect, test } from 'vitest';
import { pick } from './pick.ts';

test('takes the named fields in the order of the names, and no others', () => {
  const picked = pick({ a: 1, b: null, c: 'x' }, 'c', 'a');
  expect(JSON.stringify(picked)).toBe('{"c":"x","a":1}');
});
