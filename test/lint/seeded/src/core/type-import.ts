// seeded: oxlint typescript(no-import-type-side-effects)
import { type Step } from './cycle-a.ts';

export type Steps = readonly Step[];
