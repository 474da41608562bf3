/** The experiments, in the order in which they are played. */
import { corruption } from './corruption.ts';
import type { Experiment } from './experiment.ts';

export const EXPERIMENTS: readonly Experiment[] = [corruption];
