/** The runner itself: whatever ends it, nothing of what it made is left. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort, until } from '../support/real.ts';
import { eachWorld } from './experiment.ts';
import { startLoad } from './load.ts';

const NODE = join(import.meta.dirname, '../../node_modules/.bin/node');
const MAIN = join(import.meta.dirname, 'main.ts');

/** Processes of this machine in whose command line it stands. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

test.skipIf(process.platform !== 'linux').for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'on %s it ends its servers and clears its folders away',
  { timeout: 60_000 },
  async ([signal, code]) => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-runner-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const runner = spawn(NODE, [MAIN, 'under load', '--tries', '5'], {
      env: { ...process.env, TMPDIR: folder },
      stdio: 'ignore',
    });
    const ended = new Promise((end) => runner.once('exit', end));
    await until('a server runs', () => processesWith(folder).length > 0);
    runner.kill(signal);
    expect(await ended).toBe(code);
    expect(readdirSync(folder)).toEqual([]);
    expect(processesWith(folder)).toEqual([]);
  },
);

test('what repeats deliveries ends with its world, taken or not', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const loads: Promise<void>[] = [];
  const run = eachWorld(1, async ({ test: world, random }) => {
    const load = startLoad({ test: world, url, random });
    await until('something is refused', () => load.count(null) > 0);
    loads.push(load.finish());
    throw new Error('in the middle');
  });
  const { failed } = await run(1, 7);
  expect(failed).toEqual(['--seed 7 --tries 1: Error: in the middle']);
  await Promise.all(loads);
});

test('a step of the end that fails keeps no other from being done', async () => {
  const done: string[] = [];
  const run = eachWorld(1, async ({ test: world }) => {
    world.onTestFinished(() => void done.push('first made, last undone'));
    world.onTestFinished(() => {
      throw new Error('no end');
    });
    return { seen: [], failed: [] };
  });
  expect((await run(1, 1)).failed).toEqual(['--seed 1 --tries 1: Error: no end']);
  expect(done).toEqual(['first made, last undone']);
});
