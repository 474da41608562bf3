/**
 * Preloaded into every Node that a test starts (`NODE_OPTIONS`): it reaches loopback alone, and what it asked for beyond
 * is left in a file for the test, since a server may well swallow the error.
 */
import { appendFileSync } from 'node:fs';
import { install } from './guard.ts';
import { REFUSED_FILE } from './processes.ts';

install((what) => {
  const file = process.env[REFUSED_FILE];
  const line = `a process of a test asked for ${what}: tests reach nothing beyond loopback`;
  if (file !== undefined) appendFileSync(file, `${what}\n`);
  return line;
});
