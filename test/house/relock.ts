/**
 * Marks better-sqlite3 in the lock as nothing to compile. The package says so itself (`gypfile: false`) and ships its
 * binaries, but npm drops the field from the lock, and npm 10 then runs node-gyp on `npm ci`, which needs Python and a
 * compiler. Run by `npm run relock` after every change of dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.ts';

const path = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8')) as {
  packages: Record<string, { gypfile?: boolean }>;
};
const entry = lock.packages['node_modules/better-sqlite3'];
if (entry === undefined) throw new Error('package-lock.json has no better-sqlite3');
entry.gypfile = false;
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
