/** The project with files changed or added, in a folder of its own, where it is played what came of it. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesBelow, read, root } from '../house/project.ts';

/** What a file becomes; of one that is added the text before is empty. */
export type Changes = Readonly<Record<string, (before: string) => string>>;

/** The changed project, for as long as it is played. */
export interface Trial {
  readonly folder: string;
  /** Text of a file there. */
  text(path: string): string;
  /** Runs Node there. */
  run(
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): { readonly code: number | null; readonly out: string; readonly err: string };
}

/** Calls back with the changed project, which is gone afterwards. */
export function tried<T>(changes: Changes, play: (trial: Trial) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'trial-'));
  try {
    for (const path of filesBelow('.')) cpSync(join(root, path), join(folder, path));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, change] of Object.entries(changes)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), change(existsSync(join(root, path)) ? read(path) : ''));
    }
    return play({
      folder,
      text: (path) => readFileSync(join(folder, path), 'utf8'),
      run: (args, environment = {}) => {
        const env = { ...process.env, ...environment };
        const ran = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
        return { code: ran.status, out: ran.stdout, err: ran.stderr };
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a script in the changed project, and returns what it prints as JSON.
 * @throws if the script says anything on its standard error
 */
export function playedWith(changes: Changes, script: string): unknown {
  return tried({ ...changes, 'played.ts': () => script }, ({ run }) => {
    const { out, err } = run(['played.ts']);
    const said = err.replaceAll(/^.*ExperimentalWarning.*\n.*\n/gm, '');
    if (said !== '') throw new Error(said);
    return JSON.parse(out) as unknown;
  });
}
