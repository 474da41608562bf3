// seeded: oxlint typescript(no-misused-promises)
import { load } from '../lib/clean.ts';

export function run(keys: readonly string[]): void {
  keys.forEach(async (key) => {
    await load(key);
  });
}
