/**
 * A Merkle tree over a list that only grows: one hash stands for all leaves, and a proof of some hashes shows that a leaf is
 * among them. As RFC 9162 (Certificate Transparency 2.0), section 2.1, with SHA-256; hashes are lower-case hex.
 */
import { createHash } from 'node:crypto';

/** What a list has grown to, in as many hashes as its length has ones in binary: enough to go on, and for the root. */
export interface Grown {
  readonly size: number;
  /** Roots of the largest subtrees that are full, from the left. */
  readonly peaks: readonly string[];
}

export const EMPTY_TREE: Grown = { size: 0, peaks: [] };

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** Of the bytes that a leaf stands for, as hex. */
export function leafHash(hex: string): string {
  return createHash('sha256').update(LEAF).update(Buffer.from(hex, 'hex')).digest('hex');
}

function nodeHash(left: string, right: string): string {
  return createHash('sha256')
    .update(NODE)
    .update(Buffer.from(left, 'hex'))
    .update(Buffer.from(right, 'hex'))
    .digest('hex');
}

/** With one leaf more. @param leaf as `leafHash` gives it */
export function grow({ size, peaks }: Grown, leaf: string): Grown {
  const next = [...peaks];
  let root = leaf;
  for (let full = size; full % 2 === 1; full = Math.floor(full / 2))
    root = nodeHash(next.pop() ?? '', root);
  return { size: size + 1, peaks: [...next, root] };
}

/** The one hash that stands for all. */
export function rootOf({ peaks }: Grown): string {
  const last = peaks.at(-1);
  if (last === undefined) return createHash('sha256').digest('hex');
  return peaks.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

/** Root of the leaves from one up to before another, of which there is at least one. */
function rootBetween(leaves: readonly string[], from: number, to: number): string {
  let tree = EMPTY_TREE;
  for (let at = from; at < to; at += 1) tree = grow(tree, leaves[at] ?? '');
  return rootOf(tree);
}

/** The largest power of two that is less. */
function splitOf(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

/** The hashes by which a leaf leads to the root (RFC 9162, 2.1.3.1). @param index from 0 */
export function inclusionPath(leaves: readonly string[], index: number): readonly string[] {
  const path: string[] = [];
  let [from, to] = [0, leaves.length];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    const isLeft = index < middle;
    path.unshift(isLeft ? rootBetween(leaves, middle, to) : rootBetween(leaves, from, middle));
    if (isLeft) to = middle;
    else from = middle;
  }
  return path;
}

/** A leaf, its place in a tree of that size, and the path from it to the root. */
export interface Inclusion {
  readonly leaf: string;
  /** From 0. */
  readonly index: number;
  readonly size: number;
  readonly path: readonly string[];
}

/** The root to which the path leads (RFC 9162, 2.1.3.2); null: it is no path of such a tree. */
export function rootByPath({ leaf, index, size, path }: Inclusion): string | null {
  if (!(index >= 0 && index < size)) return null;
  let [at, last, root] = [index, size - 1, leaf];
  for (const hash of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      root = nodeHash(hash, root);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else root = nodeHash(root, hash);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : null;
}
