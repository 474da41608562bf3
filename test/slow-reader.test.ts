/** What a command prints reaches whoever reads it, however long it is and however slowly they read. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** Far more than a pipe holds. */
const WARNINGS = 1_000;

test('the last line of a long output comes through a pipe that is read a few bytes at a time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-slow-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tocsin.yaml');
  const rules = Array.from(
    { length: WARNINGS },
    (_, i) => `  - {name: rule ${i}, match: 'label_${i}!="x"', severity: bad}`,
  );
  writeFileSync(
    file,
    [
      'routes: [{default: true, team: all, severity: bad}]',
      'severities: {bad: {criteria: All is red., urgency: high}}',
      'team: all',
      'rules:',
      ...rules,
    ].join('\n'),
  );
  const command = `"${process.execPath}" bin/tocsin.js check --sandbox "${file}" 2>&1 | dd bs=16 status=none`;
  const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8', maxBuffer: 10_000_000 });
  expect(stdout.length).toBeGreaterThan(100_000);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/: fine, \d+ warnings: /);
}, 60_000);
