/** One YAML file: its plain value, and where in the text each part of it stands. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Where } from '../core/model/policy.ts';

/** Larger files are refused before they are parsed. */
export const FILE_BYTES_MAX = 1024 * 1024;

/** Aliases may expand to this many nodes times their number; a bomb is refused (the limit of the `yaml` package). */
const ALIASES_MAX = 100;

export type Path = readonly (string | number)[];

export interface YamlFile {
  readonly path: string;
  readonly text: string;
  /** Maps, lists, texts, numbers, booleans and nulls; null for an empty file. */
  readonly value: unknown;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** What keeps a text from being read as YAML. */
export interface YamlFault extends Where {
  readonly what: string;
  readonly instead: string;
}

export type YamlReading =
  | { readonly ok: true; readonly file: YamlFile }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

/** Faults that the `yaml` package words for programmers. */
const FAULTS: Readonly<Record<string, Pick<YamlFault, 'what' | 'instead'>>> = {
  DUPLICATE_KEY: { what: 'this key stands here twice', instead: 'Keep one of them.' },
  MULTIPLE_DOCS: {
    what: 'here a second document begins',
    instead: 'Keep one document per file: remove the line ---.',
  },
};

const utf8 = new TextEncoder();

function fault(
  at: { path: string; lines: LineCounter },
  offset: number,
  words: { what: string; instead: string },
): YamlFault {
  const { line, col } = at.lines.linePos(offset);
  return { file: at.path, line: Math.max(1, line), column: Math.max(1, col), ...words };
}

function tagsOf(document: Document): readonly { readonly tag: string; readonly offset: number }[] {
  const tags: { tag: string; offset: number }[] = [];
  visit(document, {
    Node: (_key, node) => {
      if (!isAlias(node) && node.tag !== undefined)
        tags.push({ tag: node.tag, offset: node.range?.[0] ?? 0 });
    },
  });
  return tags;
}

/** Keys `<<`: YAML 1.1 merged what they name, YAML 1.2 reads them as a key like any other. */
function mergesOf(document: Document): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Pair: (_key, { key }) => {
      if (isScalar(key) && key.value === '<<') offsets.push(key.range?.[0] ?? 0);
    },
  });
  return offsets;
}

/** `key:value` without a blank is a text to YAML: what should stand there; null: it is something else. */
export function withSpace(text: string): string | null {
  const [, key, value] = /^([A-Za-z_][\w.-]*):(?!\/\/)(\S[^\n]*)/.exec(text) ?? [];
  return key === undefined ? null : `Write a space after the colon: ${key}: ${value}.`;
}

/**
 * Reads a text as YAML 1.2, core schema: one document, unique keys, no tags, a bounded number of aliases, at most 1 MB.
 * `yes`, `no`, `on`, `off` and dates are texts there, not booleans or times.
 */
export function readYaml(path: string, text: string): YamlReading {
  const lines = new LineCounter();
  const at = { path, lines };
  if (utf8.encode(text).length > FILE_BYTES_MAX) {
    const words = {
      what: 'the file is larger than 1 MB',
      instead: 'Split it and name the parts under include:.',
    };
    return { ok: false, faults: [fault(at, 0, words)] };
  }
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
    });
    const broken = document.errors.map(({ pos, code, message }) =>
      fault(
        at,
        pos[0],
        FAULTS[code] ?? {
          what: `not YAML: ${lowerFirst(message)}`,
          instead:
            withSpace(text.slice(pos[0])) ??
            'Compare the indentation, quotes and brackets around it.',
        },
      ),
    );
    if (broken.length > 0) return { ok: false, faults: broken };
    const tagged = tagsOf(document).map(({ tag, offset }) =>
      fault(at, offset, {
        what: `tags (${tag}) are not read`,
        instead: 'Write the plain value; put text that looks like a number in quotes.',
      }),
    );
    if (tagged.length > 0) return { ok: false, faults: tagged };
    const merges = mergesOf(document).map((offset) =>
      fault(at, offset, {
        what: 'YAML merge keys (<<) are not read',
        instead: 'Write the keys out.',
      }),
    );
    if (merges.length > 0) return { ok: false, faults: merges };
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return { ok: true, file: { path, text, value, document, lines } };
  } catch (error) {
    // The package throws for alias bombs (ReferenceError) and runs out of stack on absurd nesting (RangeError).
    const what =
      error instanceof RangeError
        ? 'it is nested too deeply'
        : 'its aliases expand to too much, or name no anchor';
    return { ok: false, faults: [fault(at, 0, { what, instead: 'Write the values out.' })] };
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A place in a file: a path of keys and indexes, or the key itself, or so many characters inside a text. */
export interface Spot {
  readonly file: YamlFile;
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly offset: number;
}

export function spotOf(file: YamlFile, ...path: readonly (string | number)[]): Spot {
  return { file, path, part: 'value', offset: 0 };
}

export function below(spot: Spot, ...path: readonly (string | number)[]): Spot {
  return { file: spot.file, path: [...spot.path, ...path], part: 'value', offset: 0 };
}

/** The key of the place instead of its value. */
export function keyOf(spot: Spot): Spot {
  return { ...spot, part: 'key' };
}

function resolved(node: unknown, document: Document): Node | null {
  if (isAlias(node)) return node.resolve(document) ?? null;
  return isNode(node) ? node : null;
}

function keyText(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}

/** The pairs of a map by key: a map of thousands is looked into for each of its entries. The first of a key counts. */
const pairsOf = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function pairAt(map: YAMLMap, key: string): Pair | undefined {
  const known = pairsOf.get(map);
  if (known !== undefined) return known.get(key);
  const pairs = new Map(map.items.toReversed().map((pair) => [keyText(pair), pair]));
  pairsOf.set(map, pairs);
  return pairs.get(key);
}

interface Found {
  readonly key: Node | null;
  readonly value: Node | null;
}

function childOf(node: Node | null, segment: string | number): Found | null {
  if (isMap(node)) {
    const pair = pairAt(node, String(segment));
    if (pair === undefined) return null;
    return {
      key: isNode(pair.key) ? pair.key : null,
      value: isNode(pair.value) ? pair.value : null,
    };
  }
  if (!isSeq(node)) return null;
  const item = node.items[Number(segment)];
  return isNode(item) ? { key: item, value: item } : null;
}

/** The nodes at the path, or at its nearest part that is there. */
function nearest(spot: Spot): Found & { readonly exact: boolean } {
  const { document } = spot.file;
  let here: Found = { key: document.contents, value: document.contents };
  for (const segment of spot.path) {
    const next = childOf(resolved(here.value, document), segment);
    if (next === null) return { ...here, exact: false };
    here = next;
  }
  return { ...here, exact: true };
}

/** Line and column of a place, both from 1; of what is missing, those of the thing it is missing from. */
export function whereIs(spot: Spot): Where {
  const { key, value, exact } = nearest(spot);
  const node = spot.part === 'key' || !exact ? (key ?? value) : (value ?? key);
  const quoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE');
  const inside =
    exact &&
    spot.offset > 0 &&
    isScalar(node) &&
    node.type !== 'BLOCK_FOLDED' &&
    node.type !== 'BLOCK_LITERAL';
  const offset = (node?.range?.[0] ?? 0) + (inside ? spot.offset + (quoted ? 1 : 0) : 0);
  const { line, col } = spot.file.lines.linePos(offset);
  return { file: spot.file.path, line: Math.max(1, line), column: Math.max(1, col) };
}

/** `file:line` of an entry. */
export function fileLineOf(spot: Spot): string {
  const { file, line } = whereIs(keyOf(spot));
  return `${file}:${line}`;
}

/** The keys of the map at the place as the file orders them: numbers as keys would be sorted in a plain object. */
export function keysAt(spot: Spot): readonly string[] {
  const { value, exact } = nearest(spot);
  const map = resolved(value, spot.file.document);
  return exact && isMap(map) ? map.items.map(keyText) : [];
}

/** `severities.worst.page.declared[0]`; keys with other than plain characters are quoted. */
export function pathText(path: Path): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (/^[\w-]+$/.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `["${segment}"]`;
  }
  return text;
}
