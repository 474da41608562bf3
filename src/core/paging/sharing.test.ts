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
  test('is none for a role that is looked for a minute later, whatever its person does meanwhile', () => {
    const s = new Story(alone());
    s.feed(observed());
    s.feed(acknowledge, byPerson('ada'));
    s.feed(note, byPerson('ada'));
    s.advance(MINUTE).feed(declare, byPerson('ben'));
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '1 Ada at pd']);
    expect(s.incident.roles).not.toHaveProperty('commander');
    s.feed(acknowledge, byPerson('ada'));
    expect(s.incident.roles['commander']?.person).toBe('ada');
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
    s.feed(acknowledge, byPerson('ada'));
    s.advance(MINUTE).feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '0 Ada at pd', '1 Ada at pd']);
  });
});

describe('in a storm that reaches a service more, of which the same person is on call,', () => {
  const both = (): Policy => {
    const { basket } = alone().services;
    if (basket === undefined) throw new Error('the basket has an on-call');
    return { ...alone(), services: { basket, till: { ...basket, id: 'till' } } };
  };

  /** Ada is rung for the basket; the till comes at the minute. */
  function stormed(before: (s: Story) => void, minute = 1): Story {
    const s = new Story(both());
    s.feed({ ...observed(), storm: { over: 'source prom', children: ['inc-0'] } });
    before(s);
    s.advance(START + minute * MINUTE - s.now);
    s.feed({ ...observed(), services: ['basket', 'till'] });
    return s;
  }

  const answers = (s: Story): void => void s.feed(acknowledge, byPerson('ada'));

  test('an answer of a moment ago is one for that, too, and for no role', () => {
    const s = stormed(answers);
    expect(s.incident.escalations['service:till']).toMatchObject({ answeredBy: 'ada' });
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd']);
    s.feed(declare, byPerson('ben'));
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '1 Ada at pd']);
  });

  test('an answer of ten minutes ago is none: the phone rings', () => {
    expect(ringsOf(stormed(answers, 11), 'Ada').at(-1)).toBe('11 Ada at pd');
  });

  test('an answer to an alarm is none: the phone rings', () => {
    const s = new Story({
      ...both(),
      automation: {
        ...both().automation,
        alarm: { page: { kind: 'person', person: 'gus' }, chat: null },
      },
    });
    s.feed({ ...observed(), storm: { over: 'source prom', children: ['inc-0'] } });
    s.advance(60 * MINUTE).feed(acknowledge, byPerson('gus'));
    const alarmed = ringsOf(s, 'Gus');
    expect(alarmed).not.toEqual([]);
    const onCall = { kind: 'person', person: 'gus' } as const;
    const { basket, till } = both().services;
    if (basket === undefined || till === undefined) throw new Error('both have an on-call');
    s.reload({ ...s.policy, services: { basket, till: { ...till, onCall } } });
    s.advance(MINUTE).feed({ ...observed(), services: ['basket', 'till'] });
    expect(ringsOf(s, 'Gus').slice(alarmed.length)).toEqual(['61 Gus at pd']);
  });

  test('an answer by somebody who has declined a role since is none', () => {
    const s = stormed((one) => {
      answers(one);
      one.advance(11 * MINUTE);
      one.feed(
        { type: 'AssignRole', role: 'commander', person: 'ada', confirmed: false },
        byPerson('ben'),
      );
      one.feed({ type: 'DeclineOffer', role: null, why: 'ill' }, byPerson('ada'));
    }, 12);
    expect(s.incident.escalations['service:till']).toMatchObject({ state: 'open' });
    expect(ringsOf(s, 'Ada').at(-1)).toBe('12 Ada at pd');
  });

  test('an answer of before it fired again is none', () => {
    const s = stormed(answers);
    s.advance(MINUTE).feed(cleared);
    s.advance(MINUTE).feed({ ...observed(), services: ['basket', 'till'] });
    s.advance(6 * MINUTE);
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '8 Ada at pd']);
  });

  test('an answer is one while its person does something', () => {
    const s = stormed((one) => {
      answers(one);
      one.advance(9 * MINUTE).feed(note, byPerson('ada'));
    }, 12);
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd']);
  });

  test('an answer of somebody else, who silenced the phone by it, is none of its person', () => {
    const s = stormed((one) => {
      one.advance(6 * MINUTE).feed(acknowledge, byPerson('ben'));
    }, 7);
    expect(ringsOf(s, 'Ada')).toEqual(['0 Ada at pd', '7 Ada at pd']);
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
