/** The experiments, in the order in which they are played. */
import { corruption } from './corruption.ts';
import type { Experiment } from './experiment.ts';
import { fullDisks } from './full-disk.ts';
import { fullStore } from './full-store.ts';
import { kills } from './kills.ts';

export const EXPERIMENTS: readonly Experiment[] = [corruption, fullStore, kills, ...fullDisks];
