/** What further alerts mean for an incident that is open: trust, its beginning, a storm that takes over, a level of nobody. */
import { describe, expect, test } from 'vitest';
import { policy, withLevel } from '../../../test/support/policy.ts';
import {
  declare,
  byPerson,
  cleared as allCleared,
  MINUTE,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { PublishEffect } from '../model/effect.ts';
import type { Adopted } from '../model/input.ts';

const other = { name: 'other', where: { file: 'shop.yaml', line: 9, column: 3 } };
const acknowledge = { type: 'Acknowledge', page: null } as const;

describe('an alert that joins an open incident', () => {
  test('declares it, where its rule is trusted and the first one was not', () => {
    const s = new Story(withLevel('L2', { declare: { by: ['trusted_rule'], orAfterMs: null } }));
    s.feed(observed());
    s.advance(MINUTE).feed(observed({ trusted: false, rule: other }));
    expect(s.incident.declaredAt).toBeNull();
    s.advance(MINUTE).feed(observed({ trusted: true, rule: other }));
    expect(s.last('IncidentDeclared')).toMatchObject({ how: 'trusted_rule', at: s.now });
    expect(s.rings()).toEqual(['0 Ada at pd', '2 Cleo at pd', '2 Dev at pd']);
  });

  test.each([
    ['later than the first one does not make the incident younger', 5, '12 min'],
    ['earlier than the first one makes it as old as it is', -5, '17 min'],
  ])('and began %s', (_sentence, minutes, lasted) => {
    const s = new Story(policy());
    s.feed(observed());
    s.feed(acknowledge, byPerson('ada'));
    s.advance(7 * MINUTE).feed(
      observed({ rule: other }, { firstSignalAt: START + minutes * MINUTE }),
    );
    s.advance(5 * MINUTE).feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const said = s.sent.flatMap(({ effect }) =>
      effect.name === 'statusPage.publish' ? [(effect as PublishEffect).body] : [],
    );
    expect(said.at(-1)).toContain(`It lasted ${lasted}.`);
  });
});

describe('an alert of several that clears', () => {
  test('is counted', () => {
    const s = new Story(policy());
    s.feed(observed({}, { firing: 3, total: 3, newlyFiring: 3 }));
    s.feed(observed({}, { firing: 2, total: 3, newlyFiring: 0, newlyResolved: 1 }));
    expect(s.incident.alerts).toMatchObject({ firing: 2, total: 3 });
    expect(s.incident.soak).toBeNull();
  });

  test('as the last one is said while people work on it, not when a fix is in place already', () => {
    const cleared = (s: Story): number =>
      s.messages().filter(({ text }) => text.includes('Every alert has cleared')).length;
    const s = new Story(policy());
    s.feed(observed());
    s.feed(acknowledge, byPerson('ada'));
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('ada'));
    s.feed(allCleared);
    expect(cleared(s)).toBe(1);
    s.feed(observed());
    s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('ada'));
    s.feed(allCleared);
    expect(cleared(s)).toBe(1);
  });
});

describe('a storm', () => {
  const storm = { over: 'source prom', children: ['inc-7', 'inc-8'] };

  test('is an incident of its own name, which looks for whom its level names', () => {
    const s = new Story(policy());
    s.feed({ ...observed(), storm });
    expect(s.incident.title).toBe('Alert storm over source prom: Basket answers with errors');
    expect(Object.keys(s.incident.escalations)).toEqual(['role:expert']);
  });

  test('of a level that pages nobody rings the on-call all the same', () => {
    const s = new Story(policy());
    s.feed({ ...observed({ level: 'L4' }), storm });
    expect(s.rings()).toEqual(['0 Ada at pd']);
  });
});

describe('a level that asks for people only when it is declared', () => {
  test('looks for nobody in triage, and an alarm says so and rings until somebody answers', () => {
    const s = new Story(
      withLevel('L2', {
        page: { triage: [], declared: ['commander'], commanded: [], onRequest: [] },
      }),
    );
    s.feed(observed());
    expect(s.messages().map((one) => [one.channel, one.text])).toEqual([
      ['alarms', 'inc-1 ALARM: no role of L2 leads to anybody'],
    ]);
    s.advance(10 * MINUTE);
    expect(s.rings()).toEqual(['0 Eve at pd', '10 Eve at pd']);
  });

  test('ends that alarm when somebody is looked for after all', () => {
    const s = new Story(
      withLevel('L2', {
        page: { triage: [], declared: ['commander'], commanded: [], onRequest: [] },
      }),
    );
    s.feed(observed());
    s.advance(4 * MINUTE).feed(declare, byPerson('ada'));
    s.advance(0);
    expect(s.incident.alarms).toEqual({});
    expect(s.last('AlarmCleared')?.because).toBe('somebody is looked for now');
    s.feed(acknowledge, byPerson('cleo'));
    s.advance(6 * MINUTE);
    expect(s.rings().filter((ring) => ring.includes('Eve'))).toEqual(['0 Eve at pd']);
  });
});

describe('an incident that a storm takes in', () => {
  test('says that its page still promises an update, for it posts nothing more', () => {
    const s = new Story(policy());
    s.feed(observed());
    s.feed(acknowledge, byPerson('ada'));
    expect(s.posts()).toEqual(['0 investigating']);
    s.advance(MINUTE).feed({ type: 'JoinedParent', parent: 'inc-9' });
    expect(s.messages().at(-1)?.text).toBe(
      'inc-1: public posts are stopped (public posts go by inc-9); page still promises an update at 12:30 UTC.',
    );
    s.advance(60 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating']);
  });

  test('stays with it, and says so once', () => {
    const s = new Story(policy());
    s.feed(observed());
    s.feed({ type: 'JoinedParent', parent: 'inc-9' });
    expect(s.feed({ type: 'JoinedParent', parent: 'inc-10' })).toMatchObject({ events: [] });
    expect(s.incident.parent).toBe('inc-9');
  });
});

describe('an incident that rings at a vendor, for somebody whom we do not know', () => {
  const adopted: Adopted = {
    target: 'pd',
    ref: 'Q1',
    key: null,
    urgency: 'high',
    people: [],
    acknowledgedBy: null,
    label: 'pd incident Q1',
  };

  test('rings nobody of ours beside it', () => {
    const s = new Story(policy());
    s.feed({ ...observed(), adopted });
    expect(s.rings()).toEqual([]);
  });
});
