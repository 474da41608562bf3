// seeded: oxlint typescript(no-misused-promises)
import { load } from '../lib/clean.ts';

export function run(after: (run: () => void) => void): void {
  after(async () => {
    await load('key');
  });
}
