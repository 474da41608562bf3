// seeded: tsc TS1484
import { Step } from './cycle-a.ts';

export type Steps = readonly Step[];
