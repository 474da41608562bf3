/**
 * The shape of what is stored: of a type with all that it is made of, and of the functions that write keys. It stays the
 * same whatever is said about it, and however it is laid out.
 */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { type Comment, parseSync, type Program, Visitor } from 'oxc-parser';

interface Declared {
  /** Without comments and blanks. */
  readonly code: string;
  /** The types that it refers to: each must be found. */
  readonly types: readonly string[];
  /** Everything that it names: what is declared here or imported belongs to it. */
  readonly names: readonly string[];
}

interface Module {
  readonly declared: ReadonlyMap<string, readonly Declared[]>;
  readonly imported: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
}

interface Named {
  readonly name: string;
  readonly start: number;
}

interface Span extends Named {
  readonly end: number;
}

/** Of the language itself. */
const LANGUAGE = new Set(
  'Exclude Extract Omit Partial Pick Readonly ReadonlyMap Record ReturnType const'.split(' '),
);

/** The types, constants and functions of a module. */
function declarationsOf({ body }: Program): readonly Span[] {
  return body.flatMap((node): readonly Span[] => {
    const inner = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (
      inner?.type === 'TSInterfaceDeclaration' ||
      inner?.type === 'TSTypeAliasDeclaration' ||
      inner?.type === 'FunctionDeclaration'
    )
      return inner.id === null ? [] : [{ name: inner.id.name, start: inner.start, end: inner.end }];
    if (inner?.type !== 'VariableDeclaration') return [];
    return inner.declarations.flatMap(({ id, start, end }) =>
      id.type === 'Identifier' ? [{ name: id.name, start, end }] : [],
    );
  });
}

function importsOf(path: string, { body }: Program): Module['imported'] {
  const imported = new Map<string, { path: string; name: string }>();
  for (const node of body) {
    if (node.type !== 'ImportDeclaration' || !node.source.value.startsWith('.')) continue;
    const from = posix.join(posix.dirname(path), node.source.value);
    for (const one of node.specifiers) {
      if (one.type !== 'ImportSpecifier' || one.imported.type !== 'Identifier') continue;
      imported.set(one.local.name, { path: from, name: one.imported.name });
    }
  }
  return imported;
}

function bare(text: string, { start, end }: Span, comments: readonly Comment[]): string {
  let code = '';
  let from = start;
  for (const comment of comments) {
    if (comment.start < from || comment.end > end) continue;
    code += text.slice(from, comment.start);
    from = comment.end;
  }
  return (code + text.slice(from, end)).replaceAll(/\s/g, '');
}

function moduleOf(path: string, text: string): Module {
  const { program, comments } = parseSync(path, text);
  const names: Named[] = [];
  const types: Named[] = [];
  const own: Named[] = [];
  new Visitor({
    Identifier: ({ name, start }) => void names.push({ name, start }),
    TSTypeReference: ({ typeName, start }) => {
      if (typeName.type === 'Identifier') types.push({ name: typeName.name, start });
    },
    TSTypeParameter: ({ name, start }) => void own.push({ name: name.name, start }),
  }).visit(program);
  const declared = new Map<string, Declared[]>();
  for (const span of declarationsOf(program)) {
    const inside = (all: readonly Named[]): readonly string[] =>
      all.filter(({ start }) => start >= span.start && start < span.end).map(({ name }) => name);
    const parameters = inside(own);
    const one = {
      code: bare(text, span, comments),
      types: inside(types).filter((name) => !parameters.includes(name)),
      names: inside(names),
    };
    declared.set(span.name, [...(declared.get(span.name) ?? []), one]);
  }
  return { declared, imported: importsOf(path, program) };
}

/**
 * A digest of types and functions and of all that they refer to, wherever it is declared.
 * @param roots names, by the module that declares them
 * @param read the text of a module by its path
 * @throws where a type refers to one that is not found
 */
export function shapeOf(
  roots: Readonly<Record<string, readonly string[]>>,
  read: (path: string) => string,
): string {
  const modules = new Map<string, Module>();
  const found = new Map<string, readonly string[]>();
  /** False: it is no type, constant or function of a module. */
  const visit = (at: string, wanted: string): boolean => {
    const known = modules.get(at) ?? moduleOf(at, read(at));
    modules.set(at, known);
    const elsewhere = known.imported.get(wanted);
    if (elsewhere !== undefined) return visit(elsewhere.path, elsewhere.name);
    const declarations = known.declared.get(wanted);
    if (declarations === undefined) return false;
    const place = `${at} ${wanted}`;
    if (found.has(place)) return true;
    found.set(
      place,
      declarations.map(({ code }) => code),
    );
    for (const { names, types } of declarations) {
      for (const name of names) visit(at, name);
      for (const type of types)
        if (!LANGUAGE.has(type) && !visit(at, type))
          throw new Error(`${place} refers to ${type}, which is not found`);
    }
    return true;
  };
  for (const [path, names] of Object.entries(roots))
    for (const name of names)
      if (!visit(path, name)) throw new Error(`there is no ${name} in ${path}`);
  // By content, not by place: a type that moves to another file keeps its shape.
  const codes = [...found.values()].flat().toSorted();
  return createHash('sha256').update(codes.join('\n')).digest('hex').slice(0, 16);
}
