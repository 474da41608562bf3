/** What is read of the row that names the configuration in use, whatever a bad disk or a hand has left of it. */
import { expect, test } from 'vitest';
import { readPolicyInUse } from './policy-in-use.ts';

const reload = { since: 1_000, before: 'older' };

test.each<[string, unknown, readonly unknown[]]>([
  ['a list', [reload], [reload]],
  ['no list', 7, []],
  ['nothing', undefined, []],
  [
    'a list with something else in it',
    [null, 7, 'x', {}, { since: 'x', before: 'y' }, reload],
    [reload],
  ],
])('of %s of reloads those count that are reloads', async (_what, reloads, read) => {
  const meta = (): Promise<string> => Promise.resolve(JSON.stringify({ hash: 'now', reloads }));
  expect(await readPolicyInUse({ meta })).toEqual({ hash: 'now', reloads: read });
});

test.each(['{', 'null', '[]', '{"hash":7}'])('%s names no configuration', async (text) => {
  expect(await readPolicyInUse({ meta: () => Promise.resolve(text) })).toBeNull();
});
