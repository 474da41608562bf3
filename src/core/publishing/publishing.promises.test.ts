/** What a page has promised its readers: it binds us after a raise, and a person is asked in time for it. */
import { describe, expect, test } from 'vitest';
import { level, policy, publicCadence } from '../../../test/support/policy.ts';
import { byPerson, MINUTE, observed, START, Story } from '../../../test/support/story.ts';
import type { PublishEffect } from '../model/effect.ts';
import type { Policy, PublicCadence } from '../model/policy.ts';

const usual = new Story(policy()).answer;
const asking: PublicCadence['approval'] = {
  investigating: 'none',
  identified: 'none',
  monitoring: 'none',
  resolved: 'none',
  unchanged: 'required',
};

/** Declared at minute 0 at a level that posts every so often; a raise makes it every 15 minutes. */
function promising(everyMs: number, raised: Partial<PublicCadence> = {}): Story {
  const s = new Story(
    policy({
      levels: [
        level('L1', 0),
        level('L2', 1, { public: publicCadence(15 * MINUTE, raised) }),
        level('L3', 2, { public: publicCadence(everyMs) }),
      ],
    }),
  );
  s.feed(observed({ level: 'L3' }));
  for (const person of ['ada', 'cleo', 'dev', 'gus'])
    s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
  return s;
}

const raise = { type: 'ChangeSeverity', level: 'L2', reason: null } as const;

function askedAt(s: Story): readonly number[] {
  return s.sent.flatMap(({ at, effect }) =>
    'about' in effect && effect.about.kind === 'approval' ? [(at - START) / MINUTE] : [],
  );
}

describe('after a raise', () => {
  test('the update comes when the page promised it, also if the new pace were slower to come round', () => {
    const s = promising(30 * MINUTE);
    s.advance(20 * MINUTE).feed(raise, byPerson('cleo'));
    s.advance(25 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '30 investigating', '45 investigating']);
  });

  test('the update comes at the new pace, if the page promised it for later', () => {
    const s = promising(60 * MINUTE);
    s.advance(10 * MINUTE).feed(raise, byPerson('cleo'));
    s.advance(20 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '25 investigating']);
  });

  test('an update that a person must approve is due when the page promised it: asked for at once, alarmed by then', () => {
    const s = promising(22 * MINUTE, { approval: asking });
    s.advance(20 * MINUTE).feed(raise, byPerson('cleo'));
    s.advance(0);
    expect(askedAt(s)).toEqual([20]);
    s.advance(3 * MINUTE);
    expect(askedAt(s)).toEqual([20]);
    expect(
      s
        .rings()
        .filter((ring) => ring.includes('Dev'))
        .at(-1),
    ).toBe('22 Dev at pd');
  });
});

describe('a repeat that a person must approve', () => {
  test('is asked for five minutes before it is promised, and promises from then on', () => {
    const s = promising(60 * MINUTE, { approval: asking });
    s.advance(MINUTE).feed(raise, byPerson('cleo'));
    s.advance(11 * MINUTE);
    expect(askedAt(s)).toEqual([11]);
    expect(s.messages().at(-1)?.text).toContain('Next update: 12:31 UTC');
  });
});

describe('a repeat', () => {
  test('wakes no subscriber: only what is new is sent out by mail', () => {
    const s = promising(30 * MINUTE);
    s.advance(31 * MINUTE).feed(
      { type: 'SetPhase', phase: 'identified', text: null },
      byPerson('cleo'),
    );
    expect(
      s.sent.flatMap(({ effect }) =>
        effect.name === 'statusPage.publish' ? [(effect as PublishEffect).notify] : [],
      ),
    ).toEqual([true, false, true]);
  });
});

describe('a repeat that does not get through', () => {
  test('is a minute late, not more, when a person hears of it', () => {
    const s = promising(30 * MINUTE);
    s.answer = (effect) => (effect.name === 'statusPage.publish' ? null : usual(effect));
    s.advance(32 * MINUTE);
    expect(s.posts().at(-1)).toBe('30 investigating');
    expect(s.rings().at(-1)).toBe('31 Dev at pd');
  });
});

describe('a reload that makes a person approve repeats', () => {
  const steady = (change: Partial<PublicCadence>): Policy =>
    policy({
      levels: [level('L1', 0), level('L2', 1, { public: publicCadence(30 * MINUTE, change) })],
    });
  const reloadedAt = (minute: number): Story => {
    const s = new Story(steady({}));
    s.feed(observed());
    for (const person of ['ada', 'cleo', 'dev', 'gus'])
      s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
    s.advance(minute * MINUTE);
    return s.reload(steady({ approval: asking })).advance((31 - minute) * MINUTE);
  };

  test('asks them a minute later at the soonest', () => {
    expect(askedAt(reloadedAt(10))[0]).toBe(25);
    expect(askedAt(reloadedAt(27))[0]).toBe(28);
  });

  test('and no later than what the page promises', () => {
    expect(askedAt(reloadedAt(29.5))[0]).toBe(30);
  });
});
