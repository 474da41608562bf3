/** Whom alarms ring: whom the configuration names, else the team, else anybody. */
import { describe, expect, test } from 'vitest';
import { person, policy, role, service } from '../../../test/support/policy.ts';
import { noLookups, START } from '../../../test/support/story.ts';
import { alarmList } from './alarm-list.ts';
import type { Policy, Recipient } from '../model/policy.ts';

const base = policy();

/** Nobody is named for alarms, unless the recipient is. */
function shop(change: Partial<Policy>, page: Recipient | null = null): Policy {
  const { automation } = base;
  return policy({
    automation: { ...automation, alarm: { ...automation.alarm, page } },
    ...change,
  });
}

function listOf(
  by: Policy,
  lookups = noLookups,
  service: string | null = 'basket',
): readonly string[] {
  const { list } = alarmList({ now: START, policy: by, lookups }, { team: 'shop', service });
  return list.map(({ label }) => label);
}

const to = (id: string): Recipient => ({ kind: 'person', person: id });

describe('the list of an alarm', () => {
  test('is whom the configuration names', () => {
    expect(listOf(base)).toEqual(['Eve']);
  });

  test('is the team without such a name: the service that it is about, the others, the team’s on-call, each once', () => {
    const services = {
      till: service('till', { onCall: to('dev'), fallback: [to('ada')] }),
      basket: service('basket'),
      depot: service('depot', { team: 'stores', onCall: to('gus') }),
    };
    const teams = { shop: { id: 'shop', rules: [], onCall: to('cleo'), chat: null } };
    expect(listOf(shop({ services, teams }))).toEqual(['Ada', 'Ben', 'Dev', 'Cleo']);
    expect(listOf(shop({ services, teams }), noLookups, null)).toEqual([
      'Dev',
      'Ada',
      'Ben',
      'Cleo',
    ]);
  });

  test('has everybody of a rotation, whose turn it is first, and whoever a role or schedule leads to', () => {
    const rotations = {
      turns: {
        id: 'turns',
        timezone: 'UTC',
        every: { count: 1, unit: 'day' as const },
        handoff: { weekday: null, at: '10:00' },
        // The story begins on the fifth.
        starts: '2026-01-04',
        people: ['ada', 'ben', 'cleo'],
      },
    };
    const roles = {
      ...base.roles,
      helper: role('helper', { page: to('dev'), fallback: [to('finn')] }),
    };
    const services = {
      basket: service('basket', {
        onCall: { kind: 'rotation', rotation: 'turns' },
        fallback: [
          { kind: 'role', role: 'helper' },
          { kind: 'schedule', target: 'pd', schedule: { id: 's1', name: 'Night' } },
        ],
      }),
    };
    const lookups = {
      ...noLookups,
      onCall: { 'schedule:pd:s1': { people: ['gus'], readAt: START } },
    };
    const team = { shop: { id: 'shop', rules: [], onCall: null, chat: null } };
    expect(listOf(shop({ rotations, roles, services, teams: team }), lookups)).toEqual([
      'Ben',
      'Cleo',
      'Ada',
      'Dev',
      'Finn',
      'Gus',
    ]);
  });

  test('ends where roles name each other', () => {
    const roles = {
      one: role('one', { page: { kind: 'role', role: 'two' } }),
      two: role('two', { page: { kind: 'role', role: 'one' }, fallback: [to('dev')] }),
    };
    const services = { basket: service('basket', { onCall: { kind: 'role', role: 'one' } }) };
    expect(listOf(shop({ roles, services }))).toEqual(['Dev', 'Ben', 'Ada']);
  });

  test.each<[string, Partial<Policy>]>([
    ['no team', { teams: {}, services: {} }],
    [
      'a team of which a vendor decides whose phone rings',
      {
        teams: {},
        services: {
          basket: service('basket', { onCall: { kind: 'addresses', addresses: [] }, fallback: [] }),
        },
      },
    ],
  ])('is everybody who has a phone where there is %s', (_what, change) => {
    const people = { ada: person('ada', []), dev: person('dev'), gus: person('gus') };
    expect(listOf(shop({ people, ...change }))).toEqual(['Dev', 'Gus']);
  });

  test('is the team where nobody of those whom the configuration names can be rung now', () => {
    expect(listOf(shop({}, { kind: 'group', group: 'nobody' }))).toEqual(['Ada', 'Ben']);
  });

  test('is empty, and says why, where there are no people', () => {
    const context = { now: START, policy: shop({ people: {}, services: {} }), lookups: noLookups };
    const { list, empty } = alarmList(context, { team: 'shop', service: null });
    expect(list).toEqual([]);
    expect(empty).toBe('among the people of the configuration: nobody');
  });
});
