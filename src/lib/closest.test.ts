import { describe, expect, test } from 'vitest';
import { closest } from './closest.ts';

describe('the closest word', () => {
  test.each([
    ['scirbe', 'scribe'],
    ['incident-commander', 'incident_commander'],
    ['sev1', 'SEV1'],
    ['comunications_lead', 'communications_lead'],
    ['severty', 'severity'],
  ])('to %s is %s', (word, meant) => {
    const known = [
      'scribe',
      'incident_commander',
      'communications_lead',
      'SEV1',
      'SEV2',
      'severity',
    ];
    expect(closest(word, known)).toBe(meant);
  });

  test.each(['database', 'x', 'S', ''])('to %j is none of them', (word) => {
    expect(closest(word, ['scribe', 'SEV1'])).toBeNull();
  });

  test('is not the same name with another number', () => {
    expect(closest('SEV4', ['SEV1', 'SEV2'])).toBeNull();
    expect(closest('SVE1', ['SEV1', 'SEV2'])).toBe('SEV1');
  });

  test('is the first of equals', () => {
    expect(closest('SEV', ['SEV1', 'SEV2'])).toBe('SEV1');
  });

  test('is not looked for when the word is absurdly long', () => {
    expect(closest('a'.repeat(101), ['a'.repeat(100)])).toBeNull();
  });
});
