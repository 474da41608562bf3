/** Files and folders that nobody but their owner may look into, whatever the umask of the process. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';

const FILE_MODE = 0o600;
const PERMISSIONS = 0o777;

/** Writes a file that must not be there yet. @throws what the file system says */
export function writePrivate(path: string, text: string): void {
  const file = openSync(path, 'wx', FILE_MODE);
  try {
    // The umask may have taken even the owner's right to read it.
    fchmodSync(file, FILE_MODE);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function modeOf(path: string): number | null {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  return mode === undefined ? null : mode & PERMISSIONS;
}

/** Gives the permissions to what is at the path, if anything is. A text: why it keeps others. */
export function permit(path: string, mode: number): string | null {
  const before = modeOf(path);
  if (before === null || before === mode) return null;
  try {
    chmodSync(path, mode);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return modeOf(path) === mode ? null : 'its file system keeps no permissions';
}

/** Makes the file if there is none, and its owner's alone. A text: why others may read it. @throws where it cannot be made */
export function makePrivate(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  // Not opened where it is there: closing it would drop the locks that this process has on it.
  if (found === undefined) closeSync(openSync(path, 'a', FILE_MODE));
  else if (!found.isFile()) throw new Error(`${path} is no file`);
  return permit(path, FILE_MODE);
}
