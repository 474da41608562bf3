/**
 * What a TypeScript module imports and which words it uses, read from its syntax tree: comments, strings, property
 * names and keys are not words.
 */
import { parseSync } from 'oxc-parser';

export interface Import {
  readonly specifier: string;
  /** Erased when the module runs. */
  readonly typeOnly: boolean;
  /** Not by names: all that the other module exports is within reach. */
  readonly whole: boolean;
  readonly line: number;
}

/** A word in the code: `Date`, or with the object it hangs on, `Math.random`. */
export interface Word {
  readonly word: string;
  readonly line: number;
}

export interface Module {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly words: readonly Word[];
  /** Names of classes with what they extend; null: nothing. */
  readonly classes: readonly { readonly name: string; readonly base: string | null }[];
  readonly comments: readonly { readonly text: string; readonly line: number }[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** `key: value` where the key is only a name: object literals, classes, interfaces and their members. */
const KEYED = new Set([
  'Property',
  'MethodDefinition',
  'PropertyDefinition',
  'TSPropertySignature',
  'TSMethodSignature',
  'TSEnumMember',
]);

/** Fields of a node whose identifiers are names, not words. */
function namesIn(node: Node): readonly string[] {
  if (node.type === 'MemberExpression' && node['computed'] !== true) return ['property'];
  if (node.type === 'TSQualifiedName') return ['right'];
  if (KEYED.has(node.type) && node['computed'] !== true && node['shorthand'] !== true)
    return ['key'];
  return [];
}

const GLOBAL_OBJECTS = new Set(['globalThis', 'global', 'window', 'self']);

/** `Math.random`; a property of the global object is the global itself. */
function wordOf(object: unknown, key: unknown, computed: unknown): string | null {
  if (!isNode(object) || object.type !== 'Identifier' || !isNode(key)) return null;
  const name = key.type === 'Literal' ? key['value'] : key['name'];
  if (typeof name !== 'string' || (computed === true && key.type !== 'Literal')) return null;
  return GLOBAL_OBJECTS.has(String(object['name'])) ? name : `${String(object['name'])}.${name}`;
}

/** Where `{ random } = Math` may stand, and the fields of its two sides. */
const TAKING_APART: Readonly<Record<string, readonly [string, string]>> = {
  VariableDeclarator: ['id', 'init'],
  AssignmentExpression: ['left', 'right'],
  AssignmentPattern: ['left', 'right'],
};

/** What a node takes of an object that has a name: `Math.random`, `Math['random']`, `{ random } = Math`. */
function memberWords(node: Node): readonly string[] {
  if (node.type === 'MemberExpression') {
    const word = wordOf(node['object'], node['property'], node['computed']);
    return word === null ? [] : [word];
  }
  const [left = '', right = ''] = TAKING_APART[node.type] ?? [];
  const pattern = node[left];
  if (!isNode(pattern) || !Array.isArray(pattern['properties'])) return [];
  return pattern['properties']
    .filter(isNode)
    .flatMap((each) => wordOf(node[right], each['key'], each['computed']) ?? []);
}

function isErased(node: Node): boolean {
  if (node.type === 'TSImportType') return true;
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
  return (
    specifiers.length > 0 &&
    specifiers.every((each) => each['importKind'] === 'type' || each['exportKind'] === 'type')
  );
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/** The specifier of a node that imports; `computed` for one that only the running program knows. */
function specifierOf(node: Node): string | null {
  if (!IMPORTING.has(node.type)) return null;
  const { source } = node;
  if (!isNode(source)) return null;
  return typeof source['value'] === 'string' ? source['value'] : 'computed';
}

/** A default import too: that of a built-in module is all of it. */
function isWhole(node: Node): boolean {
  if (node.type === 'ExportAllDeclaration' || node.type === 'ImportExpression') return true;
  const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
  return specifiers.some(
    ({ type }) => type === 'ImportDefaultSpecifier' || type === 'ImportNamespaceSpecifier',
  );
}

function baseOf(node: Node): string | null {
  const base = node['superClass'];
  return isNode(base) && base.type === 'Identifier' ? String(base['name']) : null;
}

interface Walk {
  readonly lineAt: (offset: number) => number;
  readonly imports: Import[];
  readonly words: Word[];
  readonly classes: { name: string; base: string | null }[];
}

function note(node: Node, walk: Walk): void {
  const line = walk.lineAt(node.start);
  const specifier = specifierOf(node);
  if (specifier !== null)
    walk.imports.push({ specifier, typeOnly: isErased(node), whole: isWhole(node), line });
  if (node.type === 'Identifier') walk.words.push({ word: String(node['name']), line });
  for (const word of memberWords(node)) walk.words.push({ word, line });
  if (node['async'] === true || node.type === 'AwaitExpression')
    walk.words.push({ word: 'async', line });
  if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') {
    const name = isNode(node['id']) ? String(node['id']['name']) : '(anonymous)';
    walk.classes.push({ name, base: baseOf(node) });
  }
}

function visit(node: Node, walk: Walk): void {
  note(node, walk);
  const names = namesIn(node);
  for (const [field, value] of Object.entries(node)) {
    if (names.includes(field)) continue;
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) visit(child, walk);
  }
}

/** Parses one module. Throws with the path when it is no TypeScript. */
export function moduleOf(path: string, text: string): Module {
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) throw new Error(`${path}: ${parsed.errors[0]?.message}`);
  const starts = [...text.matchAll(/^/gm)].map((match) => match.index);
  const lineAt = (offset: number): number => starts.findLastIndex((start) => start <= offset) + 1;
  const walk: Walk = { lineAt, imports: [], words: [], classes: [] };
  visit(parsed.program as unknown as Node, walk);
  const comments = parsed.comments.map((each) => ({ text: each.value, line: lineAt(each.start) }));
  return { path, text, imports: walk.imports, words: walk.words, classes: walk.classes, comments };
}
