/** Keeping people informed: audiences on their cadence, notices, the room. */
import { describe, expect, test } from 'vitest';
import { policy, withLevel } from '../../test/support/policy.ts';
import { byPerson, MINUTE, noLookups, observed, START, Story } from '../../test/support/story.ts';
import type { Settled } from './effect.ts';
import { sentenceOf } from './events.ts';
import { minimalIncident } from './minimal.ts';
import { owed } from './owed.ts';
import type { AudienceCadence, Policy } from './policy.ts';

const usual = new Story(policy()).answer;

function declared(by: Policy, answer: Story['answer'] = usual): Story {
  const s = new Story(by);
  s.answer = answer;
  s.advance(7 * MINUTE).feed(observed());
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  return s;
}

function heard(s: Story, audience: string): readonly number[] {
  return s.sent.flatMap(({ at, effect }) =>
    'about' in effect && effect.about.kind === 'update' && effect.about.audience === audience
      ? [(at - START) / MINUTE]
      : [],
  );
}

const audience = (change: Partial<AudienceCadence>): Policy =>
  withLevel('L2', {
    audiences: [
      {
        audience: 'internal',
        to: { kind: 'channel', target: 'chat', channel: 'news' },
        firstWithinMs: 10 * MINUTE,
        everyMs: 15 * MINUTE,
        slower: null,
        topOfHour: false,
        ...change,
      },
    ],
  });

describe('an audience', () => {
  test('hears at once, and then on its cadence', () => {
    const s = declared(audience({}));
    s.advance(46 * MINUTE);
    expect(heard(s, 'internal')).toEqual([7, 22, 37, 52]);
  });

  test('hears less often after its time', () => {
    const s = declared(audience({ slower: { afterMs: 30 * MINUTE, everyMs: 60 * MINUTE } }));
    s.advance(120 * MINUTE);
    expect(heard(s, 'internal')).toEqual([7, 22, 37, 97]);
  });

  test('of the top of the hour hears at the top of the hour', () => {
    const s = declared(audience({ topOfHour: true, everyMs: null }));
    s.advance(120 * MINUTE);
    expect(heard(s, 'internal')).toEqual([60, 120]);
  });

  test('of the top of the hour is announced in a whole sentence, for nothing was said to it yet', () => {
    const s = declared(audience({ audience: 'briefing', everyMs: null, topOfHour: true }));
    const event = s.last('AudienceInformed');
    const text = event === undefined ? '' : sentenceOf(event, String);
    expect(text).toBe('From now on briefing is kept informed.');
  });

  test('hears a change at once, and its cadence starts anew', () => {
    const s = declared(audience({}));
    s.advance(5 * MINUTE).feed(
      { type: 'SetPhase', phase: 'identified', text: 'A disk is full.' },
      byPerson('cleo'),
    );
    s.advance(15 * MINUTE);
    expect(heard(s, 'internal')).toEqual([7, 12, 27]);
    expect(s.messages().find((one) => one.text.includes('A disk is full.'))?.channel).toBe('news');
  });

  test('hears what it was promised although the level was lowered, and then of changes only', () => {
    const s = declared(audience({}));
    s.advance(5 * MINUTE).feed(
      { type: 'ChangeSeverity', level: 'L3', reason: 'less than it seemed' },
      byPerson('cleo'),
    );
    s.advance(120 * MINUTE);
    expect(heard(s, 'internal')).toEqual([7, 22]);
  });

  test('hears nothing more when it is resolved', () => {
    const s = declared(audience({}));
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(60 * MINUTE);
    expect(heard(s, 'internal')).toEqual([7]);
  });
});

describe('a notice', () => {
  const noticed = withLevel('L2', {
    notify: [{ who: [{ kind: 'group', group: 'directors' }], withinMs: 5 * MINUTE }],
  });

  test('is sent at the declaration, to each person', () => {
    const s = declared(noticed);
    expect(
      s
        .messages()
        .filter((one) => one.about.kind === 'notice')
        .map((one) => one.channel),
    ).toEqual(['U-finn']);
    s.advance(6 * MINUTE);
    expect(s.incident.alarms).toEqual({});
  });

  test('that is not delivered in time is alarmed, with the name', () => {
    const s = declared(noticed, (effect) =>
      'about' in effect && effect.about.kind === 'notice' ? null : usual(effect),
    );
    s.advance(5 * MINUTE);
    expect(s.incident.alarms['notify:L2:1']?.reason).toBe(
      'a notice is not delivered in time to finn',
    );
  });
});

describe('a notice to people of whom none has a chat user', () => {
  test('is alarmed when its time is over', () => {
    const s = declared(
      withLevel('L2', {
        notify: [{ who: [{ kind: 'group', group: 'ghosts' }], withinMs: 5 * MINUTE }],
      }),
    );
    s.advance(4 * MINUTE);
    expect(s.messages().some((one) => one.channel === 'alarms')).toBe(false);
    s.advance(MINUTE);
    expect(s.messages().at(-1)).toMatchObject({
      channel: 'alarms',
      text: 'inc-1 ALARM: a notice is not delivered in time: nobody it names has a chat user',
    });
  });
});

describe('the room', () => {
  const roomy = withLevel(
    'L2',
    { room: true },
    { room: { target: 'chat', name: 'inc-{{date}}-{{slug}}' } },
  );
  const names = (s: Story): readonly string[] =>
    s.messages().map((one) => `${one.name} ${one.about.kind}`);

  test('is opened at the declaration and furnished: topic, responders, a pinned first message', () => {
    const s = declared(roomy);
    expect(s.messages()[0]).toMatchObject({
      name: 'chat.openRoom',
      text: 'inc-2026-01-05-basket-answers-with-errors',
    });
    expect(names(s)).toEqual(
      expect.arrayContaining([
        'chat.setTopic room_topic',
        'chat.invite room_invite',
        'chat.post room_start',
        'chat.pin room_pin',
      ]),
    );
    expect(s.messages().find((one) => one.name === 'chat.invite')?.users).toEqual(
      expect.arrayContaining(['U-ada', 'U-cleo', 'U-dev']),
    );
  });

  test('takes in who comes later', () => {
    const s = declared(roomy);
    s.feed({ type: 'AssignRole', role: 'deputy', person: 'finn' }, byPerson('ada'));
    expect(s.messages().at(-1)).toMatchObject({ name: 'chat.invite', users: ['U-finn'] });
  });

  test('is archived when the incident closes', () => {
    const s = declared(roomy);
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(24 * 60 * MINUTE);
    expect(names(s).at(-1)).toBe('chat.archiveRoom room_archive');
    expect(s.incident.room?.state).toBe('archived');
  });

  test('that cannot be opened is replaced by the channel of the team', () => {
    const refused: Settled = {
      result: 'rejected',
      reason: 'forbidden',
      detail: 'no',
      hint: 'ask for the scope',
    };
    const s = declared(roomy, (effect) =>
      effect.name === 'chat.openRoom' ? refused : usual(effect),
    );
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    expect(s.incident.room?.state).toBe('failed');
    expect(s.messages().at(-1)?.channel).toBe('shop');
  });
});

describe('a test page', () => {
  test('goes the real way, says that it is a test, and closes when it is acknowledged', () => {
    const s = new Story(policy());
    s.feed({ type: 'PageTest', person: 'ben' }, byPerson('ada'));
    expect(s.pages('pager.trigger')[0]?.effect).toMatchObject({
      title: 'TEST for Ben',
      target: 'pd',
    });
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ben'));
    expect(s.incident).toMatchObject({ kind: 'test', phase: 'closed', closedAs: 'test' });
    expect(s.pages('pager.resolve')).toHaveLength(1);
    expect(s.posts()).toEqual([]);
  });

  test('that nobody answers closes by itself', () => {
    const s = new Story(policy());
    s.feed({ type: 'PageTest', person: 'ben' }, byPerson('ada'));
    s.advance(15 * MINUTE);
    expect(s.incident.phase).toBe('closed');
    expect(s.rings()).toEqual(['0 Ben at pd']);
  });

  test.each([
    ['unknown_person', 'ghost'],
    ['no_address', 'mute'],
  ])('is refused with %s', (code, person) => {
    const base = policy();
    const ada = base.people['ada'];
    if (ada === undefined) throw new Error('the base policy has no ada');
    const s = new Story(
      policy({ people: { ...base.people, mute: { ...ada, id: 'mute', addresses: [] } } }),
    );
    expect(s.feed({ type: 'PageTest', person }, byPerson('ada'))).toMatchObject({
      ok: false,
      code,
    });
  });
});

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
