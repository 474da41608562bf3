/** How long a wait really is: what stands still, what goes on, and what a reload may hurry. */
import fc from 'fast-check';
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
import type { Interval, Lookups } from './lookups.ts';
import { encodeClock, type EscalationId } from './keys.ts';
import { groundOf, waited } from './obligation.ts';
import type { AudienceCadence, Policy } from './policy.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const base = policy();

function opened(by: Policy = base): Story {
  const s = new Story(by);
  s.feed(observed());
  return s;
}

function due(s: Story, clock: string): number | undefined {
  const found = s.owed().find((one) => encodeClock(one.clock) === clock);
  return found === undefined ? undefined : (found.dueAt - START) / MINUTE;
}

/** Minute by minute: a minute in which nobody may be rung does not count, and none ends a wait. */
function counted(from: number, minutes: number, still: readonly Interval[]): number {
  const stands = (at: number): boolean =>
    still.some((one) => one.from <= at * MINUTE && at * MINUTE < one.until);
  let at = from;
  for (let left = minutes; left > 0 || stands(at); at += 1) if (!stands(at)) left -= 1;
  return at;
}

function pagingPaused(from: number, until: number, past: readonly Interval[] = []): Lookups {
  const paging = { since: from, until, by: 'ada', why: 'a drill' };
  return { ...noLookups, pauses: { paging }, pagingWasPaused: past };
}

describe('a wait for an answer', () => {
  test('counts every minute but those in which paging was paused, however many pauses there were', () => {
    const { incident } = opened();
    const minute = fc.integer({ min: 0, max: 40 });
    const pause = fc
      .tuple(minute, minute)
      .map(([a, b]) => ({ from: Math.min(a, b) * MINUTE, until: Math.max(a, b) * MINUTE }));
    fc.assert(
      fc.property(minute, minute, fc.array(pause, { maxLength: 5 }), (from, minutes, past) => {
        const lookups = { ...noLookups, pagingWasPaused: past };
        const ground = groundOf(incident, { policy: base, lookups });
        expect(waited(ground, from * MINUTE, minutes * MINUTE) / MINUTE).toBe(
          counted(from, minutes, past),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('goes on where it stood when a pause is over, also when it is long forgotten which ones there were', () => {
    const s = opened();
    s.advance(2 * MINUTE);
    s.lookups = pagingPaused(s.now, s.now + 60 * MINUTE);
    expect(due(s, 'escalation:role:expert')).toBe(65);
    s.advance(10 * MINUTE);
    // Somebody ended it early.
    s.lookups = { ...noLookups, pagingWasPaused: [{ from: START + 2 * MINUTE, until: s.now }] };
    s.advance(2 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd']);
    s.advance(MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '15 Ben at pd']);
  });

  test('is none until the declaration: an incident is declared after its time, whether anybody may be rung or not', () => {
    const s = opened(withLevel('L2', { declare: { by: ['person'], orAfterMs: 5 * MINUTE } }));
    s.advance(2 * MINUTE);
    s.lookups = pagingPaused(s.now, s.now + 60 * MINUTE);
    expect(due(s, 'declare')).toBe(5);
    s.advance(3 * MINUTE);
    expect(s.incident.declaredAt).toBe(START + 5 * MINUTE);
  });

  test('stands through two pauses, and is not lengthened by one that came after its end', () => {
    const s = opened();
    const past = [
      { from: START + MINUTE, until: START + 3 * MINUTE },
      { from: START + 4 * MINUTE, until: START + 10 * MINUTE },
      { from: START + 30 * MINUTE, until: START + 60 * MINUTE },
    ];
    s.lookups = { ...noLookups, pagingWasPaused: past };
    expect(due(s, 'escalation:role:expert')).toBe(13);
  });

  test('stands in triage while nothing fires, as long as that may last', () => {
    const s = opened();
    s.advance(2 * MINUTE).feed(cleared);
    expect(
      due(s, 'escalation:role:expert'),
      'until an alert fires again, or for ever',
    ).toBeUndefined();
    expect(due(s, 'soak')).toBe(12);
    s.advance(4 * MINUTE).feed(observed());
    expect(due(s, 'escalation:role:expert'), 'three minutes were left').toBe(9);
  });

  test('counts every minute but those of the pauses and of the quiet, however they overlap', () => {
    const s = opened(withLevel('L2', { soak: { forMs: 60 * MINUTE, then: 'propose' } }));
    const past = (...minutes: readonly (readonly [number, number])[]): void => {
      const pagingWasPaused = minutes.map(([from, until]) => ({
        from: START + from * MINUTE,
        until: START + until * MINUTE,
      }));
      s.lookups = { ...noLookups, pagingWasPaused };
    };
    past([1, 3]);
    s.advance(3 * MINUTE);
    // One minute of five is over. Quiet from 4 to 10, paused from 6 to 14.
    s.advance(MINUTE).feed(cleared);
    past([1, 3], [6, 14]);
    s.advance(6 * MINUTE).feed(observed());
    expect(due(s, 'escalation:role:expert'), 'two minutes were over').toBe(17);
    s.advance(5 * MINUTE).feed(cleared);
    expect(due(s, 'escalation:role:expert'), 'three were over').toBeUndefined();
    s.advance(2 * MINUTE).feed(observed());
    expect(due(s, 'escalation:role:expert')).toBe(19);
  });

  test('of a ring that nobody confirms stands through the quiet as well', () => {
    const s = new Story(base);
    s.answer = () => null;
    s.feed(observed());
    const before = due(s, 'failover:p1');
    // What a person has done something about is not over by itself.
    s.advance(SECOND).feed({ type: 'AddNote', text: 'I see errors' }, byPerson('cleo'));
    s.advance(29 * SECOND).feed(cleared);
    s.advance(3 * MINUTE).feed(observed());
    expect(due(s, 'failover:p1')).toBe((before ?? 0) + 3);
  });

  test('goes on under command although everything has cleared and a fix is watched', () => {
    const s = opened();
    s.feed(declare, byPerson('cleo'));
    s.advance(2 * MINUTE).feed(cleared);
    s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('cleo'));
    expect(s.incident.soak).not.toBeNull();
    expect(due(s, 'escalation:role:expert')).toBe(5);
  });
});

describe('what automation would do', () => {
  const raising = withLevel(
    'L2',
    { declare: { by: ['person'], orAfterMs: 5 * MINUTE } },
    {
      triggers: [
        trigger(
          'grows',
          { kind: 'flag', given: { flag: 'corrupt' } },
          { kind: 'at_least', level: 'L1' },
        ),
      ],
    },
  );
  const paused = (until: number): Lookups => ({
    ...noLookups,
    pauses: { automation: { since: START, until, by: 'ada', why: 'a drill' } },
  });

  test('moves to the end of its pause, and no further than that of today', () => {
    const s = opened(raising);
    s.lookups = paused(START + 30 * MINUTE);
    expect(due(s, 'declare')).toBe(30);
    s.lookups = paused(START + 3 * MINUTE);
    expect(due(s, 'declare')).toBe(5);
  });

  test('that was held is asked again then, once, and the raise leaves nothing behind', () => {
    const s = opened(raising);
    s.lookups = paused(START + 30 * MINUTE);
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
    expect(s.incident.level).toBe('L2');
    expect(due(s, 'trigger:grows')).toBe(30);
    s.advance(29 * MINUTE);
    expect(s.types().filter((type) => type === 'TriggerHeld')).toHaveLength(1);
    expect(s.incident.stuck).toEqual({});
    s.lookups = noLookups;
    s.advance(MINUTE);
    expect(s.incident.level).toBe('L1');
    expect(s.types().filter((type) => type === 'TriggerHeld')).toHaveLength(1);
    expect(s.incident.heldTriggers).toEqual({});
  });

  test('that was held is let go a minute after a reload has removed it', () => {
    const s = opened(raising);
    s.lookups = paused(START + 30 * MINUTE);
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
    expect(Object.keys(s.incident.heldTriggers)).toEqual(['grows']);
    s.reload(policy({ ...raising, triggers: [] }));
    s.advance(MINUTE);
    expect(s.incident.heldTriggers).toEqual({});
    expect(s.last('TriggerHeld')?.why).toBe('it was held, and a reload has removed it');
    expect(s.incident.stuck).toEqual({});
  });

  test('holds up nobody who is rung', () => {
    const s = opened(raising);
    s.lookups = paused(START + 30 * MINUTE);
    s.advance(6 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '5 Ben at pd']);
  });
});

function audience(everyMs: number | null): AudienceCadence {
  return {
    audience: 'internal',
    to: { kind: 'room' },
    firstWithinMs: null,
    everyMs,
    slower: null,
    topOfHour: false,
  };
}

/** A level with all that it may owe, in times as long or as short as said. */
function timed(ms: number): Policy {
  return withLevel(
    'L2',
    {
      declare: { by: ['person'], orAfterMs: ms },
      respond: { acknowledgeMs: ms, engageMs: ms },
      notify: [{ who: [{ kind: 'group', group: 'directors' }], withinMs: ms }],
      audiences: [audience(ms)],
      soak: { forMs: ms, then: 'propose' },
      postmortemWithinMs: ms,
      public: { ...base.levels[1]?.public, everyMs: ms, firstWithinMs: ms } as never,
    },
    {
      hash: `times of ${ms}`,
      automation: { ...base.automation, alarmEveryMs: ms },
      triggers: [
        trigger(
          'no cause',
          { kind: 'no_root_cause', given: { no_root_cause: { L2: ms } } },
          { kind: 'escalate_next_step' },
        ),
      ],
    },
  );
}

function dues(s: Story): ReadonlyMap<string, number> {
  return new Map(s.owed().map(({ clock, dueAt }) => [encodeClock(clock), dueAt]));
}

/** At the instant of the reload nothing of it may be due sooner than a minute later, except what it does not hurry. */
function checkGrace(s: Story, next: Policy): number {
  const before = dues(s);
  s.reload(next);
  let hurried = 0;
  for (const { clock, dueAt } of s.owed()) {
    const was = before.get(encodeClock(clock));
    if (was !== undefined && was <= dueAt) continue;
    hurried += 1;
    expect(dueAt, encodeClock(clock)).toBeGreaterThanOrEqual(s.now + MINUTE);
  }
  return hurried;
}

describe('a reload', () => {
  test('that shortens everything lets nothing fall due sooner than a minute after it', () => {
    const triage = opened(timed(10 * HOUR));
    triage.advance(4 * HOUR);
    expect(checkGrace(triage, timed(SECOND))).toBeGreaterThan(0);
    const declared = new Story(timed(10 * HOUR));
    const usual = declared.answer;
    // The notice is on its way for ever.
    declared.answer = (effect) =>
      'about' in effect && effect.about.kind === 'notice' ? null : usual(effect);
    declared.feed(observed());
    declared.feed(declare, byPerson('ben'));
    declared.advance(4 * HOUR);
    expect(checkGrace(declared, timed(SECOND))).toBeGreaterThanOrEqual(6);
    const watched = opened(timed(10 * HOUR));
    watched.feed(declare, byPerson('ben'));
    watched.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('ben'));
    watched.advance(HOUR).feed(cleared);
    watched.advance(4 * HOUR);
    expect(checkGrace(watched, timed(SECOND))).toBeGreaterThan(0);
    watched.feed({ type: 'Resolve', text: null }, byPerson('ben'));
    watched.reload(timed(10 * HOUR)).advance(HOUR);
    expect(checkGrace(watched, timed(SECOND))).toBeGreaterThan(0);
  });

  test('lets a shortened cadence take hold after that minute, and go on by it', () => {
    const s = opened(withLevel('L2', { audiences: [audience(HOUR)] }));
    s.feed(declare, byPerson('ben'));
    const told = (): readonly number[] =>
      s.events.flatMap(({ type, at }) =>
        type === 'AudienceInformed' ? [(at - START) / MINUTE] : [],
      );
    s.advance(20 * MINUTE);
    s.reload(withLevel('L2', { audiences: [audience(15 * MINUTE)] })).advance(40 * MINUTE);
    expect(told()).toEqual([0, 21, 36, 51]);
  });

  test('gives no minute to what began after it', () => {
    const within = (ms: number): Policy => ({
      ...withLevel('L2', { respond: { acknowledgeMs: ms, engageMs: null } }),
      hash: `within ${ms}`,
    });
    for (const before of [20 * SECOND, HOUR]) {
      const s = new Story(within(before));
      s.reload(within(20 * SECOND));
      s.advance(5 * SECOND).feed(observed());
      s.feed(declare, byPerson('ben'));
      s.advance(20 * SECOND);
      expect(s.types(), `${before} ms before`).toContain('ClockMissed');
    }
  });

  test('shifts nothing that it does not change, however often it is repeated', () => {
    const s = opened();
    s.answer = () => ({ result: 'failed', detail: 'the vendor is down', isFinal: true }) as never;
    s.feed(declare, byPerson('ben'));
    const quiet = opened();
    quiet.answer = s.answer;
    quiet.feed(declare, byPerson('ben'));
    for (let second = 0; second < 3600; second += 50) {
      s.reload({ ...base, hash: `reload at ${second}` }).advance(50 * SECOND);
      quiet.advance(50 * SECOND);
    }
    const told = (story: Story) => story.events.map(({ type, at }) => [type, at - START]);
    expect(told(s)).toEqual(told(quiet));
    expect(told(s).filter(([type]) => type === 'AlarmRaised').length).toBeGreaterThan(5);
  });

  test('after reload leaves what the first one hurries to come a minute after the first one', () => {
    const declaring = (minutes: number): Policy =>
      withLevel('L2', { declare: { by: ['person'], orAfterMs: minutes * MINUTE } });
    const s = opened(declaring(60));
    s.advance(20 * MINUTE);
    for (let second = 0; second < 600; second += 50)
      s.reload({ ...declaring(10), hash: `reload at ${second}` }).advance(50 * SECOND);
    expect(s.incident.declaredAt).toBe(START + 21 * MINUTE);
    const undone = opened(declaring(60));
    undone.advance(20 * MINUTE);
    for (const [minutes, after] of [
      [10, 40],
      [60, 10],
      [10, 50],
    ] as const)
      undone.reload({ ...declaring(minutes), hash: `${after}` }).advance(after * SECOND);
    expect(undone.incident.declaredAt, 'the second took the first one back').toBeNull();
    undone.advance(10 * SECOND);
    expect(undone.incident.declaredAt, 'a minute after the third').toBe(
      START + 21 * MINUTE + 50 * SECOND,
    );
  });

  test('in any row of reloads gives its minute, and moves nothing that it does not change', () => {
    const one = fc.record({
      after: fc.integer({ min: 1, max: 90 }),
      ms: fc.constantFrom(MINUTE, 5 * MINUTE, 20 * MINUTE, 10 * HOUR),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 2, maxLength: 8 }), (row) => {
        const s = opened(timed(10 * HOUR));
        s.advance(40 * MINUTE);
        for (const [index, { after, ms }] of row.entries()) {
          checkGrace(s, { ...timed(ms), hash: `${index}` });
          s.advance(after * 500);
          const fixed = dues(s);
          s.reload({ ...timed(ms), hash: `${index} with a comment` });
          expect(dues(s)).toEqual(fixed);
          s.advance(after * 500);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('leaves an escalation under way as it is, and what a page promises', () => {
    const s = opened();
    s.feed(declare, byPerson('ben'));
    s.advance(MINUTE);
    const steps = { standard: { ...base.escalationPolicies['standard'], steps: [] } } as never;
    s.reload(policy({ escalationPolicies: steps, levels: timed(SECOND).levels }));
    expect(due(s, 'escalation:role:expert')).toBe(5);
    expect(due(s, 'update:page')).toBe(30);
  });
});

describe('a level that a reload removed', () => {
  const rich = withLevel('L2', {
    audiences: [audience(15 * MINUTE)],
    respond: { acknowledgeMs: null, engageMs: 30 * MINUTE },
  });
  const without: Policy = { ...rich, hash: 'without', levels: rich.levels.slice(2) };
  const started = (): Story => {
    const s = opened(rich);
    s.feed(declare, byPerson('ben'));
    s.advance(5 * MINUTE);
    return s;
  };
  const alarm = 'removed:level:L2';

  test('goes on as it was: who is told is told, what was promised comes, and people hear of it', () => {
    const s = started().reload(without);
    s.advance(26 * MINUTE);
    const types = s.events.filter(({ at }) => at > START + 5 * MINUTE).map(({ type }) => type);
    expect(types.filter((type) => type === 'AudienceInformed')).toHaveLength(2);
    expect(types).toContain('ClockMissed');
    expect(s.posts()).toEqual(['0 investigating', '30 investigating']);
    expect(s.incident.alarms[alarm]?.reason).toContain('L2');
    expect((s.incident.alarms[alarm]?.since ?? 0) - START).toBe(6 * MINUTE);
  });

  test('is named in every text by the name that it had', () => {
    const s = started().reload(without);
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('ben'));
    const said = s.last('AudienceInformed')?.text ?? '';
    expect(said).toContain('inc-1 L2 is identified');
    expect(said).not.toContain('pending');
  });

  test('that is put right within the minute alarms nobody', () => {
    const s = started().reload(without);
    s.advance(30 * SECOND);
    s.reload(rich).advance(10 * MINUTE);
    expect(s.types()).not.toContain('AlarmRaised');
  });

  test('is an alarm no more as soon as it is configured again', () => {
    const s = started().reload(without);
    s.advance(3 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual([alarm]);
    s.reload(rich).advance(2 * MINUTE);
    expect(s.incident.alarms).toEqual({});
    expect(s.last('AlarmCleared')?.alarm).toEqual({ kind: 'removed', what: 'level', name: 'L2' });
  });

  test('and that rang for hours rings nobody any more once it is back', () => {
    const s = started().reload(without);
    for (const person of ['ada', 'cleo', 'dev', 'gus'])
      s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
    s.advance(30 * MINUTE);
    const escalation = 'alarm' as EscalationId;
    expect(s.incident.escalations[escalation]?.state).toBe('open');
    s.reload(rich).advance(2 * MINUTE);
    expect(s.incident.escalations[escalation]?.state).toBe('ended');
    const { pages, escalations } = s.incident;
    const forNothing = Object.values(pages).filter(
      (page) =>
        page.state === 'open' && page.escalations.every((id) => escalations[id]?.state === 'ended'),
    );
    expect(forNothing, 'a phone rings on only for what is owed besides').toEqual([]);
    s.advance(2 * HOUR);
    expect(Object.keys(s.incident.alarms)).not.toContain('escalation:alarm');
  });

  test('is an alarm no more when a person moves the incident to another level', () => {
    const s = started().reload(without);
    s.advance(3 * MINUTE);
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'it is milder' }, byPerson('ben'));
    s.advance(MINUTE);
    expect(s.incident.alarms).toEqual({});
    s.advance(60 * MINUTE);
    expect(Object.keys(s.incident.alarms)).not.toContain(alarm);
  });
});

test('a role that a reload removed while somebody is looked for it is an alarm, and its escalation goes on', () => {
  const s = opened();
  s.advance(MINUTE);
  const { expert: _, ...roles } = base.roles;
  s.reload(policy({ roles: { ...roles, other: role('other') } })).advance(5 * MINUTE);
  expect(Object.keys(s.incident.alarms)).toEqual(['removed:role:expert']);
  expect(s.rings()).toEqual(['0 Ada at pd', '5 Ben at pd']);
});

test('a pager or a public page that a reload removed while the incident goes by it is an alarm', () => {
  const s = opened();
  s.feed(declare, byPerson('ben'));
  s.advance(2 * MINUTE);
  const names = Object.keys(base.targets);
  const { page: _page, ...withoutPage } = base.targets;
  s.reload(policy({ targets: withoutPage })).advance(2 * MINUTE);
  expect(names).toContain('page');
  expect(s.incident.alarms['removed:target:page']?.reason).toContain('target page');
  s.reload(base).advance(2 * MINUTE);
  expect(Object.keys(s.incident.alarms)).not.toContain('removed:target:page');
});

test('a public page that says resolved is missed by nobody, although the incident was opened again', () => {
  const s = opened();
  s.feed(declare, byPerson('ben'));
  s.feed({ type: 'Resolve', text: null }, byPerson('ben'));
  s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('ben'));
  s.feed({ type: 'Reopen', reason: 'it is back, and for us alone' }, byPerson('ben'));
  expect(s.incident.publicPages['page']?.published).toBe('resolved');
  const { page: _page, ...withoutPage } = base.targets;
  s.reload(policy({ targets: withoutPage })).advance(2 * MINUTE);
  expect(s.incident.phase).toBe('investigating');
  expect(Object.keys(s.incident.alarms)).not.toContain('removed:target:page');
});
