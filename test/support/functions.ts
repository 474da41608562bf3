/** The functions of a module that have a name and a body in braces: where each of them begins. */
import { parseSync } from 'oxc-parser';

export interface NamedFunction {
  readonly name: string;
  /** Offset behind the brace with which the body begins. */
  readonly body: number;
}

type Node = Readonly<Record<string, unknown>>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function nameIn(value: unknown): string | null {
  return isNode(value) && typeof value['name'] === 'string' ? value['name'] : null;
}

/** The name under which the parent knows a function: of its declaration, of its variable, of its property. */
function nameOf(node: Node, parent: Node | null): string | null {
  return nameIn(node['id']) ?? nameIn(parent?.['id']) ?? nameIn(parent?.['key']);
}

export function functionsOf(path: string, text: string): readonly NamedFunction[] {
  const found: NamedFunction[] = [];
  const walk = (node: unknown, parent: Node | null): void => {
    if (Array.isArray(node)) {
      for (const one of node) walk(one, parent);
      return;
    }
    if (!isNode(node)) return;
    const { type, body } = node;
    const isFunction =
      type === 'FunctionDeclaration' ||
      type === 'FunctionExpression' ||
      type === 'ArrowFunctionExpression';
    const name = isFunction ? nameOf(node, parent) : null;
    if (name !== null && isNode(body) && body['type'] === 'BlockStatement')
      found.push({ name, body: Number(body['start']) + 1 });
    for (const value of Object.values(node)) walk(value, node);
  };
  walk(parseSync(path, text).program, null);
  return found;
}
