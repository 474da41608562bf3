/** Severity: rules start it, triggers only raise it, a person may lower it and says why. */
import { describe, expect, test } from 'vitest';
import {
  escalation,
  policy,
  publicCadence,
  trigger,
  withLevel,
} from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  reported,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Fact } from '../model/input.ts';
import type { Request } from '../verbs/table.ts';
import type { Policy, Trigger } from '../model/policy.ts';

const base = policy();
const ownOnly = escalation([{ page: { kind: 'own' }, waitMs: 5 * MINUTE }]);
const grows = trigger(
  'impact doubled',
  {
    kind: 'impact_grows',
    given: { impact_grows: 2, at_least: { users: 100, percent: 5 } },
  },
  { kind: 'raise', levels: 1 },
);
const integrity = trigger(
  'data integrity',
  { kind: 'flag', given: { flag: 'corrupt' } },
  { kind: 'at_least', level: 'L1' },
);
const customers = trigger(
  'paying customers',
  { kind: 'customer_reports', given: { tier: 'paying', accounts: 2, within: 30 * MINUTE } },
  { kind: 'at_least', level: 'L2' },
);
const noCause = trigger(
  'no root cause',
  { kind: 'no_root_cause', given: { no_root_cause: { L2: 30 * MINUTE, L1: 10 * MINUTE } } },
  { kind: 'raise', levels: 1 },
);

/** Levels and the minute of every change after the start. */
function changes(s: Story): readonly string[] {
  return s.events.flatMap((event) =>
    event.type === 'SeverityChanged' && event.direction !== 'start'
      ? [`${(event.at - START) / MINUTE} ${event.to} by ${event.cause.kind}`]
      : [],
  );
}

/** A declared incident at a level, all its roles answered. */
function at(level: string, triggers: readonly Trigger[], more: Partial<Policy> = {}): Story {
  const s = new Story(policy({ triggers, ...more }));
  s.feed(observed({ level }));
  s.feed(declare, byPerson('ada'));
  for (const person of ['ada', 'cleo', 'dev', 'gus'])
    s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
  return s;
}

const report = (account: string, tier = 'paying'): Request => ({
  type: 'ReportFromCustomer',
  account,
  tier,
  text: null,
});
const lower = (level: string): Request => ({
  type: 'ChangeSeverity',
  level,
  reason: 'less than it seemed',
});
const corrupt: Request = { type: 'SetFlag', flag: 'corrupt' };

interface Case {
  readonly triggers: readonly Trigger[];
  readonly from: string;
  /** Minutes to let pass, or an input. */
  readonly given: readonly (number | Request | Fact)[];
  readonly then: readonly string[];
  readonly more?: Partial<Policy>;
}

const table: Readonly<Record<string, Case>> = {
  'doubled impact raises': {
    triggers: [grows],
    from: 'L3',
    given: [reported({ users: 100 }), reported({ users: 200 })],
    then: ['0 L2 by trigger'],
  },
  'an unknown value before is no growth': {
    triggers: [grows],
    from: 'L3',
    given: [reported({ users: 5000 })],
    then: [],
  },
  'zero before is no growth': {
    triggers: [grows],
    from: 'L3',
    given: [reported({ users: 0 }), reported({ users: 5000 })],
    then: [],
  },
  'below its least value a measure never fires': {
    triggers: [grows],
    from: 'L3',
    given: [reported({ users: 10 }), reported({ users: 99 })],
    then: [],
  },
  'a measure that the trigger does not name never fires': {
    triggers: [grows],
    from: 'L3',
    given: [reported({ regions: 1 }), reported({ regions: 9 })],
    then: [],
  },
  'each measure is compared with its own value': {
    triggers: [grows],
    from: 'L3',
    given: [reported({ users: 400, percent: 4 }), reported({ users: 500, percent: 8 })],
    then: ['0 L2 by trigger'],
  },
  'impact is compared with its value at the last level change, not with the last report': {
    triggers: [grows],
    from: 'L3',
    given: [reported({ users: 100 }), reported({ users: 150 }), reported({ users: 210 })],
    then: ['0 L2 by trigger'],
  },
  'after a raise it must double again': {
    triggers: [grows],
    from: 'L4',
    given: [
      reported({ users: 100 }),
      reported({ users: 200 }),
      reported({ users: 390 }),
      reported({ users: 400 }),
    ],
    then: ['0 L3 by trigger', '0 L2 by trigger'],
  },
  'more alerts are never impact': {
    triggers: [grows],
    from: 'L3',
    given: [observed({ level: 'L3' }, { firing: 500, total: 500, newlyFiring: 499 })],
    then: [],
  },
  'a flag raises to at least its level': {
    triggers: [integrity],
    from: 'L3',
    given: [corrupt],
    then: ['0 L1 by trigger'],
  },
  'a flag never lowers': {
    triggers: [
      trigger('t', { kind: 'flag', given: { flag: 'corrupt' } }, { kind: 'at_least', level: 'L3' }),
    ],
    from: 'L1',
    given: [corrupt],
    then: [],
  },
  'two accounts of the tier raise': {
    triggers: [customers],
    from: 'L3',
    given: [report('x'), report('y')],
    then: ['0 L2 by trigger'],
  },
  'one account twice is one account': {
    triggers: [customers],
    from: 'L3',
    given: [report('x'), report('x')],
    then: [],
  },
  'another tier does not count': {
    triggers: [customers],
    from: 'L3',
    given: [report('x'), report('y', 'free')],
    then: [],
  },
  'a report at the very end of the span counts': {
    triggers: [customers],
    from: 'L3',
    given: [report('x'), 30, report('y')],
    then: ['30 L2 by trigger'],
  },
  'reports out of the span do not count': {
    triggers: [customers],
    from: 'L3',
    given: [report('x'), 31, report('y')],
    then: [],
  },
  'a trigger fires once per fact: another input does not fire it again': {
    triggers: [integrity],
    from: 'L3',
    given: [corrupt, lower('L3'), report('x'), reported({ users: 1 })],
    then: ['0 L1 by trigger', '0 L3 by person'],
  },
  'a lowering holds against all facts known then': {
    triggers: [customers],
    from: 'L3',
    given: [report('x'), report('y'), lower('L3'), reported({ users: 1 })],
    then: ['0 L2 by trigger', '0 L3 by person'],
  },
  'a new fact after a lowering fires again': {
    triggers: [customers],
    from: 'L3',
    given: [report('x'), report('y'), lower('L3'), report('z')],
    then: ['0 L2 by trigger', '0 L3 by person', '0 L2 by trigger'],
  },
  'a lowering holds against a rule whose alerts go on': {
    triggers: [],
    from: 'L2',
    given: [lower('L3'), observed({ level: 'L2' })],
    then: ['0 L3 by person'],
  },
  'an alert that nobody knew of when a person lowered raises': {
    triggers: [],
    from: 'L2',
    given: [lower('L3'), { ...observed({ level: 'L2' }), news: observed({ level: 'L2' }).routing }],
    then: ['0 L3 by person', '0 L2 by rule'],
  },
  'and not where what nobody knew of is milder': {
    triggers: [],
    from: 'L2',
    given: [lower('L3'), { ...observed({ level: 'L2' }), news: observed({ level: 'L4' }).routing }],
    then: ['0 L3 by person'],
  },
  'another rule with a worse level raises: the worst wins': {
    triggers: [],
    from: 'L3',
    given: [
      observed({ level: 'L2', rule: { name: 'other', where: { file: 'x', line: 1, column: 1 } } }),
    ],
    then: ['0 L2 by rule'],
  },
  'another rule with a milder level changes nothing': {
    triggers: [],
    from: 'L2',
    given: [
      observed({ level: 'L3', rule: { name: 'other', where: { file: 'x', line: 1, column: 1 } } }),
    ],
    then: [],
  },
  'the ceiling of automation holds': {
    triggers: [integrity],
    from: 'L3',
    given: [corrupt],
    then: ['0 L2 by trigger'],
    more: { automation: { ...base.automation, ceiling: 'L2' } },
  },
  'above the ceiling a person decides': {
    triggers: [],
    from: 'L2',
    given: [{ type: 'ChangeSeverity', level: 'L1', reason: null }],
    then: ['0 L1 by person'],
    more: { automation: { ...base.automation, ceiling: 'L2' } },
  },
  'impact counts from its least value on': {
    triggers: [grows],
    from: 'L3',
    given: [reported({ users: 50 }), reported({ users: 100 })],
    then: ['0 L2 by trigger'],
  },
  'automation raises at most so often': {
    triggers: [grows],
    from: 'L4',
    given: [reported({ users: 100 }), reported({ users: 200 }), reported({ users: 400 })],
    then: ['0 L3 by trigger'],
    more: { automation: { ...base.automation, raiseAtMost: { count: 1, withinMs: 15 * MINUTE } } },
  },
  'and once the span is over, what it saw raises if it still holds': {
    triggers: [grows, integrity],
    from: 'L4',
    given: [reported({ users: 100 }), reported({ users: 200 }), 2, corrupt, 13],
    then: ['0 L3 by trigger', '15 L1 by trigger'],
    more: { automation: { ...base.automation, raiseAtMost: { count: 1, withinMs: 15 * MINUTE } } },
  },
  'and again when the span is over': {
    triggers: [grows],
    from: 'L4',
    given: [reported({ users: 100 }), reported({ users: 200 }), 15, reported({ users: 400 })],
    then: ['0 L3 by trigger', '15 L2 by trigger'],
    more: { automation: { ...base.automation, raiseAtMost: { count: 1, withinMs: 15 * MINUTE } } },
  },
  'and at most so often by whatever trigger': {
    triggers: [grows, integrity],
    from: 'L4',
    given: [reported({ users: 100 }), reported({ users: 200 }), corrupt],
    then: ['0 L3 by trigger'],
    more: { automation: { ...base.automation, raiseAtMost: { count: 1, withinMs: 15 * MINUTE } } },
  },
  'a timed trigger counts from the entry into the level': {
    triggers: [noCause],
    from: 'L2',
    given: [45],
    then: ['30 L1 by trigger'],
  },
  'a change of level starts its time anew': {
    triggers: [noCause],
    from: 'L3',
    given: [20, { type: 'ChangeSeverity', level: 'L2', reason: null }, 29, 1],
    then: ['20 L2 by person', '50 L1 by trigger'],
  },
  'it fires once per entry into the level': {
    triggers: [noCause],
    from: 'L2',
    given: [30, lower('L2'), 29, 1],
    then: ['30 L1 by trigger', '30 L2 by person', '60 L1 by trigger'],
  },
  'it stops at monitoring': {
    triggers: [noCause],
    from: 'L2',
    given: [20, { type: 'SetPhase', phase: 'monitoring', text: null }, 60],
    then: [],
  },
  '"no root cause" is satisfied by identified': {
    triggers: [noCause],
    from: 'L2',
    given: [20, { type: 'SetPhase', phase: 'identified', text: null }, 60],
    then: [],
  },
  'and by a root cause': {
    triggers: [noCause],
    from: 'L2',
    given: [20, { type: 'RootCauseFound', text: 'a full disk' }, 60],
    then: [],
  },
};

test('one more alert of a storm raises nothing that a person has lowered', () => {
  const s = new Story(base);
  const fact = observed({ level: 'L2' });
  s.feed({ ...fact, storm: { over: 'the organisation', children: [] } });
  s.feed(declare, byPerson('ada'));
  s.feed(lower('L3'), byPerson('ada'));
  s.feed({ ...fact, news: fact.routing });
  expect(s.incident.level).toBe('L3');
});

/** What is said to the responders about triggers that may not raise. */
const told = (s: Story): readonly string[] =>
  s.sent.flatMap(({ effect }) =>
    'about' in effect && effect.about.kind === 'held' && 'text' in effect ? [effect.text] : [],
  );

describe('triggers', () => {
  test.each(Object.entries(table))('%s', (_sentence, { triggers, from, given, then, more }) => {
    const s = at(from, triggers, more);
    for (const step of given) {
      if (typeof step === 'number') s.advance(step * MINUTE);
      else expect(s.feed(step, byPerson('ada'))).toMatchObject({ ok: true });
    }
    expect(changes(s)).toEqual(then);
  });

  test('say what they saw, and where they stand', () => {
    const s = at('L3', [grows]);
    s.feed(reported({ users: 100 }), byPerson('ada'));
    s.feed(reported({ users: 250 }), byPerson('ada'));
    expect(s.last('SeverityChanged')?.because).toBe(
      'trigger "impact doubled" (test.yaml:1): users grew from 100 to 250',
    );
  });

  test('held by a limit say so, and leave it to a person', () => {
    const s = at('L4', [grows], {
      automation: { ...base.automation, raiseAtMost: { count: 1, withinMs: 15 * MINUTE } },
    });
    for (const users of [100, 200, 400, 500]) s.feed(reported({ users }), byPerson('ada'));
    expect(s.last('TriggerHeld')?.why).toContain('a person must decide');
    expect(told(s)).toEqual([
      'inc-1: users grew from 200 to 400, and trigger "impact doubled" would raise it, but automation may raise only 1 time(s) in this span. If it is that bad: `tocsin severity inc-1 LEVEL`.',
    ]);
  });

  test('wait while automation is paused, and fire when the pause ends', () => {
    const s = at('L3', [integrity]);
    s.lookups = {
      ...noLookups,
      pauses: {
        automation: { since: START, until: START + 20 * MINUTE, by: 'ada', why: 'a migration' },
      },
    };
    s.feed(corrupt, byPerson('ada'));
    expect(changes(s)).toEqual([]);
    expect(s.last('TriggerHeld')?.why).toBe('automation is paused by ada: a migration');
    s.advance(20 * MINUTE);
    expect(changes(s)).toEqual(['20 L1 by trigger']);
  });

  test('that had to wait for the end of a pause do not fire if the phase has moved on meanwhile', () => {
    const s = at('L2', [noCause]);
    s.lookups = {
      ...noLookups,
      pauses: {
        automation: { since: START, until: START + 45 * MINUTE, by: 'ada', why: 'a migration' },
      },
    };
    s.advance(40 * MINUTE);
    expect(s.last('TriggerHeld')?.why).toBe('automation is paused by ada: a migration');
    s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('cleo'));
    s.advance(60 * MINUTE);
    expect(changes(s)).toEqual([]);
  });

  test('raise an incident whose level is pending', () => {
    const s = new Story(policy({ triggers: [integrity] }));
    s.feed(declare, byPerson('ada'));
    expect(s.incident.level).toBeNull();
    s.feed(corrupt, byPerson('ada'));
    expect(s.incident.level).toBe('L1');
  });

  const nextStep = { ...noCause, then: { kind: 'escalate_next_step' } } as const;

  test('may call the next step instead, once per entry into the level', () => {
    const s = at('L2', [nextStep]);
    s.advance(60 * MINUTE);
    expect(changes(s)).toEqual([]);
    expect(s.rings().filter((ring) => ring.startsWith('30'))).toHaveLength(1);
  });

  test('that call the next step again owe an answer to either call', () => {
    const s = at('L2', [nextStep]);
    s.advance(30 * MINUTE).feed(lower('L3'), byPerson('ada'));
    s.feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('ada'));
    s.advance(30 * MINUTE);
    const called = Object.values(s.incident.escalations).filter(({ key }) => key.kind === 'next');
    expect(called.map(({ recipient, since }) => [recipient, (since - START) / MINUTE])).toEqual([
      [{ kind: 'group', group: 'managers' }, 30],
      [{ kind: 'group', group: 'directors' }, 60],
    ]);
  });

  test('that find no further step to call say so, and ring the address for alarms', () => {
    const s = at('L2', [nextStep], { escalationPolicies: { standard: ownOnly } });
    s.advance(30 * MINUTE);
    expect(s.rings().filter((ring) => ring.startsWith('30'))).toEqual(['30 Eve at pd']);
    expect(s.incident.alarms['trigger:no root cause']?.reason).toBe(
      'trigger "no root cause" (test.yaml:1): no root cause after 30 min at L2; there is no further step to call',
    );
  });

  test('that find no further step to call ring nobody any more once somebody has done something', () => {
    const s = at('L2', [nextStep], { escalationPolicies: { standard: ownOnly } });
    s.advance(30 * MINUTE);
    s.advance(2 * MINUTE).feed({ type: 'AddNote', text: 'the disk is full' }, byPerson('ada'));
    s.advance(0);
    expect(s.last('AlarmCleared')?.because).toBe('somebody has done something since');
    s.advance(20 * MINUTE);
    expect(s.rings().filter((ring) => ring.includes('Eve'))).toEqual(['30 Eve at pd']);
  });

  test('call the next step of a service where the level names no role', () => {
    const s = new Story(
      withLevel(
        'L2',
        { page: { triage: [], declared: [], commanded: [], onRequest: [] }, public: null },
        { triggers: [nextStep] },
      ),
    );
    s.feed({ ...observed(), storm: { over: 'source prom', children: [] } });
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(30 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '30 Ben at pd']);
  });
});

test('a rule that raises says in which file and line it stands', () => {
  const s = new Story(base);
  const rule = { name: 'tills down', where: { file: 'shop.yaml', line: 12, column: 3 } };
  s.feed(observed({ level: 'L3' }));
  s.feed(observed({ level: 'L2', rule }));
  expect(s.last('SeverityChanged')).toMatchObject({
    to: 'L2',
    cause: { kind: 'rule', name: 'tills down' },
    where: rule.where,
  });
});

describe('a person', () => {
  test('may lower with a reason, not without', () => {
    const s = at('L2', []);
    expect(
      s.feed({ type: 'ChangeSeverity', level: 'L3', reason: ' ' }, byPerson('ada')),
    ).toMatchObject({ ok: false, code: 'reason_needed' });
    expect(s.feed(lower('L3'), byPerson('ada'))).toMatchObject({ ok: true });
  });

  test('may raise without a reason', () => {
    expect(
      at('L2', []).feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('ada')),
    ).toMatchObject({ ok: true });
  });

  test.each([
    ['same_level', 'L2'],
    ['unknown_level', 'L9'],
  ])('is refused with %s', (code, level) => {
    expect(
      at('L2', []).feed({ type: 'ChangeSeverity', level, reason: 'x' }, byPerson('ada')),
    ).toMatchObject({ ok: false, code });
  });
});

describe('a raise is news to whoever has answered', () => {
  const raised: Request = { type: 'ChangeSeverity', level: 'L1', reason: null };
  const later = (s: Story, from: number): readonly string[] =>
    s.rings().filter((ring) => Number.parseInt(ring, 10) >= from);
  /** In triage, answered by Ada at the start. */
  function inTriage(): Story {
    const byPeople = { declare: { by: ['person'], orAfterMs: null } } as const;
    const levels = policy().levels.map((one) => ({ ...one, ...byPeople }));
    const s = new Story(policy({ triggers: [integrity], levels }));
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    return s;
  }

  test.each<[string, Request, string]>([
    ['a person', raised, 'finn'],
    ['a trigger', corrupt, 'finn'],
  ])('and did nothing for ten minutes: by %s', (_by, request, person) => {
    const s = inTriage();
    s.advance(11 * MINUTE).feed(request, byPerson(person));
    expect(later(s, 1)).toEqual(['11 Ada at pd']);
    const page = s.pages('pager.trigger').at(-1)?.effect;
    expect(`${page?.title} ${page?.body}`).toMatch(/L1.*It is L1 now/s);
  });

  test('but not while they are at it', () => {
    const s = inTriage();
    s.advance(5 * MINUTE).feed({ type: 'AddNote', text: 'I look.' }, byPerson('ada'));
    s.advance(9 * MINUTE).feed(raised, byPerson('finn'));
    expect(later(s, 1)).toEqual([]);
  });

  test('but not where somebody commands, who reads it and calls whom they want', () => {
    const s = at('L2', []);
    s.advance(11 * MINUTE).feed(raised, byPerson('finn'));
    s.advance(0);
    expect(later(s, 1)).toEqual([]);
  });

  test('as is a phone that rings unanswered: it rings anew, with the level of now', () => {
    const s = new Story(policy());
    s.feed(observed());
    s.advance(2 * MINUTE).feed(raised, byPerson('finn'));
    expect(later(s, 0)).toEqual(['0 Ada at pd', '2 Ada at pd']);
    expect(s.pages('pager.trigger').at(-1)?.effect.title).toContain('L1');
  });

  test('who hears it answers it once, and what nobody answers goes to the next step', () => {
    const s = inTriage();
    s.advance(11 * MINUTE).feed(raised, byPerson('finn'));
    s.advance(5 * MINUTE);
    expect(later(s, 12)).toEqual(['16 Ben at pd']);
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(20 * MINUTE);
    expect(later(s, 17)).toEqual([]);
  });

  test('whoever has the role by now is asked whether they are at it, not who answered first', () => {
    const s = inTriage();
    s.advance(9 * MINUTE).feed({ type: 'TakeRole', role: 'expert' }, byPerson('ben'));
    s.advance(2 * MINUTE).feed(raised, byPerson('finn'));
    expect(later(s, 1)).toEqual([]);
  });
});

describe('the clocks of a level', () => {
  test('begin with a raise: the public hears within the time of the new level', () => {
    const s = at('L3', []);
    expect(s.posts()).toEqual([]);
    s.advance(20 * MINUTE).feed(
      { type: 'ChangeSeverity', level: 'L2', reason: null },
      byPerson('ada'),
    );
    expect(s.posts()).toEqual(['20 investigating']);
    expect(s.incident.drafts['d1']?.anchor).toEqual({
      kind: 'first',
      since: START + 20 * MINUTE,
      withinMs: 5 * MINUTE,
    });
  });

  test('a raise tightens the promise, a lowering keeps the one that is published', () => {
    const s = at('L2', []);
    expect(s.incident.publicPages['page']?.promisedAt).toBe(START + 30 * MINUTE);
    s.advance(MINUTE).feed(lower('L3'), byPerson('ada'));
    s.advance(28 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating']);
    s.advance(2 * MINUTE);
    expect(
      s.posts().length,
      'what was promised for minute 30 still comes, as a post or a draft',
    ).toBe(1);
    expect(Object.values(s.incident.drafts).at(-1)).toMatchObject({
      unchanged: true,
      status: 'investigating',
    });
  });

  test('begin with a lowering too: who is told on the hour at the milder level is told on the hour', () => {
    const s = new Story(
      withLevel('L3', {
        audiences: [
          {
            audience: 'support',
            to: { kind: 'channel', target: 'chat', channel: 'support' },
            firstWithinMs: null,
            everyMs: null,
            slower: null,
            topOfHour: true,
          },
        ],
      }),
    );
    s.feed(observed());
    s.feed(declare, byPerson('ada'));
    s.advance(20 * MINUTE).feed(lower('L3'), byPerson('ada'));
    const told = () => s.messages().filter(({ channel }) => channel === 'support').length;
    s.advance(39 * MINUTE);
    expect(told()).toBe(0);
    s.advance(MINUTE);
    expect(told()).toBe(1);
  });

  test('a level that is found later brings the roles of its triage', () => {
    const s = new Story(base);
    s.feed(observed({ level: null }));
    expect(Object.keys(s.incident.escalations)).toEqual(['service:basket']);
    s.advance(MINUTE).feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('ben'));
    expect(Object.keys(s.incident.escalations)).toEqual(['service:basket', 'role:expert']);
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.incident.roles).toMatchObject({ expert: { person: 'ada' } });
  });

  const milder = withLevel('L3', {
    page: { triage: ['expert'], declared: [], commanded: [], onRequest: [] },
  });

  test('an alarm that nobody answers for a role ends when the milder level does not ask for it', () => {
    const s = new Story(
      policy({
        ...milder,
        escalationPolicies: { standard: ownOnly },
      }),
    );
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(6 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual([
      'escalation:role:commander',
      'escalation:role:voice',
    ]);
    const before = s.rings().length;
    s.feed(lower('L3'), byPerson('ada'));
    s.advance(15 * MINUTE);
    expect(s.incident.alarms).toEqual({});
    expect(s.rings()).toHaveLength(before);
  });

  const onChangeOnly = publicCadence(null, { firstWithinMs: null });

  test('a lowering owes the public no first post', () => {
    const s = at('L1', [], withLevel('L1', { public: onChangeOnly }));
    s.feed(lower('L2'), byPerson('ada'));
    s.advance(60 * MINUTE);
    expect(s.incident.drafts).toEqual({});
  });

  test('a raise owes no first post to a page that knows of the incident', () => {
    const s = at('L2', [], withLevel('L2', { public: onChangeOnly }));
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('ada'));
    s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('ada'));
    expect(Object.keys(s.incident.drafts)).toEqual(['d1']);
  });

  test('roles that the milder level does not ask for are no longer searched', () => {
    const s = new Story(milder);
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.feed(lower('L3'), byPerson('ada'));
    expect(s.incident.escalations).toMatchObject({
      'role:commander': { state: 'ended' },
      'role:voice': { state: 'ended' },
    });
    expect(s.pages('pager.resolve')).toHaveLength(2);
  });
});

describe('a lowering to a level that has a role on request only', () => {
  const quieter = withLevel('L3', {
    page: { triage: ['expert'], declared: ['commander'], commanded: [], onRequest: ['voice'] },
  });
  const voice = (s: Story): string | undefined => s.incident.escalations['role:voice']?.state;

  function declared(): Story {
    const s = new Story(quieter);
    s.feed(observed());
    s.feed(declare, byPerson('ada'));
    expect(voice(s)).toBe('open');
    return s;
  }

  test('ends the search that the worse level began', () => {
    const s = declared();
    s.feed(lower('L3'), byPerson('ada'));
    expect(voice(s)).toBe('ended');
  });

  test('leaves the search for which somebody has asked', () => {
    const s = declared();
    s.feed({ type: 'Acknowledge', page: null }, byPerson('dev'));
    s.feed({ type: 'PageRole', role: 'voice' }, byPerson('ada'));
    s.feed(lower('L3'), byPerson('ada'));
    expect(voice(s)).toBe('open');
  });

  test('leaves one that the worse level began and for which somebody has asked since, with its step', () => {
    const s = declared().advance(MINUTE);
    const rung = s.rings();
    s.feed({ type: 'PageRole', role: 'voice' }, byPerson('ada'));
    expect(s.rings(), 'nobody is rung anew').toEqual(rung);
    s.feed(lower('L3'), byPerson('ada'));
    expect(s.incident.escalations['role:voice']).toMatchObject({ state: 'open', since: START });
  });
});
