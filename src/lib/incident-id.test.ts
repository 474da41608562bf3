import { expect, test } from 'vitest';
import { incidentIdOf } from './incident-id.ts';

test.each(['7', '#7', 'inc-7', 'INC-7', ' 7 '])('"%s" is inc-7', (typed) => {
  expect(incidentIdOf(typed)).toBe('inc-7');
});

test.each(['seven', 'inc-', 'inc-7a'])('"%s" stays what it is', (typed) => {
  expect(incidentIdOf(typed)).toBe(typed);
});
