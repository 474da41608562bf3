/** The way that uses neither the rules nor an incident's state: what could not be decided still rings somebody. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { byPerson, noLookups, START } from '../../../test/support/story.ts';
import { minimalAlarm, minimalIncident } from './minimal.ts';
import { decide } from '../deciding/decide.ts';
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
    expect(state).toMatchObject({ level: null, phase: 'triage', routing: { public: 'never' } });
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

  test('rings whoever it looks for again at the alarm interval, says so, and stops when somebody answers', () => {
    const { state } = minimalIncident({ ...args, policy: policy() });
    const { alarmEveryMs } = policy().automation;
    const context = { policy: policy(), lookups: noLookups };
    const at = (now: number, from = state) => minimalAlarm(from, { ...context, input: 'x', now });
    expect(at(START + alarmEveryMs - 1)).toBeNull();
    const again = at(START + alarmEveryMs);
    expect(again?.effects.map(({ name }) => name)).toContain('pager.trigger');
    expect(again?.events.map(({ type }) => type)).toContain('AlarmRaised');
    expect(at(START + 2 * alarmEveryMs - 1, again?.state)).toBeNull();
    expect(at(START + 2 * alarmEveryMs, again?.state)).not.toBeNull();

    const acknowledged = {
      id: 'in-2',
      incident: 'inc-1',
      at: START,
      actor: byPerson('ada'),
    } as const;
    const answered = decide(
      state,
      { ...acknowledged, type: 'Acknowledge', page: null },
      { ...context, now: START },
    );
    if (!answered.ok) throw new Error(answered.message);
    expect(at(START + 5 * alarmEveryMs, answered.state)).toBeNull();
  });
});
