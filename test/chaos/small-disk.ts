/** A file system of so many megabytes in memory, which goes with the experiment. Root alone may make one. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finishing } from '../support/real.ts';

const CHUNK = Buffer.alloc(65_536, 1);

export interface SmallDisk {
  /** A folder on it. */
  readonly data: string;
  /** A file beside the data takes all that is left. */
  fill(): void;
  /** Makes room: the file goes, and the disk is twice as large where there was none. */
  empty(): void;
}

const isDone = (...command: readonly string[]): boolean =>
  spawnSync(command[0] ?? '', command.slice(1)).status === 0;

/** Why there can be none here; null: there can. */
export function whyNoDisk(): string | null {
  const mount = ['unshare', '--mount', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt'];
  return isDone(...mount) ? null : 'only root may mount a small disk';
}

export function createSmallDisk(test: Finishing, megabytes: number): SmallDisk {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-disk-'));
  test.onTestFinished(() => {
    // At once, or when the last one lets go of it.
    if (!isDone('umount', root)) isDone('umount', '--lazy', root);
    // Not with what is in it: where the disk is still there, its files stay.
    rmdirSync(root);
  });
  if (!isDone('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', root))
    throw new Error(`no disk of ${megabytes} MB could be mounted at ${root}`);
  const data = join(root, 'data');
  mkdirSync(data);
  const filler = join(root, 'filler');
  return {
    data,
    fill: () => {
      const file = openSync(filler, 'a');
      try {
        for (;;) writeSync(file, CHUNK);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => {
      if (existsSync(filler)) rmSync(filler);
      else isDone('mount', '-o', `remount,size=${megabytes * 2}m`, root);
    },
  };
}
