/** The experiments, in the order in which they are played. */
import { clockSteps } from './clock-steps.ts';
import { corruption } from './corruption.ts';
import { deadTargets } from './dead-targets.ts';
import { descriptors } from './descriptors.ts';
import type { Experiment } from './experiment.ts';
import { fullDisks } from './full-disk.ts';
import { fullStore } from './full-store.ts';
import { heartbeats } from './heartbeats.ts';
import { kills } from './kills.ts';
import { noByteLeft } from './no-byte-left.ts';
import { suspends } from './suspends.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  corruption,
  fullStore,
  kills,
  ...clockSteps,
  ...suspends,
  descriptors,
  deadTargets,
  heartbeats,
  ...fullDisks,
  noByteLeft,
];
