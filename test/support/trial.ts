/** The project with a file changed or added, in a folder of its own, where a script plays what came of it. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read, root } from '../house/project.ts';

const COPIED = ['src', 'adapters', 'test/support', 'test/config', 'config', 'package.json'];

/** What a file becomes; of one that is added the text before is empty. */
export type Changes = Readonly<Record<string, (before: string) => string>>;

/**
 * Runs a script in the changed project, and returns what it prints as JSON.
 * @throws if the script says anything on its standard error
 */
export function playedWith(changes: Changes, script: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'trial-'));
  try {
    for (const path of COPIED) cpSync(join(root, path), join(folder, path), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, change] of Object.entries(changes))
      writeFileSync(join(folder, path), change(existsSync(join(root, path)) ? read(path) : ''));
    writeFileSync(join(folder, 'played.ts'), script);
    const ran = spawnSync(process.execPath, ['played.ts'], { cwd: folder, encoding: 'utf8' });
    const said = ran.stderr.replaceAll(/^.*ExperimentalWarning.*\n.*\n/gm, '');
    if (said !== '') throw new Error(said);
    return JSON.parse(ran.stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
