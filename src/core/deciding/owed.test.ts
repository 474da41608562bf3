/** What an incident owes: each clock, from where it counts, what ends it, and under which alarm it stands. */
import { describe, expect, test } from 'vitest';
import {
  level,
  policy,
  publicCadence,
  role,
  trigger,
  withLevel,
} from '../../../test/support/policy.ts';
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
import { decide } from './decide.ts';
import type { Settled } from '../model/effect.ts';
import type { Incident } from '../model/incident.ts';
import { encodeAlarm, encodeClock } from '../model/keys.ts';
import { answersOf } from './axes.ts';
import { owed, wakeUpOf } from './owed.ts';
import type { AudienceCadence, Level, Policy, PublicCadence } from '../model/policy.ts';

const HOUR = 60 * MINUTE;
const SECOND = 1_000;
const base = policy();
const usual = new Story(base).answer;
const refused: Settled = {
  result: 'rejected',
  ofAccount: false,
  reason: 'not_found',
  detail: 'no',
  hint: 'ask',
};

function opened(by: Policy = base, answer: Story['answer'] = usual): Story {
  const s = new Story(by);
  s.answer = answer;
  s.feed(observed());
  return s;
}

/** Declared, and all who were rung have answered: nobody is looked for any more. */
function declared(by: Policy = base, answer: Story['answer'] = usual): Story {
  const s = opened(by, answer);
  s.feed(declare, byPerson('ada'));
  for (const person of ['ada', 'cleo', 'dev', 'gus'])
    s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
  return s;
}

/** Clock -> minute at which it falls due. */
function clocks(s: Story): Readonly<Record<string, number>> {
  return Object.fromEntries(
    s.owed().map(({ clock, dueAt }) => [encodeClock(clock), (dueAt - START) / MINUTE]),
  );
}

/** What is said of an alarm, one or many times. */
function alarmsAt(s: Story): readonly number[] {
  return s.events.flatMap(({ type, at }) =>
    type === 'AlarmRaised' ? [(at - START) / MINUTE] : [],
  );
}

/** Alarms are open, each is repeated at its rhythm, and what stands under it is dealt with beside it by nobody. */
function standsUnder(s: Story, alarm: string): void {
  expect(Object.keys(s.incident.alarms)).toContain(alarm);
  const from = s.events.length;
  s.advance(25 * MINUTE);
  expect(s.incident.stuck).toEqual({});
  const later = s.events.slice(from);
  expect(later.map(({ type }) => type)).not.toContain('ClockStuck');
  const again = later.filter(
    (one) => one.type === 'AlarmRaised' && encodeAlarm(one.alarm) === alarm,
  );
  expect([2, 3]).toContain(again.length);
}

describe('declaration by itself', () => {
  const waiting = withLevel('L2', { declare: { by: ['person'], orAfterMs: 5 * MINUTE } });

  test('comes no later for a raise, and sooner where the worse level waits less', () => {
    const raisedTo = (orAfterMs: number | null): number | undefined => {
      const levels = waiting.levels.map((one) =>
        one.id === 'L1' ? { ...one, declare: { by: [], orAfterMs } } : one,
      );
      const s = opened({ ...waiting, levels });
      s.advance(3 * MINUTE);
      s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('ada'));
      return clocks(s)['declare'];
    };
    expect([null, 5 * MINUTE, MINUTE].map(raisedTo)).toEqual([5, 5, 4]);
  });

  test('does not count the time in which nothing fired, and goes on where it stood', () => {
    const s = opened(waiting);
    s.advance(3 * MINUTE).feed(cleared);
    s.advance(5 * MINUTE).feed(observed());
    expect(clocks(s)['declare']).toBe(10);
    s.advance(2 * MINUTE);
    expect(s.incident.declaredAt).toBe(START + 10 * MINUTE);
  });

  test('counts whole at a level that was entered while nothing fired', () => {
    const levels = waiting.levels.map((one) =>
      one.id === 'L1' ? { ...one, declare: { by: [], orAfterMs: 2 * MINUTE } } : one,
    );
    const s = opened({ ...waiting, levels });
    s.advance(MINUTE).feed(cleared);
    s.advance(2 * MINUTE);
    s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('ada'));
    s.advance(3 * MINUTE).feed(observed());
    expect(clocks(s)['declare']).toBe(8);
  });

  test('is not for what was reopened while nothing fires', () => {
    const s = opened(waiting);
    s.advance(MINUTE);
    s.feed({ type: 'MarkFalsePositive', reason: 'noise' }, byPerson('ada'));
    s.feed({ ...cleared });
    s.advance(HOUR);
    s.feed({ type: 'Reopen', reason: 'not so sure' }, byPerson('ada'));
    s.advance(2 * HOUR);
    expect(s.incident).toMatchObject({ phase: 'triage', declaredAt: null });
  });
});

describe('an alert that clears and fires again in triage', () => {
  test('leaves an escalation and an alarm as much time as was left', () => {
    const s = opened(base, (effect) =>
      effect.name === 'pager.trigger' && 'page' in effect && effect.page === 'p1'
        ? refused
        : usual(effect),
    );
    expect(clocks(s)).toMatchObject({ 'alarm:page:p1': 10, 'escalation:role:expert': 10 });
    s.advance(4 * MINUTE).feed(cleared);
    s.advance(5 * MINUTE).feed(observed());
    expect(clocks(s)).toMatchObject({ 'alarm:page:p1': 15, 'escalation:role:expert': 15 });
  });
});

describe('a response time', () => {
  const timed = withLevel('L2', {
    respond: { acknowledgeMs: 5 * MINUTE, engageMs: 15 * MINUTE },
  });

  test('is said once when it was missed, and counts anew at another level', () => {
    const levels = timed.levels.map((one) =>
      one.id === 'L1' ? { ...one, respond: { acknowledgeMs: 10 * MINUTE, engageMs: null } } : one,
    );
    const s = opened({ ...timed, levels });
    s.feed(declare, byPerson('finn'));
    s.advance(4 * MINUTE);
    s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('finn'));
    expect(clocks(s)['respond:acknowledge']).toBe(14);
    s.advance(HOUR);
    const missed = s.events.flatMap((event) =>
      event.type === 'ClockMissed' ? [[event.clock, (event.at - START) / MINUTE]] : [],
    );
    expect(missed).toEqual([['acknowledge', 14]]);
    expect(s.incident.stuck).toEqual({});
  });

  test('of a commander is not set where the level asks for none', () => {
    const s = opened(
      withLevel('L2', {
        respond: { acknowledgeMs: null, engageMs: 5 * MINUTE },
        page: { triage: ['expert'], declared: ['voice'], commanded: [], onRequest: [] },
      }),
    );
    s.feed(declare, byPerson('finn'));
    expect(clocks(s)).not.toHaveProperty('respond:engage');
  });

  test('is measured once: what is reopened gives nobody a new one', () => {
    const s = opened(timed);
    s.feed(declare, byPerson('finn'));
    s.feed({ type: 'Resolve', text: null }, byPerson('finn'));
    s.advance(MINUTE);
    s.feed({ type: 'Reopen', reason: 'again' }, byPerson('finn'));
    s.advance(HOUR);
    expect(s.types()).not.toContain('ClockMissed');
  });
});

describe('"no root cause"', () => {
  test('stops counting when it is identified, also where nobody named a cause', () => {
    const s = declared(
      policy({
        triggers: [
          trigger(
            'no cause',
            { kind: 'no_root_cause', given: { no_root_cause: { L2: 30 * MINUTE } } },
            { kind: 'raise', levels: 1 },
          ),
        ],
      }),
    );
    expect(clocks(s)['trigger:no cause']).toBe(30);
    s.advance(10 * MINUTE);
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    s.advance(HOUR);
    expect(s.incident.level).toBe('L2');
    expect(s.incident.stuck).toEqual({});
  });
});

describe('the escalation', () => {
  test('waits at each step from the moment it was entered', () => {
    const s = opened();
    s.advance(5 * MINUTE);
    expect(clocks(s)['escalation:role:expert'], 'the second step has ten minutes of its own').toBe(
      15,
    );
  });

  test('that came to its end stands under its alarm', () => {
    const s = opened();
    s.advance(40 * MINUTE);
    expect(s.incident.escalations['role:expert']?.state).toBe('exhausted');
    const ofEscalation = s
      .owed()
      .filter(({ clock }) => clock.kind === 'alarm')
      .map(({ what }) => what);
    expect(ofEscalation).toContain('the alarm for expert again, unless somebody answers');
    standsUnder(s, 'escalation:role:expert');
  });

  test('of an alarm owes the next ring at its interval, from when somebody was rung last', () => {
    const s = opened(base, (effect) =>
      effect.name === 'pager.trigger' && 'page' in effect && effect.page === 'p1'
        ? refused
        : usual(effect),
    );
    expect(clocks(s), 'Ben is reached in her place').not.toHaveProperty('call');
    s.advance(11 * MINUTE);
    expect(clocks(s)['call']).toBe(20);
    s.advance(20 * MINUTE);
    expect(
      s.rings().filter((ring) => ring.includes('Eve')),
      'her step of the escalation is no ring of its own, for her phone rings by then',
    ).toEqual(['10 Eve at pd', '20 Eve at pd', '30 Eve at pd']);
  });
});

describe('a page', () => {
  test('that no pager confirms stands under its alarm', () => {
    const s = opened(base, (effect) => (effect.name === 'pager.trigger' ? null : usual(effect)));
    s.advance(3 * MINUTE);
    standsUnder(s, 'page:p1');
  });

  test('that is recorded and not sent owes nothing', () => {
    const s = opened(base, (effect) =>
      effect.name === 'pager.trigger' ? { result: 'withheld', mode: 'shadow' } : usual(effect),
    );
    // Each pager in turn would only record it.
    expect(Object.keys(clocks(s)).filter((clock) => clock.startsWith('failover'))).toEqual([]);
  });
});

describe('an alarm', () => {
  test('is said at its rhythm from when it was said last, counted, and known since when', () => {
    const s = opened(base, (effect) =>
      effect.name === 'pager.trigger' && 'page' in effect && effect.page === 'p1'
        ? refused
        : usual(effect),
    );
    s.advance(25 * MINUTE);
    const page = s.incident.alarms['page:p1'];
    expect(page).toMatchObject({ count: 3, since: START, saidAt: START + 20 * MINUTE });
    expect(clocks(s)['alarm:page:p1']).toBe(30);
    expect(s.incident.stuck).toEqual({});
  });
});

describe('a test page', () => {
  const page = (): Story => {
    const s = new Story(base);
    s.feed({ type: 'PageTest', person: 'ada' }, byPerson('ben'));
    return s;
  };

  test('that nobody acknowledges ends after a quarter of an hour', () => {
    const s = page().advance(15 * MINUTE);
    expect(s.incident).toMatchObject({ phase: 'closed', closedAs: 'false_positive' });
  });

  test('that is reopened has its quarter of an hour anew', () => {
    const s = page().advance(HOUR);
    s.feed({ type: 'Reopen', reason: 'once more' }, byPerson('ben'));
    s.advance(14 * MINUTE);
    expect(s.incident.phase).toBe('triage');
    s.advance(MINUTE);
    expect(s.incident.phase).toBe('closed');
  });

  test('that a person resolved was no false positive, and closes like what else is resolved', () => {
    const s = page().advance(11 * MINUTE);
    s.feed({ type: 'Resolve', text: 'it rang' }, byPerson('ben'));
    s.advance(HOUR);
    expect(s.incident).toMatchObject({ phase: 'resolved', closedAs: null });
    s.advance(24 * HOUR);
    expect(s.incident).toMatchObject({ phase: 'closed', closedAs: 'resolved' });
  });
});

describe('closing', () => {
  test('counts from the resolution, whatever is noted afterwards', () => {
    const s = declared();
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(20 * HOUR);
    s.feed({ type: 'AddNote', text: 'It was the disk.' }, byPerson('cleo'));
    expect(clocks(s)['close']).toBe(24 * 60);
  });
});

describe('a notice', () => {
  const noticing = (withinMs: number): Partial<Level> => ({
    notify: [{ who: [{ kind: 'person', person: 'finn' }], withinMs }],
  });
  const silent: Story['answer'] = (effect) =>
    'about' in effect && effect.about.kind === 'notice' ? null : usual(effect);

  test('has the time that it was sent with, where a reload removed it', () => {
    const s = declared(withLevel('L2', noticing(20 * MINUTE)), silent);
    s.policy = base;
    expect(clocks(s)['notify:L2:1']).toBe(20);
  });

  test('that was not delivered in time stands under its alarm', () => {
    const s = declared(withLevel('L2', noticing(5 * MINUTE)), silent);
    s.advance(6 * MINUTE);
    standsUnder(s, 'notify:L2:1');
  });

  test('is owed no more when the incident is over', () => {
    const s = declared(withLevel('L2', noticing(5 * MINUTE)), silent);
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(HOUR);
    expect(alarmsAt(s)).toEqual([]);
  });
});

describe('an audience', () => {
  const internal = (change: Partial<AudienceCadence>): AudienceCadence => ({
    audience: 'internal',
    to: { kind: 'room' },
    firstWithinMs: null,
    everyMs: 15 * MINUTE,
    slower: null,
    topOfHour: false,
    ...change,
  });
  const told = (s: Story): readonly number[] =>
    s.events.flatMap(({ type, at }) =>
      type === 'AudienceInformed' ? [(at - START) / MINUTE] : [],
    );

  test('hears more seldom only after the time that the level says', () => {
    const slower = { afterMs: 30 * MINUTE, everyMs: 60 * MINUTE };
    const s = opened(withLevel('L2', { audiences: [internal({ slower })] }));
    s.feed(declare, byPerson('finn'));
    s.advance(2 * HOUR);
    expect(told(s)).toEqual([0, 15, 30, 90]);
  });

  test('that a lowering leaves behind is told once more, by the cadence it knows, and then of changes only', () => {
    const s = opened(withLevel('L2', { audiences: [internal({})] }));
    s.feed(declare, byPerson('finn'));
    s.advance(20 * MINUTE);
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'it is milder' }, byPerson('finn'));
    expect(clocks(s)['audience:internal']).toBe(30);
    s.advance(2 * HOUR);
    expect(told(s)).toEqual([0, 15, 30]);
    expect(s.last('AudienceInformed')?.cadence).toBeNull();
  });
});

const asking: PublicCadence['approval'] = {
  investigating: 'required',
  identified: 'required',
  monitoring: 'required',
  resolved: 'required',
  unchanged: 'required',
};

function asked(change: Partial<PublicCadence> = {}): Policy {
  return withLevel('L2', { public: publicCadence(30 * MINUTE, { approval: asking, ...change }) });
}

function askedAt(s: Story): readonly number[] {
  return s.sent.flatMap(({ at, effect }) =>
    'about' in effect && effect.about.kind === 'approval' ? [(at - START) / MINUTE] : [],
  );
}

describe('a draft that waits for a person', () => {
  test('is asked for again before it is due, and not in between', () => {
    const s = declared(asked());
    s.advance(9 * MINUTE);
    expect(askedAt(s)).toEqual([0, 10 / 3]);
    expect(s.incident.stuck).toEqual({});
  });

  test('is asked for again when the page promises news, early enough to be read', () => {
    const s = declared(asked({ approval: { ...asking, investigating: 'none' } }));
    s.advance(10 * MINUTE);
    s.feed({ type: 'SetPhase', phase: 'identified', text: 'a disk' }, byPerson('cleo'));
    s.advance(19 * MINUTE);
    expect(askedAt(s)).toEqual([10, 40 / 3, 25]);
  });

  test('has a minute from the approval before it counts as late, however late that came', () => {
    const s = declared(asked({ firstWithinMs: 10 * MINUTE }), (effect) =>
      effect.name === 'statusPage.publish' ? null : usual(effect),
    );
    s.advance(18 * MINUTE);
    s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'));
    expect(clocks(s)['late:page']).toBe(19);
  });

  test('that is late stands under its alarm', () => {
    const s = declared(asked());
    s.advance(11 * MINUTE);
    standsUnder(s, 'public:page');
  });

  test('that is rejected is followed by another text before the first one was due', () => {
    const s = declared(asked({ firstWithinMs: 10 * MINUTE }));
    s.advance(3 * MINUTE);
    s.feed({ type: 'Reject', draft: 'd1', reason: 'too vague', closed: false }, byPerson('dev'));
    expect(clocks(s)['update:page']).toBe(20 / 3);
    s.advance(7 * MINUTE);
    expect(s.incident.drafts['d2']?.state).toBe('waiting');
  });

  test('that is rejected when it is due already gives a minute to think', () => {
    const s = declared(asked());
    s.advance(7 * MINUTE);
    s.feed({ type: 'Reject', draft: 'd1', reason: 'too vague', closed: false }, byPerson('dev'));
    expect(clocks(s)['update:page']).toBe(8);
  });
});

describe('an automatic repeat', () => {
  test('that hangs for a minute is late', () => {
    let posts = 0;
    const s = declared(base, (effect) => {
      if (effect.name !== 'statusPage.publish') return usual(effect);
      posts += 1;
      return posts === 1 ? usual(effect) : null;
    });
    s.advance(30 * MINUTE);
    expect(clocks(s)['late:page']).toBe(31);
  });
});

describe('a page of the public', () => {
  test('is owed no update while a flag bars it: none is even drafted', () => {
    const s = declared();
    s.advance(10 * MINUTE);
    s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('cleo'));
    s.advance(HOUR);
    expect(s.types().filter((type) => type === 'PostDrafted')).toHaveLength(1);
  });

  test('that was raised hears at the new pace once, and then as it promises', () => {
    const levels = [
      level('L1', 0),
      level('L2', 1, { public: publicCadence(20 * MINUTE) }),
      level('L3', 2, { public: publicCadence(HOUR) }),
    ];
    const s = new Story(policy({ levels }));
    s.feed(observed({ level: 'L3' }));
    for (const person of ['ada', 'cleo', 'dev', 'gus'])
      s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
    s.advance(10 * MINUTE);
    s.feed({ type: 'ChangeSeverity', level: 'L2', reason: null }, byPerson('cleo'));
    s.advance(65 * MINUTE);
    expect(s.posts()).toEqual([
      '0 investigating',
      '30 investigating',
      '50 investigating',
      '70 investigating',
    ]);
  });
});

describe('a state that nobody thought of', () => {
  /** Everybody was tried, and the alarm about it is gone. */
  function broken(): Incident {
    const s = opened();
    s.advance(45 * MINUTE);
    return { ...s.incident, alarms: {} };
  }
  const at = (now: number) => ({ now, policy: base, lookups: noLookups });
  const passed = (state: Incident, now: number): Incident => {
    const input = { id: 'x', incident: state.id, at: now, actor: { kind: 'tocsin' } } as const;
    const decision = decide(state, { ...input, type: 'TimePassed' }, at(now));
    if (!decision.ok) throw new Error(decision.message);
    return decision.state;
  };

  test('alarms at once, repeats, and is not dealt with a thousand times', () => {
    const state = broken();
    const [found] = owed(state, at(0)).filter(({ clock }) => clock.kind === 'gap');
    expect(found?.dueAt).toBe(state.openedAt);
    const later = state.lastEventAt + MINUTE;
    const after = passed(state, later);
    expect(Object.keys(after.alarms)).toContain('stuck:gap:escalation:role%3Aexpert');
    expect(after.stuck).toEqual({});
    expect(after.version).toBeLessThan(state.version + 10);
    const open = owed(after, at(later)).filter(({ what }) => what.includes('expert'));
    expect(open).not.toEqual([]);
    for (const { clock, dueAt } of open.filter((one) => one.clock.kind !== 'call'))
      expect([clock.kind, dueAt]).toEqual(['alarm', later + 10 * MINUTE]);
  });

  test('is one, whatever is said of it, and over when an obligation follows', () => {
    const state = opened().incident;
    const spoilt = (rings: unknown): Incident['pages'] =>
      Object.fromEntries(
        Object.entries(state.pages).map(([id, page]) => [id, { ...page, rings } as typeof page]),
      );
    const gapsOf = ({ alarms }: Incident): readonly string[] =>
      Object.keys(alarms).filter((alarm) => alarm.startsWith('stuck:gap:page:'));
    const first = passed({ ...state, pages: spoilt(null) }, state.lastEventAt + SECOND);
    expect(gapsOf(first)).toEqual(['stuck:gap:page:p1']);
    const later = passed({ ...first, pages: spoilt({}) }, first.lastEventAt + 10 * MINUTE);
    expect(gapsOf(later)).toEqual(['stuck:gap:page:p1']);
    expect(later.alarms['stuck:gap:page:p1']?.count).toBe(2);
    const mended = passed({ ...later, pages: state.pages }, later.lastEventAt + 10 * MINUTE);
    expect(gapsOf(mended)).toEqual([]);
  });

  test('is looked at again every minute, alarmed or not', () => {
    const state = broken();
    const later = state.lastEventAt + 20 * MINUTE;
    // Rings of the alarm fall due in a minute as well.
    const after = { ...passed(state, later), pages: {} };
    expect(wakeUpOf(after, at(later))?.at).toBe(later + MINUTE);
  });
});

describe('the wake-up of an incident', () => {
  const wake = (s: Story) => {
    const found = s.state === null ? null : wakeUpOf(s.incident, s.context);
    return found === null ? null : { ...found, at: (found.at - START) / MINUTE };
  };

  test('is the earliest of what it owes, with the rank of its level', () => {
    const s = opened();
    expect(wake(s)).toEqual({ rank: 1, at: 5 });
    s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('ada'));
    expect(wake(s)).toEqual({ rank: 0, at: 5 });
  });

  test('is never further than 15 minutes away while it is open', () => {
    const s = opened(
      withLevel('L2', {
        public: null,
        page: { triage: ['expert'], declared: [], commanded: [], onRequest: [] },
      }),
    );
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    // In a week ada will be missed.
    expect(s.owed().map(({ clock }) => clock.kind)).toEqual(['presence']);
    s.advance(7 * MINUTE);
    expect(wake(s)).toEqual({ rank: 1, at: 22 });
  });

  test('has the rank of the worst while its level is pending', () => {
    const s = new Story(base);
    s.feed({ ...declare, title: 'Something is odd', service: 'basket' }, byPerson('ada'));
    expect(s.incident.level).toBeNull();
    expect(wake(s)?.rank).toBe(0);
  });

  test('has the rank of the level as it was entered, where a reload removed it', () => {
    const s = opened();
    s.policy = { ...base, levels: base.levels.filter(({ id }) => id !== 'L2') };
    expect(wake(s)?.rank).toBe(1);
  });

  test('of a resolved one is that of its close alone, and a closed one sleeps', () => {
    const s = declared(withLevel('L2', { public: null }));
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(wake(s)).toEqual({ rank: 1, at: 24 * 60 });
    s.advance(25 * HOUR);
    expect(s.incident.phase).toBe('closed');
    expect(wake(s)).toBeNull();
  });
});

test('whatever owes nothing says why', () => {
  const s = declared(asked());
  s.advance(SECOND);
  for (const { owed: answer } of answersOf(s.incident, s.context))
    if ('nothing' in answer) expect(answer.nothing).not.toBe('');
  expect(answersOf(s.incident, s.context).length).toBeGreaterThan(10);
});

test('a role that is gone from the configuration is needed no more when the incident is over', () => {
  const s = declared();
  s.reload(policy({ roles: { expert: role('expert') } }));
  s.advance(2 * MINUTE);
  expect(Object.keys(s.incident.alarms).toSorted()).toEqual([
    'removed:role:commander',
    'removed:role:voice',
    'removed:role:writer',
  ]);
  s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
  s.advance(HOUR);
  expect(s.incident.alarms).toEqual({});
});

/** What is said to be due, by clock. */
function words(s: Story): Readonly<Record<string, string>> {
  return Object.fromEntries(s.owed().map(({ clock, what }) => [encodeClock(clock), what]));
}

describe('what is owed next says what happens unless somebody acts', () => {
  const asking = withLevel('L2', {
    public: publicCadence(15 * MINUTE, {
      firstWithinMs: 10 * MINUTE,
      approval: {
        investigating: 'required',
        identified: 'required',
        monitoring: 'required',
        resolved: 'required',
        unchanged: 'required',
      },
    }),
  });
  const unheard = (effect: Parameters<Story['answer']>[0]): Settled | null =>
    effect.name === 'pager.trigger' ? null : usual(effect);

  test('the next step of an escalation, and behind the last one the alarm', () => {
    const s = opened();
    expect(words(s)['escalation:role:expert']).toBe(
      'the next step for expert, unless somebody answers',
    );
    s.advance(30 * MINUTE);
    expect(words(s)['escalation:role:expert']).toBe('an alarm for expert, unless somebody answers');
  });

  test('the next pager of a page, and behind the last one the alarm', () => {
    const s = opened(base, unheard);
    expect(words(s)).toMatchObject({
      'failover:p1': 'the next pager of page p1 to Ada, unless it gets through',
      'reach:p1': 'the word that no pager accepts page p1 to Ada',
    });
    s.advance(MINUTE);
    expect(words(s)).not.toHaveProperty('failover:p1');
    expect(words(s)).not.toHaveProperty('reach:p1');
    expect(words(s)['call']).toMatch(/^a ring for the alarm "page p1/);
    s.advance(MINUTE);
    const again = s.owed().map(({ what }) => what);
    expect(again).toContain('the alarm again, unless page p1 to Ada gets through');
  });

  test('the alarm of a late post, the question to people, and the update that was promised', () => {
    const s = declared();
    expect(words(s)['update:page']).toBe(
      'the next update on page is written (promised for 12:30 UTC)',
    );
    const waiting = declared(asking);
    expect(words(waiting)).toMatchObject({
      'approval:d1': 'people are asked again to approve public post d1 (investigating) on page',
      'late:page': 'an alarm, unless public post d1 (investigating) is on page',
    });
    waiting.advance(20 * MINUTE);
    const again = waiting.owed().map(({ what }) => what);
    expect(again.join('\n')).toMatch(/the alarm again, unless public post d\d+ \(investigating\)/);
    const draft = Object.values(waiting.incident.drafts).at(-1)?.id ?? 'd0';
    waiting.feed({ type: 'Reject', draft, reason: 'too early', closed: false }, byPerson('dev'));
    expect(words(waiting)['update:page']).toBe('another text for page is written');
  });

  test('a declaration, a measured time, a trigger', () => {
    const timed = withLevel(
      'L2',
      {
        declare: { by: ['person'], orAfterMs: 5 * MINUTE },
        respond: { acknowledgeMs: 5 * MINUTE, engageMs: 10 * MINUTE },
      },
      {
        triggers: [
          trigger(
            'no cause',
            { kind: 'no_root_cause', given: { no_root_cause: { L2: 30 * MINUTE } } },
            { kind: 'at_least', level: 'L1' },
          ),
        ],
      },
    );
    const s = opened(timed);
    expect(words(s)['declare']).toBe('the incident is declared, if an alert still fires');
    s.feed(declare, byPerson('ben'));
    expect(words(s)).toMatchObject({
      'respond:acknowledge': 'the acknowledgement is counted as missed, unless somebody answers',
      'respond:engage': 'the commander is counted as missed, unless somebody takes the command',
      'trigger:no cause': 'trigger "no cause" fires, unless the root cause is found',
    });
  });

  test('the end of the quiet, as the level and the phase have it', () => {
    const s = opened();
    s.feed(cleared);
    expect(words(s)['soak']).toBe('the incident closes, unless an alert fires again');
    const watched = (by: Policy): Story => {
      const one = declared(by);
      one.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('cleo'));
      one.feed(cleared);
      return one;
    };
    const proposing = watched(base);
    expect(words(proposing)['soak']).toBe(
      'people are asked to resolve the incident, unless an alert fires again',
    );
    proposing.advance(10 * MINUTE);
    expect(words(proposing)['soak']).toBe(
      'people are asked again to resolve the incident, unless an alert fires again',
    );
    const resolving = watched(withLevel('L2', { soak: { forMs: 10 * MINUTE, then: 'resolve' } }));
    expect(words(resolving)['soak']).toBe(
      'the incident is resolved by itself, unless an alert fires again',
    );
    resolving.lookups = {
      ...noLookups,
      pauses: { automation: { since: START, until: START + HOUR, by: 'ada', why: 'a drill' } },
    };
    expect(words(resolving)['soak'], 'in its pause automation resolves nothing').toMatch(/asked/);
  });

  test('closing, with the post-mortem where the level asks for one, and the end of a test', () => {
    const resolved = (by: Policy): Story => {
      const s = declared(by);
      s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
      return s;
    };
    expect(words(resolved(base))['close']).toBe('the incident closes');
    expect(words(resolved(withLevel('L2', { postmortemWithinMs: HOUR })))['close']).toBe(
      'the post-mortem is due, and the incident closes',
    );
    const s = new Story(base);
    s.feed({ type: 'PageTest', person: 'ada' }, byPerson('ben'));
    expect(words(s)['test']).toBe('the test ends, unless the page is acknowledged');
  });

  test('whom no notice and no update has reached, and who hears the next one', () => {
    const told = withLevel('L2', {
      notify: [{ who: [{ kind: 'group', group: 'directors' }], withinMs: 5 * MINUTE }],
      audiences: [
        {
          audience: 'internal',
          to: { kind: 'room' },
          firstWithinMs: 5 * MINUTE,
          everyMs: 15 * MINUTE,
          slower: null,
          topOfHour: false,
        },
      ],
    });
    const s = declared(told, (effect) => ('channel' in effect ? refused : usual(effect)));
    expect(words(s)).toMatchObject({
      'notify:L2:1': 'an alarm, unless notice 1 of L2 reaches everybody',
      'first:internal': 'an alarm, unless an update reaches internal',
      'audience:internal': 'the next update for internal is sent',
    });
    s.advance(5 * MINUTE);
    const again = s.owed().map(({ what }) => what);
    expect(again).toContain('the alarm again, unless notice 1 of L2 reaches everybody');
    expect(again).toContain('the alarm again, unless an update reaches internal');
  });

  test('what a reload took away, and what it gave back', () => {
    const s = declared();
    s.policy = { ...base, levels: base.levels.filter(({ id }) => id !== 'L2') };
    expect(words(s)['removed:level:L2']).toBe('an alarm: level L2 is gone from the configuration');
    s.feed({ type: 'TimePassed' });
    s.policy = base;
    expect(words(s)['removed:level:L2']).toBe(
      'the end of the alarm: level L2 is gone from the configuration',
    );
  });
});
