/**
 * Vendors' own specifications as judges of our golden requests. The files lie beside the project, not in it; a test
 * that needs them skips with a message where they are absent. `corrections.json` there repairs their known defects.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { at, deleted, replaced } from './mutations.ts';

const FOLDER = new URL('../../../shared/vendors/specs/', import.meta.url);

/** For `test.skipIf`: whether the specification is here. */
export function hasVendorSpec(file: string): boolean {
  return existsSync(new URL(file, FOLDER)) && existsSync(new URL('corrections.json', FOLDER));
}

interface Correction {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as unknown;
}

/** The keys of a JSON pointer (RFC 6901). */
function keysOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The specification with its corrections applied. */
export function vendorSpec(file: string): unknown {
  let spec = readJson(file);
  for (const { op, path, value } of (at(readJson('corrections.json'), [file]) ??
    []) as readonly Correction[]) {
    const keys = keysOf(path);
    if (op !== 'add' && at(spec, keys) === undefined)
      throw new Error(`${file}: the correction of ${path} finds nothing to correct`);
    spec = op === 'remove' ? deleted(spec, keys) : replaced(spec, keys, value);
  }
  return spec;
}

/**
 * A validator for the part of the specification at the JSON pointer: answers the problems, none when valid.
 * @param pointer e.g. `/components/schemas/postPagesPageIdIncidents`
 */
export function specValidator(file: string, pointer: string): (body: unknown) => readonly string[] {
  const spec = vendorSpec(file);
  // OpenAPI 3.0 is no pure JSON Schema (nullable, example, formats of its own): unknown keywords are not errors.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'spec', ...(spec as object) });
  const escaped = pointer.split('/').map(encodeURIComponent).join('/');
  const validate = ajv.compile({ $ref: `spec#${escaped}` });
  return (body) =>
    validate(body)
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}
