/**
 * The Merkle tree over the chain hashes of all events, in the order in which they were written: its root stands for every
 * event of every incident, so that one that is gone shows, whichever it is. Kept as far as it takes to go on with it.
 */
import { EMPTY_TREE, type Grown, grow, leafHash } from '../../lib/merkle.ts';

/** `3 <hash> <hash>`: the size, and the roots of the full subtrees. */
export function encodeTree({ size, peaks }: Grown): string {
  return [size, ...peaks].join(' ');
}

export function decodeTree(text: string): Grown {
  const [size, ...peaks] = text.split(' ');
  return { size: Number(size), peaks };
}

/** With these events behind. */
export function growBy(tree: Grown, hashes: readonly string[]): Grown {
  return hashes.reduce((grown, hash) => grow(grown, leafHash(hash)), tree);
}

/** Of events in their order. */
export function treeOf(hashes: readonly string[]): Grown {
  return growBy(EMPTY_TREE, hashes);
}
