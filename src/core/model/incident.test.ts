/** A stored state is read as it is while its number is the one of the code: so the number stands for the shape. */
import { describe, expect, test } from 'vitest';
import { read } from '../../../test/house/project.ts';
import { shapeOf } from '../../../test/support/shape.ts';
import { INCIDENT_FORMAT } from './incident.ts';

/** Each format with the digest of its declarations. A line is never changed once it was released: add one. */
const SHAPES: Readonly<Record<number, string>> = {
  7: '8407a5292140ae34',
};

const PATH = 'src/core/model/incident.ts';
const code = read(PATH);

function changed(find: string, replace: string): string {
  expect(code).toContain(find);
  return shapeOf(PATH, code.replace(find, replace));
}

test('a stored state whose shape has changed has another format', () => {
  const digest = shapeOf(PATH, code);
  expect(
    SHAPES[INCIDENT_FORMAT],
    `the stored state changed its shape: raise INCIDENT_FORMAT and write down ${digest}`,
  ).toBe(digest);
});

describe('the shape of the stored state', () => {
  test.each([
    [
      'a field more',
      'readonly title: string;',
      'readonly title: string;\n  readonly more: string;',
    ],
    ['a field less', 'readonly closedAs:', 'readonly closed:'],
    ['a field that may be absent', 'readonly finds: number;', 'readonly finds?: number;'],
    ['a word more', "| 'lost'", "| 'lost' | 'found'"],
  ])('is another one with %s', (_what, find, replace) => {
    expect(changed(find, replace)).not.toBe(shapeOf(PATH, code));
  });

  test.each([
    ['a comment', '/** Vendor-side dedup key. */', '// What the vendor knows it by.'],
    ['a line break', 'readonly title: string;', '\n\n  readonly title:\n    string;'],
    ['the number itself', 'INCIDENT_FORMAT = ', 'INCIDENT_FORMAT = 1'],
  ])('is the same with %s changed', (_what, find, replace) => {
    expect(changed(find, replace)).toBe(shapeOf(PATH, code));
  });
});
