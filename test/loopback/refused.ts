/** What the tests of this process, and the processes that they started, asked for beyond loopback. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { refusedFile } from './processes.ts';

const HERE = Symbol.for('tocsin.test.refused');

/** Shared by all files that one process loads, however often this module is. */
export function refusedHere(): string[] | null {
  return (globalThis as { [HERE]?: string[] })[HERE] ?? null;
}

/** Begins the list; the guard is put up once in a process. */
export function beginRefused(): string[] {
  const list: string[] = [];
  (globalThis as { [HERE]?: string[] })[HERE] = list;
  return list;
}

/** Takes what was refused since it was last taken; a test that provokes it takes it itself. */
export function takeRefused(): readonly string[] {
  const here = refusedHere()?.splice(0) ?? [];
  if (!existsSync(refusedFile)) return here;
  const inProcesses = readFileSync(refusedFile, 'utf8').trimEnd().split('\n');
  rmSync(refusedFile);
  return [...here, ...inProcesses.map((what) => `${what} (a process that it started)`)];
}
