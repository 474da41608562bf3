/** All mutants of the house, and how one stands in the text of its file. */
import { coreMutants } from './core.ts';
import { edgeMutants } from './edge.ts';
import { engineMutants } from './engine.ts';
import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [...coreMutants, ...engineMutants, ...edgeMutants];

/** The text with the mutant in it; a sentence when its place is not there, or not the only one. */
export function mutate(
  text: string,
  { find, replace }: Pick<Mutant, 'find' | 'replace'>,
): { readonly text: string } | { readonly problem: string } {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined)
    return { problem: 'what it wants to change is not in the file' };
  if (more.length > 0)
    return { problem: `what it wants to change stands there ${more.length + 1} times` };
  return { text: `${before}${replace}${after}` };
}
