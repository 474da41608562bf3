/** The project's own files, for tests that read the house instead of running it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Never part of the project: installed, generated, or a running server's. */
const FOREIGN = new Set(['node_modules', '.git', 'coverage', 'data']);

/** Text of a file, by its path from the project root. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export function exists(path: string): boolean {
  return statSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
}

/** Paths from the root of a project, with `/`, of all files below the folder; empty when there is no such folder. */
export function filesIn(project: string, folder: string): readonly string[] {
  if (!existsSync(join(project, folder))) return [];
  return readdirSync(join(project, folder), { withFileTypes: true })
    .filter((entry) => !FOREIGN.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(project, path);
      return entry.isFile() ? [relative('.', path).split(sep).join('/')] : [];
    })
    .toSorted();
}

/** The same of this project. */
export function filesBelow(folder: string): readonly string[] {
  return filesIn(root, folder);
}

/** Names of the folders directly inside the folder. */
export function foldersIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !FOREIGN.has(entry.name))
    .map((entry) => entry.name)
    .toSorted();
}
