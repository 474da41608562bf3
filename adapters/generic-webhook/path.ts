/**
 * Paths into a JSON document, a small and total part of JSONPath: `$` is the document, `@` the current element of
 * `each`, then any of `.name`, `['any name']`, `[0]` and `[*]` (every element of a list). No filters, no recursion.
 */
import { memberOf } from '../../src/contract/index.ts';

type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'every' };

export interface Path {
  /** As the user wrote it, for messages. */
  readonly text: string;
  readonly from: 'document' | 'element';
  readonly steps: readonly Step[];
}

export type PathReading =
  | { readonly ok: true; readonly path: Path }
  | { readonly ok: false; readonly problem: string };

/** Where a path is read: the whole document, and the element of `each` (the document itself where there is no `each`). */
export interface ReadFrom {
  readonly document: unknown;
  readonly element: unknown;
}

const STEP = /\.([^.[\]'"\s]+)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d{1,6})\]|(\[\*\])/;

function stepOf(match: RegExpExecArray): Step {
  const [, plain, single, double, index] = match;
  const name = plain ?? single ?? double;
  if (name !== undefined) return { kind: 'name', name };
  return index === undefined ? { kind: 'every' } : { kind: 'index', index: Number(index) };
}

/** Compiles a path; the problem says at which character it stops being one. */
export function readPath(text: string): PathReading {
  if (!/^[$@]/.test(text))
    return {
      ok: false,
      problem: `a path begins with $ (the document) or @ (the element of each), not with ${JSON.stringify(text.slice(0, 1))}`,
    };
  const steps: Step[] = [];
  const scanner = new RegExp(STEP, 'y');
  scanner.lastIndex = 1;
  while (scanner.lastIndex < text.length) {
    const at = scanner.lastIndex;
    const match = scanner.exec(text);
    if (match === null) {
      return {
        ok: false,
        problem: `cannot read ${JSON.stringify(text.slice(at))} at character ${at + 1}; a step is .name, ['any name'], [0] or [*]`,
      };
    }
    steps.push(stepOf(match));
  }
  return { ok: true, path: { text, from: text.startsWith('$') ? 'document' : 'element', steps } };
}

function stepped(value: unknown, step: Step): readonly unknown[] {
  if (step.kind === 'name') {
    const member = memberOf(value, step.name);
    return member === undefined ? [] : [member];
  }
  if (!Array.isArray(value)) return [];
  const list = value as readonly unknown[];
  if (step.kind === 'every') return list;
  return step.index < list.length ? [list[step.index]] : [];
}

/** Every value the path leads to; none where it leads nowhere. Only own members are followed. */
export function valuesAt(path: Path, place: ReadFrom): readonly unknown[] {
  let values: readonly unknown[] = [path.from === 'document' ? place.document : place.element];
  for (const step of path.steps) values = values.flatMap((value) => stepped(value, step));
  return values;
}
