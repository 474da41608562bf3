/** The main file and what it includes. */
import { dirname, isAbsolute, join } from 'node:path';
import { isRecord } from '../contract/json.ts';
import { type Fragment, fragmentOf } from './merge.ts';
import type { Report } from './problem.ts';
import { below, readYaml, type Spot, spotOf, type YamlFile } from './yaml-file.ts';

export interface FileSource {
  /** Throws when there is no such file. */
  readFile(path: string): string;
  /** Files that match the pattern (`*`, `?`, `**`). */
  glob(pattern: string): readonly string[];
  /** Why files cannot be made in a folder, as the end of a sentence; null: they can. Absent: nobody looks. */
  readonly whyNotWritable?: (folder: string) => string | null;
}

/** A text as it was read, or the copy that takes its place. */
export interface Text {
  readonly path: string;
  readonly text: string;
}

export interface ConfigFiles {
  readonly main: YamlFile | null;
  /** Included files in order, each once. */
  readonly included: readonly Text[];
}

/** Files beyond this number are not what anybody meant by a pattern. */
const FILES_MAX = 1000;

function readText(source: FileSource, path: string): string | null {
  try {
    return source.readFile(path);
  } catch {
    return null;
  }
}

/** Reads a text as YAML; its faults are reported. */
export function parseFile({ path, text }: Text, report: Report): YamlFile | null {
  const reading = readYaml(path, text);
  if (reading.ok) return reading.file;
  for (const { file, line, column, what, instead } of reading.faults)
    report.add({ file, line, column, path: '', message: what, hint: instead, level: 'error' });
  return null;
}

function patternsOf(main: YamlFile): readonly { readonly pattern: string; readonly spot: Spot }[] {
  const value = isRecord(main.value) ? main.value['include'] : undefined;
  const spot = spotOf(main, 'include');
  if (typeof value === 'string') return [{ pattern: value, spot }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((pattern: unknown, i) =>
    typeof pattern === 'string' ? [{ pattern, spot: below(spot, i) }] : [],
  );
}

function matching(
  source: FileSource,
  { pattern, spot }: { readonly pattern: string; readonly spot: Spot },
  report: Report,
): readonly string[] {
  const full = isAbsolute(pattern) ? pattern : join(dirname(spot.file.path), pattern);
  if (!/[*?[{]/.test(pattern)) return [full];
  const found = source.glob(full).toSorted();
  if (found.length === 0)
    report.warning(spot, `no file matches ${pattern}`, 'Correct the pattern, or leave it out.');
  return found;
}

/** Reads the main file and the texts of what it includes. */
export function readTexts(path: string, source: FileSource, report: Report): ConfigFiles {
  const none: ConfigFiles = { main: null, included: [] };
  const text = readText(source, path);
  if (text === null) {
    report.add({
      file: path,
      line: 1,
      column: 1,
      path: '',
      message: 'the file cannot be read',
      hint: 'Compare the path and the permissions.',
      level: 'error',
    });
    return none;
  }
  const main = parseFile({ path, text }, report);
  if (main === null) return none;
  const included = new Map<string, Text>();
  for (const one of patternsOf(main)) {
    for (const found of matching(source, one, report)) {
      if (found === path || included.has(found)) continue;
      const content = readText(source, found);
      if (content === null)
        report.error(
          one.spot,
          `the file ${found} cannot be read`,
          'Correct the path, or leave it out.',
        );
      else if (included.size >= FILES_MAX)
        report.error(one.spot, `more than ${FILES_MAX} files are included`, 'Narrow the pattern.');
      else included.set(found, { path: found, text: content });
    }
  }
  return { main, included: [...included.values()] };
}

/** The files as fragments; those that are no YAML are reported and left out. */
export function fragmentsOf(
  main: YamlFile,
  included: readonly Text[],
  report: Report,
): readonly Fragment[] {
  const files = included.flatMap((text) => parseFile(text, report) ?? []);
  return [fragmentOf(main, true), ...files.map((file) => fragmentOf(file, false))];
}
