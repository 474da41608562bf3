/** Loading as the product does it: files of the disk, and the adapters that there are. */
import { globSync, readFileSync } from 'node:fs';
import { registry } from '../../adapters/index.ts';
import { whyNotWritable } from '../lib/folder.ts';
import { loadConfig, type LoadOptions, type LoadResult } from '../config/load.ts';

export type FromDisk = Pick<LoadOptions, 'environment' | 'sandbox' | 'now' | 'previous'>;

/** Reads the configuration from the disk; nothing else happens meanwhile. */
export function loadFrom(file: string, options: FromDisk): LoadResult {
  return loadConfig({
    file,
    registry,
    ...options,
    readFile: (path) => readFileSync(path, 'utf8'),
    glob: (pattern) => globSync(pattern).toSorted(),
    whyNotWritable,
  });
}
