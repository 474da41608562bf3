/** What stands in a store as a key is found again only while it is written as it was. */
import { expect, test } from 'vitest';
import { keyText } from './key-text.ts';

test.each([
  ['only a kind', ['page'], 'page'],
  ['parts that need nothing', ['page', 'INC-7', 'ada'], 'page:INC-7:ada'],
  ['the mark between parts', ['page', 'a:b'], 'page:a%3Ab'],
  ['the mark of an escape', ['page', '100%'], 'page:100%25'],
  ['both, and what looks like an escape', ['page', '%3A:%'], 'page:%253A%3A%25'],
  ['the mark of another encoding', ['page', 'a/b'], 'page:a/b'],
  ['parts without a letter', ['page', '', ''], 'page::'],
])('a key is written as it always was: %s', (_what, [kind = '', ...leaves], text) => {
  expect(keyText(kind, ...leaves)).toBe(text);
});
