/** What a process that a test starts is told, so that it reaches loopback alone. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Name of the variable that says where a process leaves what it asked for. */
export const REFUSED_FILE = 'TOCSIN_TEST_REFUSED_FILE';

/** One for each process of the test runner; it is there only while something was refused. */
export const refusedFile = join(tmpdir(), `tocsin-refused-${process.pid}`);

/** For a process that is given an environment of its own; all others inherit it. */
export const LOOPBACK_ONLY: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--import ${new URL('./child.ts', import.meta.url).href}`,
  [REFUSED_FILE]: refusedFile,
};
