import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareDirectory } from './directory.ts';

let directory: string;
let warned: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-directory-'));
  chmodSync(directory, 0o755);
  warned = [];
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function prepare(path = directory): void {
  prepareDirectory(path, (what) => void warned.push(what));
}

function modeOf(...path: readonly string[]): string {
  return (statSync(join(directory, ...path)).mode & 0o7777).toString(8);
}

describe('a data directory', () => {
  it('that is made is its owner’s alone, with the databases in it', () => {
    prepare(join(directory, 'data'));
    expect([modeOf('data'), modeOf('data', 'tocsin.db'), modeOf('data', 'lock.db')]).toEqual([
      '700',
      '600',
      '600',
    ]);
    expect(warned).toEqual([]);
  });

  it('that was open to others is closed, and the files of an earlier release in it are', () => {
    for (const name of ['tocsin.db', 'tocsin.db-wal', 'tocsin.db-shm', 'lock.pid', 'ballast']) {
      writeFileSync(join(directory, name), '');
      chmodSync(join(directory, name), 0o664);
    }
    prepare();
    expect(modeOf('.')).toBe('700');
    for (const name of ['tocsin.db', 'tocsin.db-wal', 'tocsin.db-shm', 'lock.pid', 'ballast'])
      expect([name, modeOf(name)]).toEqual([name, '600']);
    expect(warned).toEqual([]);
  });

  it('in which others have files stays open and is warned of; what is ours in it is closed', () => {
    writeFileSync(join(directory, 'notes.txt'), '');
    const before = modeOf('notes.txt');
    prepare();
    expect(modeOf('.')).toBe('755');
    expect(modeOf('notes.txt')).toBe(before);
    expect(modeOf('tocsin.db')).toBe('600');
    expect(warned).toEqual([
      `other users of this machine may look into ${directory} (other files lie in it): run chmod 700 ${directory}`,
    ]);
  });

  it('that is a shared one such as /tmp is left as it is, also while it is empty', () => {
    chmodSync(directory, 0o1777);
    prepare();
    expect(modeOf('.')).toBe('1777');
    expect(warned).toHaveLength(1);
  });

  it('that only its owner can look into keeps its permissions', () => {
    chmodSync(directory, 0o2700);
    mkdirSync(join(directory, 'lost+found'));
    prepare();
    expect(modeOf('.')).toBe('2700');
    expect(warned).toEqual([]);
  });
});
