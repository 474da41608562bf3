/** The shape of what a module declares: it stays the same whatever is said about it, and however it is laid out. */
import { createHash } from 'node:crypto';
import { parseSync } from 'oxc-parser';

const SHAPES = new Set(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration']);

/** A digest of the types that a module declares, without comments and blanks. */
export function shapeOf(path: string, text: string): string {
  const { program, comments } = parseSync(path, text);
  const hash = createHash('sha256');
  for (const node of program.body) {
    const declared = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (declared === null || !SHAPES.has(declared.type)) continue;
    let from = declared.start;
    let code = '';
    for (const { start, end } of comments) {
      if (start < from || end > declared.end) continue;
      code += text.slice(from, start);
      from = end;
    }
    hash.update(`${(code + text.slice(from, declared.end)).replaceAll(/\s/g, '')}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
