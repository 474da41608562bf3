/** Follows the walks of docs/architecture.md: the demo is played, and each walk must be found in what it enters, in order. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { functionsOf } from './support/functions.ts';
import { exists, read } from './house/project.ts';

interface Walk {
  readonly title: string;
  /** `path#function`, in order. */
  readonly steps: readonly string[];
}

const STEP = /^\d+\. `([^`]+)` `([^`]+)`: \S/;

const walks: readonly Walk[] = read('docs/architecture.md')
  .split(/^## /m)
  .slice(1)
  .map((part) => {
    const [title = '', ...lines] = part.trim().split('\n');
    return {
      title,
      steps: lines.flatMap((line) => {
        const [, path, name] = STEP.exec(line) ?? [];
        return path === undefined || name === undefined ? [] : [`${path}#${name}`];
      }),
    };
  });

/** Where each of the steps is entered after the one before; as many as are found. */
function found(steps: readonly string[], entered: readonly string[]): readonly string[] {
  let at = 0;
  return entered.filter((one) => {
    const isNext = one === steps[at];
    if (isNext) at += 1;
    return isNext;
  });
}

/** The farthest that the walk is followed from one entry of its first step to the next one. */
function followed(steps: readonly string[], entered: readonly string[]): readonly string[] {
  const starts = entered.flatMap((one, i) => (one === steps[0] ? [i] : []));
  return starts
    .map((start, i) => found(steps, entered.slice(start, starts[i + 1])))
    .reduce((best, one) => (one.length > best.length ? one : best), []);
}

let entered: readonly string[] = [];
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-walk-'));
  const file = join(folder, 'entered.json');
  await promisify(execFile)(
    process.execPath,
    ['--import', './test/support/entered.ts', 'bin/tocsin.js', 'demo', '--json'],
    {
      env: {
        ...process.env,
        ENTERED_FILE: file,
        ENTERED_WANTED: JSON.stringify(walks.flatMap(({ steps }) => steps)),
      },
      maxBuffer: 2 ** 26,
    },
  );
  entered = JSON.parse(readFileSync(file, 'utf8')) as string[];
  rmSync(folder, { recursive: true });
}, 120_000);

test('a walk is followed only where its steps are entered in their order, before it begins anew', () => {
  expect(followed(['a', 'b', 'c'], ['a', 'x', 'b', 'c'])).toEqual(['a', 'b', 'c']);
  expect(followed(['a', 'b', 'c'], ['a', 'c', 'b'])).toEqual(['a', 'b']);
  expect(followed(['a', 'b'], ['a', 'a', 'x'])).toEqual(['a']);
});

test('there are three walks of ten lines', () => {
  expect(walks.map(({ steps }) => steps.length)).toEqual([10, 10, 10]);
});

describe.each(walks)('$title', ({ steps }) => {
  test('names functions that there are', () => {
    const lost = steps.filter((step) => {
      const [path = '', name] = step.split('#');
      return !exists(path) || functionsOf(path, read(path)).every((one) => one.name !== name);
    });
    expect(lost).toEqual([]);
  });

  test('goes as it is told', () => {
    expect(followed(steps, entered)).toEqual(steps);
  });
});
