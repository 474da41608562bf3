/** One phone that rings for two roles: it goes on for the one that is owed, and falls silent when nobody needs it. */
import { describe, expect, test } from 'vitest';
import {
  address,
  escalation,
  policy,
  role,
  service,
  trigger,
  withLevel,
} from '../../../test/support/policy.ts';
import {
  byPerson,
  MINUTE,
  noLookups,
  observed,
  ringing,
  ringsAt,
  Story,
} from '../../../test/support/story.ts';
import type { Policy, Role } from '../model/policy.ts';

const base = policy();
const acknowledge = { type: 'Acknowledge', page: null } as const;

/** Cleo is meant as commander and as voice, and for alarms. */
function both(change: Partial<Role> = {}, more: Partial<Policy> = {}): Policy {
  const page = { kind: 'person', person: 'cleo' } as const;
  const { automation } = base;
  return policy({
    automation: { ...automation, alarm: { ...automation.alarm, page } },
    ...more,
    roles: {
      ...base.roles,
      commander: role('commander', { page, commands: true, ...change }),
      voice: role('voice', { page }),
    },
  });
}

function declared(by: Policy): Story {
  const s = new Story(by);
  s.feed(observed());
  s.feed(acknowledge, byPerson('ada'));
  expect(s.rings()).toEqual(['0 Ada at pd', '0 Cleo at pd']);
  return s;
}

const ofCleo = (s: Story, name: 'pager.acknowledge' | 'pager.resolve'): number =>
  s.pages(name).filter(({ effect }) => s.incident.pages[effect.page]?.person === 'cleo').length;

describe('a phone that rings for two roles', () => {
  test('goes on ringing when one of them is given to somebody else', () => {
    const s = declared(both());
    s.feed(
      { type: 'AssignRole', role: 'commander', person: 'finn', confirmed: true },
      byPerson('finn'),
    );
    expect(ofCleo(s, 'pager.acknowledge')).toBe(0);
    s.advance(5 * MINUTE);
    expect(s.rings().at(-1), 'the other one escalates').toBe('5 Eve at pd');
    s.feed(
      { type: 'AssignRole', role: 'voice', person: 'finn', confirmed: true },
      byPerson('finn'),
    );
    expect(ofCleo(s, 'pager.acknowledge')).toBe(1);
  });

  test('goes on ringing when a lowering needs one of them no more, and stops when it needs neither', () => {
    const s = declared(both());
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('ada'));
    expect(ofCleo(s, 'pager.resolve')).toBe(0);
    s.feed({ type: 'ChangeSeverity', level: 'L4', reason: 'milder still' }, byPerson('ada'));
    expect(ofCleo(s, 'pager.resolve')).toBe(1);
  });

  test('stops when one of them is needed no more and somebody else answers for the other', () => {
    const s = declared(both());
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('ada'));
    s.feed(
      { type: 'AssignRole', role: 'commander', person: 'finn', confirmed: true },
      byPerson('finn'),
    );
    expect(ofCleo(s, 'pager.acknowledge')).toBe(1);
  });

  test('stops when somebody else answers for one of them and the other is needed no more', () => {
    const s = declared(both());
    s.feed(
      { type: 'AssignRole', role: 'commander', person: 'finn', confirmed: true },
      byPerson('finn'),
    );
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('ada'));
    expect(ofCleo(s, 'pager.resolve')).toBe(1);
  });

  test('rings anew for both, so that one answer settles both', () => {
    const s = declared(
      both(
        { escalation: { kind: 'policy', policy: 'short' } },
        {
          escalationPolicies: {
            standard: escalation([{ page: { kind: 'own' }, waitMs: 60 * MINUTE }]),
            short: escalation([{ page: { kind: 'own' }, waitMs: 5 * MINUTE }], { id: 'short' }),
          },
        },
      ),
    );
    s.advance(16 * MINUTE);
    expect(s.rings().slice(2), 'not within ten minutes of the first ring').toEqual([
      '15 Cleo at pd',
    ]);
    expect(s.pages('pager.trigger').at(-1)?.effect.body).toContain('You are needed as voice.');
    s.feed(acknowledge, byPerson('cleo'));
    expect(s.incident.roles).toMatchObject({
      commander: { person: 'cleo' },
      voice: { person: 'cleo' },
    });
  });

  test('rings anew for both, also when the steps of one of them were over before', () => {
    const own = { kind: 'own' } as const;
    const s = declared(
      both(
        { escalation: { kind: 'policy', policy: 'short' } },
        {
          escalationPolicies: {
            standard: escalation([{ page: own, waitMs: 7 * MINUTE }]),
            short: escalation([{ page: own, waitMs: 5 * MINUTE }], { id: 'short' }),
          },
        },
      ),
    );
    s.advance(16 * MINUTE);
    expect(s.rings().slice(2)).toEqual(['15 Cleo at pd']);
    s.feed(acknowledge, byPerson('cleo'));
    expect(s.incident.roles).toMatchObject({
      commander: { person: 'cleo' },
      voice: { person: 'cleo' },
    });
  });
});

test('a role that was searched no more and is given to somebody is no answer to a page', () => {
  const s = new Story(withLevel('L2', { declare: { by: ['person'], orAfterMs: null } }));
  s.feed(observed());
  s.feed({ type: 'PageRole', role: 'voice' }, byPerson('ben'));
  s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('ben'));
  expect(s.incident.escalations['role:voice']?.state).toBe('ended');
  s.feed({ type: 'AssignRole', role: 'voice', person: 'dev', confirmed: true }, byPerson('ben'));
  expect(s.incident.answeredAt).toBeNull();
  expect(s.events.filter(({ type }) => type === 'RoleFilled')).toMatchObject([
    { person: 'dev', how: 'assignment' },
  ]);
});

test('an address of a vendor that two roles write in two ways rings once', () => {
  const at = (service: object): Role['page'] => ({
    kind: 'addresses',
    addresses: [{ target: 'pd', address: { service }, label: 'pd desk' }],
  });
  const s = new Story(
    policy({
      roles: {
        ...base.roles,
        commander: role('commander', { page: at({ name: 'Desk', id: 'S1' }) }),
        voice: role('voice', { page: at({ id: 'S1', name: 'The desk' }) }),
      },
    }),
  );
  s.feed(observed());
  s.feed(acknowledge, byPerson('ada'));
  expect(s.rings()).toEqual(['0 Ada at pd', '0 pd desk at pd']);
});

describe('somebody whose phone fell silent because another person answered', () => {
  test('is rung when a role needs them: they may be asleep', () => {
    const s = new Story(base);
    s.feed(observed());
    s.advance(5 * MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    expect(s.incident.pages['p1']).toMatchObject({ person: 'ada', state: 'acknowledged' });
    s.advance(MINUTE);
    s.policy = policy({
      roles: { ...base.roles, deputy: role('deputy', { page: { kind: 'person', person: 'ada' } }) },
    });
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
    expect(s.rings().at(-1)).toBe('6 Ada at pd');
    expect(s.incident.roles['deputy']).toBeUndefined();
  });
});

describe('the next step of an escalation', () => {
  const called = (): Story => {
    const s = new Story(
      withLevel(
        'L2',
        {},
        {
          roles: {
            ...base.roles,
            voice: role('voice', { page: { kind: 'person', person: 'eve' } }),
          },
          triggers: [
            trigger(
              'no root cause',
              { kind: 'no_root_cause', given: { no_root_cause: { L2: 30 * MINUTE } } },
              { kind: 'escalate_next_step' },
            ),
          ],
        },
      ),
    );
    s.feed(observed());
    for (const person of ['ada', 'cleo', 'eve', 'gus']) s.feed(acknowledge, byPerson(person));
    return s.advance(30 * MINUTE);
  };
  const identified = { type: 'SetPhase', phase: 'identified', text: null } as const;

  test('calls somebody who is not here yet', () => {
    const s = called();
    expect(
      s.rings().filter((ring) => ring.startsWith('30')),
      'Eve, a manager, is here',
    ).toEqual(['30 Finn at pd']);
    s.feed(identified, byPerson('cleo'));
    expect(s.pages('pager.resolve'), 'whom the cause is known without').toHaveLength(1);
    s.advance(60 * MINUTE);
    expect(s.rings().at(-1)).toBe('30 Finn at pd');
  });

  test('keeps whoever answered it when the cause is known', () => {
    const s = called();
    s.feed(acknowledge, byPerson('finn'));
    s.feed(identified, byPerson('cleo'));
    expect(s.incident.escalations['next:no root cause:1']).toMatchObject({
      state: 'answered',
      answeredBy: 'finn',
    });
    expect(s.types()).not.toContain('EscalationEnded');
  });
});

describe('a vendor that walks its own steps', () => {
  test('is rung once: a repeated alarm rings the address for alarms beside it', () => {
    const routing = address('pd', 'routing-key');
    const s = new Story(
      policy({
        services: {
          basket: service('basket', {
            onCall: { kind: 'addresses', addresses: [routing] },
            escalation: { kind: 'vendor', unanswered: null },
          }),
        },
      }),
    );
    s.feed(observed());
    s.advance(25 * MINUTE);
    expect(s.rings()).toEqual(['0 pd routing-key at pd', '20 Eve at pd']);
  });
});

describe('a ring of another incident', () => {
  const other = ringing({ team: 'other' });

  test('takes in no test of a phone', () => {
    const s = new Story(base);
    s.lookups = { ...noLookups, ...ringsAt({ ...other, team: '' }) };
    s.feed({ type: 'PageTest', person: 'ada' }, byPerson('ben'));
    expect(s.pages('pager.trigger')[0]?.effect.key).toBe('tocsin/test/inc-1/p1');
  });

  test.each([
    ['unanswered', false],
    ['answered', true],
  ])("takes in the page of its storm's parent, %s", (_word, acknowledged) => {
    const s = new Story(base);
    s.lookups = { ...noLookups, ...ringsAt({ ...other, acknowledged }) };
    s.feed({ ...observed(), storm: { over: 'source prom', children: ['inc-0'] } });
    expect(s.incident.pages['p1']?.rings).toMatchObject([{ status: 'joined', key: other.key }]);
  });
});
