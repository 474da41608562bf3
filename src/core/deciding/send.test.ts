/** Right before it leaves: what happened, or was reloaded, between the decision and the request. */
import { describe, expect, test } from 'vitest';
import { policy, service, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Effect, PublishEffect } from '../model/effect.ts';
import type { Lookups } from '../model/lookups.ts';
import type { Policy } from '../model/policy.ts';
import { stillWanted, type Wanted } from './send.ts';

const base = policy();
const usual = new Story(base).answer;

/** A declared incident whose messages of this kind are on their way and unanswered. */
function underWay(kind: string, by: Policy = base): { readonly s: Story; readonly order: Effect } {
  const s = new Story(by);
  s.answer = (effect) => (effect.name === kind ? null : usual(effect));
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  const order = s.sent.find(({ effect }) => effect.name === kind)?.effect;
  if (order === undefined) throw new Error(`no ${kind} was asked for`);
  return { s, order };
}

function asked(
  { s, order }: ReturnType<typeof underWay>,
  change: { readonly policy?: Policy; readonly lookups?: Lookups } = {},
): Wanted {
  return stillWanted(s.incident, order, {
    now: s.now,
    policy: s.policy,
    lookups: noLookups,
    ...change,
  });
}

describe('a public post that is on its way', () => {
  test('does not leave when a reload forbids the public what is flagged already', () => {
    const post = underWay('statusPage.publish');
    post.s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
    expect(asked(post), 'the flag barred nothing when it was set').toMatchObject({
      verdict: 'send',
    });
    const reloaded = policy({ flags: { corrupt: { public: 'never' } } });
    expect(asked(post, { policy: reloaded })).toEqual({
      verdict: 'superseded',
      why: 'flag corrupt forbids public posts',
    });
  });

  test.each<[string, Policy]>([
    [
      'puts its page into draft mode',
      policy({
        targets: {
          ...base.targets,
          page: { type: 'statuspage', mode: 'draft', can: ['statusPage.publish'] },
        },
      }),
    ],
    ['takes the public clocks from its level', withLevel('L2', { public: null })],
  ])('does not leave without a person when a reload %s', (_sentence, reloaded) => {
    const post = underWay('statusPage.publish');
    expect(asked(post)).toMatchObject({ verdict: 'send' });
    expect(asked(post, { policy: reloaded })).toEqual({
      verdict: 'superseded',
      why: 'it lacks the approval it needs',
    });
  });

  test('waits for an earlier one of its page that is being looked up, and for none of another page', () => {
    const { page } = base.targets;
    if (page === undefined) throw new Error('there is a page');
    const components = ['page', 'other'].map((target) => ({ target, name: 'Basket', id: 'c1' }));
    const post = underWay(
      'statusPage.publish',
      policy({
        targets: { ...base.targets, other: { ...page } },
        services: { basket: service('basket', { components }) },
      }),
    );
    const { s, order } = post;
    s.feed({
      type: 'EffectSettled',
      effect: order,
      settled: { result: 'ambiguous', detail: '504' },
    });
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    const newest = (target: string): Effect => {
      const sent = s.sent.findLast(
        ({ effect }) => effect.name === 'statusPage.publish' && effect.target === target,
      );
      if (sent === undefined) throw new Error(`nothing was posted to ${target}`);
      return sent.effect;
    };
    expect(order.target).toBe('page');
    expect(asked({ s, order: newest('page') })).toMatchObject({
      verdict: 'hold',
      why: 'an earlier post of this page is being looked up',
    });
    expect(asked({ s, order: newest('other') })).toMatchObject({ verdict: 'send' });
  });

  test('leaves when it was approved, whatever the level asks for since', () => {
    const s = new Story(base);
    s.answer = (effect) => (effect.name === 'statusPage.publish' ? null : usual(effect));
    s.feed(observed({ level: 'L1' }));
    s.feed(declare, byPerson('ada'));
    s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'));
    const order = s.sent.find(({ effect }) => effect.name === 'statusPage.publish')?.effect;
    expect((order as PublishEffect).draft).toBe('d1');
    expect(asked({ s, order: order as PublishEffect })).toMatchObject({ verdict: 'send' });
  });
});

describe('a status page that is switched off', () => {
  test('is owed nothing: no post, nobody who must approve one, no alarm that it is late', () => {
    const s = new Story(
      policy({
        targets: {
          ...base.targets,
          page: { type: 'statuspage', mode: 'off', can: ['statusPage.publish'] },
        },
      }),
    );
    s.feed(observed());
    for (const person of ['ada', 'cleo', 'dev', 'gus'])
      s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    s.advance(60 * MINUTE);
    expect(s.posts()).toEqual([]);
    expect(s.messages().filter((one) => /approval|alarm/.test(one.about.kind))).toEqual([]);
  });
});

describe('a page that is on its way', () => {
  const pauses = { paging: { since: START, until: START + 5 * MINUTE, by: 'ada', why: 'a drill' } };

  test('waits for the end of a pause of paging', () => {
    const page = underWay('pager.trigger');
    expect(asked(page, { lookups: { ...noLookups, pauses } })).toEqual({
      verdict: 'hold',
      until: START + 5 * MINUTE,
      why: 'paging is paused by ada: a drill',
      pause: 'paging',
    });
    page.s.now += 5 * MINUTE;
    expect(asked(page, { lookups: { ...noLookups, pauses } })).toMatchObject({ verdict: 'send' });
  });
});

describe('what else is under way about a page', () => {
  test.each(['pager.find', 'pager.note'] as const)(
    'is not sent by %s any more once the page is answered',
    (name) => {
      const { s, order } = underWay('pager.trigger');
      const later = { ...order, name } as Effect;
      expect(asked({ s, order: later })).toMatchObject({ verdict: 'send' });
      s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
      expect(asked({ s, order: later })).toEqual({
        verdict: 'superseded',
        why: 'the page is acknowledged',
      });
    },
  );
});

describe('a message to the room', () => {
  const roomy = withLevel('L2', { room: true }, { room: { target: 'chat', name: 'inc-{{slug}}' } });

  /** Said in the room while it is being opened, which its chat tool refuses then. */
  function saidInRoom(by: Policy): ReturnType<typeof underWay> & { readonly refuse: () => void } {
    const { s, order: opening } = underWay('chat.openRoom', by);
    s.feed({ type: 'SetPhase', phase: 'identified', text: 'A disk.' }, byPerson('cleo'));
    const order = s.sent.findLast(
      ({ effect }) =>
        effect.name === 'chat.post' && 'channel' in effect && effect.channel === 'room',
    )?.effect;
    if (order === undefined) throw new Error('nothing was said in the room');
    const settled = {
      result: 'rejected',
      ofAccount: false,
      reason: 'not_found',
      detail: '',
      hint: '',
    } as const;
    const refuse = (): void => void s.feed({ type: 'EffectSettled', effect: opening, settled });
    return { s, order, refuse };
  }

  test('waits while the room is being opened, and goes to the team when it never opens', () => {
    const { refuse, ...message } = saidInRoom(roomy);
    expect(asked(message)).toMatchObject({ verdict: 'hold' });
    refuse();
    expect(asked(message)).toMatchObject({ verdict: 'send', channel: 'shop' });
  });

  test('goes to no channel of another chat tool, which does not know that name', () => {
    const { chat } = base.targets;
    if (chat === undefined) throw new Error('there is a chat tool');
    const { refuse, ...message } = saidInRoom({
      ...roomy,
      targets: { ...base.targets, rooms: chat },
      room: { target: 'rooms', name: 'inc-{{slug}}' },
    });
    refuse();
    expect(asked(message)).toEqual({
      verdict: 'superseded',
      why: 'the room could not be opened',
    });
  });
});
