import type { Mutant } from './mutant.ts';

export const coreMutants: readonly Mutant[] = [];
