// seeded: oxlint typescript(no-floating-promises)
import { load } from '../lib/clean.ts';

export function run(): void {
  load('key');
}
