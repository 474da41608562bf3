/** What a power cut must not take. */
import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Has the disk take a file, or the names in a folder. @throws what the file system says */
export function syncPath(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
