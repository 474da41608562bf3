/** The wall clock of a real server, in the hands of an experiment. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finishing, Starting } from '../support/real.ts';

/** Name of the environment variable that names the file. */
export const WALL_FILE = 'TOCSIN_TEST_WALL_FILE';
/** The file is always so long, so that nobody reads half of a number. */
export const WALL_BYTES = 20;

const PRELOAD = new URL('./stepped-wall.ts', import.meta.url).href;

export interface Wall {
  /** With these a server is started whose wall clock this is. */
  readonly starting: Starting;
  /** Sets it forward, or back. */
  step(byMs: number): void;
  /** What it shows now, epoch ms. */
  now(): number;
}

/** A wall clock that shows the machine's time until it is stepped. */
export function createWall(test: Finishing): Wall {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-wall-'));
  const path = join(folder, 'wall');
  const file = openSync(path, 'w');
  test.onTestFinished(() => {
    closeSync(file);
    rmSync(folder, { recursive: true, force: true });
  });
  let beside = 0;
  const write = (): void => void writeSync(file, String(beside).padStart(WALL_BYTES), 0);
  write();
  return {
    starting: { preload: [PRELOAD], environment: { [WALL_FILE]: path } },
    step: (byMs) => {
      beside += Math.round(byMs);
      write();
    },
    now: () => Date.now() + beside,
  };
}
