/**
 * Golden requests: what an adapter sends, as JSON under `adapters/<vendor>/fixtures/`, secrets replaced by their names.
 * `UPDATE_GOLDEN=1 npx vitest run adapters/<vendor>` writes them anew: read the difference before you commit it.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import type { HttpRequest } from '../../src/contract/index.ts';
import { withoutSecrets } from './secrets.ts';
import type { NamedSecret } from './secrets.ts';

/** The requests as they stand in a golden file: the form that the wire has, so absent and undefined fields are equal. */
export function goldenOf(
  requests: readonly HttpRequest[],
  secrets: readonly NamedSecret[],
): unknown {
  return JSON.parse(withoutSecrets(JSON.stringify(requests), secrets)) as unknown;
}

/** The content of a golden file. */
export function readGolden(file: URL): unknown {
  return JSON.parse(readFileSync(file, 'utf8')) as unknown;
}

export function expectGolden(file: URL, actual: unknown): void {
  const text = `${JSON.stringify(actual, null, 2)}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file.pathname), { recursive: true });
    writeFileSync(file, text);
  }
  expect(
    existsSync(file),
    `no golden file ${file.pathname}; run with UPDATE_GOLDEN=1, or write it:\n${text}`,
  ).toBe(true);
  expect(actual).toEqual(readGolden(file));
}
