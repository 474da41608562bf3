/** Executes the layer table (`test/house/layers.ts`) on every module of the house, and first on seeded violations. */
import { describe, expect, test } from 'vitest';
import { circleIn } from './house/circles.ts';
import { CORE_ROOMS, ENGINE_ROOMS, INSTEAD, rowOf, rows, violations } from './house/layers.ts';
import { moduleOf } from './house/module.ts';
import { exists, filesBelow, foldersIn, read } from './house/project.ts';

const paths = [...filesBelow('src'), ...filesBelow('adapters')].filter(
  (path) => /\.(ts|js|mts|cts|tsx)$/.test(path) && !path.includes('/fixtures/'),
);
const modules = paths.map((path) => moduleOf(path, read(path)));

function complaints(path: string, text: string): readonly string[] {
  return violations(moduleOf(path, text)).map(({ line, what }) => `${line}: ${what}`);
}

describe('the table', () => {
  test.each([
    ['src/core/model/a.ts', "import fs from 'node:fs';", '1: imports node:fs'],
    ['src/core/model/a.ts', "import { x } from '../../engine/b.ts';", '1: imports src/engine/b.ts'],
    ['src/core/model/a.ts', "export * from '../../lib/b.ts';", '1: imports src/lib/b.ts'],
    ['src/core/model/a.ts', '\nexport const now = Date.now();', '2: uses Date'],
    ['src/core/model/a.ts', 'export const roll = () => Math.random();', '1: uses Math.random'],
    ['src/core/model/a.ts', "export const roll = Math['random'];", '1: uses Math.random'],
    [
      'src/core/model/a.ts',
      'export const wait = () => globalThis.setTimeout(f, 1);',
      '1: uses setTimeout',
    ],
    ['src/core/model/a.ts', 'export async function f() {}', '1: uses async'],
    ['src/core/model/a.ts', "export const name = process.env['NAME'];", '1: uses process'],
    ['src/core/model/a.ts', "import axios from 'axios';", '1: imports the package axios'],
    ['src/core/severity/a.ts', "import { z } from 'zod';", '1: imports the package zod'],
    [
      'src/core/model/a.ts',
      "import { page } from '../paging/b.ts';",
      '1: imports src/core/paging/b.ts',
    ],
    ['src/core/a.ts', '', '1: lies in a folder without a row in test/house/layers.ts'],
    [
      'src/contract/a.ts',
      "import { evolve } from '../core/model/events.ts';",
      '1: imports src/core/model/events.ts',
    ],
    ['src/contract/a.ts', "import { createHmac } from 'node:crypto';", '1: imports node:crypto'],
    [
      'src/lib/a.ts',
      "import type { Alert } from '../core/model/alert.ts';",
      '1: imports types of src/core/model/alert.ts',
    ],
    [
      'src/store/a.ts',
      "import { evolve } from '../core/model/events.ts';",
      '1: imports src/core/model/events.ts',
    ],
    [
      'src/engine/a.ts',
      "import { x } from '../store/sqlite.ts';",
      '1: imports src/store/sqlite.ts',
    ],
    [
      'src/engine/a.ts',
      "import Database from 'better-sqlite3';",
      '1: imports the package better-sqlite3',
    ],
    ['src/engine/a.ts', 'export const at = new Date();', '1: uses Date'],
    [
      'src/http/a.ts',
      "import { writer } from '../engine/deciding/writer.ts';",
      '1: imports src/engine/deciding/writer.ts',
    ],
    ['src/cli/a.ts', "const x = await import('../app.ts');", '1: imports src/app.ts'],
    ['src/main.ts', "import { load } from './config/load.ts';", '1: imports src/config/load.ts'],
    [
      'adapters/slack/a.ts',
      "import { x } from '../pagerduty/a.ts';",
      '1: imports adapters/pagerduty/a.ts',
    ],
    ['adapters/slack/a.ts', "import { x } from 'express';", '1: imports the package express'],
    [
      'adapters/slack/a.ts',
      "import { x } from '../../src/contract/outcome.ts';",
      '1: imports src/contract/outcome.ts',
    ],
    ['adapters/slack/a.ts', "export const x = () => fetch('http://h');", '1: uses fetch'],
    [
      'adapters/slack/a.ts',
      'export const s = AbortSignal.timeout(1);',
      '1: uses AbortSignal.timeout',
    ],
    [
      'adapters/slack/stand-in.ts',
      "import { x } from './slack.ts';",
      '1: imports adapters/slack/slack.ts across adapter and stand-in',
    ],
    [
      'adapters/slack/slack.ts',
      "import { x } from './stand-in.ts';",
      '1: imports adapters/slack/stand-in.ts across adapter and stand-in',
    ],
    [
      'adapters/slack/a.ts',
      "import { x } from './config';",
      '1: imports ./config without its file extension',
    ],
    ['src/utils/a.ts', '', '1: lies in a folder without a row in test/house/layers.ts'],
    ['src/loose.ts', '', '1: lies in a folder without a row in test/house/layers.ts'],
    ['adapters/loose.ts', '', '1: lies in a folder without a row in test/house/layers.ts'],
  ])('in %s refuses %s', (path, text, complaint) => {
    expect(complaints(path, text)).toContain(complaint);
  });

  // The seeded uses of what is handed in: in a room that may import every built-in module and package it likes.
  test.each([
    ['new Date()', 'Date'],
    ['performance.now()', 'performance'],
    ['setTimeout(f, 1)', 'setTimeout'],
    ['setInterval(f, 1)', 'setInterval'],
    ['setImmediate(f)', 'setImmediate'],
    ['queueMicrotask(f)', 'queueMicrotask'],
    ['AbortSignal.timeout(1)', 'AbortSignal.timeout'],
    ['Math.random()', 'Math.random'],
    ["Math['random']()", 'Math.random'],
    ['(({ random } = Math) => random())()', 'Math.random'],
    ['crypto.randomUUID()', 'crypto.randomUUID'],
    ['Temporal.Now.instant()', 'Temporal.Now'],
    ['process.env', 'process'],
    ['process.hrtime.bigint()', 'process.hrtime'],
    ['process.uptime()', 'process.uptime'],
    ['process.nextTick(f)', 'process.nextTick'],
    ["fetch('http://h')", 'fetch'],
    ['globalThis.Date.now()', 'Date'],
    ["globalThis['fetch']('http://h')", 'fetch'],
    ['globalThis?.process', 'process'],
    ['global.setInterval(f, 1)', 'setInterval'],
    ['globalThis.Math.random()', 'globalThis'],
    ['Object.values(global)', 'global'],
  ])('sees through %s', (code, word) => {
    expect(complaints('src/engine/dispatch/a.ts', `export const x = ${code};`)).toContain(
      `1: uses ${word}`,
    );
  });

  test.each([
    ['const { random } = Math;', 'uses Math.random'],
    ['const { random: roll } = Math;', 'uses Math.random'],
    ['let roll; ({ random: roll } = Math);', 'uses Math.random'],
    ['const { timeout: limit } = AbortSignal;', 'uses AbortSignal.timeout'],
    ['const { randomUUID: id } = crypto;', 'uses crypto.randomUUID'],
    ['const { Date: Day } = globalThis;', 'uses Date'],
    ["import { randomUUID } from 'node:crypto';", 'uses randomUUID'],
    ["import { randomUUID as id } from 'node:crypto';", 'uses randomUUID'],
    ["export { randomUUID } from 'node:crypto';", 'uses randomUUID'],
    ["import ids from 'node:crypto';", 'imports node:crypto as a whole'],
    ["import * as ids from 'node:crypto';", 'imports node:crypto as a whole'],
    ["export * from 'node:crypto';", 'imports node:crypto as a whole'],
    ["const ids = await import('node:crypto');", 'imports node:crypto as a whole'],
    ["import { randomUUID } from 'crypto';", 'imports the package crypto'],
    ["import { setTimeout as sleep } from 'node:timers';", 'imports node:timers'],
    ["import { scheduler } from 'node:timers/promises';", 'imports node:timers/promises'],
    ["import { scheduler } from 'timers/promises';", 'imports the package timers'],
    ["import { performance as p } from 'node:perf_hooks';", 'imports node:perf_hooks'],
    ["import { performance as p } from 'perf_hooks';", 'imports the package perf_hooks'],
    ["import { env } from 'node:process';", 'imports node:process'],
    ["import { env } from 'process';", 'imports the package process'],
  ])('sees through %s', (code, what) => {
    expect(complaints('src/engine/dispatch/a.ts', code)).toContain(`1: ${what}`);
  });

  // Each may do what its reason in docs/adr/0003 names, and nothing else.
  test.each([
    ['src/main.ts', 'process.env', []],
    ['src/main.ts', 'process.hrtime()', ['1: uses process.hrtime']],
    ['src/main.ts', "fetch('http://h')", ['1: uses fetch']],
    ['src/cli/a.ts', "fetch('http://h')", []],
    ['src/cli/a.ts', 'process.env', ['1: uses process']],
    ['src/commands.ts', "fetch('http://h')", []],
    ['src/commands.ts', 'process.env', ['1: uses process']],
    ['src/engine/clock.ts', '[Date.now(), performance.now(), setTimeout(f), setImmediate(f)]', []],
    ['src/engine/clock.ts', 'Math.random()', ['1: uses Math.random']],
    ['src/engine/clock.ts', 'crypto.randomUUID()', ['1: uses crypto.randomUUID']],
    ['src/engine/clock.ts', 'process.env', ['1: uses process']],
    ['src/sandbox/clock.ts', '[performance.now(), setTimeout(f), setImmediate(f)]', []],
    ['src/sandbox/clock.ts', 'Date.now()', ['1: uses Date']],
    ['src/sandbox/clock.ts', 'AbortSignal.timeout(1)', ['1: uses AbortSignal.timeout']],
    ['src/http/a.test.ts', '[Date.UTC(2026, 0), process.env]', []],
    ['src/http/a.test.ts', 'setTimeout(f, 1)', ['1: uses setTimeout']],
    ['src/http/a.test.ts', 'setInterval(f, 1)', ['1: uses setInterval']],
    ['src/http/a.test.ts', 'globalThis.performance', ['1: uses performance']],
    ['src/http/a.test.ts', "import('node:timers/promises')", ['1: imports node:timers/promises']],
  ])('in %s, of %s, complains of %j', (path, code, expected) => {
    expect(complaints(path, `export const x = ${code};`)).toEqual(expected);
  });

  test.each([
    ['src/core/people/a.ts', "import { Temporal } from 'temporal-polyfill';"],
    ['src/core/model/a.ts', "// Date, process\nexport const text = 'Date.now() and fetch';"],
    ['src/core/model/a.ts', 'export const text = `at ${row.Date} ${{ process: 1 }.process}`;'],
    ['src/core/model/a.ts', 'export const { random, process: by } = row;'],
    ['src/contract/a.ts', "import type { Alert } from '../core/model/alert.ts';"],
    ['src/contract/a.ts', "export type { Alert } from '../core/model/alert.ts';"],
    ['src/contract/signature.ts', "import { createHmac } from 'node:crypto';"],
    ['src/store/sqlite/a.ts', "import { type Alert, type Link } from '../../core/model/alert.ts';"],
    ['src/engine/clock.ts', 'export const now = () => Date.now();'],
    ['adapters/pagerduty/on-call.ts', "import { z } from 'zod';"],
    ['adapters/slack/stand-in.ts', "import { x } from './stand-in-rooms.ts';"],
    ['adapters/index.ts', "import { slack } from './slack/slack.ts';"],
    ['adapters/slack/slack.test.ts', "import { x } from '../../test/conformance/adapter.ts';"],
  ])('in %s allows %s', (path, text) => {
    expect(complaints(path, text)).toEqual([]);
  });

  test('has a row for every module, and no two for one place', () => {
    expect(paths.filter((path) => rowOf(path) === null)).toEqual([]);
    expect(new Set(rows.map((row) => row.at)).size).toBe(rows.length);
  });
});

describe.each([
  ['src/core', CORE_ROOMS],
  ['src/engine', ENGINE_ROOMS],
])('the rooms of %s', (folder, rooms) => {
  const order = Object.keys(rooms);
  const pairs = Object.entries(rooms).flatMap(([room, others]) =>
    others.map((other) => ({ room, other })),
  );

  test('are those of the table, and none may import a later one', () => {
    expect(foldersIn(folder).toSorted()).toEqual(order.toSorted());
    expect(pairs.filter(({ room, other }) => order.indexOf(other) >= order.indexOf(room))).toEqual(
      [],
    );
  });

  test('are allowed nothing that they do not use', () => {
    const uses = (room: string, other: string): boolean =>
      modules.some(
        ({ path, imports }) =>
          path.startsWith(`${folder}/${room}/`) &&
          !path.endsWith('.test.ts') &&
          imports.some(({ specifier }) => specifier.startsWith(`../${other}/`)),
      );
    expect(pairs.filter(({ room, other }) => !uses(room, other))).toEqual([]);
  });
});

describe('the house', () => {
  test('keeps to the table', () => {
    const found = modules
      .flatMap(violations)
      .map(({ path, line, what }) => `${path}:${line} ${what}`);
    expect(found, INSTEAD).toEqual([]);
  });

  test('was seen whole: no folder of it is empty to this test', () => {
    const seen = new Set(modules.map(({ path }) => path.split('/').slice(0, 2).join('/')));
    for (const room of [
      'core',
      'contract',
      'config',
      'store',
      'engine',
      'read',
      'http',
      'cli',
      'sandbox',
      'lib',
    ]) {
      expect(seen).toContain(`src/${room}`);
    }
    for (const file of [
      'src/main.ts',
      'src/app.ts',
      'adapters/index.ts',
      'adapters/stand-ins.ts',
    ]) {
      expect(seen).toContain(file);
    }
    expect(modules.length).toBeGreaterThan(120);
    expect(modules.flatMap(({ imports }) => imports).length).toBeGreaterThan(400);
  });

  test('imports only files that exist', () => {
    const missing = modules.flatMap(({ path, imports }) =>
      imports
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => new URL(specifier, `file:///${path}`).pathname.slice(1))
        .filter((target) => !exists(target))
        .map((target) => `${path} imports ${target}`),
    );
    expect(missing).toEqual([]);
  });
});

/** What is read out of a text, and no key of ours. */
const READS_TEXT: Readonly<Record<string, string>> = {
  'src/core/paging/joining.ts': 'whether words at a vendor are a note of ours',
  'src/core/publishing/drafting.ts': 'where the words of a person stand in a template',
  'src/engine/telemetry/redact.ts': 'whether a text that was cut ends with a part of a secret',
};

describe('keys', () => {
  const takesApart = (text: string): boolean => /\.(?:startsWith|endsWith|split)\(/.test(text);

  test('are values: nobody who decides or carries out takes one apart', () => {
    const found = [...filesBelow('src/core'), ...filesBelow('src/engine')].filter(
      (path) => !path.endsWith('.test.ts') && takesApart(read(path)),
    );
    expect(found.toSorted()).toEqual(Object.keys(READS_TEXT).toSorted());
  });

  test.each(["key.split('/')", 'id.startsWith(`${incident}/`)', 'key.endsWith(MARK)'])(
    '%s is seen',
    (text) => {
      expect(takesApart(text)).toBe(true);
    },
  );
});

describe('circles', () => {
  test('of types are seen too', () => {
    const seeded = [
      moduleOf('src/a.ts', "import { b } from './b.ts';"),
      moduleOf('src/b.ts', "import type { C } from './c/c.ts';"),
      moduleOf('src/c/c.ts', "export type { A } from '../a.ts';"),
    ];
    expect(circleIn(seeded)).toEqual(['src/a.ts', 'src/b.ts', 'src/c/c.ts', 'src/a.ts']);
    expect(circleIn(seeded.slice(0, 2))).toBeNull();
  });

  test('there are none', () => {
    expect(circleIn(modules.filter(({ path }) => !path.endsWith('.test.ts')))).toBeNull();
  });
});
