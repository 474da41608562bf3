/** A stored state is read as it is while its number is the one of the code: so the number stands for the shape. */
import { describe, expect, test } from 'vitest';
import { read } from '../../../test/house/project.ts';
import { shapeOf } from '../../../test/support/shape.ts';
import { INCIDENT_FORMAT } from './incident.ts';

/** Each format with the digest of its declarations. A line is never changed once it was released: add one. */
const SHAPES: Readonly<Record<number, string>> = {
  8: 'a44bc3a64ced80ea',
};

const INCIDENT = 'src/core/model/incident.ts';
const POLICY = 'src/core/model/policy.ts';
const KEYS = 'src/core/model/keys.ts';

const shape = shapeOf(INCIDENT, 'Incident', read);

type Edit = readonly [path: string, find: string, replace: string];

/** The shape with one file as it would be after the edit. */
function changed([path, find, replace]: Edit): string {
  const code = read(path);
  expect(code).toContain(find);
  return shapeOf(INCIDENT, 'Incident', (one) =>
    one === path ? code.replace(find, replace) : read(one),
  );
}

test('a stored state whose shape has changed has another format', () => {
  expect(
    SHAPES[INCIDENT_FORMAT],
    `the stored state changed its shape: raise INCIDENT_FORMAT and write down ${shape}`,
  ).toBe(shape);
});

describe('the shape of the stored state', () => {
  test.each<[string, Edit]>([
    ['a field more', [INCIDENT, 'title: string;', 'title: string; readonly more: string;']],
    ['a field less', [INCIDENT, 'readonly closedAs:', 'readonly closed:']],
    ['a field that may be absent', [INCIDENT, 'finds: number;', 'finds?: number;']],
    ['a word more', [INCIDENT, "| 'lost'", "| 'lost' | 'found'"]],
    ['a recipient more in the policy', [POLICY, "'service_on_call' }", "'everybody' }"]],
    ['a key that says more', [KEYS, "kind: 'role'; ", "kind: 'role'; readonly why: string; "]],
  ])('is another one with %s', (_what, edit) => {
    expect(changed(edit)).not.toBe(shape);
  });

  test.each<[string, Edit]>([
    ['a comment', [INCIDENT, '/** Vendor-side dedup key. */', '// What the vendor knows it by.']],
    ['a line break', [INCIDENT, 'readonly title: string;', '\n\n  readonly title:\n    string;']],
    ['the number itself', [INCIDENT, 'INCIDENT_FORMAT = ', 'INCIDENT_FORMAT = 1']],
    ['a type of the policy that no state keeps', [POLICY, 'readonly can: readonly string[];', '']],
  ])('is the same with %s changed', (_what, edit) => {
    expect(changed(edit)).toBe(shape);
  });
});
