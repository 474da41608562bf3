import type { Mutant } from './mutant.ts';

export const edgeMutants: readonly Mutant[] = [];
