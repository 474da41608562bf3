// seeded: oxlint typescript(no-misused-promises)
import { load } from '../lib/clean.ts';

export function run(): string {
  if (load('key')) return 'always';
  return 'never';
}
