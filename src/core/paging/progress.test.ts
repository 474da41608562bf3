import { expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import type { Mode } from '../model/policy.ts';
import { isThrough } from './progress.ts';

test.each<[Mode, boolean]>([
  ['live', true],
  ['draft', true],
  ['shadow', false],
  ['off', false],
])('what its pager confirmed has got through while that is in mode %s: %s', (mode, isIt) => {
  const { targets } = policy();
  const pd = targets['pd'];
  if (pd === undefined) throw new Error('there is no pd');
  const by = policy({ targets: { ...targets, pd: { ...pd, mode } } });
  expect(isThrough({ target: 'pd', status: 'confirmed' }, by)).toBe(isIt);
});

test('what rings at a pager that is only heard has got through, though it can be asked for nothing', () => {
  const { targets } = policy();
  const pd = targets['pd'];
  if (pd === undefined) throw new Error('there is no pd');
  const by = policy({ targets: { ...targets, pd: { ...pd, mode: 'off', can: [] } } });
  expect(isThrough({ target: 'pd', status: 'joined' }, by)).toBe(true);
});
