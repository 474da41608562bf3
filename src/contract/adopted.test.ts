import { expect, test } from 'vitest';
import { policy } from '../../test/support/policy.ts';
import { adopted, observed, Story } from '../../test/support/story.ts';
import { adoptedRef } from './adopted.ts';

test('what the core writes for an object that it takes over is read back as one', () => {
  const s = new Story(policy());
  s.feed({ ...observed(), adopted: adopted() });
  expect(s.incident.pages['p1']?.addresses.map(({ address }) => adoptedRef(address))).toEqual([
    'Q1',
  ]);
});

test.each([
  { user: 'ada' },
  { adopted: 'Q1', user: 'ada' },
  { adopted: 7 },
  { adopted: '' },
  null,
  'Q1',
])('%j is the address of none', (address) => {
  expect(adoptedRef(address)).toBeNull();
});
