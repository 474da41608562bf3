/** What falls due is dealt with in order, anew after each, and whatever cannot be dealt with holds up nothing else. */
import { describe, expect, test } from 'vitest';
import { policy, publicCadence, trigger, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  cleared,
  declare,
  MINUTE,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { IncidentEvent } from '../model/event.ts';
import { encodeAlarm, encodeClock } from '../model/keys.ts';
import type { AudienceCadence, Policy } from '../model/policy.ts';

const SECOND = 1_000;

function opened(by: Policy): Story {
  const s = new Story(by);
  s.feed(observed());
  return s;
}

/** All that falls due in so long a sleep falls due at once, at its end. */
function sleep(s: Story, ms: number): readonly IncidentEvent[] {
  s.now += ms;
  const decision = s.feed({ type: 'TimePassed' });
  return decision.ok ? decision.events : [];
}

function audience(change: Partial<AudienceCadence> = {}): AudienceCadence {
  return {
    audience: 'internal',
    to: { kind: 'room' },
    firstWithinMs: null,
    everyMs: 20 * MINUTE,
    slower: null,
    topOfHour: false,
    ...change,
  };
}

function minutesOf(s: Story, type: IncidentEvent['type']): readonly number[] {
  return s.events.flatMap((one) => (one.type === type ? [(one.at - START) / MINUTE] : []));
}

describe('what falls due at once', () => {
  test('is dealt with in the order of its urgency: phones, the level, the public, those inside', () => {
    const s = opened(
      withLevel(
        'L2',
        {
          respond: { acknowledgeMs: 5 * MINUTE, engageMs: null },
          audiences: [audience()],
          public: publicCadence(20 * MINUTE),
        },
        {
          triggers: [
            trigger(
              'no cause',
              { kind: 'no_root_cause', given: { no_root_cause: { L2: 10 * MINUTE } } },
              { kind: 'escalate_next_step' },
            ),
          ],
        },
      ),
    );
    s.feed(declare, byPerson('finn'));
    const order = sleep(s, 25 * MINUTE).map(({ type }) => type);
    const places = [
      order.indexOf('EscalationAdvanced'),
      order.indexOf('TriggerHeld'),
      order.indexOf('ClockMissed'),
      order.indexOf('PostDrafted'),
      order.indexOf('AudienceInformed'),
    ];
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('of one kind begins with what waited longest', () => {
    const s = opened(policy());
    s.advance(MINUTE).feed(declare, byPerson('finn'));
    const advanced = sleep(s, 6 * MINUTE).flatMap((one) =>
      one.type === 'EscalationAdvanced' ? [one.escalation as string] : [],
    );
    // By name the commander would come first; the expert has been rung since before the declaration.
    expect(advanced[0]).toBe('role:expert');
    expect(advanced).toContain('role:commander');
  });

  test('is owed anew after each: what a raise tells everybody is not told twice', () => {
    const s = opened(
      withLevel(
        'L2',
        {},
        {
          levels: policy().levels.map((one) =>
            one.rank < 2 ? { ...one, audiences: [audience()] } : one,
          ),
          triggers: [
            trigger(
              'no cause',
              { kind: 'no_root_cause', given: { no_root_cause: { L2: 10 * MINUTE } } },
              { kind: 'raise', levels: 1 },
            ),
          ],
        },
      ),
    );
    s.feed(declare, byPerson('finn'));
    const events = sleep(s, 25 * MINUTE);
    expect(s.incident.level).toBe('L1');
    expect(events.filter(({ type }) => type === 'AudienceInformed')).toHaveLength(1);
  });

  test('after the end of the incident is not dealt with any more; what came before it is', () => {
    const s = opened(
      withLevel('L2', {
        respond: { acknowledgeMs: 5 * MINUTE, engageMs: 15 * MINUTE },
        audiences: [audience()],
        soak: { forMs: 10 * MINUTE, then: 'resolve' },
      }),
    );
    s.feed(declare, byPerson('finn'));
    s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('finn'));
    s.feed(cleared);
    const events = sleep(s, 25 * MINUTE);
    const missed = events.flatMap((one) => (one.type === 'ClockMissed' ? [one.clock] : []));
    expect(missed, 'after five minutes; after fifteen it was over').toEqual(['acknowledge']);
    expect(events.map(({ type }) => type)).not.toContain('AudienceInformed');
    expect(s.incident).toMatchObject({ phase: 'resolved', stuck: {} });
  });
});

/** A level whose notices cannot be read while it is broken: the declaration throws halfway, after phones were rung. */
function breakable(): { readonly policy: Policy; isBroken: boolean } {
  const state = { isBroken: false };
  const broken = withLevel('L2', { declare: { by: ['person'], orAfterMs: 2 * MINUTE } });
  const levels = broken.levels.map((one) =>
    one.id === 'L2'
      ? new Proxy(one, {
          get: (level, name) => {
            if (name === 'notify' && state.isBroken) throw new Error('the notices cannot be read');
            return Reflect.get(level, name) as unknown;
          },
        })
      : one,
  );
  return Object.assign(state, { policy: { ...broken, levels } });
}

describe('what the core throws over', () => {
  const clock = 'declare';
  const alarm = `stuck:${clock}`;
  const started = () => {
    const world = breakable();
    const s = opened(world.policy);
    s.feed({ type: 'AddNote', text: 'Nothing is broken yet.' }, byPerson('ada'));
    world.isBroken = true;
    return { s, world };
  };

  test('leaves nothing of itself behind, neither an event nor a ring', () => {
    const { s } = started();
    s.advance(2 * MINUTE);
    expect(s.types().slice(-1)).toEqual(['ClockStuck']);
    expect(s.incident).toMatchObject({ phase: 'triage', declaredAt: null });
    expect(s.rings()).toEqual(['0 Ada at pd']);
    expect(s.folded()).toEqual(s.state);
  });

  test('is tried again a second later, three times, and then alarms', () => {
    const { s } = started();
    s.advance(2 * MINUTE + SECOND);
    expect(s.incident.stuck[clock]?.failures).toBe(2);
    expect(s.incident.alarms).toEqual({});
    s.advance(SECOND);
    expect(Object.keys(s.incident.alarms)).toEqual([alarm]);
    expect(s.incident.alarms[alarm]?.reason).toContain('the notices cannot be read');
    expect(minutesOf(s, 'ClockStuck')).toEqual([2, 2 + 1 / 60, 2 + 2 / 60]);
  });

  test('rings the alarm address, now and at every interval, also where it is the escalation itself', () => {
    const known = policy();
    const people = new Proxy(known.people, {
      get: (all, name) => {
        if (name === 'ben') throw new Error('ben cannot be looked up');
        return Reflect.get(all, name) as unknown;
      },
    });
    const s = opened({ ...known, people });
    s.advance(27 * MINUTE);
    const eve = s.rings().filter((ring) => ring.includes('Eve'));
    expect(eve.map((ring) => Math.round(Number.parseFloat(ring)))).toEqual([5, 15, 25]);
  });

  test('is said although whoever it rings cannot be looked up', () => {
    const world = breakable();
    const people = new Proxy(world.policy.people, {
      get: (all, name) => {
        if (name === 'eve') throw new Error('eve cannot be looked up');
        return Reflect.get(all, name) as unknown;
      },
    });
    const s = opened({ ...world.policy, people });
    s.feed({ type: 'AddNote', text: 'Nothing is broken yet.' }, byPerson('ada'));
    world.isBroken = true;
    s.advance(3 * MINUTE);
    expect(s.incident.alarms[alarm]?.reason).toContain('the notices cannot be read');
  });

  test('goes on being said where nobody can be rung for it, as does that nobody can', () => {
    const known = policy();
    const people = new Proxy(known.people, {
      get: (all, name) => {
        if (name === 'ben' || name === 'eve') throw new Error(`${name} cannot be looked up`);
        return Reflect.get(all, name) as unknown;
      },
    });
    const s = opened({ ...known, people });
    s.advance(2 * 60 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual(['stuck:escalation:role:expert', 'stuck:call']);
    expect(minutesOf(s, 'AlarmRaised').length).toBeGreaterThanOrEqual(11);
  });

  test('that is owed no more, its alarm ends at the next repetition', () => {
    const { s } = started();
    s.advance(3 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual([alarm]);
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'it is milder' }, byPerson('ada'));
    s.advance(10 * MINUTE);
    expect(Object.keys(s.incident.alarms)).not.toContain(alarm);
  });

  test('holds up nobody else: the escalation goes on beside it', () => {
    const { s } = started();
    s.advance(20 * MINUTE);
    expect(s.rings().filter((ring) => !ring.includes('Eve at'))).toEqual([
      '0 Ada at pd',
      '5 Ben at pd',
    ]);
    expect(s.incident.escalations['role:expert']?.step).toBe(2);
  });

  test('is tried at the rhythm of its alarm from then on, alone', () => {
    const { s } = started();
    s.advance(30 * MINUTE);
    const at = minutesOf(s, 'ClockStuck').map((minute) => Math.floor(minute));
    expect(at).toEqual([2, 2, 2, 12, 22]);
    const said = minutesOf(s, 'AlarmRaised').map((minute) => Math.floor(minute));
    expect(said, 'once at each interval').toEqual([2, 12, 22]);
    expect(Object.keys(s.incident.stuck)).toEqual([clock]);
  });

  test('frees itself as soon as it is mended, and its alarm is over', () => {
    const { s, world } = started();
    s.advance(4 * MINUTE);
    world.isBroken = false;
    s.advance(9 * MINUTE);
    expect(s.incident.declaredAt).not.toBeNull();
    expect(s.incident.stuck).toEqual({});
    expect(s.last('ClockFreed')?.clock).toEqual({ kind: 'declare' });
    expect(
      s.events.some((one) => one.type === 'AlarmCleared' && encodeAlarm(one.alarm) === alarm),
    ).toBe(true);
    s.advance(60 * MINUTE);
    expect(Object.keys(s.incident.alarms)).not.toContain(alarm);
  });

  test('and is the end of a quiet alarms on, although nothing fires', () => {
    const known = policy();
    const texts = new Proxy(known.texts, {
      get: (all, name) => {
        if (name === 'page.title') throw new Error('the title cannot be read');
        return Reflect.get(all, name) as unknown;
      },
    });
    const s = opened(known);
    s.advance(MINUTE).feed(cleared);
    s.policy = { ...known, texts };
    s.advance(45 * MINUTE);
    expect(s.incident.phase).toBe('triage');
    const said = s.events.flatMap((one) =>
      one.type === 'AlarmRaised' && encodeAlarm(one.alarm) === 'stuck:soak' ? [one.at] : [],
    );
    expect(said.map((at) => Math.floor((at - START) / MINUTE))).toEqual([11, 21, 31, 41]);
  });

  test('and is mended before the third time never alarms', () => {
    const { s, world } = started();
    s.advance(2 * MINUTE);
    world.isBroken = false;
    s.advance(SECOND);
    expect(s.incident.declaredAt).not.toBeNull();
    expect(s.types()).not.toContain('AlarmRaised');
    expect(s.types()).not.toContain('AlarmCleared');
    expect(s.incident.stuck).toEqual({});
  });
});

describe('what is still due after it was dealt with', () => {
  test('is parked like what throws, and is not dealt with over and over', () => {
    const s = opened(withLevel('L2', { audiences: [audience({ everyMs: 0 })] }));
    s.feed(declare, byPerson('finn'));
    s.feed({ type: 'TimePassed' });
    expect(minutesOf(s, 'AudienceInformed')).toHaveLength(2);
    expect(s.last('ClockStuck')?.because).toContain('still due');
    s.advance(4 * MINUTE);
    expect(minutesOf(s, 'AudienceInformed')).toHaveLength(2);
    expect(Object.keys(s.incident.alarms)).toEqual(['stuck:audience:internal']);
    const others = s.owed().filter(({ clock }) => encodeClock(clock) !== 'audience:internal');
    expect(others.every(({ dueAt }) => dueAt > s.now)).toBe(true);
    s.advance(2 * MINUTE);
    expect(s.incident.escalations['role:expert']?.step, 'nobody else was held up').toBe(1);
  });
});

test('an axis that cannot be asked what is owed alarms, and the others are asked all the same', () => {
  const broken = policy();
  const triggers = new Proxy(
    trigger('broken', { kind: 'flag', given: { flag: 'x' } }, { kind: 'escalate_next_step' }),
    {
      get: (one, name) => {
        if (name === 'when') throw new Error('the trigger cannot be read');
        return Reflect.get(one, name) as unknown;
      },
    },
  );
  const s = opened(broken);
  s.policy = { ...broken, triggers: [triggers] };
  s.advance(6 * MINUTE);
  expect(s.rings()).toEqual(['0 Ada at pd', '0 Eve at pd', '5 Ben at pd']);
  const [alarm] = Object.values(s.incident.alarms);
  expect(alarm?.reason).toContain('the trigger cannot be read');
  s.policy = broken;
  s.advance(20 * MINUTE);
  expect(s.incident.alarms).toEqual({});
});
