/** Throw-away git worktrees of the current commit with what is not committed yet, outside of the project. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../house/project.ts';

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
}

/** Paths that differ from the commit, the ones that git does not know yet among them. */
function uncommitted(): readonly string[] {
  return git('status', '--porcelain', '-z', '--no-renames', '--untracked-files=all')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => line.slice(3));
}

function bringUncommitted(checkout: string, paths: readonly string[]): void {
  for (const path of paths) {
    const target = join(checkout, path);
    if (existsSync(join(root, path))) {
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(root, path), target);
    } else rmSync(target, { force: true });
  }
}

export interface Checkouts {
  readonly roots: readonly string[];
  /** How many files differ from the commit. */
  readonly uncommitted: number;
  remove(): void;
}

export function makeCheckouts(count: number): Checkouts {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tocsin-mutants-')));
  const roots = Array.from({ length: count }, (_, i) => join(folder, `checkout-${i + 1}`));
  const remove = (): void => {
    for (const checkout of roots) {
      try {
        git('worktree', 'remove', '--force', checkout);
      } catch {
        // It was not made, or is gone already; what is left goes with the folder.
      }
    }
    rmSync(folder, { recursive: true, force: true });
    git('worktree', 'prune');
  };
  try {
    const paths = uncommitted();
    for (const checkout of roots) {
      git('worktree', 'add', '--quiet', '--detach', checkout, 'HEAD');
      bringUncommitted(checkout, paths);
      symlinkSync(realpathSync(join(root, 'node_modules')), join(checkout, 'node_modules'), 'dir');
    }
    return { roots, uncommitted: paths.length, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
