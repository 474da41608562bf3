/** House rules that no linter knows: how a module opens, what files are called, when a class is right. */
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { moduleOf } from './module.ts';
import { exists, filesBelow, read } from './project.ts';

const everything = ['bin', 'src', 'adapters', 'test']
  .flatMap(filesBelow)
  .filter((path) => /\.(ts|js)$/.test(path))
  .filter((path) => !path.includes('/fixtures/') && !path.startsWith('test/lint/seeded/'));
const modules = everything.map((path) => moduleOf(path, read(path)));
const production = modules.filter(
  ({ path }) => /^(src|adapters)\//.test(path) && !path.endsWith('.test.ts'),
);

/** Classes that are no errors: a value whose identity or hidden field is the point. */
const CLASSES_WITH_IDENTITY = ['Secret', 'Html'];

describe('every module', () => {
  test('opens by saying what it is', () => {
    const silent = production.filter(
      ({ text }) => !text.startsWith('/**') && !text.startsWith('#!'),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
    expect(production.length).toBeGreaterThan(60);
  });

  test('has a name in kebab case that says what it is for', () => {
    const names = everything.map((path) => ({
      path,
      stem: basename(path).replace(/(\.(test|config))?\.(ts|js)$/, ''),
    }));
    // What is tested of a module in a file of its own has its matter in the name: `severity.lowering.test.ts`.
    const odd = names.filter(({ path, stem }) =>
      path.endsWith('.test.ts')
        ? !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)?$/.test(stem)
        : !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem),
    );
    const empty = names.filter(({ stem }) =>
      /^(utils?|helpers?|common|misc|shared|types)$/.test(stem),
    );
    expect([...odd, ...empty].map(({ path }) => path)).toEqual([]);
  });

  test('is imported under its own name: index files are the surfaces of adapters alone', () => {
    const barrels = production
      .filter(({ path }) => basename(path) === 'index.ts')
      .map(({ path }) => path);
    const surfaces = ['adapters/index.ts', 'src/contract/index.ts'];
    expect(barrels.filter((path) => !surfaces.includes(path))).toEqual([]);
  });

  test('declares a class only for an error or where identity matters', () => {
    const found = production.flatMap(({ path, classes }) =>
      classes
        .filter(
          ({ name, base }) =>
            !(base?.endsWith('Error') ?? false) && !CLASSES_WITH_IDENTITY.includes(name),
        )
        .map(({ name }) => `${path}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  test('silences a tool only for one line and with a reason', () => {
    const directive = /^\s*(eslint|oxlint)-(disable|enable)/;
    const found = modules.flatMap(({ path, comments }) =>
      comments
        .filter(
          ({ text }) =>
            /@ts-(ignore|nocheck|expect-error)/.test(text) ||
            (directive.test(text) && !/-disable-next-line .+ -- .{10}/.test(text)),
        )
        .map(({ line }) => `${path}:${line}`),
    );
    expect(found).toEqual([]);
  });

  test('never forces a type through unknown', () => {
    const forced = production.filter(({ text }) => /\bas unknown as\b/.test(text));
    expect(forced.map(({ path }) => path)).toEqual([]);
  });
});

describe('every test', () => {
  const tests = modules.filter(({ path }) => path.endsWith('.test.ts'));

  test('stands beside the module that it tests, under its name and perhaps its matter', () => {
    const lost = tests
      .map(({ path }) => path)
      .filter((path) => !path.startsWith('test/'))
      .filter((path) => !exists(path.replace(/(\.[a-z0-9-]+)?\.test\.ts$/, '.ts')));
    expect(lost).toEqual([]);
  });

  test('runs: none is focused, left out, or merely planned', () => {
    const switches = /^(test|it|describe)\.(only|skip|todo|fails)$/;
    const found = tests.flatMap(({ path, words }) =>
      words
        .filter(({ word }) => switches.test(word))
        .map(({ word, line }) => `${path}:${line} ${word}`),
    );
    expect(found).toEqual([]);
  });

  test('says what it expects instead of keeping a snapshot', () => {
    const found = tests.filter(({ text }) => /\.toMatch(Inline)?Snapshot\(/.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});
