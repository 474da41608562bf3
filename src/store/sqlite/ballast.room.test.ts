/** The ballast on a disk whose free space the test says. */
import type * as Fs from 'node:fs';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openBallast } from './ballast.ts';

const disk = vi.hoisted(() => ({ freeBytes: 0, allBytes: 1e12 }));
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof Fs>()),
  statfsSync: () => ({ bavail: disk.freeBytes, blocks: disk.allBytes, bsize: 1 }),
}));

it('comes back only when 48 MB would be left beside it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-ballast-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'ballast');
  const ballast = openBallast(path, 100_000);
  disk.freeBytes = 48_099_999;
  expect(ballast.restore()).toBe(false);
  expect(existsSync(path)).toBe(false);
  disk.freeBytes = 48_100_000;
  expect(ballast.restore()).toBe(true);
  expect(existsSync(path)).toBe(true);
});

it('is a tenth of a small disk, and comes back when a seventh of it would be left beside it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-ballast-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'ballast');
  disk.allBytes = 2_000_000;
  const ballast = openBallast(path, 16_000_000);
  disk.freeBytes = 499_999;
  expect(ballast.restore()).toBe(false);
  disk.freeBytes = 500_000;
  expect(ballast.restore()).toBe(true);
  expect(statSync(path).size).toBe(200_000);
});
