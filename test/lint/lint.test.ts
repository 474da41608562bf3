/**
 * The tools still find what they are kept for. Each file in `seeded/` has one defect and names, in its first line, the
 * tool and the rule that must report it; a tool upgrade or a config edit that stops checking turns this red.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesBelow, read, root } from '../house/project.ts';

const SEEDED = 'test/lint/seeded';

interface Seed {
  readonly path: string;
  readonly tool: string;
  readonly report: string;
}

const seeds: readonly Seed[] = filesBelow(SEEDED).map((path) => {
  const line = read(path).split('\n')[0] ?? '';
  const match = /^\/\/ seeded: (nothing|oxlint|tsc|knip) ?(.*)$/.exec(line);
  if (match === null) throw new Error(`${path}: its first line names no tool and report`);
  return { path: path.slice(SEEDED.length + 1), tool: match[1] ?? '', report: match[2] ?? '' };
});

/** Defects of size are made here: nobody wants to read them. */
const LONG = {
  'src/core/long-function.ts': {
    report: 'eslint(max-lines-per-function)',
    text: `export function sum(): number {\n  let n = 0;\n${'  n += 1;\n'.repeat(70)}  return n;\n}\n`,
  },
  'src/core/long-file.ts': {
    report: 'eslint(max-lines)',
    text: Array.from({ length: 401 }, (_, i) => `export const n${i} = ${i};\n`).join(''),
  },
};

/** Lines that a tool prints about the seeded project, whatever its exit code. */
async function linesOf(
  folder: string,
  tool: string,
  args: readonly string[],
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [join(root, 'node_modules', tool), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  return text.split('\n');
}

describe('on the seeded defects', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seeded-'));
  const found: Record<string, readonly string[]> = {};

  beforeAll(async () => {
    cpSync(join(root, SEEDED), folder, { recursive: true });
    for (const [path, { text }] of Object.entries(LONG)) writeFileSync(join(folder, path), text);
    for (const config of ['.oxlintrc.json', 'tsconfig.json', 'knip.json', 'package.json']) {
      cpSync(join(root, config), join(folder, config));
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    found['oxlint'] = await linesOf(folder, 'oxlint/bin/oxlint', [
      '--format=unix',
      'src',
      'adapters',
    ]);
    found['tsc'] = await linesOf(folder, 'typescript/bin/tsc', ['--noEmit', '--pretty', 'false']);
    found['knip'] = await linesOf(folder, 'knip/bin/knip.js', [
      '--include',
      'exports,dependencies',
    ]);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const reported = ({ tool, path, report }: Seed): readonly string[] =>
    (found[tool] ?? []).filter((line) => line.includes(path) && line.includes(report));

  test.each(seeds.filter(({ tool }) => tool !== 'nothing'))(
    '$tool reports $report in $path',
    (seed) => {
      expect(reported(seed)).not.toEqual([]);
    },
  );

  test.each(Object.entries(LONG))('oxlint counts the lines of %s', (path, { report }) => {
    expect(reported({ tool: 'oxlint', path, report })).not.toEqual([]);
  });

  test('knip reports a dependency that nothing imports', () => {
    expect((found['knip'] ?? []).filter((line) => line.startsWith('better-sqlite3 '))).not.toEqual(
      [],
    );
  });

  test.each(seeds.filter(({ tool }) => tool === 'nothing'))(
    'nobody reports anything in $path',
    ({ path }) => {
      const lines = [...(found['oxlint'] ?? []), ...(found['tsc'] ?? [])];
      expect(lines.filter((line) => line.startsWith(path))).toEqual([]);
    },
  );

  test('each file has one defect: all that is reported about it stands on the same line', () => {
    const reports = [...(found['oxlint'] ?? []), ...(found['tsc'] ?? [])];
    const places = reports.flatMap((line) => {
      const match = /^((?:src|adapters)\/[\w./-]+)[:(](\d+)/.exec(line);
      return match === null ? [] : [{ path: match[1] ?? '', line: match[2] ?? '' }];
    });
    const several = seeds.filter(
      ({ path }) =>
        new Set(places.filter((each) => each.path === path).map(({ line }) => line)).size > 1,
    );
    expect(several.map(({ path }) => path)).toEqual([]);
    expect(places.length).toBeGreaterThan(seeds.length - 5);
  });
});
