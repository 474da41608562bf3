/** Loads a configuration of this folder, or one that a test writes down, the way the program does. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registry } from '../../adapters/index.ts';
import { loadConfig, type LoadOptions, type LoadResult } from '../../src/config/load.ts';

export const here = import.meta.dirname;

/** Secrets that the good files ask for. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PD_TOKEN: 'pd-token',
  OG_KEY: 'og-key',
  SP_KEY: 'sp-key',
  SLACK_TOKEN: 'slack-token',
  AM_TOKEN: 'am-token',
  EMPTY: '',
};

/** When the files of tests are loaded: Friday, 5 June 2026, noon. */
const TODAY = Date.UTC(2026, 5, 5, 12);

/** Loads a file; paths are relative to the folder. */
export function loadFrom(
  folder: string,
  file: string,
  options: Partial<LoadOptions> = {},
): LoadResult {
  return loadConfig({
    file,
    registry,
    environment: ENVIRONMENT,
    sandbox: false,
    now: TODAY,
    readFile: (path) => readFileSync(join(folder, path), 'utf8'),
    glob: (pattern) => globSync(pattern, { cwd: folder }),
    ...options,
  });
}

/** Loads files that exist in the test only; the first one is the main file. */
export function loadTexts(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): LoadResult {
  const [main = ''] = Object.keys(files);
  return loadFrom(here, main, {
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
    glob: (pattern) =>
      Object.keys(files).filter((path) => path.startsWith(pattern.slice(0, pattern.indexOf('*')))),
    ...options,
  });
}
