import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBallast } from './ballast.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-ballast-'));
  path = join(directory, 'ballast');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('the ballast', () => {
  it('takes up its size, also on a file system that compresses', () => {
    expect(openBallast(path, 300_000).restore()).toBe(true);
    expect(statSync(path).size).toBe(300_000);
    expect(gzipSync(readFileSync(path)).length).toBeGreaterThan(299_000);
  });

  it('is freed, twice if need be, and comes back', () => {
    const ballast = openBallast(path, 1_500_000);
    ballast.restore();
    ballast.free();
    ballast.free();
    expect(statSync(path).size).toBe(0);
    expect(ballast.isOwed()).toBe(true);
    expect(ballast.restore()).toBe(true);
    expect(statSync(path).size).toBe(1_500_000);
    expect(ballast.isOwed()).toBe(false);
  });

  it('is no folder of its name, which keeps nobody from starting', () => {
    mkdirSync(path);
    const ballast = openBallast(path, 1_000);
    expect([ballast.restore(), ballast.free(), ballast.isOwed()]).toEqual([false, false, false]);
    expect(existsSync(path)).toBe(true);
  });

  it('is made again when an earlier attempt was cut short', () => {
    writeFileSync(path, 'short');
    expect(openBallast(path, 10_000).restore()).toBe(true);
    expect(statSync(path).size).toBe(10_000);
  });

  it('stays away while there is no room for it', () => {
    expect(openBallast(path, Number.MAX_SAFE_INTEGER).restore()).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  it('of size 0 is no file, and still tells whether there is room', () => {
    expect(openBallast(path, 0).restore()).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  it('tells that there is no room when the directory is gone', () => {
    expect(openBallast(join(directory, 'gone', 'ballast'), 10).restore()).toBe(false);
  });
});
