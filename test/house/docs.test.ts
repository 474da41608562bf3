/** What is written for people is true: the files, scripts and anchors it names exist. */
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exists, filesBelow, read } from './project.ts';

const TOP = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];
const documents = [...TOP, ...filesBelow('docs').filter((path) => path.endsWith('.md'))];
const OURS = /^(src|adapters|config|test|docs|bin|\.ci)\/[\w./-]*$/;

/** Paths of the project in backticks; `<vendor>` and `*` stand for many and are left alone. */
function citedPaths(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)]
    .map((match) => (match[1] ?? '').replace(/:\d+(:\d+)?$/, '').replace(/^\.\//, ''))
    .filter((path) => OURS.test(path));
}

/** Relative targets of Markdown links and images, without their anchors. */
function linkedPaths(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? '').split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

test('a cited path and a link are found in a text', () => {
  const text =
    'See `src/core/routing/route.ts:12`, `adapters/<vendor>/` and [this](docs/a.md#b), not [that](https://x.y).';
  expect(citedPaths(text)).toEqual(['src/core/routing/route.ts']);
  expect(linkedPaths(text)).toEqual(['docs/a.md']);
});

describe.each(documents)('%s', (document) => {
  const text = exists(document) ? read(document) : '';

  test('exists and opens with a title', () => {
    expect(text).toMatch(/^# \S/);
  });

  test('cites files that exist', () => {
    expect(citedPaths(text).filter((path) => !exists(path))).toEqual([]);
  });

  test('links to files that exist', () => {
    const missing = linkedPaths(text).filter((target) => !exists(join(dirname(document), target)));
    expect(missing).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test('the README tells the two commands, and the checks run its test command word for word', () => {
  expect(read('README.md')).toContain('npm ci && npm run demo');
  expect(read('README.md')).toContain('npm ci && npm test');
  expect(read('.ci/run')).toContain("'npm ci && npm test'");
});

test('decision records are numbered without a gap and each says its status, context and decision', () => {
  const records = filesBelow('docs/adr').filter((path) => /\/\d{4}-/.test(path));
  const numbers = records.map((path) => Number(/\/(\d{4})-/.exec(path)?.[1]));
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  for (const record of records) {
    for (const heading of ['Status', 'Context', 'Decision', 'Consequences']) {
      expect(read(record), record).toContain(`## ${heading}`);
    }
  }
});

test('each line of the changelog has a kind and an area', () => {
  const entries = read('CHANGELOG.md')
    .split('\n')
    .filter((line) => line.startsWith('* '));
  const wrong = entries.filter(
    (line) => !/^\* \[(CHANGE|FEATURE|ENHANCEMENT|BUGFIX|SECURITY)\] [\w -]+: [A-Z]/.test(line),
  );
  expect(entries.length).toBeGreaterThan(0);
  expect(wrong).toEqual([]);
});

test('every package at run time says why it is there', () => {
  const { dependencies } = JSON.parse(read('package.json')) as {
    dependencies: Record<string, string>;
  };
  const reasons = read('docs/adr/0002-direct-dependencies.md');
  expect(Object.keys(dependencies).filter((name) => !reasons.includes(`\`${name}\``))).toEqual([]);
});

test('the record of the clocks has a row for every kind, and no other', () => {
  const keys = read('src/core/model/keys.ts');
  const union = keys.slice(
    keys.indexOf('export type ClockKey ='),
    keys.indexOf('/** What may be counted'),
  );
  const kinds = [...union.matchAll(/readonly kind: '(\w+)'/g)].map(([, kind]) => kind);
  const rows = read('docs/adr/0012-clocks-follow-from-what-is-owed.md').matchAll(/^\| `(\w+)`/gm);
  const told = [...rows].map(([, kind]) => kind);
  expect(kinds.length).toBeGreaterThan(10);
  expect(new Set(told)).toEqual(new Set([...kinds, 'removed']));
});

test('what a stranger reads first is short: README, src/app.ts and the deciding file', () => {
  const files = ['README.md', 'src/app.ts', 'src/core/deciding/decide.ts'];
  const lines = files.map((path) => read(path).trimEnd().split('\n').length);
  expect(lines.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(700);
});
