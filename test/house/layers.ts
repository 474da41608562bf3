/**
 * The layer table of the house as data, and the check that executes it. Each folder has one row; what a row does not
 * list is forbidden. The reasons for the exceptions stand in docs/adr/0003-layers-and-their-exceptions.md.
 */
import { posix } from 'node:path';
import type { Import, Module } from './module.ts';

export interface Row {
  /** Folder or file; the longest match wins. `*` stands for one folder name. */
  readonly at: string;
  /** Folders and files of ours that may be imported; `<own>` is the row's own folder. */
  readonly ours: readonly string[];
  /** The same, but only as types, which leave no trace at run time. */
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  readonly builtins?: readonly string[] | 'any';
  /** Words that the code must not use. */
  readonly bans: readonly string[];
}

/** Time, waiting, randomness and ids are arguments: only so can the clock be stepped and a run be repeated. */
const AMBIENT = [
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'AbortSignal.timeout',
  'Math.random',
  'randomUUID',
  'crypto.randomUUID',
  'Temporal.Now',
  'process.hrtime',
  'process.uptime',
  'process.nextTick',
  // The door to all of them, under whatever name.
  'globalThis',
  'global',
];
const PROCESS = ['process'];
const FETCH = ['fetch'];
const HANDED = [...AMBIENT, ...PROCESS, ...FETCH];

/** What to do instead; said with every violation. */
export const INSTEAD =
  'time, waiting, randomness and ids come from the Clock that one is handed, requests go through the host’s HTTP ' +
  '(`io.http`), and only src/main.ts speaks to the process';

/** Built-in modules that hand out the same; nobody needs them, not even who may use the word. */
const NEVER = ['node:timers', 'node:timers/promises', 'node:perf_hooks', 'node:process'];

/** Built-in modules of which a part is banned: they are imported by name, so that the word is seen. */
const BY_NAME = ['node:crypto'];

function allBut(...words: readonly string[]): readonly string[] {
  return HANDED.filter((word) => !words.includes(word));
}

/**
 * The rooms of the core, each with the rooms that it may import. A room names only rooms that stand before it, so there
 * is no circle. The verbs are a table and `deciding` is where everything comes together: both may import all before them.
 */
export const CORE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  people: ['model'],
  texts: ['model', 'people'],
  routing: ['model'],
  paging: ['model', 'people', 'texts'],
  publishing: ['model', 'texts', 'paging'],
  informing: ['model', 'texts', 'paging'],
  command: ['model', 'people', 'texts', 'paging', 'publishing', 'informing'],
  severity: ['model', 'texts', 'paging', 'publishing', 'informing', 'command'],
  resolving: ['model', 'texts', 'paging', 'publishing', 'informing'],
  opening: [
    'model',
    'people',
    'texts',
    'paging',
    'publishing',
    'informing',
    'command',
    'severity',
    'resolving',
  ],
  verbs: [
    'model',
    'people',
    'paging',
    'publishing',
    'informing',
    'command',
    'severity',
    'resolving',
    'opening',
  ],
  deciding: [
    'model',
    'people',
    'texts',
    'paging',
    'publishing',
    'informing',
    'command',
    'severity',
    'resolving',
    'opening',
    'verbs',
  ],
};

/** A room does without packages but for these: calendars, patterns, and the schemas of the table of verbs. */
const CORE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // Working hours, by which waits are counted.
  model: ['temporal-polyfill'],
  people: ['temporal-polyfill'],
  texts: ['temporal-polyfill'],
  routing: ['re2js'],
  verbs: ['zod'],
  deciding: ['temporal-polyfill'],
};

/** And without helpers, but for these: the table reads a duration as people write it. */
const CORE_HELPERS: Readonly<Record<string, readonly string[]>> = {
  verbs: ['src/lib/duration.ts'],
};

function coreRow([room, others]: readonly [string, readonly string[]]): Row {
  return {
    at: `src/core/${room}`,
    ours: ['<own>', ...others.map((other) => `src/core/${other}`), ...(CORE_HELPERS[room] ?? [])],
    packages: CORE_PACKAGES[room] ?? [],
    bans: [...HANDED, 'Promise', 'async'],
  };
}

/** The rooms of the engine, as those of the core: each with the rooms before it that it may import. */
export const ENGINE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  telemetry: [],
  outgoing: [],
  deciding: [],
  pauses: ['deciding'],
  policy: ['deciding', 'pauses', 'telemetry'],
  vendors: ['deciding'],
  intake: ['deciding', 'vendors'],
  dispatch: ['deciding', 'vendors'],
  watching: ['deciding', 'intake', 'telemetry'],
  jobs: ['deciding', 'watching', 'telemetry'],
};

/** The clock, the client for HTTP and what is loaded are arguments in every room of the engine. */
function engineRow(at: string, others: readonly string[]): Row {
  return {
    at,
    ours: ['<own>', ...others, 'src/core', 'src/contract', 'src/lib', ...STORE],
    types: [
      'src/engine/clock.ts',
      'src/engine/outgoing/http-client.ts',
      'src/engine/setup.ts',
      'src/engine/telemetry/metrics.ts',
    ],
    packages: ['axios', 'pino', 'prom-client', 'temporal-polyfill', 'zod'],
    builtins: 'any',
    bans: HANDED,
  };
}

/** What of the store is not a driver: its interface, and how the state of an incident is read. */
const STORE = ['src/store/store.ts', 'src/store/read-state.ts'];

export const rows: readonly Row[] = [
  ...Object.entries(CORE_ROOMS).map(coreRow),
  { at: 'src/contract', ours: ['<own>'], types: ['src/core'], packages: ['zod'], bans: HANDED },
  {
    at: 'src/contract/instant.ts',
    ours: ['src/contract'],
    packages: ['temporal-polyfill'],
    bans: HANDED,
  },
  {
    at: 'src/contract/signature.ts',
    ours: ['src/contract'],
    builtins: ['node:crypto'],
    bans: HANDED,
  },
  {
    at: 'src/lib',
    ours: ['<own>'],
    packages: ['temporal-polyfill', 're2js', 'zod'],
    builtins: ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path', 'node:url', 'node:util'],
    bans: HANDED,
  },
  {
    at: 'src/lib/answers.ts',
    ours: ['src/lib'],
    builtins: ['node:http'],
    bans: HANDED,
  },
  { at: 'src/lib/private-address.ts', ours: ['src/lib'], builtins: ['node:net'], bans: HANDED },
  { at: 'src/lib/networks.ts', ours: ['src/lib'], builtins: ['node:net'], bans: HANDED },
  { at: 'adapters/*', ours: ['<own>', 'src/contract/index.ts'], packages: ['zod'], bans: HANDED },
  { at: 'adapters/index.ts', ours: ['adapters/*'], types: ['src/contract'], bans: HANDED },
  { at: 'adapters/index.test.ts', ours: ['adapters/*'], types: ['src/contract'], bans: HANDED },
  { at: 'adapters/stand-ins.ts', ours: ['adapters/*'], types: ['src/contract'], bans: HANDED },
  {
    at: 'src/config',
    ours: ['<own>', 'src/contract', 'src/core', 'src/lib'],
    packages: ['zod', 'yaml', 're2js', 'temporal-polyfill', 'node-cron'],
    builtins: ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path', 'node:url'],
    bans: HANDED,
  },
  {
    at: 'src/loading',
    ours: ['<own>', 'src/config', 'src/contract', 'src/core', 'src/lib', 'adapters/index.ts'],
    types: ['src/engine'],
    builtins: ['node:fs', 'node:module', 'node:worker_threads'],
    bans: HANDED,
  },
  {
    at: 'src/store',
    ours: [
      '<own>',
      'src/lib',
      'src/contract/instant.ts',
      'src/core/model/effect.ts',
      'src/core/model/incident.ts',
    ],
    types: ['src/core', 'src/contract'],
    packages: ['better-sqlite3'],
    builtins: [
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:module',
      'node:path',
      'node:url',
      'node:worker_threads',
    ],
    bans: HANDED,
  },
  engineRow('src/engine', ['src/engine']),
  ...Object.entries(ENGINE_ROOMS).map(([room, others]) =>
    engineRow(
      `src/engine/${room}`,
      others.map((other) => `src/engine/${other}`),
    ),
  ),
  {
    at: 'src/engine/watching/watchdog-thread.ts',
    ours: ['src/engine/watching/watchdog.ts', 'src/engine/watching/systemd.ts'],
    builtins: 'any',
    bans: allBut('process'),
  },
  {
    at: 'src/store/sqlite/archive-file.ts',
    ours: ['src/store', 'src/lib', 'src/contract/instant.ts'],
    types: ['src/core'],
    packages: ['better-sqlite3'],
    builtins: ['node:fs', 'node:path'],
    bans: HANDED,
  },
  ...['archive.ts', 'archive-thread.ts'].map((file) => ({
    at: `src/store/sqlite/${file}`,
    ours: ['src/store'],
    types: ['src/core'],
    packages: ['better-sqlite3'],
    builtins: ['node:worker_threads'],
    bans: HANDED,
  })),
  {
    at: 'src/engine/watching/heartbeat-thread.ts',
    ours: [
      'src/engine/watching',
      'src/engine/clock.ts',
      'src/engine/outgoing/http-client.ts',
      'src/engine/telemetry/redact.ts',
    ],
    builtins: 'any',
    bans: HANDED,
  },
  {
    at: 'src/store/sqlite/mend.ts',
    ours: ['src/store', 'src/core/model/events.ts'],
    types: ['src/core'],
    bans: HANDED,
  },
  {
    at: 'src/store/sqlite/turn-back.ts',
    ours: ['src/store', 'src/core/model/turning-back.ts'],
    types: ['src/core'],
    bans: HANDED,
  },
  {
    at: 'src/store/read-state.ts',
    ours: ['src/core/model', 'src/store/store.ts'],
    bans: HANDED,
  },
  {
    at: 'src/read',
    ours: [
      '<own>',
      'src/core',
      'src/contract',
      'src/lib',
      ...STORE,
      'src/store/chain.ts',
      'src/store/signed-checkpoints.ts',
      'src/store/signing.ts',
    ],
    packages: ['zod'],
    bans: HANDED,
  },
  {
    at: 'src/engine/clock.ts',
    ours: ['src/lib'],
    builtins: ['node:crypto'],
    bans: allBut('Date', 'performance', 'setTimeout', 'setImmediate'),
  },
  {
    at: 'src/sandbox',
    ours: ['<own>', 'src/contract', 'src/lib'],
    types: ['src/core', 'src/engine/clock.ts'],
    packages: ['express', 'zod', 'temporal-polyfill'],
    builtins: 'any',
    bans: HANDED,
  },
  {
    at: 'src/sandbox/clock.ts',
    ours: ['src/lib'],
    types: ['src/engine/clock.ts'],
    bans: allBut('performance', 'setTimeout', 'setImmediate'),
  },
  {
    at: 'src/http',
    ours: [
      '<own>',
      'src/lib',
      'src/core/model/lookups.ts',
      'src/core/model/unknown-incident.ts',
      'src/core/verbs/replies.ts',
      'src/read/shapes.ts',
    ],
    types: [
      'src/core',
      'src/contract',
      'src/engine',
      'src/read',
      'src/config',
      'src/store/store.ts',
    ],
    packages: ['express', 'zod', 'prom-client', 'pino'],
    builtins: 'any',
    bans: HANDED,
  },
  {
    at: 'src/console',
    ours: ['<own>', 'src/lib'],
    types: ['src/core', 'src/contract', 'src/engine', 'src/read', 'src/http', 'src/store/store.ts'],
    packages: ['express', 'zod'],
    builtins: 'any',
    bans: HANDED,
  },
  {
    at: 'src/cli',
    ours: ['<own>', 'src/lib', 'src/core/model/unknown-incident.ts', 'src/core/model/plain.ts'],
    types: ['src'],
    packages: ['commander', 'yaml', 'zod'],
    builtins: 'any',
    bans: [...AMBIENT, ...PROCESS],
  },
  {
    at: 'src/demo',
    ours: ['<own>', 'src/read/describe.ts', 'src/contract', 'src/lib'],
    types: ['src/core', 'src/sandbox', 'src/store/store.ts'],
    packages: ['yaml', 'zod'],
    bans: HANDED,
  },
  {
    at: 'src/main.ts',
    ours: ['src/app.ts', 'src/commands.ts', 'src/cli'],
    builtins: 'any',
    bans: [...AMBIENT, ...FETCH],
  },
  {
    at: 'src/commands.ts',
    ours: ['src', 'adapters'],
    builtins: 'any',
    bans: [...AMBIENT, ...PROCESS],
  },
  {
    at: 'src/app.ts',
    ours: ['src', 'adapters'],
    packages: ['pino', 'prom-client', 'express', 'commander'],
    builtins: 'any',
    bans: HANDED,
  },
];

/** What a test may use beyond the row of its folder. */
const FOR_TESTS = {
  ours: [
    'test',
    'adapters/index.ts',
    'adapters/stand-ins.ts',
    'src/contract',
    'src/core',
    'src/read',
    'src/engine/clock.ts',
    'src/sandbox/clock.ts',
  ],
  packages: ['vitest', 'fast-check', 'ajv', 'node-cron', 'yaml', 'zod', 'temporal-polyfill'],
  bans: ['performance', 'setTimeout', 'setInterval', 'Date.now', 'Math.random'],
};

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** Whether the path is the pattern, or lies below it. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  return (
    wanted.length <= parts.length && wanted.every((part, i) => part === '*' || part === parts[i])
  );
}

/** `adapters/*` is for folders: a file directly in `adapters` needs a row of its own. */
function covers(row: Row, path: string): boolean {
  const isFileRow = row.at.endsWith('.ts');
  if (isFileRow) return row.at === path;
  return matches(row.at, posix.dirname(path));
}

function specificity(row: Row): number {
  return row.at.split('/').length * 2 + (row.at.includes('*') ? 0 : 1);
}

/** The row for a module, or null: then the folder has no row, which is a violation of its own. */
export function rowOf(path: string): Row | null {
  const covering = rows.filter((row) => covers(row, path));
  return covering.toSorted((a, b) => specificity(b) - specificity(a))[0] ?? null;
}

/** The folder that `<own>` means: the vendor's folder for an adapter, else the row's. */
function ownFolder(row: Row, path: string): string {
  return path.split('/').slice(0, row.at.split('/').length).join('/');
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

function isStandIn(path: string): boolean {
  return /^adapters\/[^/]+\/stand-in(-[a-z-]+)?\.ts$/.test(path);
}

/** `@scope/name/sub` and `name/sub` belong to the package in front. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The two halves of a vendor's folder know nothing of each other: a stand-in that shares code shares the misreading. */
function crossesTheCounter(from: string, to: string): boolean {
  if (!from.startsWith('adapters/') || posix.dirname(from) !== posix.dirname(to)) return false;
  if (isTest(from) || posix.dirname(from) === 'adapters') return false;
  return isStandIn(from) !== isStandIn(to);
}

interface Rules {
  readonly row: Row;
  readonly path: string;
  readonly test: boolean;
}

function allowsOurs({ row, path, test }: Rules, target: string, typeOnly: boolean): boolean {
  const own = ownFolder(row, path);
  const values = [...row.ours, ...(test ? FOR_TESTS.ours : [])];
  const allowed = typeOnly || test ? [...values, ...(row.types ?? [])] : values;
  return allowed.some((each) => matches(each === '<own>' ? own : each, target));
}

function builtinViolation({ row, test }: Rules, { specifier, whole }: Import): string | null {
  const builtins = test ? 'any' : (row.builtins ?? []);
  if (NEVER.includes(specifier) || (builtins !== 'any' && !builtins.includes(specifier)))
    return `imports ${specifier}`;
  return whole && BY_NAME.includes(specifier) ? `imports ${specifier} as a whole` : null;
}

function importViolation(rules: Rules, imported: Import): string | null {
  const { row, path, test } = rules;
  const { specifier, typeOnly } = imported;
  if (specifier === 'computed') return 'imports what only the running program knows';
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    if (!/\.(ts|json)$/.test(specifier)) return `imports ${specifier} without its file extension`;
    if (!allowsOurs(rules, target, typeOnly))
      return `imports ${typeOnly ? 'types of ' : ''}${target}`;
    return crossesTheCounter(path, target) ? `imports ${target} across adapter and stand-in` : null;
  }
  if (specifier.startsWith('node:')) return builtinViolation(rules, imported);
  const name = packageOf(specifier);
  const packages = [...(row.packages ?? []), ...(test ? FOR_TESTS.packages : [])];
  return packages.includes(name) ? null : `imports the package ${name}`;
}

/** Everything in which a module of `src` or `adapters` breaks the table. */
export function violations(module: Module): readonly Violation[] {
  const { path } = module;
  const row = rowOf(path);
  if (row === null)
    return [{ path, line: 1, what: 'lies in a folder without a row in test/house/layers.ts' }];
  const rules = { row, path, test: isTest(path) };
  const imports = module.imports.flatMap((each) => {
    const what = importViolation(rules, each);
    return what === null ? [] : [{ path, line: each.line, what }];
  });
  const bans = new Set(rules.test ? FOR_TESTS.bans : row.bans);
  const words = module.words
    .filter(({ word }) => bans.has(word))
    .map(({ word, line }) => ({ path, line, what: `uses ${word}` }));
  return [...imports, ...words];
}
