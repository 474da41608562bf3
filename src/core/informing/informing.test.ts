/** Keeping people informed: audiences on their cadence, notices, the room. */
import { describe, expect, test } from 'vitest';
import { policy, withLevel } from '../../../test/support/policy.ts';
import { byPerson, MINUTE, observed, START, Story } from '../../../test/support/story.ts';
import type { ChatEffect, Effect, Settled } from '../model/effect.ts';
import { sentenceOf } from '../model/events.ts';
import type { AudienceCadence, Policy } from '../model/policy.ts';

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

  test('hears once of what an answer does, although it declares and gives somebody the command', () => {
    const by = audience({});
    const levels = by.levels.map((one) =>
      one.id === 'L2' ? { ...one, page: { ...one.page, triage: ['commander'] } } : one,
    );
    const s = new Story({ ...by, levels });
    s.feed(observed());
    s.feed({ type: 'Acknowledge', page: null }, byPerson('cleo'));
    expect(s.incident.roles['commander']?.person).toBe('cleo');
    expect(heard(s, 'internal')).toEqual([0]);
  });

  test('of the top of the hour hears at the top of the hour', () => {
    const s = declared(audience({ topOfHour: true, everyMs: null }));
    s.advance(120 * MINUTE);
    expect(heard(s, 'internal')).toEqual([60, 120]);
    expect(s.messages().findLast(({ channel }) => channel === 'news')?.text).toBe(
      'inc-1: briefing. Experts and commander, please report conditions, actions and needs.',
    );
  });

  test('of the top of the hour is announced in a whole sentence, for nothing was said to it yet', () => {
    const s = declared(audience({ audience: 'briefing', everyMs: null, topOfHour: true }));
    const event = s.last('AudienceInformed');
    const text = event === undefined ? '' : sentenceOf(event, String);
    expect(text).toBe('The updates for briefing begin; nothing was said to it yet.');
  });

  test('hears a change at once, and its cadence starts anew', () => {
    const s = declared(audience({}));
    s.advance(5 * MINUTE).feed(
      { type: 'SetPhase', phase: 'identified', text: 'A disk is full.' },
      byPerson('cleo'),
    );
    s.advance(15 * MINUTE);
    expect(heard(s, 'internal')).toEqual([7, 12, 27]);
    const told = s
      .messages()
      .filter(({ text }) => text.includes('A disk is full.') && !text.includes('your approval'));
    expect(
      told.map(({ channel }) => channel),
      'the team is no audience',
    ).toEqual(['news']);
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

  test('hears once that it is resolved, and nothing more', () => {
    const s = declared(audience({}));
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(60 * MINUTE);
    expect(heard(s, 'internal')).toEqual([7, 7]);
  });
});

describe('the first update of an audience', () => {
  const toInternal = (effect: Effect): effect is ChatEffect =>
    'about' in effect && effect.about.kind === 'update' && effect.about.audience === 'internal';
  const unheard: Story['answer'] = (effect) => (toInternal(effect) ? null : usual(effect));
  const settle = (s: Story, settled: Settled): void => {
    const effect = s.messages().find(toInternal);
    if (effect === undefined) throw new Error('nothing was sent to the audience');
    s.feed({ type: 'EffectSettled', effect, settled });
  };
  const delivered: Settled = {
    result: 'delivered',
    receipt: 'confirmed',
    externalRef: null,
    url: null,
  };
  const alarmed = (s: Story): readonly string[] =>
    s.sent.flatMap(({ at, effect }) =>
      'about' in effect &&
      effect.about.kind === 'alarm' &&
      effect.about.alarm.kind === 'audience' &&
      effect.channel === 'alarms'
        ? [`${(at - START) / MINUTE} ${effect.text}`]
        : [],
    );
  const says = 'inc-1 ALARM: no update has reached internal within the time of its first one';

  test('that was delivered is on the timeline once and alarms nobody', () => {
    const s = declared(audience({}));
    s.advance(60 * MINUTE);
    expect(s.types().filter((type) => type === 'AudienceReached')).toHaveLength(1);
    expect(alarmed(s)).toEqual([]);
  });

  test('that was not delivered in time is alarmed, again and again, until the incident is over', () => {
    const s = declared(audience({}), unheard);
    s.advance(10 * MINUTE - 1);
    expect(alarmed(s)).toEqual([]);
    s.advance(1 + 10 * MINUTE);
    expect(alarmed(s)).toEqual([`17 ${says}`, `27 ${says}`]);
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(60 * MINUTE);
    expect(alarmed(s)).toHaveLength(2);
    expect(s.incident.alarms).toEqual({});
  });

  test('that is delivered late clears the alarm, and whoever rings for it is left in peace', () => {
    const s = declared(audience({}), unheard);
    s.advance(20 * MINUTE);
    expect(s.incident.alarms['audience:internal']?.count).toBe(2);
    expect(s.incident.escalations['alarm']?.state).toBe('open');
    settle(s, delivered);
    expect(s.incident.alarms).toEqual({});
    s.advance(0);
    expect(s.incident.escalations['alarm']?.state).toBe('ended');
    s.advance(60 * MINUTE);
    expect(alarmed(s)).toHaveLength(2);
  });

  test('that its target records instead of sending has reached it', () => {
    const s = declared(audience({}), unheard);
    settle(s, { result: 'withheld', mode: 'shadow' });
    s.advance(60 * MINUTE);
    expect(alarmed(s)).toEqual([]);
  });

  test('that was refused has not reached it; the next one has', () => {
    const s = declared(audience({ everyMs: 12 * MINUTE }), (effect) =>
      toInternal(effect) && effect.dueAt < START + 10 * MINUTE
        ? {
            result: 'rejected',
            ofAccount: false,
            reason: 'forbidden',
            detail: 'no',
            hint: 'Invite it.',
          }
        : usual(effect),
    );
    s.advance(60 * MINUTE);
    expect(alarmed(s)).toEqual([`17 ${says}`]);
    expect(s.last('AlarmCleared')).toMatchObject({ because: 'it was reached' });
  });

  test('counts from the entry into the level that adds the audience', () => {
    const s = new Story(audience({}));
    s.answer = unheard;
    s.feed(observed({ level: 'L3' }));
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.advance(30 * MINUTE).feed(
      { type: 'ChangeSeverity', level: 'L2', reason: null },
      byPerson('ada'),
    );
    s.advance(10 * MINUTE);
    expect(alarmed(s)).toEqual([`40 ${says}`]);
  });

  test('to people of whom none can be told is alarmed', () => {
    const s = declared(
      audience({ to: { kind: 'people', recipients: [{ kind: 'group', group: 'ghosts' }] } }),
    );
    s.advance(10 * MINUTE);
    expect(alarmed(s)).toEqual([`17 ${says}`]);
  });

  describe('to the room', () => {
    const roomy = policy({
      levels: audience({ to: { kind: 'room' }, everyMs: null }).levels.map((one) => ({
        ...one,
        room: true,
      })),
      room: { target: 'chat', name: 'inc-{{date}}' },
    });

    const hourly = policy({
      ...roomy,
      levels: roomy.levels.map((one) => ({
        ...one,
        audiences: one.audiences.map((told) => ({ ...told, topOfHour: true })),
      })),
    });
    const refusing: Story['answer'] = (effect) =>
      effect.name === 'chat.openRoom'
        ? {
            result: 'rejected',
            ofAccount: false,
            reason: 'forbidden',
            detail: 'no',
            hint: 'Ask for the scope.',
          }
        : usual(effect);

    test('is the first message of the room', () => {
      const s = declared(roomy);
      s.advance(30 * MINUTE);
      expect(heard(s, 'internal')).toEqual([]);
      expect(alarmed(s)).toEqual([]);
    });

    test('that could not be opened goes where its messages go instead', () => {
      const s = declared(roomy, refusing);
      s.advance(30 * MINUTE);
      expect(heard(s, 'internal')).toEqual([7]);
      expect(s.messages().find(toInternal)?.channel).toBe('shop');
      expect(alarmed(s)).toEqual([]);
    });

    test('of those whom a raise adds says what was declared, in the room that is there', () => {
      const [, first] = roomy.levels;
      const [told] = first?.audiences ?? [];
      if (told === undefined) throw new Error('nobody is told');
      const s = declared(
        policy({
          ...roomy,
          levels: roomy.levels.map((one) =>
            one.id === 'L1' ? { ...one, audiences: [told, { ...told, audience: 'board' }] } : one,
          ),
        }),
      );
      s.advance(5 * MINUTE);
      s.feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('cleo'));
      const toBoard = s
        .messages()
        .filter(({ about }) => about.kind === 'update' && about.audience === 'board');
      expect(toBoard[0]).toMatchObject({
        channel: 'room',
        text: expect.stringContaining('declared L1') as string,
      });
    });

    test('tells nobody who reads elsewhere', () => {
      const s = declared(
        policy({
          ...roomy,
          levels: audience({}).levels.map((one) => ({ ...one, room: true })),
        }),
        unheard,
      );
      expect(s.incident.room?.state).toBe('open');
      s.advance(10 * MINUTE);
      expect(alarmed(s)).toEqual([`17 ${says}`]);
    });

    test('of the top of the hour is not the first message of the room', () => {
      const s = declared(hourly);
      s.advance(50 * MINUTE);
      expect(s.types()).not.toContain('AudienceReached');
      s.advance(5 * MINUTE);
      expect(s.types()).toContain('AudienceReached');
    });

    test('that is only recorded goes where its messages go instead', () => {
      const s = declared(roomy, (effect) =>
        effect.name === 'chat.openRoom' ? { result: 'withheld', mode: 'shadow' } : usual(effect),
      );
      expect(s.incident.room?.state).toBe('failed');
      expect(heard(s, 'internal')).toEqual([7]);
    });

    test('of the top of the hour waits for it, although the room could not be opened', () => {
      const s = declared(hourly, refusing);
      s.advance(60 * MINUTE);
      expect(heard(s, 'internal')).toEqual([60]);
    });

    test('of which nothing is heard goes where its messages go instead, five minutes later', () => {
      const s = declared(roomy, (effect) =>
        effect.name === 'chat.openRoom' ? null : usual(effect),
      );
      const [wait] = s.owed().filter(({ clock }) => clock.kind === 'room');
      expect(wait?.what).toMatch(/^people are told elsewhere, unless room inc-[-\d]+ opens$/);
      s.advance(10 * MINUTE);
      expect(heard(s, 'internal')).toEqual([12]);
      expect(s.messages().find(toInternal)?.channel).toBe('shop');
      expect(s.incident.room?.state).toBe('failed');
      expect(alarmed(s)).toEqual([]);
    });

    test('of which is heard late is in the room from then on', () => {
      let asked: Effect | null = null;
      const s = declared(roomy, (effect) => {
        if (effect.name !== 'chat.openRoom') return usual(effect);
        asked = effect;
        return null;
      });
      s.advance(10 * MINUTE);
      if (asked === null) throw new Error('no room was asked for');
      const settled = usual(asked);
      if (settled === null) throw new Error('nothing is ever heard of a room');
      s.feed({ type: 'EffectSettled', effect: asked, settled });
      expect(s.incident.room?.state).toBe('open');
      expect(s.messages().at(-1)?.channel).toBe('room');
    });
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
      'notice 1 of L2 is not delivered in time to finn',
    );
  });

  test('is one of several that a level may owe, each with its own time', () => {
    const s = declared(
      withLevel('L2', {
        notify: [
          { who: [{ kind: 'person', person: 'eve' }], withinMs: 5 * MINUTE },
          { who: [{ kind: 'group', group: 'directors' }], withinMs: 8 * MINUTE },
        ],
      }),
      (effect) => ('about' in effect && effect.about.kind === 'notice' ? null : usual(effect)),
    );
    s.advance(5 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual(['notify:L2:1']);
    s.advance(3 * MINUTE);
    expect(Object.keys(s.incident.alarms)).toEqual(['notify:L2:1', 'notify:L2:2']);
  });

  test('that is delivered late clears its alarm', () => {
    const s = declared(noticed, (effect) =>
      'about' in effect && effect.about.kind === 'notice' ? null : usual(effect),
    );
    s.advance(6 * MINUTE);
    const effect = s.messages().find((one) => one.about.kind === 'notice');
    if (effect === undefined) throw new Error('no notice was sent');
    s.feed({
      type: 'EffectSettled',
      effect,
      settled: { result: 'delivered', receipt: 'confirmed', externalRef: null, url: null },
    });
    expect(s.incident.alarms).toEqual({});
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
      text: 'inc-1 ALARM: notice 1 of L2 is not delivered in time: nobody it names has a chat user',
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

  test('takes in who holds a role without a page, and has a name where none is configured', () => {
    let open: Effect | null = null;
    const s = declared({ ...roomy, room: { target: 'chat', name: '' } }, (effect) => {
      if (effect.name !== 'chat.openRoom') return usual(effect);
      open = effect;
      return null;
    });
    expect(s.messages()[0]?.text).toBe('inc-2026-01-05-basket-answers-with-errors');
    s.feed(
      { type: 'AssignRole', role: 'deputy', person: 'finn', confirmed: true },
      byPerson('ada'),
    );
    if (open === null) throw new Error('no room was asked for');
    s.feed({
      type: 'EffectSettled',
      effect: open,
      settled: { result: 'delivered', receipt: 'confirmed', externalRef: 'C1', url: null },
    });
    expect(s.messages().find((one) => one.name === 'chat.invite')?.users).toContain('U-finn');
  });

  test('is not asked for where chat is switched off', () => {
    const { chat, ...others } = roomy.targets;
    if (chat === undefined) throw new Error('the base policy has a chat');
    const s = declared({ ...roomy, targets: { ...others, chat: { ...chat, mode: 'off' } } });
    expect(s.incident.room).toBeNull();
  });

  test('takes in who comes later', () => {
    const s = declared(roomy);
    s.feed(
      { type: 'AssignRole', role: 'deputy', person: 'finn', confirmed: true },
      byPerson('ada'),
    );
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
      ofAccount: false,
      reason: 'forbidden',
      detail: 'no',
      hint: 'ask for the scope',
    };
    const s = declared(roomy, (effect) =>
      effect.name === 'chat.openRoom' ? refused : usual(effect),
    );
    expect(s.messages().find((one) => one.about.kind === 'room_failed')).toMatchObject({
      channel: 'shop',
      text: 'inc-1: the room could not be opened (forbidden). ask for the scope',
    });
    expect(s.last('MessageFailed')).toMatchObject({ reason: 'forbidden: no' });
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    expect(s.incident.room?.state).toBe('failed');
    expect(s.messages().at(-1)?.channel).toBe('shop');
    s.feed({ type: 'MarkFalsePositive', reason: 'a drill' }, byPerson('cleo'));
    expect(names(s), 'there is none to put away').not.toContain('chat.archiveRoom room_archive');
  });
});

describe('a room of which nothing is heard', () => {
  const roomy = withLevel('L2', { room: true }, { room: { target: 'chat', name: 'inc-{{date}}' } });
  const refused: Settled = {
    result: 'rejected',
    ofAccount: false,
    reason: 'forbidden',
    detail: 'no',
    hint: 'ask for the scope',
  };

  /** Nothing is heard of its opening, until it is said. */
  function unheardOf(): { readonly s: Story; readonly hear: (settled: Settled) => void } {
    const asked: Effect[] = [];
    const s = declared(roomy, (effect) => {
      if (effect.name !== 'chat.openRoom') return usual(effect);
      asked.push(effect);
      return null;
    });
    return {
      s,
      hear: (settled) => {
        for (const effect of asked) s.feed({ type: 'EffectSettled', effect, settled });
      },
    };
  }

  const said = (s: Story): readonly string[] =>
    s.messages().flatMap(({ about, text }) => (about.kind === 'room_failed' ? [text] : []));

  test('and which is refused later: people hear once where it is said, and the timeline has why', () => {
    const { s, hear } = unheardOf();
    s.advance(24 * MINUTE);
    hear(refused);
    expect(said(s)).toEqual([
      'inc-1: nothing was heard of the room. What is to be said there is said here.',
    ]);
    expect(s.last('MessageFailed')).toMatchObject({ reason: 'forbidden: no' });
  });

  test.each([
    ['before anything is heard of it', 1, 24],
    ['when nothing was heard of it', 10, 14],
  ] as const)('and the incident is over %s: nobody hears of it after that', (_, end, rest) => {
    const { s, hear } = unheardOf();
    s.advance(end * MINUTE);
    s.feed({ type: 'MarkFalsePositive', reason: 'a drill' }, byPerson('cleo'));
    const before = s.messages().length;
    s.advance(rest * MINUTE);
    hear(refused);
    expect(s.messages().slice(before)).toEqual([]);
    expect(s.incident.room?.state, 'what waits for the room is said elsewhere').toBe('failed');
    expect(s.last('MessageFailed')).toMatchObject({ reason: 'forbidden: no' });
  });

  test('and which is refused in the minute after the end: nobody hears of it', () => {
    const { s, hear } = unheardOf();
    s.feed({ type: 'MarkFalsePositive', reason: 'a drill' }, byPerson('cleo'));
    const before = s.messages().length;
    hear(refused);
    expect(s.messages().slice(before)).toEqual([]);
    expect(s.incident.room?.state, 'what waits for the room is said elsewhere').toBe('failed');
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
