/** Flags that keep an incident from the public, when a reload removes them or says something else of them. */
import { describe, expect, test } from 'vitest';
import { publicCadence, withLevel } from '../../../test/support/policy.ts';
import { byPerson, declare, MINUTE, observed, Story } from '../../../test/support/story.ts';
import type { FlagPolicy, Policy } from '../model/policy.ts';

const bars: FlagPolicy = { public: 'never' };
const allows: FlagPolicy = { public: 'allowed' };

const flagged = (flags: Policy['flags'], change: Partial<Policy> = {}): Policy =>
  withLevel('L2', { public: publicCadence(30 * MINUTE) }, { ...change, flags });

/** Declared and posted at minute 0, then flagged so. */
function carrying(names: readonly string[], by: Policy): Story {
  const s = new Story(by);
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  for (const person of ['ada', 'cleo', 'dev', 'gus'])
    s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
  for (const flag of names) s.feed({ type: 'SetFlag', flag }, byPerson('ada'));
  return s;
}

const stops = (s: Story): readonly string[] =>
  s.messages().flatMap(({ about, text }) => (about.kind === 'public_stopped' ? [text] : []));

describe('a flag that the configuration has no more', () => {
  test('goes on barring the public if it barred it, and is an alarm', () => {
    const s = carrying(['leak'], flagged({ leak: bars }));
    s.reload(flagged({})).advance(90 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating']);
    expect(s.incident.alarms['removed:flag:leak']?.reason).toBe(
      'flag leak is gone from the configuration; what it said last still holds here',
    );
    expect(s.feed({ type: 'Resolve', text: null }, byPerson('cleo')).ok).toBe(true);
    expect(s.posts()).toEqual(['0 investigating']);
  });

  test('bars nothing if it barred nothing, and its alarm ends when it is back', () => {
    const s = carrying(['corrupt'], flagged({ corrupt: allows }));
    s.reload(flagged({})).advance(31 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '30 investigating']);
    expect(Object.keys(s.incident.alarms)).toEqual(['removed:flag:corrupt']);
    s.reload(flagged({ corrupt: allows })).advance(2 * MINUTE);
    expect(s.incident.alarms).toEqual({});
  });

  test('says what a reload before it said, not what it said when it was set', () => {
    const s = carrying(['corrupt'], flagged({ corrupt: allows }));
    s.reload(flagged({ corrupt: bars })).advance(2 * MINUTE);
    s.reload(flagged({})).advance(90 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating']);
  });
});

describe('a flag that is still configured says what it says now', () => {
  test('one that bars the public since stops its posts at once, and says so a minute later, once', () => {
    const s = carrying(['corrupt'], flagged({ corrupt: allows, leak: allows }));
    s.advance(29 * MINUTE).reload(flagged({ corrupt: bars }));
    s.advance(59_000);
    expect(stops(s), 'whoever takes it back within a minute has changed nothing').toEqual([]);
    s.advance(120 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating']);
    expect(stops(s)).toEqual([
      'inc-1: public posts are stopped (flag corrupt forbids public posts); page still promises an update at 12:30 UTC.',
    ]);
    expect(s.types().filter((type) => type === 'FlagsReconfigured')).toHaveLength(1);
  });

  test('several that bar the public since say it once', () => {
    const s = carrying(['corrupt', 'leak'], flagged({ corrupt: allows, leak: allows }));
    s.advance(MINUTE).reload(flagged({ corrupt: bars, leak: bars }));
    s.advance(10 * MINUTE);
    expect(stops(s)).toHaveLength(1);
  });

  test('one more that bars what is barred already says nothing', () => {
    const s = carrying(['leak', 'corrupt'], flagged({ leak: bars, corrupt: allows }));
    const before = stops(s);
    s.advance(MINUTE).reload(flagged({ leak: bars, corrupt: bars }));
    s.advance(10 * MINUTE);
    expect(s.types()).toContain('FlagsReconfigured');
    expect(stops(s)).toEqual(before);
  });

  test('one that allows the public again does: the update that the page promised comes', () => {
    const s = carrying(['leak'], flagged({ leak: bars }));
    s.advance(40 * MINUTE).reload(flagged({ leak: allows }));
    s.advance(2 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '41 investigating']);
  });

  test('one of an incident that is closed is taken in by nobody', () => {
    const s = carrying(['corrupt'], flagged({ corrupt: allows }));
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(48 * 60 * MINUTE);
    expect(s.incident.phase).toBe('closed');
    s.reload(flagged({ corrupt: bars })).advance(60 * MINUTE);
    expect(s.types()).not.toContain('FlagsReconfigured');
  });
});
