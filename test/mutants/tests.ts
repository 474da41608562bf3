/** Runs tests of a checkout in a process group of its own, so that a mutant that never ends can be ended. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

export type Verdict =
  | { readonly is: 'green' }
  /** `by`: the test file and the first test in it that failed. */
  | { readonly is: 'red'; readonly by: string }
  /** No test ran at all: the mutant is not a program, which proves nothing. */
  | { readonly is: 'broken'; readonly why: string }
  | { readonly is: 'endless'; readonly afterMs: number };

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The process groups that are running now. */
const running = new Set<number>();

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Ends everything that was started here. */
export function killAll(): void {
  for (const pid of running) killGroup(pid);
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly timedOut: boolean;
}

function runVitest(root: string, args: readonly string[], limitMs: number): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [join('node_modules', 'vitest', 'vitest.mjs'), ...args, '--bail=1'],
      { cwd: root, detached: true, env: { ...process.env, NO_COLOR: '1' } },
    );
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    let output = '';
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      if (pid !== undefined) killGroup(pid);
    }, limitMs);
    const hear = (chunk: Buffer): void => void (output = `${output}${String(chunk)}`.slice(-4_000));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => hear(Buffer.from(error.message)));
    child.on('close', (code) => {
      clearTimeout(limit);
      if (pid !== undefined) {
        // A test may have left processes behind.
        killGroup(pid);
        running.delete(pid);
      }
      done({ code, output, timedOut });
    });
  });
}

function read(path: string): Report | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return null;
  }
}

function verdictOf(root: string, report: Report | null, ended: Ended): Verdict {
  if (ended.code === 0) return { is: 'green' };
  const failed = (report?.testResults ?? []).filter(({ status }) => status === 'failed');
  for (const file of failed) {
    const test = file.assertionResults.find(({ status }) => status === 'failed');
    if (test !== undefined)
      return { is: 'red', by: `${relative(root, file.name)}: ${test.fullName}` };
  }
  const [file] = failed;
  if (file !== undefined && file.assertionResults.length > 0)
    return { is: 'red', by: `${relative(root, file.name)} (its preparation)` };
  const why = file?.message ?? ended.output;
  return { is: 'broken', why: why.trim().split('\n').slice(-5).join(' ') };
}

/** Runs vitest in the checkout: `['run', ...files]` or `['related', '--run', file]`. */
export async function runTests(
  root: string,
  args: readonly string[],
  limitMs: number,
): Promise<Verdict> {
  // Beside the checkout, so that it goes with it.
  const path = `${root}.json`;
  rmSync(path, { force: true });
  const reporting = ['--reporter=json', `--outputFile=${path}`];
  const ended = await runVitest(root, [...args, ...reporting], limitMs);
  if (ended.timedOut) return { is: 'endless', afterMs: limitMs };
  return verdictOf(root, read(path), ended);
}
