/** Who of the policy a vendor means: a person, somebody unknown, or ourselves. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { answererOf } from './people.ts';

const base = policy();
const ours = policy({
  targets: {
    pd: {
      type: 'pagerduty',
      mode: 'live',
      can: [],
      ownNames: ['tocsin@example.com', 'ptocsin'],
    },
    og: { type: 'opsgenie', mode: 'live', can: [], ownNames: ['tocsin'] },
  },
});
const nobody = { id: null, name: null, email: null };

describe('an action at a vendor was done by', () => {
  test.each([
    ['us, by id', 'pagerduty', { ...nobody, id: 'PTOCSIN', name: 'The bell' }],
    ['us, by e-mail', 'pagerduty', { ...nobody, id: 'P1', email: 'Tocsin@example.com' }],
    ['us, by name', 'opsgenie', { ...nobody, name: 'Tocsin' }],
    ['the vendor itself', 'pagerduty', null],
  ])('nobody when it was %s', (_, type, vendor) => {
    expect(answererOf(vendor, type, ours)).toEqual({ by: null, known: false });
  });

  test('somebody unknown who is called like us at another vendor', () => {
    expect(answererOf({ ...nobody, name: 'Tocsin' }, 'pagerduty', ours)).toEqual({
      by: 'Tocsin',
      known: false,
    });
    expect(answererOf({ ...nobody, name: 'Tocsin' }, 'opsgenie', base).by).toBe('Tocsin');
  });

  test('the person of the e-mail address, however the two of them write it', () => {
    const { ada } = base.people;
    if (ada === undefined) throw new Error('the base policy has no ada');
    const capital = policy({ people: { ada: { ...ada, email: 'Ada.L@Example.com' } } });
    expect(answererOf({ ...nobody, email: 'ada.l@EXAMPLE.com' }, 'pagerduty', capital)).toEqual({
      by: 'ada',
      known: true,
    });
  });

  test('the person who lent Tocsin their own user: their answer must not be missed', () => {
    const lent = policy({
      targets: {
        pd: { type: 'pagerduty', mode: 'live', can: [], ownNames: ['p-ada'] },
      },
    });
    expect(answererOf({ ...nobody, id: 'P-ADA' }, 'pagerduty', lent)).toEqual({
      by: 'ada',
      known: true,
    });
  });
});
