// seeded: oxlint import(no-cycle)
import { second } from './cycle-b.ts';

export interface Step {
  readonly name: string;
}

export function first(step: Step): string {
  return second(step);
}
