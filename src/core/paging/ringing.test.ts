/** What a doubt, a mode or a name from outside must not lose: pages that ring, answers that count, posts that are allowed. */
import type { PageId } from '../model/made-ids.ts';
import { describe, expect, test } from 'vitest';
import {
  address,
  escalation,
  level,
  policy,
  publicCadence,
  role,
  trigger,
  withLevel,
} from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Settled } from '../model/effect.ts';
import type { Policy, TargetPolicy } from '../model/policy.ts';
import { classify } from '../routing/route.ts';
import { stillWanted } from '../deciding/send.ts';

const base = policy();
const usual = new Story(base).answer;

function opened(by: Policy = base, answer: Story['answer'] = usual): Story {
  const s = new Story(by);
  s.answer = answer;
  s.feed(observed());
  return s;
}

const ownOnly = escalation([{ page: { kind: 'own' }, waitMs: 5 * MINUTE }]);

describe('a pager in shadow', () => {
  const inShadow = (target: string): Policy =>
    policy({
      targets: Object.fromEntries(
        Object.entries(base.targets).map(([name, one]) => [
          name,
          name === target ? { ...one, mode: 'shadow' as const } : one,
        ]),
      ),
    });
  const withheld =
    (target: string, others: Settled | null = null): Story['answer'] =>
    (effect) => {
      if (effect.name !== 'pager.trigger') return usual(effect);
      if (effect.target === target) return { result: 'withheld', mode: 'shadow' };
      return others ?? usual(effect);
    };
  const refused: Settled = {
    result: 'rejected',
    ofAccount: false,
    reason: 'not_found',
    detail: '',
    hint: '',
  };

  test('swallows no page: the next pager, which is live, rings at once', () => {
    const s = opened(inShadow('pd'), withheld('pd'));
    expect(s.rings()).toEqual(['0 Ada at pd', '0 Ada at og']);
  });

  test('hears nothing of the end of a page that never rang there', () => {
    const s = opened(inShadow('pd'), withheld('pd'));
    s.feed({ type: 'Acknowledge', page: 'p1' }, byPerson('ada'));
    s.feed({ type: 'Resolve', text: null }, byPerson('ada'));
    const told = [...s.pages('pager.acknowledge'), ...s.pages('pager.resolve')];
    expect(
      told.filter(({ effect }) => effect.page === 'p1').map(({ effect }) => effect.target),
    ).toEqual(['og', 'og']);
  });

  test('is no way through when the live one refuses: it escalates now', () => {
    const s = opened(inShadow('pd'), withheld('pd', refused));
    expect(s.rings()).toContain('0 Ben at pd');
    expect(Object.keys(s.incident.alarms)).toContain('page:p1');
  });

  test('after a live one that refuses is no way through either', () => {
    const s = opened(inShadow('og'), (effect) =>
      effect.name === 'pager.trigger' && effect.target === 'pd' ? refused : withheld('og')(effect),
    );
    expect(Object.keys(s.incident.alarms)).toContain('page:p1');
  });

  test('beside nothing else is recorded and left alone', () => {
    const s = opened(base, (effect) =>
      effect.name === 'pager.trigger' ? { result: 'withheld', mode: 'shadow' } : usual(effect),
    );
    s.advance(2 * MINUTE);
    expect(s.incident.alarms).toEqual({});
  });
});

describe('an acknowledgement by somebody who is not rung', () => {
  const refusedBy = (s: Story, person: string, page: PageId | null = null) =>
    s.feed({ type: 'Acknowledge', page }, byPerson(person));

  test('silences nobody, and says what they can do instead', () => {
    const s = opened(base);
    expect(refusedBy(s, 'gus')).toMatchObject({
      ok: false,
      code: 'not_rung',
      message:
        'No page of inc-1 rings you. Rung now: Ada. To take a role: `tocsin take inc-1 expert` (or commander, voice, writer, deputy); to help: `tocsin join inc-1`.',
    });
    expect(refusedBy(s, 'gus', 'p1')).toMatchObject({
      ok: false,
      code: 'not_yours',
      message: expect.stringContaining('Page p1 rings Ada, and only Ada can answer it.') as string,
    });
    expect(s.incident.pages['p1']?.state).toBe('open');
    expect(s.incident.roles).toEqual({});
  });

  test('is none to what everybody was tried for either', () => {
    const s = opened(policy({ escalationPolicies: { standard: ownOnly } }));
    s.advance(6 * MINUTE);
    expect(s.incident.escalations['role:expert']?.state).toBe('exhausted');
    expect(refusedBy(s, 'gus')).toMatchObject({ ok: false, code: 'not_rung' });
    s.feed({ type: 'TakeRole', role: 'expert' }, byPerson('gus'));
    expect(s.incident.escalations['role:expert']).toMatchObject({ answeredBy: 'gus' });
  });

  test("answers a vendor's address only by the name of its page: whose phone it is, is not known", () => {
    const at = (name: string) => ({
      kind: 'addresses' as const,
      addresses: [{ ...address('pd', name), label: name }],
    });
    const roles = {
      ...base.roles,
      commander: role('commander', { page: at('Command desk'), commands: true }),
      voice: role('voice', { page: at('Press desk') }),
    };
    const s = opened(policy({ roles }));
    s.feed(declare, byPerson('ben'));
    expect(refusedBy(s, 'finn')).toMatchObject({
      message: expect.stringContaining(
        'Press desk (if that is your phone: `tocsin ack inc-1 p3`)',
      ) as string,
    });
    const page = Object.values(s.incident.pages).find(({ label }) => label === 'Command desk');
    expect(refusedBy(s, 'finn', page?.id ?? 'p0').ok).toBe(true);
    expect(s.incident.roles).toMatchObject({ commander: { person: 'finn' } });
    expect(s.incident.escalations['role:voice']).toMatchObject({ state: 'open' });
  });
});

test('a page that somebody resolved at the vendor before it was read back is answered', () => {
  const pd = { ...base.targets['pd'], can: ['pager.trigger', 'pager.find'] } as TargetPolicy;
  const readable = policy({ targets: { ...base.targets, pd } });
  const s = opened(readable, (effect) => {
    if (effect.name === 'pager.trigger' && effect.target === 'pd')
      return { result: 'delivered', receipt: 'accepted', externalRef: null, url: null };
    if (effect.name !== 'pager.find') return usual(effect);
    return {
      result: 'read',
      read: { found: true, externalRef: 'ref', status: 'resolved', by: 'ada' },
      detail: '',
    };
  });
  s.advance(MINUTE);
  expect(s.incident.escalations['role:expert']).toMatchObject({
    state: 'answered',
    answeredBy: 'ada',
  });
});

describe('an acknowledgement that runs out at the vendor', () => {
  test('on a page that somebody else silenced owes no second answer; the phone is silenced again', () => {
    const s = opened();
    s.advance(6 * MINUTE);
    s.feed({ type: 'Acknowledge', page: 'p2' }, byPerson('ben'));
    const silenced = s.pages('pager.acknowledge').length;
    s.hear('p1', 'unacknowledged');
    expect(s.incident.escalations['role:expert']).toMatchObject({
      state: 'answered',
      answeredBy: 'ben',
    });
    expect(s.pages('pager.acknowledge')).toHaveLength(silenced + 1);
  });

  test('owes again what it answered, and nothing that somebody else has answered', () => {
    const s = opened(
      withLevel(
        'L2',
        {
          declare: { by: ['person'], orAfterMs: null },
          page: { triage: ['expert', 'voice'], declared: [], commanded: [], onRequest: [] },
        },
        {
          roles: {
            ...base.roles,
            voice: role('voice', { page: { kind: 'person', person: 'ada' } }),
          },
        },
      ),
    );
    expect(s.incident.pages['p1']?.escalations).toEqual(['role:expert', 'role:voice']);
    s.advance(5 * MINUTE).hear('p2', 'acknowledged', { by: 'ben' });
    s.hear('p1', 'acknowledged', { by: 'ada' });
    expect(s.incident.roles).toMatchObject({ expert: { person: 'ben' }, voice: { person: 'ada' } });
    const silenced = s.pages('pager.acknowledge').length;
    s.advance(MINUTE).hear('p1', 'unacknowledged');
    expect(s.incident.escalations).toMatchObject({
      'role:expert': { state: 'answered', answeredBy: 'ben' },
      'role:voice': { state: 'open' },
    });
    expect(s.pages('pager.acknowledge'), 'the phone rings on').toHaveLength(silenced);
  });
});

describe('a page that has given way to a newer one', () => {
  const gone = (): Story => {
    const { automation } = policy();
    const page = { kind: 'person', person: 'ada' } as const;
    const s = opened(
      policy({
        escalationPolicies: { standard: ownOnly },
        automation: { ...automation, alarm: { ...automation.alarm, page } },
      }),
    );
    s.advance(16 * MINUTE);
    expect(s.incident.pages).toMatchObject({ p1: { state: 'closed' }, p2: { state: 'open' } });
    return s;
  };

  test('and is resolved at the vendor, as we asked, is no answer', () => {
    const s = gone();
    s.hear('p1', 'resolved', { by: 'ada' });
    expect(s.incident.escalations['role:expert']?.state).toBe('exhausted');
    expect(s.last('PageNoted')).toMatchObject({ page: 'p1', action: 'resolved' });
  });

  test('rings nothing again because an answer to it ran out', () => {
    const s = gone();
    s.hear('p1', 'unacknowledged');
    expect(s.incident.pages['p1']?.state).toBe('closed');
  });

  test('and is answered late stays closed at its vendor', () => {
    const s = gone();
    s.hear('p1', 'acknowledged', { by: 'ada' });
    expect(s.incident.escalations['role:expert']).toMatchObject({
      state: 'answered',
      answeredBy: 'ada',
    });
    expect(s.incident.pages['p1']?.state).toBe('closed');
  });
});

describe('a post that needed no approval when it was written', () => {
  const raising = policy({
    triggers: [
      trigger(
        'data',
        { kind: 'flag', given: { flag: 'corrupt' } },
        { kind: 'at_least', level: 'L1' },
      ),
    ],
  });
  test('is not sent at a level that requires one: a person is asked', () => {
    const s = new Story(raising);
    s.answer = (effect) => (effect.name === 'statusPage.publish' ? null : usual(effect));
    s.feed(observed());
    s.feed(declare, byPerson('ada'));
    const post = s.sent.find(({ effect }) => effect.name === 'statusPage.publish');
    if (post === undefined) throw new Error('nothing was to be published');
    const context = { now: s.now, policy: raising, lookups: noLookups };
    expect(stillWanted(s.incident, post.effect, context)).toMatchObject({ verdict: 'send' });
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
    expect(s.incident.level).toBe('L1');
    expect(stillWanted(s.incident, post.effect, context)).toMatchObject({ verdict: 'superseded' });
    s.advance(0);
    const waits = { d1: { state: 'withdrawn' }, d2: { state: 'waiting' } };
    expect(s.incident.drafts).toMatchObject(waits);
  });

  test('is asked about when its lease is over, where it is on its way at the raise', () => {
    const s = new Story(raising);
    s.answer = (effect) => (effect.name === 'statusPage.publish' ? null : usual(effect));
    s.feed(observed());
    s.feed(declare, byPerson('ada'));
    const until = s.now + 15_000;
    s.lookups = { ...noLookups, onItsWayUntil: () => (s.now < until ? until : null) };
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
    s.advance(14_999);
    expect(s.incident.drafts, 'it may arrive').toMatchObject({ d1: { state: 'queued' } });
    s.advance(1);
    const waits = { d1: { state: 'withdrawn' }, d2: { state: 'waiting' } };
    expect(s.incident.drafts).toMatchObject(waits);
  });

  test('is not sent where a reload has its level require one: a person is asked', () => {
    const s = new Story(raising);
    s.answer = (effect) => (effect.name === 'statusPage.publish' ? null : usual(effect));
    s.feed(observed());
    s.feed(declare, byPerson('ada'));
    const post = s.sent.find(({ effect }) => effect.name === 'statusPage.publish');
    if (post === undefined) throw new Error('nothing was to be published');
    const approval = { ...publicCadence(null).approval, investigating: 'required' } as const;
    s.reload(withLevel('L2', { public: publicCadence(15 * MINUTE, { approval }) }));
    const wanted = stillWanted(s.incident, post.effect, s.context);
    expect(wanted).toMatchObject({ verdict: 'superseded', why: 'it lacks the approval it needs' });
    const settled = { result: 'superseded', why: 'approval' } as const;
    s.feed({ type: 'EffectSettled', effect: post.effect, settled });
    const waits = { d1: { state: 'withdrawn' }, d2: { state: 'waiting' } };
    expect(s.incident.drafts).toMatchObject(waits);
  });

  test('and is not resent after a look-up without it; nothing behind it waits for ever', () => {
    const s = new Story(raising);
    let posts = 0;
    s.answer = (effect) => {
      if (effect.name === 'statusPage.find')
        return {
          result: 'read',
          read: { found: false, externalRef: null, status: null, by: null },
          detail: '',
        };
      if (effect.name !== 'statusPage.publish') return usual(effect);
      posts += 1;
      return posts === 1
        ? { result: 'ambiguous', detail: '504' }
        : { result: 'superseded', why: 'x' };
    };
    s.feed(observed());
    s.feed(declare, byPerson('ada'));
    s.advance(6 * MINUTE);
    expect(posts).toBe(2);
    expect(s.incident.drafts['d1']?.state).toBe('failed');
    expect(s.owed().every(({ dueAt }) => dueAt > s.now)).toBe(true);
  });
});

describe('a post that failed', () => {
  test('is withdrawn once a later one is on the page: nothing older follows, and the cadence goes on', () => {
    const levels = [
      level('L1', 0, { public: publicCadence(15 * MINUTE) }),
      ...withLevel('L2', { public: publicCadence(30 * MINUTE) }).levels.slice(1, 2),
      level('L3', 2, { public: publicCadence(60 * MINUTE) }),
    ];
    const s = new Story(policy({ levels }));
    let posts = 0;
    s.answer = (effect) => {
      if (effect.name !== 'statusPage.publish') return usual(effect);
      posts += 1;
      return posts === 2
        ? { result: 'rejected', ofAccount: false, reason: 'not_found', detail: '', hint: '' }
        : usual(effect);
    };
    s.feed(observed({ level: 'L3' }));
    s.feed(declare, byPerson('ada'));
    s.advance(61 * MINUTE);
    expect(s.incident.drafts['d2']?.state).toBe('failed');
    s.feed({ type: 'ChangeSeverity', level: 'L2', reason: 'worse' }, byPerson('ada'));
    s.advance(31 * MINUTE);
    expect(s.incident.drafts['d3']?.state).toBe('published');
    expect(s.incident.drafts['d2']?.state).toBe('withdrawn');
    expect(s.owed().map(({ clock }) => clock.kind)).toContain('update');
  });
});

describe('a name that every object inherits', () => {
  test.each([
    { ...declare, service: 'constructor' },
    { ...declare, team: 'constructor' },
    { type: 'PageTest', person: 'constructor' } as const,
  ])('is unknown to whoever opens an incident: %j', (request) => {
    expect(new Story(base).feed(request, byPerson('ada'))).toMatchObject({ ok: false });
  });

  test.each([
    { type: 'PageRole', role: 'constructor' } as const,
    { type: 'AssignRole', role: 'constructor', person: 'ada', confirmed: true } as const,
    { type: 'AssignRole', role: 'voice', person: 'constructor', confirmed: true } as const,
    { type: 'SetFlag', flag: 'constructor' } as const,
  ])('is unknown to an incident: %j', (request) => {
    const refusal = opened().feed(request, byPerson('ada'));
    expect(refusal).toMatchObject({ ok: false });
    if (!refusal.ok) expect(refusal.code).toMatch(/^unknown_/);
  });

  test("is no level of a source's severity map", () => {
    const alert = {
      kind: 'alert',
      dedupKey: 'a',
      status: 'firing',
      title: 'a',
      description: '',
      labels: {},
      vendorSeverity: 'constructor',
      startsAt: START,
      observedAt: START,
      links: [],
    } as const;
    expect(classify(alert, 'prom', base)).toMatchObject({ routing: { level: 'L3' } });
  });
});

describe('a lowering by a person', () => {
  test('holds against customers who report again or do not count', () => {
    const s = opened(
      policy({
        triggers: [
          trigger(
            'paying',
            {
              kind: 'customer_reports',
              given: { tier: 'paying', accounts: 2, within: 60 * MINUTE },
            },
            { kind: 'at_least', level: 'L1' },
          ),
        ],
      }),
    );
    const report = (account: string, tier: string) =>
      s.feed({ type: 'ReportFromCustomer', account, tier, text: null }, byPerson('ada'));
    report('a', 'paying');
    report('b', 'paying');
    expect(s.incident.level).toBe('L1');
    s.feed({ type: 'ChangeSeverity', level: 'L2', reason: 'few are affected' }, byPerson('ada'));
    report('c', 'free');
    report('a', 'paying');
    expect(s.incident.level).toBe('L2');
    report('d', 'paying');
    expect(s.incident.level).toBe('L1');
  });
});

describe('a notice', () => {
  test('that reached one of two people names the other', () => {
    const s = opened(
      withLevel('L2', {
        notify: [
          {
            who: [
              { kind: 'person', person: 'eve' },
              { kind: 'person', person: 'finn' },
            ],
            withinMs: 5 * MINUTE,
          },
        ],
      }),
      (effect) =>
        effect.name === 'chat.post' && effect.channel === 'U-finn'
          ? { result: 'rejected', ofAccount: false, reason: 'not_found', detail: '', hint: '' }
          : usual(effect),
    );
    s.feed(declare, byPerson('ada'));
    s.advance(6 * MINUTE);
    expect(s.incident.alarms['notify:L2:1']?.reason).toMatch(/ to finn$/);
    expect(
      s.messages().flatMap(({ about, channel }) => (about.kind === 'notice' ? channel : [])),
    ).toEqual(['U-eve', 'U-finn']);
  });
});
