/** Orders are taken away from what a story of the core wrote, one after the other: it is missed. */
import { describe, expect, test } from 'vitest';
import { withLevel } from '../../../test/support/policy.ts';
import { byPerson, MINUTE, observed, Story } from '../../../test/support/story.ts';
import type { Effect } from '../../core/model/effect.ts';
import { lackingOf } from './asked.ts';

/** A level with a room, of which somebody is told, and pages that nobody answers. */
function told(): Story {
  const s = new Story(
    withLevel(
      'L2',
      { room: true, notify: [{ who: [{ kind: 'person', person: 'eve' }], withinMs: 15 * MINUTE }] },
      { room: { target: 'chat', name: 'inc-{{date}}' } },
    ),
  );
  s.advance(7 * MINUTE).feed(observed());
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  s.advance(40 * MINUTE);
  return s;
}

function missed(s: Story, isGone: (effect: Effect) => boolean, now = s.now): readonly string[] {
  const orders = s.sent.filter(({ effect }) => !isGone(effect));
  return lackingOf(s.events, orders, now).map(({ what }) => what);
}

test('nothing is missed of what is whole', () => {
  expect(missed(told(), () => false)).toEqual([]);
});

describe('is missed once it is gone:', () => {
  test.each([
    ['the order that opens the room', 'room', 'opens its room'],
    ['its topic', 'room_topic', 'sets the topic of its room'],
    ['its first words', 'room_start', 'says the first words in its room'],
    ['the pin', 'room_pin', 'pins the first message'],
    ['what people are told', 'notice', 'tells eve of it'],
    ['an invitation, which is one of several', 'room_invite', 'was one of several'],
  ])('%s', (_what, kind, text) => {
    const s = told();
    expect(missed(s, (effect) => 'about' in effect && effect.about.kind === kind)).toContain(text);
  });

  test('an alarm that is said in the room, though the channel for alarms has it', () => {
    const s = told();
    const lost = missed(
      s,
      (effect) => 'about' in effect && effect.about.kind === 'alarm' && effect.channel === 'room',
    );
    expect(lost[0]).toMatch(/^says the alarm ".*" in its room$/);
  });
});

test('what is older than an hour is not compared: its orders may be swept', () => {
  const s = told();
  expect(missed(s, () => true, s.now + 61 * MINUTE)).toEqual([]);
});
