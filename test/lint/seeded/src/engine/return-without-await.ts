// seeded: oxlint typescript(return-await)
import { load } from '../lib/clean.ts';

export async function run(): Promise<string> {
  try {
    return load('key');
  } catch {
    return 'failed';
  }
}
