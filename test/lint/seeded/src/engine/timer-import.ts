// seeded: oxlint eslint(no-restricted-imports)
import { setTimeout as sleep } from 'node:timers/promises';

export async function later(): Promise<void> {
  await sleep(1000);
}
