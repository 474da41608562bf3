// seeded: oxlint import(no-cycle)
import { first } from './cycle-a.ts';

export function second(step: { readonly name: string }): string {
  return step.name === '' ? first({ name: 'x' }) : step.name;
}
