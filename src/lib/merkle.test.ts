/** The tree against the definition of RFC 9162, written down anew here, and against its proofs. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EMPTY_TREE, grow, inclusionPath, leafHash, rootByPath, rootOf } from './merkle.ts';

const sha = (...parts: readonly Buffer[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** MTH of section 2.1.1, word for word. */
function definition(data: readonly Buffer[]): Buffer {
  const [only] = data;
  if (only === undefined) return sha();
  if (data.length === 1) return sha(Buffer.from([0]), only);
  const k = 2 ** Math.floor(Math.log2(data.length - 1));
  return sha(Buffer.from([1]), definition(data.slice(0, k)), definition(data.slice(k)));
}

const data = Array.from({ length: 40 }, (_, n) => sha(Buffer.from([n])));
const leaves = data.map((one) => leafHash(one.toString('hex')));

describe.each([0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 32, 33, 40])('a tree of %i leaves', (size) => {
  const some = leaves.slice(0, size);

  test('has the root of the definition, grown one by one', () => {
    const root = definition(data.slice(0, size)).toString('hex');
    expect(rootOf(some.reduce(grow, EMPTY_TREE))).toBe(root);
  });

  test('has a path for each leaf, which leads to its root and to no other by any change', () => {
    const root = rootOf(some.reduce(grow, EMPTY_TREE));
    expect(rootByPath({ leaf: root, index: 0, size: 0, path: [] })).toBeNull();
    for (const [index, leaf] of some.entries()) {
      const path = inclusionPath(some, index);
      expect(rootByPath({ leaf, index, size, path })).toBe(root);
      expect(rootByPath({ leaf: leafHash('00'), index, size, path })).not.toBe(root);
      expect(rootByPath({ leaf, index, size, path: [...path, root] })).not.toBe(root);
      if (size > 1) expect(rootByPath({ leaf, index, size, path: path.slice(1) })).not.toBe(root);
      expect(rootByPath({ leaf, index: size, size, path })).toBeNull();
    }
  });
});
