/** Circles of imports, those of types among them: modules of which none can be read before the others. */
import { posix } from 'node:path';
import type { Module } from './module.ts';

function importsOf({ path, imports }: Module): readonly string[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier));
}

/** One circle, as the paths on it, or null. Whatever leads to no circle is looked at once. */
export function circleIn(modules: readonly Module[]): readonly string[] | null {
  const graph = new Map(modules.map((module) => [module.path, importsOf(module)]));
  const isClear = new Set<string>();
  const search = (path: string, way: readonly string[]): readonly string[] | null => {
    if (isClear.has(path)) return null;
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    for (const next of graph.get(path) ?? []) {
      const circle = search(next, [...way, path]);
      if (circle !== null) return circle;
    }
    isClear.add(path);
    return null;
  };
  for (const path of graph.keys()) {
    const circle = search(path, []);
    if (circle !== null) return circle;
  }
  return null;
}
