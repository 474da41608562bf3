/** When a page of a person serves another search, and when their phone rings anew. */
import { describe, expect, test } from 'vitest';
import { escalation, policy, role, withLevel } from '../../../test/support/policy.ts';
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
import type { Policy } from '../model/policy.ts';

const acknowledge = { type: 'Acknowledge', page: null } as const;
const note = { type: 'AddNote', text: 'Looking.' } as const;

/** Ada is on call, and commands what is declared; only people declare. */
const alone = (): Policy => {
  const { levels } = withLevel('L2', {
    declare: { by: ['person'], orAfterMs: null },
    soak: { forMs: 60 * MINUTE, then: 'propose' },
  });
  const toAda = { page: { kind: 'person', person: 'ada' } } as const;
  const base = policy({ levels });
  return {
    ...base,
    roles: { ...base.roles, commander: role('commander', { ...toAda, commands: true }) },
  };
};

const ringsOf = (s: Story, person: string): readonly string[] =>
  s.rings().filter((ring) => ring.includes(person));

describe('an answer', () => {
  test.each<[string, number, readonly string[]]>([
    ['is one for what comes nine minutes later', 9, ['0 Ada at pd']],
    ['is none for what comes ten minutes later', 11, ['0 Ada at pd', '11 Ada at pd']],
  ])('%s', (_what, minutes, expected) => {
    const s = new Story(alone());
    s.feed(observed());
    s.advance(MINUTE).feed(acknowledge, byPerson('ada'));
    s.advance((minutes - 1) * MINUTE + 1).feed(declare, byPerson('ben'));
    s.advance(0);
    expect(ringsOf(s, 'Ada').map((ring) => ring.replace(/\.\d+/, ''))).toEqual(expected);
  });

  test('is one for what comes later while its person does something', () => {
    const s = new Story(alone());
    s.feed(observed());
    s.feed(acknowledge, byPerson('ada'));
    s.advance(20 * MINUTE).feed(note, byPerson('ada'));
    s.advance(MINUTE).feed(declare, byPerson('ben'));
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd']);
    expect(s.incident.roles['commander']?.person).toBe('ada');
  });

  test('of somebody else, who silenced the phone by it, is none of its person', () => {
    const s = new Story(alone());
    s.feed(observed());
    s.advance(6 * MINUTE).feed(acknowledge, byPerson('ben'));
    s.advance(MINUTE).feed(declare, byPerson('ben'));
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '7 Ada at pd']);
  });

  test('of before it fired again is none to what rings for that, at no step', () => {
    const s = new Story(alone());
    s.feed(observed());
    s.advance(6 * MINUTE).feed(acknowledge, byPerson('ben'));
    s.advance(14 * MINUTE).feed(cleared);
    s.advance(MINUTE).feed(note, byPerson('ben'));
    s.advance(MINUTE).feed(observed());
    s.advance(6 * MINUTE);
    expect(s.rings()).toEqual(['0 Ada at pd', '5 Ben at pd', '22 Ada at pd', '27 Ben at pd']);
  });

  test('does not keep somebody from being paged by name', () => {
    const s = new Story(
      policy({
        roles: {
          ...alone().roles,
          deputy: role('deputy', { page: { kind: 'person', person: 'ada' } }),
        },
      }),
    );
    s.feed(observed());
    s.feed(acknowledge, byPerson('ada'));
    s.advance(MINUTE).feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '1 Ada at pd']);
  });
});

describe('a phone that nobody answers', () => {
  test('serves what comes within ten minutes, counted from the end of the pause that held it', () => {
    const s = new Story(alone());
    s.lookups = {
      ...noLookups,
      pagingWasPaused: [{ from: START - MINUTE, until: START + 9 * MINUTE }],
    };
    s.feed(observed());
    s.advance(15 * MINUTE).feed(declare, byPerson('ben'));
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd']);
    s.advance(4 * MINUTE).feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
    expect(s.last('PageShared')).toMatchObject({ page: 'p1', escalation: 'role:commander' });
  });

  test.each<[string, (s: Story) => void]>([
    ['is asked for it and does not answer', (s) => void (s.answer = () => null)],
    [
      'only records what it is asked',
      (s) => void (s.answer = () => ({ result: 'withheld', mode: 'shadow' })),
    ],
    [
      'refuses all of us',
      (s) => {
        const because = {
          reason: 'unauthorized',
          detail: 'no such token',
          hint: 'renew it',
        } as const;
        const usual = s.answer;
        s.answer = (effect) =>
          effect.name === 'pager.trigger'
            ? { result: 'rejected', ofAccount: true, ...because }
            : usual(effect);
      },
    ],
    [
      'has taken and lost it',
      (s) =>
        void (s.answer = (effect) =>
          effect.name === 'pager.find'
            ? {
                result: 'read',
                read: { found: false, externalRef: null, status: null, by: null },
                detail: '',
              }
            : { result: 'delivered', receipt: 'accepted', externalRef: 'r', url: null }),
    ],
  ])('serves what comes now also where its pager %s: it is still tried', (_how, fails) => {
    const s = new Story(alone());
    fails(s);
    s.feed(observed());
    s.advance(3 * MINUTE).feed(declare, byPerson('ben'));
    s.advance(0);
    const theirs = Object.values(s.incident.pages).filter(({ person }) => person === 'ada');
    expect(theirs).toMatchObject([{ escalations: ['role:expert', 'role:commander'] }]);
  });

  test('serves nothing more when the ten minutes are over', () => {
    const s = new Story(alone());
    s.feed(observed());
    s.advance(10 * MINUTE).feed(declare, byPerson('ben'));
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '10 Ada at pd']);
  });

  test('rings anew for news, and the search goes on where it was: its alarm as well', () => {
    const s = new Story(alone());
    s.feed(observed());
    s.advance(MINUTE).feed(acknowledge, byPerson('ada'));
    s.advance(30 * MINUTE).feed(cleared);
    s.advance(MINUTE).feed(observed());
    s.advance(40 * MINUTE).feed(cleared);
    expect(s.incident.alarms).toHaveProperty('escalation:service:basket');
    s.advance(MINUTE).feed(observed());
    expect(s.incident.alarms).toHaveProperty('escalation:service:basket');
    expect(s.incident.escalations['service:basket']).toMatchObject({ state: 'exhausted', step: 3 });
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '32 Ada at pd', '73 Ada at pd']);
  });

  test('does not keep the next step from coming, although it fires again and again', () => {
    const s = new Story(alone());
    s.feed(observed());
    s.advance(MINUTE).feed(acknowledge, byPerson('ada'));
    for (let again = 0; again < 6; again += 1) {
      s.feed(cleared);
      s.advance(9 * MINUTE).feed(observed());
      s.advance(2 * MINUTE);
    }
    expect(ringsOf(s, 'Ada').length).toBeGreaterThan(3);
    expect(ringsOf(s, 'Ben').length).toBeGreaterThan(0);
  });
});

test('a phone that rang out loud rings out loud anew, also for a search that began while the level could wait', () => {
  const at = (urgency: 'high' | 'low'): Policy =>
    withLevel(
      'L2',
      { urgency },
      {
        roles: {
          ...policy().roles,
          deputy: role('deputy', { page: { kind: 'person', person: 'ben' } }),
        },
        escalationPolicies: {
          standard: escalation([
            { page: { kind: 'own' }, waitMs: 15 * MINUTE },
            { page: { kind: 'fallback' }, waitMs: 15 * MINUTE },
          ]),
        },
      },
    );
  const s = new Story(at('low'));
  s.feed(observed());
  s.reload(at('high')).advance(MINUTE);
  s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('gus'));
  s.advance(14 * MINUTE);
  expect(ringsOf(s, 'Ben')).toEqual(['1 Ben at pd', '15 Ben at pd']);
  expect(s.last('PageRequested')?.page).toMatchObject({
    escalations: ['role:expert', 'role:deputy'],
    urgency: 'high',
  });
});
