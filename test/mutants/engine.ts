import type { Mutant } from './mutant.ts';

export const engineMutants: readonly Mutant[] = [];
