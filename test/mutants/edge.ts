/** Mutants of the edges: the doors of HTTP and the command line, the configuration, the adapters. */
import { adapterMutants } from './edge-adapters.ts';
import { configMutants } from './edge-config.ts';
import { doorMutants } from './edge-http.ts';
import type { Mutant } from './mutant.ts';

export const edgeMutants: readonly Mutant[] = [...doorMutants, ...configMutants, ...adapterMutants];
