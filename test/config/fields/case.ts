/**
 * A case proves that one field of the configuration matters: two configurations that differ in nothing else, and what
 * the core does with each. What the policy says does not count, only who is rung, told, asked, and when.
 */
import { handedOver } from '../../support/packed.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { isRecord } from '../../../src/contract/json.ts';
import { formatProblems, type Loaded, type LoadResult } from '../../../src/config/load.ts';
import { loadTexts } from '../load.ts';

/** The field is not there. */
export const OUT = Symbol('left out');

export type Place = Readonly<Record<string, unknown>>;

export interface Case {
  /** As the schema's list of paths has it. */
  readonly path: string;
  /** Where that is in the base, with `/` between keys; `more.yaml/...` in the second file. */
  readonly at: string;
  readonly values: readonly [unknown, unknown];
  /** What both of the two have besides the base. */
  readonly also?: Place;
  readonly see: (loaded: Loaded) => unknown;
  /** For a field whose whole point is a check: what is told instead of what is done. */
  readonly checks?: true;
  /** What is seen with the first value and with the second. */
  readonly sees: readonly unknown[];
}

const BASE = readFileSync(join(import.meta.dirname, 'base.yaml'), 'utf8');
const MORE = 'more.yaml';

type Tree = Record<string, unknown> | unknown[];

function isTree(value: unknown): value is Tree {
  return Array.isArray(value) || isRecord(value);
}

/** Writes one value into the tree, making the maps on the way; `OUT` takes it away. */
function write(tree: Tree, keys: readonly string[], value: unknown): void {
  const [key = '', ...rest] = keys;
  const here = tree as Record<string, unknown>;
  if (rest.length > 0) {
    const next = here[key];
    const child: Tree = isTree(next) ? next : {};
    here[key] = child;
    write(child, rest, value);
  } else if (value === OUT) delete here[key];
  else here[key] = structuredClone(value);
}

/** The two files: the base, and a second one that only some cases have. */
function filesOf(places: Place): Readonly<Record<string, string>> {
  const main = parse(BASE) as Record<string, unknown>;
  const more: Record<string, unknown> = {};
  for (const [at, value] of Object.entries(places)) {
    const keys = at.split('/');
    if (keys[0] === MORE) write(more, keys.slice(1), value);
    else write(main, keys, value);
  }
  const files = { 'main.yaml': stringify(main, { aliasDuplicateObjects: false }) };
  return Object.keys(more).length === 0 ? files : { ...files, [MORE]: stringify(more) };
}

/** The base with values written into it. */
export function loadWith(places: Place): LoadResult {
  return loadTexts(filesOf(places));
}

/** What is seen with the value. @throws what is wrong, for a configuration that is refused in any other case */
export function seenWith(one: Case, value: unknown): unknown {
  const result = loadWith({ ...one.also, [one.at]: value });
  const told = formatProblems(
    result.ok ? result.warnings : result.problems.filter(({ level }) => level === 'error'),
  );
  if (one.checks === true && !result.ok) return told.replaceAll(/^\S+ {2}/gm, '').trim();
  if (!result.ok) throw new Error(told);
  // A reload hands what was loaded from one thread to another: every field survives that.
  return one.see(handedOver(result.loaded));
}

/** Definitions, which stand wherever somebody is paged or something is matched. */
const SHARED = ['page', 'match', 'address'];

/** Whether the place is one of the path's: positions in lists are no part of it, and the names of a map may follow. */
export function isAt({ path, at }: Pick<Case, 'path' | 'at'>): boolean {
  const given = at
    .split('/')
    .flatMap((key) => (key === MORE || /^\d+$/.test(key) ? [] : key.split('.')));
  const [first = '', ...rest] = path.split('.');
  const isShared = SHARED.includes(first);
  const from = isShared ? given.length - rest.length : 0;
  const wanted = isShared ? rest : [first, ...rest];
  const isNamed = !isShared && given.length === wanted.length + 1;
  return (
    (isShared || isNamed || given.length === wanted.length) &&
    wanted.every((key, i) => key === '*' || key === given[from + i])
  );
}
