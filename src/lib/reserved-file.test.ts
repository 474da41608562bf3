import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openReserved, readReserved } from './reserved-file.ts';

let path: string;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-reserved-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  path = join(root, 'kept.json');
});

test('what was written last is read, in space that stays the same, its owner’s alone', () => {
  const file = openReserved(path, 256, { n: 1, words: 'ä' });
  expect(readReserved(path)).toEqual({ kind: 'kept', value: { n: 1, words: 'ä' } });
  file.write({ n: 2, words: '' });
  expect(readReserved(path)).toEqual({ kind: 'kept', value: { n: 2, words: '' } });
  expect(statSync(path)).toMatchObject({ size: 256, mode: 0o100600 });
  file.close();
});

test('a file that is not there, and one that somebody has changed, are told apart', () => {
  expect(readReserved(path)).toEqual({ kind: 'absent' });
  openReserved(path, 256, { n: 1 }).close();
  writeFileSync(path, readFileSync(path, 'utf8').replace('"n":1', '"n":7'));
  expect(readReserved(path)).toEqual({ kind: 'spoilt' });
  writeFileSync(path, '');
  expect(readReserved(path)).toEqual({ kind: 'spoilt' });
});

test('more than there is space for is refused, and what was there stays', () => {
  const file = openReserved(path, 64, 'short');
  expect(() => file.write('x'.repeat(64))).toThrow('do not fit into 64');
  expect(readReserved(path)).toEqual({ kind: 'kept', value: 'short' });
  file.close();
});
