/** Whether files can be made in a folder. */
import { accessSync, constants, statSync } from 'node:fs';

/** Why this user can make no files there, as the end of a sentence; null: they can. */
export function whyNotWritable(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'is not there';
  if (!found.isDirectory()) return 'is no folder';
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch {
    return 'cannot be written by the user that runs Tocsin';
  }
}
