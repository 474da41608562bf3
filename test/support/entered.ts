/**
 * Loaded before a program (`node --import`), it notes which of the wanted functions of ours are entered, in order, and
 * writes them to a file when the program ends. `ENTERED_FILE` is where to; `ENTERED_WANTED` are `path#name`, as JSON.
 */
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { functionsOf } from './functions.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const wanted = new Set(JSON.parse(process.env['ENTERED_WANTED'] ?? '[]') as string[]);
const entered: string[] = [];

Object.assign(globalThis, { entered: (id: string) => entered.push(id) });
process.on('exit', () =>
  writeFileSync(process.env['ENTERED_FILE'] ?? '/dev/null', JSON.stringify(entered)),
);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const isOurs =
      url.startsWith(pathToFileURL(`${ROOT}/src/`).href) ||
      url.startsWith(pathToFileURL(`${ROOT}/adapters/`).href);
    if (!isOurs || loaded.source == null) return loaded;
    const path = relative(ROOT, fileURLToPath(url));
    const { source: given } = loaded;
    const text = typeof given === 'string' ? given : new TextDecoder().decode(given);
    const places = functionsOf(path, text).filter(({ name }) => wanted.has(`${path}#${name}`));
    // Last to first, so that the places stay where they are.
    const source = places
      .toSorted((a, b) => b.body - a.body)
      .reduce(
        (all, { name, body }) =>
          `${all.slice(0, body)} globalThis.entered(${JSON.stringify(`${path}#${name}`)}); ${all.slice(body)}`,
        text,
      );
    return { ...loaded, source };
  },
});
