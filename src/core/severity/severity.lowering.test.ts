/** What a person's word on the severity leaves to automation, and to those who were asked to come. */
import { describe, expect, test } from 'vitest';
import { policy, role, trigger, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  cleared,
  declare,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Policy } from '../model/policy.ts';

const base = policy();
const acknowledge = { type: 'Acknowledge', page: null } as const;
const integrity = trigger(
  'data integrity',
  { kind: 'flag', given: { flag: 'corrupt' } },
  { kind: 'at_least', level: 'L1' },
);

function declared(by: Policy, level = 'L3'): Story {
  const s = new Story(by);
  s.feed(observed({ level }));
  s.feed(declare, byPerson('ada'));
  for (const person of ['ada', 'cleo', 'dev', 'gus']) s.feed(acknowledge, byPerson(person));
  return s;
}

describe('a lowering', () => {
  test('holds against a flag that was known then, although its trigger had to wait for the end of a pause', () => {
    const s = declared(policy({ triggers: [integrity] }), 'L2');
    s.lookups = {
      ...noLookups,
      pauses: {
        automation: { since: START, until: START + 20 * MINUTE, by: 'ada', why: 'a migration' },
      },
    };
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
    s.advance(MINUTE).feed(
      { type: 'ChangeSeverity', level: 'L3', reason: 'one row, repaired' },
      byPerson('cleo'),
    );
    s.advance(60 * MINUTE);
    expect(s.incident.level).toBe('L3');
  });

  test('sends nobody away whom somebody asked for and whom the milder level may ask for as well', () => {
    const s = declared(
      withLevel('L3', {
        page: { triage: ['expert'], declared: [], commanded: [], onRequest: ['deputy'] },
      }),
      'L2',
    );
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('cleo'));
    expect(s.rings().at(-1)).toBe('0 Finn at pd');
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('cleo'));
    expect(s.pages('pager.resolve')).toEqual([]);
    s.advance(MINUTE).feed(acknowledge, byPerson('finn'));
    expect(s.incident.roles).toMatchObject({ deputy: { person: 'finn' } });
  });

  test.each([
    ['the declaration', { voice: 'dev' }, { declared: ['voice'], commanded: [] }],
    ['command', { writer: 'gus' }, { declared: [], commanded: ['writer'] }],
  ])(
    'sends nobody away who is sought since %s and whom the milder level pages then as well',
    (_moment, sought, moments) => {
      const s = new Story(
        withLevel('L3', { page: { triage: ['expert'], onRequest: [], ...moments } }),
      );
      s.feed(observed({ level: 'L2' }));
      s.feed(declare, byPerson('ada'));
      const [[role, person] = ['', '']] = Object.entries(sought);
      for (const here of ['ada', 'cleo', 'dev', 'gus'].filter((one) => one !== person))
        s.feed(acknowledge, byPerson(here));
      s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('cleo'));
      s.advance(MINUTE).feed(acknowledge, byPerson(person));
      expect(s.incident.roles).toMatchObject({ [role]: { person } });
    },
  );

  test('to a level by which it has been quiet for long enough closes the incident, and rings nobody first', () => {
    const s = new Story(withLevel('L2', { soak: { forMs: 60 * MINUTE, then: 'propose' } }));
    s.feed(observed());
    s.advance(MINUTE).feed(cleared);
    s.advance(20 * MINUTE);
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'one row' }, byPerson('ada'));
    s.advance(0);
    expect(s.incident).toMatchObject({ phase: 'closed', closedAs: 'cleared' });
    expect(s.incident.pages).toHaveProperty('p1');
    expect(Object.keys(s.incident.pages)).toHaveLength(1);
  });
});

describe('a lowering that ends the search for a second role of whoever answered for the first', () => {
  const toAda = { page: { kind: 'person', person: 'ada' } } as const;
  const commander = role('commander', { ...toAda, commands: true });
  const dev = { kind: 'person', person: 'dev' } as const;
  const voice = role('voice', { ...toAda, neverWith: ['commander'], fallback: [dev] });

  function lowered(): Story {
    const s = new Story(policy({ roles: { ...base.roles, commander, voice } }));
    s.feed(observed());
    s.feed(acknowledge, byPerson('ada'));
    s.feed(declare, byPerson('ben'));
    s.feed(acknowledge, byPerson('ada'));
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'milder' }, byPerson('ada'));
    return s;
  }

  test('leaves what they answered as it is at its pager, where it would read as over', () => {
    const s = lowered();
    expect(s.incident.escalations['role:voice']?.state).toBe('ended');
    expect(s.incident.pages['p2']).toMatchObject({
      state: 'acknowledged',
      escalations: ['role:commander', 'role:voice'],
    });
    expect(s.pages('pager.resolve').map(({ effect }) => effect.page)).not.toContain('p2');
  });

  test('looks for nobody in it when that answer runs out', () => {
    const s = lowered();
    s.hear('p2', 'unacknowledged');
    expect(s.incident.escalations).toMatchObject({
      'role:commander': { state: 'open' },
      'role:voice': { state: 'ended' },
    });
  });

  test('is told once, and not again with the end of the incident', () => {
    const s = lowered();
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const ended = s.events.flatMap((one) => (one.type === 'EscalationEnded' ? [one] : []));
    expect(
      ended.filter(({ escalation }) => escalation === 'role:voice').map(({ because }) => because),
    ).toEqual(['L3 does not ask for this role']);
  });
});

describe('a raise by a person', () => {
  test('uses up nothing of what automation may raise', () => {
    const s = declared(
      policy({
        triggers: [integrity],
        automation: { ...base.automation, raiseAtMost: { count: 1, withinMs: 60 * MINUTE } },
      }),
    );
    s.feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('cleo'));
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('cleo'));
    expect(s.incident.level).toBe('L1');
  });
});

test('a declaration at a level holds against what was known, as a lowering does: no trigger raises it at the end of a pause', () => {
  const s = new Story(policy({ triggers: [integrity] }));
  s.lookups = {
    ...noLookups,
    pauses: { automation: { since: START, until: START + 20 * MINUTE, by: 'ada', why: 'a drill' } },
  };
  s.feed(observed({ level: 'L3' }));
  s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ben'));
  s.feed({ ...declare, level: 'L2' }, byPerson('ben'));
  s.advance(30 * MINUTE);
  expect(s.incident.level).toBe('L2');
});

test('evidence is written in one way for good: stored as spent, it must be recognised after an upgrade', () => {
  const triggers = [
    trigger(
      'more',
      { kind: 'impact_grows', given: { impact_grows: 2, at_least: { users: 1 } } },
      { kind: 'raise', levels: 1 },
    ),
    trigger(
      'late',
      { kind: 'no_root_cause', given: { no_root_cause: { L3: 99 * MINUTE } } },
      { kind: 'raise', levels: 1 },
    ),
    trigger(
      'calls',
      { kind: 'customer_reports', given: { tier: null, accounts: 9, within: MINUTE } },
      { kind: 'raise', levels: 1 },
    ),
    integrity,
  ];
  const s = declared(policy({ triggers, automation: { ...base.automation, ceiling: 'L3' } }));
  s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
  s.feed(
    { type: 'ReportFromCustomer', account: 'acme', tier: 'gold', text: null },
    byPerson('ada'),
  );
  s.feed({ type: 'ChangeSeverity', level: 'L4', reason: 'one row' }, byPerson('cleo'));
  expect(s.incident.spent).toEqual([
    'rule:basket errors::L3',
    `trigger:data integrity:flag:corrupt:${START}`,
    'trigger:more:impact_grows:0',
    `trigger:late:no_root_cause:L3:${START}`,
    'trigger:calls:customer_reports:1',
  ]);
});
