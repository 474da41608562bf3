/** The way that uses neither the rules nor an incident's state: what could not be decided still rings somebody. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { noLookups, START } from '../../../test/support/story.ts';
import { minimalIncident } from './minimal.ts';
import { owed } from '../deciding/owed.ts';

describe('the minimal path', () => {
  const args = {
    incident: 'inc-1',
    input: 'in-1',
    now: START,
    lookups: noLookups,
    title: 'A delivery could not be decided',
    reason: 'route threw three times',
    source: 'prom',
  };

  test('opens an incident and rings, without asking a rule', () => {
    const { state, effects } = minimalIncident({ ...args, policy: policy() });
    expect(
      effects.flatMap((effect) => (effect.name === 'pager.trigger' ? [effect.address.label] : [])),
    ).toEqual(['pd ada']);
    expect(state).toMatchObject({ level: null, phase: 'triage', facts: { public: 'never' } });
    expect(owed(state, { policy: policy(), lookups: noLookups })).not.toEqual([]);
  });

  test('rings anybody when the configuration names nobody', () => {
    const base = policy();
    const { effects } = minimalIncident({
      ...args,
      policy: policy({
        routes: [],
        teams: {},
        automation: { ...base.automation, alarm: { page: null, chat: null } },
      }),
    });
    expect(effects.some((effect) => effect.name === 'pager.trigger')).toBe(true);
  });
});
