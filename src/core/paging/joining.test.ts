/** One phone for related incidents: what a page joins, and when it goes on by itself. */
import { describe, expect, test } from 'vitest';
import { address, person, policy, role } from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  ringing,
  ringsAt,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Effect, Settled } from '../model/effect.ts';
import type { Ring } from '../model/incident.ts';
import type { Lookups, Ringing } from '../model/lookups.ts';
import { encodeAddress } from '../model/keys.ts';
import { endedUnder, isLeft, ringingOf } from './joining.ts';

const SECOND = 1_000;
const base = policy();
const usual = new Story(base).answer;
const accepted: Settled = {
  result: 'delivered',
  receipt: 'accepted',
  externalRef: null,
  url: null,
};

/** An incident that opens while the phone of its person rings for another one. */
function beside(
  other: Ringing,
  answer: (effect: Effect) => Settled | null = usual,
  lookups: Partial<Lookups> = {},
): Story {
  const s = new Story(base);
  s.lookups = { ...noLookups, ...ringsAt(other), ...lookups };
  s.answer = answer;
  s.feed(observed());
  return s;
}

const silent =
  (target: string) =>
  (effect: Effect): Settled | null =>
    effect.target === target ? null : usual(effect);

const ringsOf = (s: Story): readonly (Pick<Ring, 'target' | 'status' | 'key'> | undefined)[] =>
  (s.incident.pages['p1']?.rings ?? []).map(({ target, status, key }) => ({ target, status, key }));

const underWay = ringing({ status: 'pending', since: START - 30 * SECOND });
const atOpsgenie = ringing({ target: 'og', key: 'tocsin/test/inc-0/p1.2' });
/** There it can be asked what rings. */
const atOpsgenieSoon: Ringing = { ...atOpsgenie, status: 'pending', at: START - 30 * SECOND };

test.each([
  ['another installation, which names its incidents alike', 'tocsin/elsewhere/inc-1/p1'],
  ['another page, whose id begins like its own', 'tocsin/test/inc-1/p11'],
  ['something that only begins like its own', 'tocsin/test/inc-1/p1.2/more'],
])('a ring under the key of %s is none that the page asked for', (_whose, key) => {
  const s = new Story(base);
  s.feed(observed());
  const page = s.incident.pages['p1'];
  const ring = page?.rings[0];
  if (page === undefined || ring === undefined) throw new Error('nothing rings');
  const look = { state: s.incident, context: { now: s.now, policy: base, lookups: s.lookups } };
  const failed = { ...ring, status: 'failed' as const };
  expect(isLeft(look, page, failed)).toBe(false);
  expect(isLeft(look, page, { ...failed, key: 'tocsin/test/inc-1/p1.2' })).toBe(false);
  expect(isLeft(look, page, { ...failed, key })).toBe(true);
});

describe('a page whose person is rung for a related incident', () => {
  test.each([
    ['began ten minutes ago', START - 10 * MINUTE],
    ['seems to begin later, by a clock that was put back', START + 2 * 60 * MINUTE],
  ])('rings by itself when that ring %s', (_when, since) => {
    const s = beside(ringing({ since }));
    expect(ringsOf(s)).toMatchObject([{ key: expect.stringContaining('/inc-1/') as string }]);
  });

  test.each([
    ['joins it within the minute', 59 * SECOND, 'joined'],
    ['rings by itself after that', MINUTE, 'pending'],
  ])('and alarms ring every minute %s', (_what, ago, status) => {
    const s = new Story(policy({ automation: { ...base.automation, alarmEveryMs: MINUTE } }));
    s.lookups = { ...noLookups, ...ringsAt(ringing({ since: START - ago })) };
    s.answer = () => null;
    s.feed(observed());
    expect(ringsOf(s)).toMatchObject([{ status }]);
  });

  test.each<[string, string | null, string | null]>([
    ['of the same level', 'L2', 'L2'],
    ['of a worse one', 'L2', 'L1'],
    ['of one that is pending, which counts as the worst', 'L1', null],
    ['that is pending as well', null, null],
  ])('joins a ring %s', (_which, level, other) => {
    const s = new Story(base);
    s.lookups = { ...noLookups, ...ringsAt(ringing({ level: other })) };
    s.feed(observed({ level }));
    expect(ringsOf(s)).toMatchObject([{ status: 'joined' }]);
  });

  test.each<[string, string | null, string]>([
    ['of a milder level', 'L1', 'L2'],
    ['of any level but the worst, while its own is pending', null, 'L2'],
    ['of a level that a reload has removed', 'L2', 'gone'],
  ])('rings for itself beside a ring %s', (_which, level, other) => {
    const s = new Story(base);
    s.lookups = { ...noLookups, ...ringsAt(ringing({ level: other })) };
    s.feed(observed({ level }));
    expect(ringsOf(s)).toMatchObject([{ key: 'tocsin/test/inc-1/p1' }]);
  });

  test('joins what rings at a phone that somebody else has as well', () => {
    const s = beside(ringing({ person: 'ben', address: ringing().address }));
    expect(ringsOf(s)).toMatchObject([{ status: 'joined' }]);
  });

  test('joins the pager at which that phone rings, and no other', () => {
    const s = beside(atOpsgenie);
    expect(ringsOf(s)).toEqual([{ target: 'og', status: 'joined', key: atOpsgenie.key }]);
    expect(s.rings(), 'what rings already is not asked for again').toEqual([]);
  });

  test('joins a request that is under way, and rings when its pager has confirmed it', () => {
    const s = beside(underWay, silent('pd'));
    expect(ringsOf(s)).toMatchObject([{ status: 'joining', key: underWay.key }]);
    expect(s.last('PageRequested')?.because).toContain('already ringing for inc-0');
    const heard = beside(atOpsgenieSoon);
    heard.advance(5 * SECOND);
    expect(ringsOf(heard)).toMatchObject([{ status: 'joined', key: atOpsgenieSoon.key }]);
    heard.advance(2 * MINUTE);
    expect(heard.rings(), 'it is through, and was asked for once').toEqual([]);
  });

  test('rings for itself where that request has run out of its time', () => {
    const s = beside({ ...underWay, at: START - MINUTE });
    expect(ringsOf(s)).toEqual([
      { target: 'pd', status: 'confirmed', key: 'tocsin/test/inc-1/p1' },
    ]);
  });

  test('joins a request that waits for the end of a pause, for its time stands still', () => {
    const paging = { since: START - 9 * MINUTE, until: START + MINUTE, by: 'ada', why: 'a drill' };
    const since = START - 8 * MINUTE;
    const s = beside({ ...underWay, at: since, since }, () => null, { pauses: { paging } });
    expect(ringsOf(s)).toMatchObject([{ status: 'joining', key: underWay.key }]);
  });

  test('goes to the next pager when the one it joined is not confirmed in time, and joins there too', () => {
    const s = beside(underWay, silent('pd'));
    s.lookups = { ...noLookups, ...ringsAt({ ...atOpsgenie, status: 'pending', at: START }) };
    s.advance(MINUTE);
    expect(s.rings(), 'the second one was not asked again').toEqual(['0 Ada at pd']);
    expect(ringsOf(s)).toMatchObject([
      { target: 'pd', status: 'joining' },
      { target: 'og', status: 'joined', key: atOpsgenie.key },
    ]);
    expect(s.last('PageRung')?.because).toBe(
      'not confirmed by pd within 60 s; already ringing for inc-0',
    );
  });

  test('goes to the next pager by itself, and alarms, where the other one rings nowhere else', () => {
    const s = beside(underWay, () => null);
    s.lookups = noLookups;
    s.advance(3 * MINUTE);
    expect(s.rings().slice(0, 2)).toEqual(['0 Ada at pd', '0.5 Ada at og']);
    expect(ringsOf(s)[1]).toMatchObject({ status: 'pending', key: 'tocsin/test/inc-1/p1.2' });
    expect(Object.keys(s.incident.alarms)).toContain('page:p1');
  });

  test('alarms nobody while the ring that it joined may come, although the next pager refuses', () => {
    const refused: Settled = {
      result: 'rejected',
      ofAccount: false,
      reason: 'not_found',
      detail: 'no such key',
      hint: 'look at the key',
    };
    const s = beside(underWay, (effect) => (effect.target === 'og' ? refused : null));
    s.lookups = noLookups;
    s.advance(MINUTE);
    expect(ringsOf(s)).toMatchObject([{ status: 'joining' }, { target: 'og', status: 'failed' }]);
    expect(s.last('EscalationAdvanced'), 'nobody further is woken').toBeUndefined();
  });

  test('asks a pager of which nobody knows yet whether it rings', () => {
    const s = beside(atOpsgenieSoon);
    expect(ringsOf(s)).toMatchObject([{ status: 'joining' }]);
    s.advance(5 * SECOND);
    expect(ringsOf(s)).toMatchObject([{ status: 'joined' }]);
  });

  test('is sent for itself, under the same key, where the pager does not show what it joined', () => {
    const nothing = { found: false, externalRef: null, status: null, by: null };
    const { key } = atOpsgenieSoon;
    const s = beside(atOpsgenieSoon, (effect) =>
      effect.name === 'pager.find' ? { result: 'read', read: nothing, detail: '' } : usual(effect),
    );
    s.advance(5 * SECOND);
    expect(s.pages('pager.trigger').map(({ effect }) => effect.key)).toEqual([key]);
    expect(
      s.pages('pager.note').map(({ effect }) => effect.key),
      'it may be the other’s',
    ).toEqual([key]);
    expect(ringsOf(s)).toMatchObject([{ status: 'joined', key }]);
  });

  test('is looked for on, and shown in the end, where the pager does not answer what it joined', () => {
    let asked = 0;
    const s = beside(atOpsgenieSoon, (effect) => {
      if (effect.name !== 'pager.find') return usual(effect);
      return (asked += 1) < 2 ? { result: 'read', read: null, detail: '503' } : usual(effect);
    });
    s.advance(6 * SECOND);
    expect(s.pages('pager.trigger')).toEqual([]);
    expect(ringsOf(s)).toMatchObject([{ status: 'joining' }]);
    s.advance(10 * SECOND);
    expect(s.pages('pager.note')).toHaveLength(1);
    expect(ringsOf(s)).toMatchObject([{ status: 'joined' }]);
  });

  test('goes to the next pager where that one never answers', () => {
    const s = beside(atOpsgenieSoon, (effect) =>
      effect.name === 'pager.find' ? { result: 'read', read: null, detail: '503' } : usual(effect),
    );
    s.advance(2 * MINUTE);
    expect(s.rings().map((ring) => ring.replace(/^\S+ /, ''))).toEqual(['Ada at pd']);
    expect(s.pages('pager.trigger').map(({ effect }) => effect.target)).toEqual(['pd']);
  });

  describe('that never tells whether what it joined rings', () => {
    const unanswered = (effect: Effect): Settled | null =>
      effect.name === 'pager.find' ? { result: 'read', read: null, detail: '503' } : usual(effect);
    const missing = { found: false, externalRef: null, status: null, by: null } as const;
    const triggers = (s: Story): readonly string[] =>
      s
        .pages('pager.trigger')
        .map(({ at, effect }) => `${(at - START) / SECOND} ${effect.target} ${effect.key ?? ''}`);

    test('rings by itself where there is no other pager', () => {
      const { people } = base;
      const s = new Story({ ...base, people: { ...people, ada: person('ada', ['og']) } });
      s.lookups = { ...noLookups, ...ringsAt(atOpsgenieSoon) };
      s.answer = unanswered;
      s.feed(observed());
      s.advance(20 * SECOND);
      // What it joined is over, and was never there.
      s.lookups = noLookups;
      s.advance(2 * MINUTE);
      expect(triggers(s)[0]).toMatch(/^45 og \S+\/inc-1\//);
    });

    test('rings by itself there where the other one refuses us', () => {
      const s = beside(atOpsgenieSoon, (effect) =>
        effect.name === 'pager.trigger' && effect.target === 'pd'
          ? {
              result: 'rejected',
              ofAccount: true,
              reason: 'unauthorized',
              detail: 'HTTP 401',
              hint: 'renew it',
            }
          : unanswered(effect),
      );
      s.advance(2 * MINUTE);
      expect(triggers(s).filter((one) => one.includes(' og '))[0]).toMatch(/\/inc-1\//);
    });

    test('is looked at on while the other one is being asked', () => {
      const s = beside(atOpsgenieSoon, (effect) => {
        if (effect.name === 'pager.trigger') return null;
        return effect.name === 'pager.find' && s.now > START + 3 * MINUTE
          ? { result: 'read', read: missing, detail: '' }
          : unanswered(effect);
      });
      s.advance(5 * MINUTE);
      expect(triggers(s), 'after 30, 60 and 120 s').toContain(`255 og ${atOpsgenieSoon.key}`);
    });

    test('is not asked any more once the other one has it', () => {
      const s = beside(atOpsgenieSoon, unanswered);
      s.advance(4 * MINUTE);
      expect(triggers(s)).toEqual([expect.stringContaining(' pd ')]);
      expect(ringsOf(s)).toMatchObject([
        { target: 'og', status: 'failed' },
        { target: 'pd', status: 'confirmed' },
      ]);
    });
  });

  test('asks for it at once at a pager that cannot be asked what rings', () => {
    const s = beside(underWay);
    expect(s.pages('pager.trigger').map(({ effect }) => effect.key)).toEqual([underWay.key]);
  });

  test('is written beside what rings, once it rings with it', () => {
    const s = beside(atOpsgenie);
    expect(s.pages('pager.note')).toMatchObject([
      {
        at: START,
        effect: { key: atOpsgenie.key, target: 'og', stream: `ring.note:og:${atOpsgenie.key}` },
      },
    ]);
    expect(s.pages('pager.note')[0]?.effect.body).toBe(
      'This phone rings for another incident as well: inc-1 [L2] Basket answers with errors. You are needed as expert. An answer here is for both.',
    );
    const later = beside(atOpsgenieSoon);
    expect(later.pages('pager.note')).toEqual([]);
    later.advance(5 * SECOND);
    expect(later.pages('pager.note')).toHaveLength(1);
  });

  test('rings by itself where that is refused', () => {
    const no: Settled = {
      result: 'rejected',
      ofAccount: false,
      reason: 'forbidden',
      detail: 'no',
      hint: 'Ask.',
    };
    const s = beside(atOpsgenie, (effect) => (effect.name === 'pager.note' ? no : usual(effect)));
    expect(ringsOf(s)).toMatchObject([{ status: 'failed' }]);
    expect(s.last('PageNoted')).toMatchObject({
      action: 'note that it joined refused',
      text: 'forbidden: no. Ask.',
    });
    s.advance(5 * MINUTE);
    expect(s.rings(), 'at another pager, and the search goes on').toEqual([
      '0 Ada at pd',
      '5 Ben at pd',
    ]);
  });

  test('tells its pager once more, given up, what was dropped because of it, and closes nothing of its own by that', () => {
    const s = beside(atOpsgenie, (effect) => (effect.name === 'pager.note' ? null : usual(effect)));
    s.advance(MINUTE);
    const told = ['pager.acknowledge', 'pager.resolve'] as const;
    for (const name of told)
      expect(s.pages(name).map(({ effect }) => effect.key)).toEqual([atOpsgenie.key]);
    expect(ringsOf(s)).toMatchObject([{ status: 'failed' }]);
  });

  describe('while nobody who looks there sees that it rings for it,', () => {
    const unshown = (): Story =>
      beside(atOpsgenie, (effect) => (effect.name === 'pager.note' ? null : usual(effect)));

    test('is rung by itself after a minute', () => {
      const s = unshown();
      expect(ringsOf(s)).toMatchObject([{ status: 'joining' }]);
      s.advance(59 * SECOND);
      expect(s.rings()).toEqual([]);
      s.advance(SECOND);
      expect(s.rings()).toEqual(['1 Ada at pd']);
      expect(s.incident.pages['p1']?.state).toBe('closed');
      expect(s.incident.pages['p2']).toMatchObject({ person: 'ada', state: 'open' });
    });

    test.each(['acknowledged', 'resolved', 'merged'] as const)(
      'is rung by itself as soon as what it joined is %s, which is no answer to it',
      (action) => {
        const s = unshown().advance(10 * SECOND);
        s.hear('p1', action, { by: 'ada', known: true });
        expect(s.rings()).toEqual([expect.stringMatching(/Ada at pd$/)]);
        expect(s.incident.roles).toEqual({});
        s.hear('p1', 'acknowledged', { by: 'ada', known: true });
        expect(s.incident.roles, 'given up, it is about others alone').toEqual({});
        s.hear('p2', 'acknowledged', { by: 'ada', known: true });
        expect(s.incident.roles).toMatchObject({ expert: { person: 'ada' } });
      },
    );

    test('is given up once, where the other pager refuses us as well', () => {
      const no = { reason: 'forbidden', detail: 'HTTP 407', hint: 'Look at the proxy.' } as const;
      const s = beside(atOpsgenie, (effect) =>
        ['pager.note', 'pager.trigger'].includes(effect.name)
          ? { result: 'rejected', ofAccount: true, ...no }
          : usual(effect),
      );
      s.advance(30 * SECOND);
      expect(s.incident.pages['p1']?.state).toBe('closed');
      const { p2 } = s.incident.pages;
      expect(p2?.rings.map(({ key }) => key)).toEqual([
        'tocsin/test/inc-1/p2',
        'tocsin/test/inc-1/p2.2',
      ]);
      s.advance(2 * MINUTE);
      expect(s.incident.pages['p2']?.state, 'and is still asked for').toBe('open');
      expect(s.types()).toContain('PageUnreachable');
    });

    test('rings on there where the answer is nobody’s', () => {
      const s = unshown();
      s.hear('p1', 'acknowledged');
      expect(s.rings()).toEqual([]);
    });

    test('has a minute at a further pager as well, and is called unreachable by nobody: a phone rings', () => {
      const s = beside(underWay, (effect) =>
        effect.name === 'pager.note' || effect.target === 'pd' ? null : usual(effect),
      );
      s.lookups = { ...noLookups, ...ringsAt({ ...atOpsgenie, at: START - MINUTE }) };
      // The pager that it joined at first was asked half a minute before.
      s.advance(89 * SECOND);
      expect(ringsOf(s)).toMatchObject([{ target: 'pd' }, { target: 'og', status: 'joining' }]);
      expect(s.types()).not.toContain('PageUnreachable');
      s.advance(SECOND);
      expect(s.incident.pages['p1']?.state).toBe('closed');
    });
  });

  test('takes its own words for nobody’s sign of life when they come back', () => {
    const s = beside(atOpsgenie);
    const text = s.pages('pager.note')[0]?.effect.body ?? '';
    const seen = { ref: 'r', by: 'Robot', known: false } as const;
    s.hear('p1', 'noted', { ...seen, text });
    expect(s.incident.signsOfLife).toEqual({});
    s.hear('p1', 'noted', { ...seen, text: 'I am on it.' });
    expect(Object.keys(s.incident.signsOfLife)).toEqual(['Robot']);
  });

  test('rings when its pager speaks of it, before it has answered the request', () => {
    const s = beside(underWay, silent('pd'));
    s.hear('p1', 'escalated');
    expect(ringsOf(s)).toMatchObject([{ status: 'joined' }]);
  });

  test('has nothing to close at a pager that it never reached', () => {
    const s = beside(underWay, silent('pd'));
    const trigger = s.pages('pager.trigger')[0]?.effect;
    if (trigger === undefined) throw new Error('nothing was to ring');
    s.feed({ type: 'MarkFalsePositive', reason: 'nothing' });
    const settled = { result: 'superseded', why: 'the page is closed' } as const;
    s.feed({ type: 'EffectSettled', effect: trigger, settled });
    expect(ringsOf(s)).toMatchObject([{ status: 'closed' }]);
  });
});

describe('an address of the vendor, of which nobody knows whose phone it rings', () => {
  const desk = { ...address('pd', 'desk'), label: 'pd desk' };
  const at = ringing({ person: null, address: encodeAddress(desk) });
  const staffed = policy({
    roles: {
      ...base.roles,
      commander: role('commander', {
        page: { kind: 'addresses', addresses: [desk] },
        commands: true,
      }),
    },
  });
  const declared = (other: Ringing, storm = false): Story => {
    const s = new Story(staffed);
    s.lookups = { ...noLookups, ...ringsAt(other) };
    s.feed({
      ...observed(),
      storm: storm ? { over: 'source prom', children: [other.incident] } : null,
    });
    s.feed(declare, byPerson('ben'));
    return s;
  };
  const keysOf = (s: Story): readonly string[] =>
    Object.values(s.incident.pages).flatMap(({ label, rings }) =>
      label === 'pd desk' ? rings.map(({ key }) => key) : [],
    );

  test('rings once for related incidents', () => {
    expect(keysOf(declared(at))).toEqual([at.key]);
  });

  test('rings anew when it was answered, but in a storm', () => {
    const answered = { ...at, acknowledged: true };
    expect(keysOf(declared(answered))).toEqual([expect.stringContaining('/inc-1/')]);
    expect(keysOf(declared(answered, true))).toEqual([at.key]);
  });

  test('rings in a storm for a person who has it too, when it was answered by nobody knows whom', () => {
    const s = new Story(base);
    const shared = { ...ringing(), person: null, acknowledged: true };
    s.lookups = { ...noLookups, ...ringsAt(shared) };
    s.feed({ ...observed(), storm: { over: 'source prom', children: ['inc-0'] } });
    expect(ringsOf(s)).toMatchObject([{ key: 'tocsin/test/inc-1/p1' }]);
  });
});

test('other incidents see of a ring whether it was answered, and to which storm it belongs; of a test nothing', () => {
  const s = new Story(base);
  s.feed(observed());
  s.feed({ type: 'JoinedParent', parent: 'inc-9' });
  const seen = () => Object.values(s.incident.pages).map((page) => ringingOf(s.incident, page));
  expect(seen()).toMatchObject([{ acknowledged: false, parent: 'inc-9' }]);
  s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
  expect(seen()[0]).toMatchObject({ acknowledged: true, parent: 'inc-9' });
  const tested = new Story(base);
  tested.feed({ type: 'PageTest', person: 'ada' }, byPerson('ben'));
  const pages = Object.values(tested.incident.pages);
  expect(pages.map((page) => ringingOf(tested.incident, page))).toEqual([null]);
});

test('a test of a phone joins nothing that rings there, not even what no team is named for', () => {
  const s = new Story(base);
  s.lookups = { ...noLookups, ...ringsAt(ringing({ team: '', level: 'L1' })) };
  s.feed({ type: 'PageTest', person: 'ada' }, byPerson('ben'));
  expect(ringsOf(s)).toMatchObject([{ key: 'tocsin/test/inc-1/p1' }]);
});

test('in a storm the next pager does not ring whoever has answered there', () => {
  const s = new Story(base);
  s.answer = silent('pd');
  s.feed({ ...observed(), storm: { over: 'source prom', children: ['inc-0'] } });
  s.lookups = { ...noLookups, ...ringsAt({ ...atOpsgenie, acknowledged: true }) };
  s.advance(MINUTE);
  expect(ringsOf(s)[1]).toMatchObject({ target: 'og', key: atOpsgenie.key });
});

describe('how a page ended under its key', () => {
  const at = { target: 'pd', key: 'tocsin/test/inc-1/p1' };
  const answered = (): Story => {
    const s = beside(ringing({ person: 'ben' }));
    s.advance(5 * MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    return s;
  };

  test('is told by nobody while it rings', () => {
    expect(endedUnder(beside(ringing({ person: 'ben' })).incident, at, null)).toEqual([]);
  });

  test('is by whose answer, also when it is closed since', () => {
    const s = answered();
    expect(endedUnder(s.incident, at, null)).toEqual(['ben']);
    s.feed({ type: 'Resolve', text: null }, byPerson('ben'));
    expect(s.incident.pages['p1']?.state).toBe('closed');
    expect(endedUnder(s.incident, at, null)).toEqual(['ben']);
  });

  test('is by nobody once it is closed at its pager without an answer, and not before', () => {
    const s = beside(ringing({ person: 'ben' }), (effect) =>
      effect.name === 'pager.resolve' ? null : usual(effect),
    );
    s.feed({ type: 'MarkFalsePositive', reason: 'nothing' }, byPerson('ben'));
    expect(endedUnder(s.incident, at, null)).toEqual([]);
    const effect = s.pages('pager.resolve')[0]?.effect;
    if (effect === undefined) throw new Error('nothing was to be closed');
    s.feed({ type: 'EffectSettled', effect, settled: accepted });
    expect(endedUnder(s.incident, at, null)).toEqual([null]);
  });

  test('is not asked of the page itself, of another key or another pager', () => {
    const { incident } = answered();
    expect(endedUnder(incident, at, 'p1')).toEqual([]);
    expect(endedUnder(incident, { ...at, key: 'tocsin/test/inc-1/p9' }, null)).toEqual([]);
    expect(endedUnder(incident, { ...at, target: 'og' }, null)).toEqual([]);
  });

  test('tells that a later page under it was silenced by ourselves', () => {
    const shared = ringing();
    const s = beside(shared);
    s.advance(5 * MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    s.policy = policy({
      roles: { ...base.roles, deputy: role('deputy', { page: { kind: 'person', person: 'ada' } }) },
    });
    s.feed({ type: 'PageRole', role: 'deputy' }, byPerson('ben'));
    const later = Object.values(s.incident.pages).findLast(({ person }) => person === 'ada');
    expect(later?.rings.map(({ key }) => key)).toEqual([shared.key]);
    s.hear(later?.id ?? 'p0', 'acknowledged', { by: 'Tocsin', known: false });
    expect(s.incident.escalations['role:deputy']).toMatchObject({
      state: 'open',
      answeredBy: null,
    });
  });
});

describe('incidents of one storm', () => {
  const member = (parent: string): Story => {
    const s = new Story(base);
    s.feed(observed());
    s.feed({ type: 'JoinedParent', parent: 'inc-9' });
    const other = ringing({ person: 'cleo', team: 'harbour', parent });
    s.lookups = { ...noLookups, ...ringsAt(other) };
    s.feed(declare, byPerson('ben'));
    return s;
  };
  const cleoOf = (s: Story) => Object.values(s.incident.pages).find((one) => one.person === 'cleo');

  test('ring a person once, also where they are of different teams', () => {
    expect(cleoOf(member('inc-9'))?.rings).toMatchObject([{ status: 'joined' }]);
  });

  test('do not answer for those of another storm', () => {
    expect(cleoOf(member('inc-8'))?.rings).toMatchObject([{ status: 'confirmed' }]);
  });
});
