/** What came of pages: failover, read-back, refusals, and where an incident is closed again. */
import { describe, expect, test } from 'vitest';
import { person, policy } from '../../test/support/policy.ts';
import {
  byPerson,
  MINUTE,
  noLookups,
  observed,
  ringing,
  ringsAt,
  START,
  Story,
} from '../../test/support/story.ts';
import type { Settled } from './effect.ts';
import type { Page, Ring } from './incident.ts';
import type { Policy } from './policy.ts';
import { stillWanted } from './send.ts';

const SECOND = 1_000;
const usual = new Story(policy()).answer;
const refused: Settled = {
  result: 'rejected',
  reason: 'forbidden',
  detail: 'no such key',
  hint: 'look at the key',
};
const accepted: Settled = {
  result: 'delivered',
  receipt: 'accepted',
  externalRef: 'ref',
  url: null,
};
const missing: Settled = {
  result: 'read',
  read: { found: false, externalRef: null, status: null, by: null },
  detail: '',
};

/** Ada's phone hangs on Opsgenie first, which can be read back, then on PagerDuty. */
const readable: Policy = policy({
  people: { ...policy().people, ada: person('ada', ['og', 'pd']) },
});

function opened(by: Policy, answer: Story['answer']): Story {
  const s = new Story(by);
  s.answer = answer;
  s.feed(observed());
  return s;
}

const triggers = (s: Story): readonly string[] =>
  s.pages('pager.trigger').map((one) => `${(one.at - START) / SECOND} ${one.effect.target}`);
const atTarget =
  (target: string, settled: Settled | null): Story['answer'] =>
  (effect) =>
    effect.name === 'pager.trigger' && effect.target === target ? settled : usual(effect);

describe('a page that does not get through', () => {
  test('within 60 s rings at the next pager, under another key', () => {
    const s = opened(policy(), atTarget('pd', null));
    s.advance(59 * SECOND);
    expect(triggers(s)).toEqual(['0 pd']);
    s.advance(SECOND);
    expect(triggers(s)).toEqual(['0 pd', '60 og']);
    expect(new Set(s.pages('pager.trigger').map((one) => one.effect.key)).size).toBe(2);
  });

  test('because it is refused rings at the next pager at once', () => {
    expect(triggers(opened(policy(), atTarget('pd', refused)))).toEqual(['0 pd', '0 og']);
  });

  test('and cannot be delivered anywhere escalates now, and says why', () => {
    const s = opened(policy(), (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? refused : usual(effect),
    );
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Ada at og', '0 Ben at pd']);
    expect(s.incident.alarms['page:p1']?.reason).toContain('look at the key');
  });

  test('nowhere is confirmed: everybody is told, and it is still being tried', () => {
    const s = opened(policy(), (effect) =>
      effect.name === 'pager.trigger' && effect.page === 'p1' ? null : usual(effect),
    );
    s.advance(2 * MINUTE);
    expect(s.incident.alarms['page:p1']?.reason).toBe(
      'page p1 to Ada is not confirmed by any pager; it is still being tried',
    );
  });

  test('although it is still wanted rings at the next pager: rather two pages than none', () => {
    expect(
      triggers(opened(policy(), atTarget('pd', { result: 'superseded', why: 'a fault of ours' }))),
    ).toEqual(['0 pd', '0 og']);
  });

  test('where every pager is in shadow is recorded, and rings nowhere else', () => {
    const { pd, og, ...others } = policy().targets;
    if (pd === undefined || og === undefined) throw new Error('the base policy has two pagers');
    const inShadow = policy({
      targets: { ...others, pd: { ...pd, mode: 'shadow' }, og: { ...og, mode: 'shadow' } },
    });
    const s = opened(inShadow, atTarget('pd', { result: 'withheld', mode: 'shadow' }));
    s.advance(2 * MINUTE);
    expect(triggers(s)).toEqual(['0 pd']);
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('withheld');
  });
});

describe('a page that was merely accepted', () => {
  const finds = (s: Story): readonly number[] =>
    s
      .pages('pager.find')
      .filter((one) => one.effect.page === 'p1')
      .map((one) => (one.at - START) / SECOND);

  test('is read back and confirmed', () => {
    const s = opened(readable, atTarget('og', accepted));
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('accepted');
    s.advance(5 * SECOND);
    expect(s.incident.pages['p1']?.rings[0]?.status).toBe('confirmed');
    s.advance(MINUTE);
    expect(triggers(s)).toEqual(['0 og']);
  });

  test('and is not found at 5, 15 and 45 s is sent again under its key, and fails over at 60 s', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.find' ? missing : atTarget('og', accepted)(effect),
    );
    s.advance(61 * SECOND);
    expect(finds(s).slice(0, 3)).toEqual([5, 15, 45]);
    expect(triggers(s)).toEqual(['0 og', '45 og', '60 pd']);
    const [first, again] = s.pages('pager.trigger');
    expect(again?.effect.key).toBe(first?.effect.key);
  });

  test('by a pager that cannot be asked is through', () => {
    const s = opened(policy(), atTarget('pd', accepted));
    s.advance(2 * MINUTE);
    expect(triggers(s)).toEqual(['0 pd']);
  });

  test('and is found acknowledged there is answered', () => {
    const s = opened(readable, (effect) =>
      effect.name === 'pager.find'
        ? {
            result: 'read',
            read: { found: true, externalRef: 'r', status: 'acknowledged', by: 'ada' },
            detail: '',
          }
        : atTarget('og', accepted)(effect),
    );
    s.advance(5 * SECOND);
    expect(s.incident.runs['role:expert']).toMatchObject({ state: 'answered', answeredBy: 'ada' });
  });
});

test('a page that is found acknowledged by nobody is not answered: the next step rings', () => {
  const s = opened(readable, (effect) =>
    effect.name === 'pager.find'
      ? {
          result: 'read',
          read: { found: true, externalRef: 'r', status: 'acknowledged', by: null },
          detail: '',
        }
      : atTarget('og', accepted)(effect),
  );
  s.advance(5 * MINUTE);
  expect(s.rings()).toEqual(['0 Ada at og', '5 Ben at pd']);
  expect(s.incident.roles).toEqual({});
});

test('a page that is confirmed sets no clock by which its pager would be asked', () => {
  const s = opened(readable, usual);
  s.advance(5 * MINUTE - SECOND);
  expect(s.pages('pager.find')).toEqual([]);
  expect(s.owed().filter(({ clock }) => clock.kind === 'failover')).toEqual([]);
});

describe('paged means un-paged', () => {
  test('an acknowledgement reaches both pagers of a page that failed over', () => {
    const s = opened(policy(), atTarget('pd', null));
    s.advance(MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    expect(s.pages('pager.acknowledge').map((one) => one.effect.target)).toEqual(['pd', 'og']);
  });

  test('a resolve closes every page, the acknowledged ones too', () => {
    const s = opened(policy(), usual);
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    expect(
      s
        .pages('pager.resolve')
        .map((one) => one.effect.page)
        .toSorted(),
    ).toEqual(['p1', 'p2', 'p3']);
    expect(
      Object.values(s.incident.pages).flatMap((page) => page.rings.map((ring) => ring.status)),
    ).toEqual(['closed', 'closed', 'closed']);
  });

  test('but not what another open incident rings under the same key', () => {
    const s = new Story(policy());
    s.lookups = {
      ...noLookups,
      ...ringsAt(ringing()),
    };
    s.feed(observed());
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const resolve = s.pages('pager.resolve')[0]?.effect;
    if (resolve === undefined) throw new Error('nothing was to be closed');
    const context = { now: s.now, policy: s.policy, lookups: noLookups };
    expect(
      stillWanted(s.incident, resolve, {
        ...context,
        lookups: { ...noLookups, isShared: () => true },
      }),
    ).toMatchObject({ verdict: 'superseded' });
    expect(stillWanted(s.incident, resolve, context)).toMatchObject({ verdict: 'send' });
  });

  test('nor what another page of the incident rings under the same key', () => {
    const s = new Story(policy());
    s.lookups = { ...noLookups, ...ringsAt(ringing()) };
    s.feed(observed());
    const before = s.incident;
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const resolve = s.pages('pager.resolve')[0]?.effect;
    const page = before.pages['p1'];
    if (resolve === undefined || page === undefined) throw new Error('nothing was to be closed');
    const context = { now: s.now, policy: s.policy, lookups: noLookups };
    const among = (state: Page['state'], change: Partial<Ring> = {}) =>
      stillWanted(
        {
          ...before,
          pages: {
            p1: { ...page, state: 'closed' },
            p2: {
              ...page,
              id: 'p2',
              state,
              rings: page.rings.map((ring) => ({ ...ring, ...change })),
            },
          },
        },
        resolve,
        context,
      );
    expect(among('open')).toMatchObject({ verdict: 'superseded' });
    expect(among('acknowledged')).toMatchObject({ verdict: 'superseded' });
    expect(among('closed')).toMatchObject({ verdict: 'send' });
    expect(among('open', { key: 'tocsin/test/inc-1/p2' })).toMatchObject({ verdict: 'send' });
    expect(among('open', { target: 'og' })).toMatchObject({ verdict: 'send' });
  });

  test('a trigger that has not left is overtaken by the end of its page', () => {
    const s = opened(policy(), () => null);
    const trigger = s.pages('pager.trigger')[0]?.effect;
    if (trigger === undefined) throw new Error('nothing rang');
    const context = { now: s.now, policy: s.policy, lookups: noLookups };
    expect(stillWanted(s.incident, trigger, context)).toMatchObject({ verdict: 'send' });
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    expect(stillWanted(s.incident, trigger, context)).toMatchObject({ verdict: 'superseded' });
  });
});

test('an effect that the state does not know changes nothing', () => {
  const s = opened(policy(), usual);
  const trigger = s.pages('pager.trigger')[0]?.effect;
  if (trigger === undefined) throw new Error('nothing rang');
  const before = s.state;
  const effect = { ...trigger, key: 'tocsin/test/inc-1/p99' };
  const decision = s.feed({ type: 'EffectSettled', effect, settled: accepted });
  expect(decision).toMatchObject({ ok: true, events: [] });
  expect(s.state).toBe(before);
});

test('our own silence, read back at a ring that another incident shares, is nobody’s answer', () => {
  const s = new Story(readable);
  s.lookups = { ...noLookups, endedUnder: () => ['ben'] };
  s.answer = (effect) =>
    effect.name === 'pager.find'
      ? {
          result: 'read',
          read: { found: true, externalRef: 'ref', status: 'acknowledged', by: 'Tocsin' },
          detail: '',
        }
      : atTarget('og', accepted)(effect);
  s.feed(observed());
  s.advance(6 * SECOND);
  expect(s.pages('pager.find')).toHaveLength(1);
  expect(s.incident.pages['p1']).toMatchObject({ state: 'open', acknowledgedBy: null });
});

test('a ring that another incident rang first is not read back', () => {
  const s = new Story(readable);
  s.lookups = {
    ...noLookups,
    ...ringsAt(ringing({ target: 'og' })),
  };
  s.answer = atTarget('og', accepted);
  s.feed(observed());
  s.advance(MINUTE);
  expect(s.incident.pages['p1']?.rings[0]?.status).toBe('joined');
  expect(s.pages('pager.find').filter(({ effect }) => effect.page === 'p1')).toEqual([]);
});
