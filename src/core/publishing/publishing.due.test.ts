/** When a post should be on its page: what it is for is kept, and the times of the level are those of today. */
import { describe, expect, test } from 'vitest';
import { publicCadence, withLevel } from '../../../test/support/policy.ts';
import { byPerson, declare, MINUTE, observed, START, Story } from '../../../test/support/story.ts';
import type { Policy, PublicCadence } from '../model/policy.ts';

const SECOND = 1_000;
const required: PublicCadence['approval'] = {
  investigating: 'required',
  identified: 'required',
  monitoring: 'required',
  resolved: 'required',
  unchanged: 'required',
};
const within = (firstWithinMs: number | null): Policy =>
  withLevel('L2', { public: publicCadence(30 * MINUTE, { approval: required, firstWithinMs }) });

function declared(by: Policy): Story {
  const s = new Story(by);
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  for (const person of ['ada', 'cleo', 'dev', 'gus'])
    s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
  return s;
}

/** The minutes at which people were asked to approve something. */
const asked = (s: Story): readonly number[] =>
  s.sent.flatMap(({ at, effect }) =>
    'about' in effect && effect.about.kind === 'approval' ? [(at - START) / MINUTE] : [],
  );

describe('a first post that waits', () => {
  test('is due by the time that its level sets now', () => {
    const s = declared(within(60 * MINUTE));
    s.advance(2 * MINUTE).reload(within(5 * MINUTE));
    s.advance(8 * MINUTE);
    expect(asked(s).slice(0, 2)).toEqual([0, 10 / 3]);
    expect(s.incident.alarms['public:page']?.since, 'and late by then').toBe(START + 5 * MINUTE);
  });

  test('is due no sooner than a minute after the reload', () => {
    const s = declared(within(60 * MINUTE));
    s.advance(5 * MINUTE + SECOND).reload(within(5 * MINUTE));
    s.advance(59 * SECOND);
    expect(asked(s)).toEqual([0]);
    s.advance(SECOND);
    expect(asked(s)).toEqual([0, 6 + 1 / 60]);
  });

  test('has the time that it was written with, where a reload has taken it away', () => {
    const s = declared(within(7 * MINUTE));
    s.advance(2 * MINUTE).reload(within(null));
    s.advance(6 * MINUTE);
    expect(asked(s)).toEqual([0, 14 / 3]);
  });
});

describe('another text for one that was rejected', () => {
  const rejected = (by: Policy): Story => {
    const s = declared(by);
    s.advance(MINUTE).feed(
      { type: 'Reject', draft: 'd1', reason: 'wrong', closed: false },
      byPerson('dev'),
    );
    return s;
  };

  test('is asked for before the first post is due by the time that its level sets now', () => {
    const s = rejected(within(60 * MINUTE));
    s.advance(MINUTE).reload(within(6 * MINUTE));
    s.advance(5 * MINUTE);
    expect(asked(s).slice(0, 2)).toEqual([0, 4]);
  });

  test('is asked for after five minutes on a page that promised nothing', () => {
    const onChange = withLevel('L2', {
      public: publicCadence(null, { approval: { ...required, investigating: 'none' } }),
    });
    const s = declared(onChange);
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    s.advance(MINUTE).feed(
      { type: 'Reject', draft: 'd2', reason: 'wrong', closed: false },
      byPerson('dev'),
    );
    s.advance(10 * MINUTE);
    expect(asked(s)).toEqual([0, 6]);
  });
});

test('an update that waits is due when the page promised it, whatever the pace of today', () => {
  const every = (ms: number): Policy =>
    withLevel('L2', {
      public: publicCadence(ms, { approval: { ...required, investigating: 'none' } }),
    });
  const s = declared(every(30 * MINUTE));
  s.advance(26 * MINUTE).reload(every(20 * MINUTE));
  s.advance(5 * MINUTE);
  expect(asked(s)).toEqual([25, 30]);
  expect(s.incident.alarms['public:page']?.since).toBe(START + 30 * MINUTE);
});
