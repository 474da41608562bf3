/** The mutants of `src/core`, a file a matter. */
import { alarmMutants } from './core-alarms.ts';
import { clockMutants } from './core-clocks.ts';
import { doubtMutants } from './core-doubt.ts';
import { endsMutants } from './core-ends.ts';
import { findingRulesMutants } from './core-finding-rules.ts';
import { handingOverMutants } from './core-handing-over.ts';
import { hearingMutants } from './core-hearing.ts';
import { obligationMutants } from './core-obligations.ts';
import { commandMutants } from './core-command.ts';
import { expectingMutants } from './expecting.ts';
import { pagingMutants } from './core-paging.ts';
import { presenceMutants } from './core-presence.ts';
import { publicMutants } from './core-public.ts';
import { answersMutants } from './core-answers.ts';
import { reachMutants } from './core-reach.ts';
import { reopenedMutants } from './core-reopened.ts';
import { unshownMutants } from './core-unshown.ts';
import { ringingMutants } from './core-ringing.ts';
import { routingMutants } from './core-routing.ts';
import { severityMutants } from './core-severity.ts';
import { sharingMutants } from './core-sharing.ts';
import type { Mutant } from './mutant.ts';

export const coreMutants: readonly Mutant[] = [
  ...routingMutants,
  ...findingRulesMutants,
  ...expectingMutants,
  ...pagingMutants,
  ...ringingMutants,
  ...presenceMutants,
  ...answersMutants,
  ...reachMutants,
  ...reopenedMutants,
  ...unshownMutants,
  ...severityMutants,
  ...publicMutants,
  ...doubtMutants,
  ...endsMutants,
  ...alarmMutants,
  ...clockMutants,
  ...obligationMutants,
  ...handingOverMutants,
  ...hearingMutants,
  ...commandMutants,
  ...sharingMutants,
];
