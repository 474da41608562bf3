/** Mutants of the shell around the core and of the store. */
import { mutantsAround } from './engine-around.ts';
import { mutantsOfIntake } from './engine-intake.ts';
import { mutantsOfBackups } from './engine-backup.ts';
import { mutantsOfJobs } from './engine-jobs.ts';
import { mutantsOfLoss } from './engine-loss.ts';
import { mutantsOfSending } from './engine-sending.ts';
import { mutantsOfSpoilt } from './engine-spoilt.ts';
import { mutantsOfStore } from './engine-store.ts';
import { mutantsOfTime } from './engine-time.ts';
import { mutantsOfMissing } from './engine-missing.ts';
import { mutantsOfProofs } from './engine-proofs.ts';
import { mutantsOfHeartbeat } from './engine-heartbeat.ts';
import { mutantsOfWarning } from './engine-warning.ts';
import { mutantsOfWaking } from './engine-waking.ts';
import { mutantsOfVendors } from './engine-vendors.ts';
import type { Mutant } from './mutant.ts';

export const engineMutants: readonly Mutant[] = [
  ...mutantsOfIntake,
  ...mutantsOfSending,
  ...mutantsAround,
  ...mutantsOfStore,
  ...mutantsOfLoss,
  ...mutantsOfTime,
  ...mutantsOfMissing,
  ...mutantsOfProofs,
  ...mutantsOfHeartbeat,
  ...mutantsOfWarning,
  ...mutantsOfBackups,
  ...mutantsOfJobs,
  ...mutantsOfSpoilt,
  ...mutantsOfWaking,
  ...mutantsOfVendors,
];
