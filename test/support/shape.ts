/** The shape of a type with all that it is made of: it stays the same whatever is said about it, and however it is laid out. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { type Comment, parseSync, type Program, Visitor } from 'oxc-parser';

interface Declared {
  /** Without comments and blanks. */
  readonly code: string;
  /** The names that it refers to, and more. */
  readonly names: readonly string[];
}

interface Module {
  readonly declared: ReadonlyMap<string, Declared>;
  readonly imported: ReadonlyMap<string, { readonly path: string; readonly name: string }>;
}

interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** The types and constants of a module. */
function declarationsOf({ body }: Program): readonly Span[] {
  return body.flatMap((node): readonly Span[] => {
    const inner = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (inner?.type === 'TSInterfaceDeclaration' || inner?.type === 'TSTypeAliasDeclaration')
      return [{ name: inner.id.name, start: inner.start, end: inner.end }];
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
  const references: { readonly name: string; readonly start: number }[] = [];
  new Visitor({
    Identifier: ({ name, start }) => void references.push({ name, start }),
  }).visit(program);
  const declared = declarationsOf(program).map((span): [string, Declared] => {
    const inside = references.filter(({ start }) => start >= span.start && start < span.end);
    return [span.name, { code: bare(text, span, comments), names: inside.map(({ name }) => name) }];
  });
  return { declared: new Map(declared), imported: importsOf(path, program) };
}

/**
 * A digest of a type and of every type and constant that it refers to, wherever they are declared.
 * @param read the text of a module by its path
 */
export function shapeOf(path: string, name: string, read: (path: string) => string): string {
  const modules = new Map<string, Module>();
  const found = new Map<string, string>();
  const visit = (at: string, wanted: string): void => {
    const known = modules.get(at) ?? moduleOf(at, read(at));
    modules.set(at, known);
    const elsewhere = known.imported.get(wanted);
    if (elsewhere !== undefined) {
      visit(elsewhere.path, elsewhere.name);
      return;
    }
    const declaration = known.declared.get(wanted);
    if (declaration === undefined || found.has(`${at} ${wanted}`)) return;
    found.set(`${at} ${wanted}`, declaration.code);
    for (const next of declaration.names) visit(at, next);
  };
  visit(path, name);
  // By content, not by place: a type that moves to another file keeps its shape.
  const codes = [...found.values()].toSorted();
  return createHash('sha256').update(codes.join('\n')).digest('hex').slice(0, 16);
}
