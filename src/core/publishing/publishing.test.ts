/** Public posts: in time, in words that hold, with the approval they need, and never twice. */
import { describe, expect, test } from 'vitest';
import { level, policy, publicCadence, service, withLevel } from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  START,
  Story,
} from '../../../test/support/story.ts';
import type { Effect, Settled } from '../model/effect.ts';
import type { Policy, PublicCadence } from '../model/policy.ts';
import { sentenceOf } from '../model/events.ts';
import type { PublicPage } from '../model/incident.ts';
import { stillWanted } from '../deciding/send.ts';
import { whyByHand } from './public-page.ts';

const SECOND = 1_000;
const required: PublicCadence['approval'] = {
  investigating: 'required',
  identified: 'required',
  monitoring: 'required',
  resolved: 'required',
  unchanged: 'required',
};
const asked = (change: Partial<PublicCadence> = {}): Policy =>
  withLevel('L2', { public: publicCadence(30 * MINUTE, { approval: required, ...change }) });

function declared(by: Policy = policy(), answer?: Story['answer']): Story {
  const s = new Story(by);
  if (answer !== undefined) s.answer = answer;
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  for (const person of ['ada', 'cleo', 'dev', 'gus'])
    s.feed({ type: 'Acknowledge', page: null }, byPerson(person));
  return s;
}

const usual = new Story(policy()).answer;

/** Answers public posts in this order, then as usual; null leaves one open. */
function posting(...answers: readonly (Settled | null)[]): Story['answer'] {
  const left = [...answers];
  return (effect) =>
    effect.name === 'statusPage.publish' && left.length > 0
      ? (left.shift() ?? null)
      : usual(effect);
}

const unknown: Settled = { result: 'ambiguous', detail: '504' };
const arrived: Settled = {
  result: 'delivered',
  receipt: 'confirmed',
  externalRef: 'r',
  url: null,
};
const missing: Settled = {
  result: 'read',
  read: { found: false, externalRef: null, status: null, by: null },
  detail: '',
};
const rings = (s: Story, person: string) =>
  s.rings().filter((ring) => ring.includes(person) && !ring.startsWith('0 '));
const phase = (to: 'investigating' | 'identified' | 'monitoring', text: string | null = null) =>
  ({ type: 'SetPhase', phase: to, text }) as const;

function firstPost(s: Story): Effect {
  const post = s.sent.find(({ effect }) => effect.name === 'statusPage.publish');
  if (post === undefined) throw new Error('nothing was posted');
  return post.effect;
}

describe('a first post', () => {
  test('without need of approval is on the page at once, and promises the next one in its text', () => {
    const s = declared();
    expect(s.posts()).toEqual(['0 investigating']);
    const body = s.incident.drafts['d1']?.body;
    expect(body).toBe('We are investigating a problem with Basket. Next update: 12:30 UTC.');
    expect(s.incident.publicPages['page']?.promisedAt).toBe(START + 30 * MINUTE);
  });

  test('that waits: drafted at once, people are reminded of it, and alarmed when its time is over', () => {
    const s = declared(asked());
    expect(s.incident.drafts['d1']).toMatchObject({ state: 'waiting', anchor: { since: START } });
    const reminders = (): number =>
      s.messages().filter(({ about }) => about.kind === 'approval' && about.draft === 'd1').length;
    expect(reminders()).toBe(1);
    s.advance(5 * MINUTE - SECOND);
    expect(reminders()).toBe(2);
    expect(s.incident.alarms).toEqual({});
    s.advance(SECOND);
    expect(s.incident.alarms['public:page']?.reason).toBe(
      'the public post (investigating) on page is late: draft d1 waits for approval (`tocsin approve inc-1 d1`)',
    );
    expect(rings(s, 'Dev'), 'who holds the role that owes it').toEqual(['5 Dev at pd']);
    expect(s.posts()).toEqual([]);
  });

  test('goes out when a person approves it, and the alarm ends', () => {
    const s = declared(asked());
    s.advance(11 * MINUTE);
    expect(s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'))).toMatchObject({ ok: true });
    expect(s.posts()).toEqual(['11 investigating']);
    expect(s.incident.drafts['d1']).toMatchObject({ approvedBy: 'dev', state: 'published' });
    expect(s.incident.alarms).toEqual({});
  });

  test('waits for a person: a machine may reject it, not approve it', () => {
    const s = declared(asked());
    const script = { kind: 'machine', id: 'deploy-bot', via: 'api' } as const;
    expect(s.feed({ type: 'Approve', draft: 'd1' }, script)).toMatchObject({
      ok: false,
      code: 'person_needed',
    });
    expect(s.posts()).toEqual([]);
    expect(
      s.feed({ type: 'Reject', draft: 'd1', reason: 'a drill', closed: false }, script).ok,
    ).toBe(true);
  });

  test('approved twice, or unknown, is refused', () => {
    const s = declared(asked());
    s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'));
    expect(s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'))).toMatchObject({
      ok: false,
      code: 'not_waiting',
    });
    expect(s.feed({ type: 'Approve', draft: 'd9' }, byPerson('dev'))).toMatchObject({
      ok: false,
      code: 'unknown_draft',
    });
  });

  test('that was rejected is asked for again', () => {
    const s = declared(asked());
    s.feed({ type: 'Reject', draft: 'd1', reason: 'too vague', closed: false }, byPerson('dev'));
    expect(s.incident.drafts['d1']?.state).toBe('withdrawn');
    s.advance(10 * MINUTE);
    expect(s.incident.drafts['d2']?.state).toBe('waiting');
  });

  test('that was rejected is followed by nothing that nobody has approved, although repeats need no approval', () => {
    const s = declared(asked({ approval: { ...required, unchanged: 'none' } }));
    s.feed({ type: 'Reject', draft: 'd1', reason: 'too vague', closed: false }, byPerson('dev'));
    s.advance(60 * MINUTE);
    expect(s.posts()).toEqual([]);
    const [waiting] = Object.values(s.incident.drafts).filter(({ state }) => state === 'waiting');
    expect(waiting).toMatchObject({ status: 'investigating', unchanged: false });
  });

  test.each<[string, Policy]>([
    [
      'the top level always asks, whatever is configured',
      policy({ levels: [level('L1', 0), level('L2', 1)] }),
    ],
    [
      'a target in draft mode always asks',
      policy({
        targets: {
          ...policy().targets,
          page: { type: 'statuspage', mode: 'draft', can: ['statusPage.publish'] },
        },
      }),
    ],
  ])('%s', (sentence, by) => {
    const s = new Story(by);
    s.feed(observed({ level: sentence.startsWith('the top') ? 'L1' : 'L2' }));
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.incident.drafts['d1']).toMatchObject({ approval: 'required', state: 'waiting' });
  });

  test('on a route that is never public is not even drafted', () => {
    const s = new Story(policy());
    s.feed(observed({ public: 'never' }));
    s.feed({ type: 'Acknowledge', page: null }, byPerson('ada'));
    expect(s.incident.drafts).toEqual({});
  });
});

describe('the cadence', () => {
  test('repeats the last status as it was promised', () => {
    const s = declared();
    s.advance(95 * MINUTE);
    expect(s.posts()).toEqual([
      '0 investigating',
      '30 investigating',
      '60 investigating',
      '90 investigating',
    ]);
    expect(s.incident.drafts['d2']?.body).toContain(
      'nothing new to report. Next update: 13:00 UTC.',
    );
  });

  test('starts anew with each post', () => {
    const s = declared();
    s.advance(20 * MINUTE).feed(phase('identified'), byPerson('cleo'));
    s.advance(31 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '20 identified', '50 identified']);
  });

  test('slows down after its time', () => {
    const s = declared(
      withLevel('L2', {
        public: publicCadence(30 * MINUTE, {
          slower: { afterMs: 60 * MINUTE, everyMs: 60 * MINUTE },
        }),
      }),
    );
    s.advance(200 * MINUTE);
    expect(s.posts()).toEqual([
      '0 investigating',
      '30 investigating',
      '60 investigating',
      '120 investigating',
      '180 investigating',
    ]);
  });

  test('ticks that were missed collapse to one', () => {
    const s = declared();
    s.now += 200 * MINUTE;
    s.advance(0);
    expect(s.posts()).toEqual(['0 investigating', '200 investigating']);
  });

  test('on change only: nothing is repeated and nothing promised', () => {
    const s = declared(withLevel('L2', { public: publicCadence(null) }));
    s.advance(300 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating']);
    expect(s.incident.drafts['d1']?.body).toContain('Next update: when there is news.');
  });

  test('a repeat that waits is asked for before the promise falls due', () => {
    const s = declared(
      withLevel('L2', {
        public: publicCadence(30 * MINUTE, { approval: { ...required, investigating: 'none' } }),
      }),
    );
    s.advance(25 * MINUTE);
    expect(s.incident.drafts['d2']).toMatchObject({
      state: 'waiting',
      anchor: { kind: 'update', promisedAt: START + 30 * MINUTE },
    });
    s.advance(20 * MINUTE);
    expect(s.incident.alarms['public:page']).toBeDefined();
  });

  test('never says by itself what a person was asked to approve and rejected', () => {
    const s = declared(
      withLevel('L2', {
        public: publicCadence(30 * MINUTE, {
          approval: { ...required, investigating: 'none', unchanged: 'none' },
        }),
      }),
    );
    s.advance(MINUTE).feed(phase('identified'), byPerson('cleo'));
    s.feed(
      { type: 'Reject', draft: 'd2', reason: 'we are not sure yet', closed: false },
      byPerson('dev'),
    );
    s.advance(30 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '30 investigating']);
  });

  test('a draft that waits longer than what it promises is written anew as the alarm about it repeats', () => {
    const s = declared(
      withLevel('L2', {
        public: publicCadence(15 * MINUTE, { approval: required, firstWithinMs: 30 * MINUTE }),
      }),
    );
    expect(s.incident.drafts['d1']?.body).toContain('Next update: 12:45 UTC.');
    s.advance(60 * MINUTE);
    const waiting = Object.values(s.incident.drafts).filter(({ state }) => state === 'waiting');
    expect(waiting.map(({ body }) => body)).toEqual([
      'We are investigating a problem with Basket. Next update: 13:05 UTC.',
    ]);
  });

  test('a promise that has passed since the alarm about it was said is renewed before it goes out', () => {
    const s = declared(
      withLevel('L2', {
        public: publicCadence(15 * MINUTE, { approval: required, firstWithinMs: 30 * MINUTE }),
      }),
    );
    s.advance(47 * MINUTE);
    expect(s.incident.drafts['d1']).toMatchObject({
      state: 'waiting',
      nextUpdateAt: START + 45 * MINUTE,
    });
    s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'));
    const sent = Object.values(s.incident.drafts).find((draft) => draft.state === 'published');
    expect(sent?.nextUpdateAt).toBe(START + 62 * MINUTE);
    expect(sent?.body).toContain('Next update: 13:02 UTC.');
  });
});

describe('a change of phase', () => {
  test('is posted at once in the words of the configuration', () => {
    const s = declared();
    s.advance(MINUTE).feed(phase('identified'), byPerson('cleo'));
    s.advance(MINUTE).feed(phase('monitoring'), byPerson('cleo'));
    s.advance(MINUTE).feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(s.posts()).toEqual(['0 investigating', '1 identified', '2 monitoring', '3 resolved']);
    expect(s.incident.drafts['d4']?.body).toBe(
      'The problem with Basket is resolved. It lasted 3 min.',
    );
  });

  test('waits for approval with the words of a person, whatever the level asks for', () => {
    const s = declared();
    s.advance(MINUTE).feed(phase('identified', 'A disk is full.'), byPerson('cleo'));
    s.advance(MINUTE).feed({ type: 'Resolve', text: 'All is well.' }, byPerson('cleo'));
    expect(s.posts()).toEqual(['0 investigating']);
    s.feed({ type: 'Approve', draft: 'd3' }, byPerson('dev'));
    expect(s.posts()).toEqual(['0 investigating', '2 resolved']);
    expect(s.incident.drafts['d3']?.body).toBe(
      'The problem with Basket is resolved. All is well. It lasted 2 min.',
    );
  });

  test('goes out without the words of a machine, which are for the timeline', () => {
    const s = declared();
    s.feed(phase('identified', 'exit code 137'), { kind: 'machine', id: 'deployer', via: 'api' });
    s.feed(
      { type: 'Resolve', text: 'deploy 4711 rolled back' },
      { kind: 'machine', id: 'deployer', via: 'api' },
    );
    expect(s.posts()).toEqual(['0 investigating', '0 identified', '0 resolved']);
    const bodies = Object.values(s.incident.drafts).map(({ body }) => body);
    expect(bodies.filter((body) => /137|4711/.test(body))).toEqual([]);
  });

  test('overtakes a draft that still waits', () => {
    const s = declared(asked());
    s.feed(phase('identified'), byPerson('cleo'));
    expect(Object.values(s.incident.drafts).map((draft) => [draft.status, draft.state])).toEqual([
      ['investigating', 'withdrawn'],
      ['identified', 'waiting'],
    ]);
  });

  test('the cause as responders word it is never published by itself', () => {
    const s = declared();
    s.feed({ type: 'RootCauseFound', text: 'Bob dropped the table' }, byPerson('cleo'));
    expect(s.posts()).toEqual(['0 investigating', '0 identified']);
    expect(s.incident.drafts['d2']?.body).not.toContain('Bob');
  });

  test('the resolved post resets the components that we set', () => {
    const s = declared();
    expect(s.incident.publicPages['page']?.components).toEqual({ c1: 'degraded_performance' });
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(s.incident.drafts['d2']?.components).toEqual({ c1: 'operational' });
    expect(s.incident.publicPages['page']?.components).toEqual({});
  });

  test('an incident that was never on the page is not resolved there', () => {
    const s = declared(asked());
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(120 * MINUTE);
    expect(s.posts()).toEqual([]);
    expect(Object.values(s.incident.drafts).map((draft) => draft.state)).toEqual(['withdrawn']);
  });
});

describe('the components of a page', () => {
  const moved = policy({
    services: {
      basket: service('basket', { components: [{ target: 'page', name: 'Shop', id: 'c2' }] }),
    },
  });

  test('that an update names are also those of the posts before, whatever a reload made of the service', () => {
    const s = declared();
    s.advance(20 * MINUTE).reload(moved);
    s.feed(phase('identified'), byPerson('cleo'));
    expect(s.incident.drafts['d2']?.components).toEqual({
      c1: 'degraded_performance',
      c2: 'degraded_performance',
    });
  });

  test('stay as they are on the page after a lowering to a level that breaks none, until the end', () => {
    const { levels } = withLevel('L3', {
      public: publicCadence(30 * MINUTE),
      componentsUpTo: 'operational',
    });
    const s = declared(policy({ levels }));
    s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'one shop only' }, byPerson('cleo'));
    s.feed(phase('identified'), byPerson('cleo'));
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(
      Object.values(s.incident.drafts).map(({ status, components }) => [status, components]),
    ).toEqual([
      ['investigating', { c1: 'degraded_performance' }],
      ['identified', { c1: 'degraded_performance' }],
      ['resolved', { c1: 'operational' }],
    ]);
  });

  test('that a post breaks which was on its way as the end was drafted are set back all the same', () => {
    const harmless = withLevel('L2', { componentsUpTo: 'operational' });
    const s = declared(harmless, posting(arrived, null, null)).reload(policy());
    s.feed(phase('identified'), byPerson('cleo'));
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    const [, breaks, end] = s.sent.flatMap(({ effect }) =>
      effect.name === 'statusPage.publish' ? [effect] : [],
    );
    if (breaks === undefined || end === undefined) throw new Error('both are on their way');
    s.feed({ type: 'EffectSettled', effect: breaks, settled: arrived });
    expect(stillWanted(s.incident, end, s.context)).toMatchObject({
      components: { c1: 'operational' },
    });
  });

  test('are called by the names of that page, where another page has the same ids', () => {
    const components = [
      { target: 'other', name: 'Checkout', id: 'c1' },
      { target: 'page', name: 'Basket', id: 'c1' },
    ];
    const s = new Story(policy({ services: { basket: service('basket', { components }) } }));
    s.answer = (effect) =>
      effect.name === 'statusPage.publish'
        ? {
            result: 'delivered',
            receipt: 'confirmed',
            externalRef: 'r',
            url: null,
            components: { c1: 'major_outage' },
          }
        : null;
    s.feed(observed());
    s.feed(declare, byPerson('ada'));
    const shown = s.events.flatMap((one) =>
      one.type === 'PostPublished' ? Object.keys(one.shownOtherwise) : [],
    );
    expect(shown).toContain('Basket');
    expect(shown).not.toContain('Checkout');
  });

  test('are set back by the last post, although the one that broke them is still looked up', () => {
    const s = declared(policy(), posting(unknown));
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(s.incident.drafts['d1']?.state).toBe('unknown');
    expect(s.incident.drafts['d2']).toMatchObject({
      status: 'resolved',
      components: { c1: 'operational' },
    });
  });
});

test('a page that refuses a post in other words each time is an alarm as often as one that repeats itself', () => {
  const alarmsOf = (words: (attempt: number) => string): number => {
    let attempts = 0;
    const s = declared(policy(), (effect) => {
      if (effect.name !== 'statusPage.publish') return usual(effect);
      attempts += 1;
      const detail = words(attempts);
      return { result: 'rejected', ofAccount: false, reason: 'forbidden', detail, hint: 'Look.' };
    });
    s.advance(60 * MINUTE);
    expect(attempts).toBeGreaterThan(10);
    return s.events.filter(({ type }) => type === 'AlarmRaised').length;
  };
  expect(alarmsOf((attempt) => `request ${attempt}`)).toBe(alarmsOf(() => 'no'));
});

test('a page that refuses a post for another reason than before is an alarm that says so', () => {
  const refused = (reason: 'forbidden' | 'not_found'): Settled => ({
    result: 'rejected',
    ofAccount: false,
    reason,
    detail: 'no',
    hint: 'Look.',
  });
  const s = declared(policy(), posting(refused('forbidden'), refused('not_found')));
  expect(s.incident.alarms['public:page']?.reason).toContain('forbidden: no');
  s.advance(MINUTE);
  expect(s.incident.alarms['public:page']?.reason).toContain('not_found: no');
});

test('a rejection is over with the next draft: a raise hastens the update as it does without one', () => {
  const refused = {
    result: 'rejected',
    ofAccount: false,
    reason: 'forbidden',
    detail: 'no',
    hint: 'look',
  } as const;
  const s = declared(
    withLevel('L2', {
      public: publicCadence(60 * MINUTE, { approval: { ...required, investigating: 'none' } }),
    }),
    posting(arrived, refused),
  );
  s.advance(MINUTE).feed(phase('identified'), byPerson('cleo'));
  s.feed({ type: 'Reject', draft: 'd2', reason: 'too vague', closed: false }, byPerson('dev'));
  s.advance(MINUTE).feed(phase('monitoring'), byPerson('cleo'));
  s.feed({ type: 'Approve', draft: 'd3' }, byPerson('dev'));
  expect(s.incident.drafts['d3']?.state).toBe('failed');
  s.advance(MINUTE).feed({ type: 'ChangeSeverity', level: 'L1', reason: null }, byPerson('ada'));
  s.advance(20 * MINUTE);
  expect(s.incident.drafts['d4']?.draftedAt, 'every 15 minutes, 5 to read it').toBe(
    START + 13 * MINUTE,
  );
});

const withheld: Settled = { result: 'withheld', mode: 'shadow' };

test.each([
  ['was only recorded', withheld],
  ['arrived without a reference', { ...arrived, externalRef: null }],
] as const)('a post that %s does not let go of what is on the page', (_what, second) => {
  const s = declared(policy(), posting(arrived, second, null));
  s.advance(MINUTE).feed(phase('identified'), byPerson('cleo'));
  s.advance(SECOND).feed(phase('monitoring'), byPerson('cleo'));
  const last = s.sent.findLast(({ effect }) => effect.name === 'statusPage.publish')?.effect;
  if (last === undefined) throw new Error('nothing was posted');
  expect(
    stillWanted(s.incident, last, { now: s.now, policy: s.policy, lookups: noLookups }),
  ).toMatchObject({ verdict: 'send', ref: 'r' });
});

test('what is only recorded from the start is not called published, goes on as if, and is not to be closed', () => {
  const s = declared(policy(), posting(withheld, withheld, withheld));
  s.advance(MINUTE).feed(phase('identified'), byPerson('cleo'));
  s.advance(MINUTE).feed({ type: 'Resolve', text: null }, byPerson('cleo'));
  const page = s.incident.publicPages['page'];
  expect(page).toMatchObject({ published: 'resolved', ref: null });
  const told = s.events.filter(({ type }) => type === 'PostPublished');
  expect(told.map((event) => sentenceOf(event, String))).toEqual(
    ['d1', 'd2', 'd3'].map((id) => `Public post ${id} is recorded, not sent.`),
  );
  const off = { ...s.policy.targets['page'], mode: 'off' as const };
  const switchedOff = { ...s.policy, targets: { ...s.policy.targets, page: off } } as Policy;
  const shown = { ...page, published: 'identified' } as PublicPage;
  expect(whyByHand({ state: s.incident, policy: switchedOff }, shown)).toBeNull();
  expect(whyByHand({ state: s.incident, policy: switchedOff }, { ...shown, ref: 'r' })).toBe(
    'page is off',
  );
});

describe('a flag that forbids public posts', () => {
  test('withdraws every unsent post in the same decision', () => {
    const s = declared(asked());
    const decision = s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('ada'));
    expect(decision.ok && decision.events.map((event) => event.type)).toContain('PostWithdrawn');
    expect(s.incident.drafts['d1']?.state).toBe('withdrawn');
    expect(s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'))).toMatchObject({
      ok: false,
      code: 'not_public',
    });
    s.advance(180 * MINUTE);
    expect(s.posts()).toEqual([]);
  });

  test('is asked again right before sending', () => {
    const s = declared(policy(), posting(null));
    const effect = s.sent.find((one) => one.effect.name === 'statusPage.publish')?.effect;
    if (effect === undefined) throw new Error('nothing was to be published');
    const context = { now: s.now, policy: s.policy, lookups: noLookups };
    expect(stillWanted(s.incident, effect, context)).toMatchObject({ verdict: 'send' });
    s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('ada'));
    expect(stillWanted(s.incident, effect, context)).toMatchObject({ verdict: 'superseded' });
  });

  test('says that a published promise will not be kept', () => {
    const s = declared();
    s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('ada'));
    expect(s.messages().at(-1)?.text).toContain('page still promises an update at 12:30 UTC');
  });

  test('says so when a post on its way arrived all the same, and promises nothing more', () => {
    const s = declared(policy(), posting(null));
    const effect = firstPost(s);
    s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('ada'));
    s.feed({ type: 'EffectSettled', effect, settled: arrived });
    expect(s.messages().at(-1)?.text).toContain(
      'd1 reached page although public posts are stopped',
    );
    expect(s.owed().filter(({ clock }) => clock.kind === 'update')).toEqual([]);
  });
});

describe('a post whose outcome is unknown', () => {
  const finds = (s: Story): readonly number[] =>
    s.sent.flatMap((one) =>
      one.effect.name === 'statusPage.find' ? [(one.at - START) / SECOND] : [],
    );

  test('is looked up, and never repeated when it is there', () => {
    const s = declared(policy(), posting(unknown));
    s.advance(20 * MINUTE);
    expect(finds(s)).toEqual([5]);
    expect(s.posts()).toEqual(['0 investigating']);
    expect(s.incident.drafts['d1']?.state).toBe('published');
  });

  test('is where the one before it was, for whoever wants to read it', () => {
    const url = 'https://stspg.example/7';
    const s = declared(policy(), posting({ ...arrived, url }, unknown));
    s.advance(31 * MINUTE);
    expect(finds(s)).toEqual([30 * 60 + 5]);
    expect(s.incident.publicPages['page']).toMatchObject({ published: 'investigating', url });
  });

  test('is looked up at 5, 15, 60, 180 and 300 s, sent once more, and then left to a person', () => {
    const answers = posting(unknown, unknown);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find' ? missing : answers(effect),
    );
    s.advance(20 * MINUTE);
    expect(finds(s)).toEqual([5, 15, 60, 180, 300, 305, 315, 360, 480, 600, 900, 1200]);
    expect(s.posts()).toEqual(['0 investigating', '5 investigating']);
    expect(s.incident.drafts['d1']?.state).toBe('failed');
    expect(s.incident.alarms['public:page']?.reason).toContain(
      '`tocsin approve inc-1 d1` looks for it',
    );
  });

  test('promises anew when it is sent once more after its promise has passed', () => {
    const answers = posting(unknown);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find'
        ? { result: 'read', read: null, detail: 'down' }
        : answers(effect),
    );
    s.advance(45 * MINUTE);
    s.answer = (effect) => (effect.name === 'statusPage.find' ? missing : usual(effect));
    s.advance(15 * MINUTE);
    const posts = s.sent.flatMap(({ at, effect }) =>
      effect.name === 'statusPage.publish'
        ? [{ at, promised: s.incident.drafts[effect.draft]?.nextUpdateAt ?? null }]
        : [],
    );
    expect(posts.length).toBeGreaterThan(1);
    for (const { at, promised } of posts) expect(promised).toBeGreaterThan(at);
  });

  test('is not sent blindly because nobody could look: the target was away for a while', () => {
    const answers = posting(unknown);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find' && s.now < START + 20 * MINUTE
        ? {
            result: 'rejected',
            ofAccount: false,
            reason: 'not_found',
            detail: 'no longer configured',
            hint: '',
          }
        : answers(effect),
    );
    s.advance(19 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating']);
    expect(s.incident.drafts['d1']).toMatchObject({ state: 'failed' });
    expect(s.incident.publicPages['page']?.failure?.why).toEqual({ kind: 'unknown' });
  });

  test('is sent once more although the incident is over, where it is the one that ends it', () => {
    const answers = posting(arrived, unknown);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find' ? missing : answers(effect),
    );
    s.advance(MINUTE).feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(10 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '1 resolved', '6 resolved']);
    expect(s.incident.publicPages['page']?.published).toBe('resolved');
  });

  test('is not sent again when the page gave no answer: a person decides', () => {
    const answers = posting(unknown);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find'
        ? { result: 'read', read: null, detail: 'down' }
        : answers(effect),
    );
    s.advance(10 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating']);
    expect(s.incident.drafts['d1']?.state).toBe('failed');
  });

  test('holds the next one back: never two creates in flight', () => {
    const s = declared(policy(), posting(unknown));
    s.answer = () => null;
    s.feed(phase('identified'), byPerson('cleo'));
    const next = s.sent.findLast((one) => one.effect.name === 'statusPage.publish')?.effect;
    if (next === undefined) throw new Error('nothing was to be published');
    expect(
      stillWanted(s.incident, next, { now: s.now, policy: s.policy, lookups: noLookups }),
    ).toMatchObject({ verdict: 'hold' });
  });

  test('and overtaken is not sent again: the next one says more', () => {
    const answers = posting(unknown, null);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find' ? missing : answers(effect),
    );
    s.advance(MINUTE).feed(phase('identified'), byPerson('cleo'));
    s.advance(10 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '1 identified']);
    expect(s.incident.drafts['d1']?.state).toBe('withdrawn');
  });

  test('and overtaken within the same instant is not sent again either', () => {
    const answers = posting(unknown, null);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find' ? missing : answers(effect),
    );
    s.feed(phase('identified'), byPerson('cleo'));
    s.advance(10 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '0 identified']);
  });

  test('and overtaken within the same instant by more words is not sent again either', () => {
    const answers = posting(unknown, null);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find' ? missing : answers(effect),
    );
    s.feed(
      { type: 'SetPhase', phase: 'investigating', text: 'Baskets lose things.' },
      byPerson('cleo'),
    );
    s.feed({ type: 'Approve', draft: 'd2' }, byPerson('dev'));
    s.advance(10 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '0 investigating']);
  });

  test('and of a phase that is over is not sent again, although the news of the next was rejected', () => {
    const answers = posting(unknown, null);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find' ? missing : answers(effect),
    );
    s.advance(MINUTE).feed(
      { type: 'SetPhase', phase: 'identified', text: 'A disk is full.' },
      byPerson('cleo'),
    );
    s.feed({ type: 'Reject', draft: 'd2', reason: 'no names', closed: false }, byPerson('dev'));
    s.advance(6 * MINUTE);
    expect(s.posts().filter((post) => post.endsWith('investigating'))).toEqual(['0 investigating']);
    expect(s.incident.drafts['d1']?.state).toBe('withdrawn');
  });

  test('and never there when the incident ends leaves nothing to resolve', () => {
    const answers = posting(unknown, null);
    const s = declared(policy(), (effect) =>
      effect.name === 'statusPage.find' ? missing : answers(effect),
    );
    s.advance(MINUTE).feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    s.advance(10 * MINUTE);
    expect(Object.values(s.incident.drafts).map((draft) => [draft.status, draft.state])).toEqual([
      ['investigating', 'withdrawn'],
      ['resolved', 'withdrawn'],
    ]);
  });
});

test('a post that waits is not late by a shorter time of today until a minute after the reload', () => {
  const HOUR = 60 * MINUTE;
  const s = declared(asked({ firstWithinMs: HOUR }));
  s.advance(40 * MINUTE);
  s.reload(asked({ firstWithinMs: 5 * MINUTE }));
  s.advance(59 * SECOND);
  expect(s.incident.alarms).toEqual({});
  s.advance(SECOND);
  expect(Object.keys(s.incident.alarms)).toEqual(['public:page']);
});

test('what was only recorded is closed by nobody, and its last word may be rejected', () => {
  const s = declared(asked({}), (effect) =>
    effect.name === 'statusPage.publish' ? { result: 'withheld', mode: 'shadow' } : usual(effect),
  );
  s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'));
  s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
  s.feed({ type: 'Reject', draft: 'd2', reason: 'a drill', closed: false }, byPerson('dev'));
  expect(s.incident.publicPages['page']).toMatchObject({ published: 'investigating', ref: null });
  s.advance(MINUTE);
  expect(s.incident.alarms).toEqual({});
  expect(s.messages().filter(({ text }) => text.includes('by hand'))).toEqual([]);
});

describe('the alarm about a late post', () => {
  const reason = (s: Story): string => s.incident.alarms['public:page']?.reason ?? '';
  const late = (alarmEveryMs = 10 * MINUTE): Story => {
    const by = asked({ firstWithinMs: 5 * MINUTE });
    const s = declared({ ...by, automation: { ...by.automation, alarmEveryMs } });
    s.advance(10 * MINUTE);
    expect(reason(s)).toContain('(investigating)');
    s.feed({ type: 'SetPhase', phase: 'monitoring', text: null }, byPerson('cleo'));
    return s;
  };

  test('names the draft that waits now, as soon as that one is late', () => {
    const s = late(60 * MINUTE);
    s.advance(9 * MINUTE);
    const [draft] = Object.values(s.incident.drafts).filter(({ state }) => state === 'waiting');
    expect(reason(s)).toContain(`(monitoring) on page is late: draft ${draft?.id ?? ''} waits`);
  });

  test('names it also when its interval is over before, and does not call it late yet', () => {
    const s = late(7 * MINUTE);
    s.advance(MINUTE);
    const before = s.events.filter(({ type }) => type === 'AlarmRaised').length;
    while (s.events.filter(({ type }) => type === 'AlarmRaised').length === before)
      s.advance(SECOND);
    expect(s.now).toBe(START + 12 * MINUTE);
    expect(reason(s)).toBe(
      'the public post (monitoring) on page is not there yet: draft d2 waits for approval (`tocsin approve inc-1 d2`)',
    );
  });

  test('rings for a new draft that is late at the very instant at which the answered alarm repeats', () => {
    const s = late(100 * SECOND);
    s.feed({ type: 'Acknowledge', page: null }, byPerson('dev'));
    s.advance(5 * MINUTE);
    expect(s.rings().filter((ring) => ring.startsWith('15 '))).toEqual(['15 Dev at pd']);
    expect(reason(s)).toContain('(monitoring) on page is late');
  });

  test('rings again for a new draft, although somebody answered when it rang for the one before', () => {
    const s = late(60 * MINUTE);
    expect(rings(s, 'Dev')).toEqual(['5 Dev at pd']);
    s.feed({ type: 'Acknowledge', page: null }, byPerson('dev'));
    s.advance(10 * MINUTE);
    expect(rings(s, 'Dev')).toEqual(['5 Dev at pd', '15 Dev at pd']);
  });
});

describe('a post that arrives after its incident ended', () => {
  test('is followed by the resolved one, with its components', () => {
    const s = declared(policy(), posting(null));
    const effect = firstPost(s);
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(s.posts()).toEqual(['0 investigating']);
    s.feed({ type: 'EffectSettled', effect, settled: arrived });
    expect(s.posts()).toEqual(['0 investigating', '0 resolved']);
    expect(s.incident.drafts['d2']?.components).toEqual({ c1: 'operational' });
  });
});

test('a post that the page refuses is a person’s to decide, and may be approved again', () => {
  const s = declared(
    policy(),
    posting({
      result: 'rejected',
      ofAccount: false,
      reason: 'forbidden',
      detail: 'no',
      hint: 'look at the key',
    }),
  );
  expect(s.incident.alarms['public:page']?.reason).toContain('look at the key');
  s.feed({ type: 'Approve', draft: 'd1' }, byPerson('dev'));
  expect(s.incident.drafts['d1']?.state).toBe('published');
});

describe('a post that failed', () => {
  const failing = {
    result: 'rejected',
    ofAccount: false,
    reason: 'forbidden',
    detail: 'no',
    hint: 'ask',
  } as const;
  const ok = { result: 'delivered', receipt: 'confirmed', externalRef: 'r', url: null } as const;

  test('is what the page hears next where it is news, before any repeat of what the page says', () => {
    const s = declared(policy(), posting(ok, failing, ok));
    s.advance(10 * MINUTE);
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    expect(s.incident.drafts['d2']?.state).toBe('failed');
    s.advance(25 * MINUTE);
    expect(s.posts()).toEqual(['0 investigating', '10 identified', '11 identified']);
    expect(s.incident.drafts['d2']?.state).toBe('published');
    expect(s.incident.alarms).toEqual({});
  });

  test('again for the same reason is no event, and for another reason is one', () => {
    const other = { ...failing, reason: 'unauthorized' } as const;
    const s = declared(policy(), posting(ok, failing, failing, failing, other, other, ok));
    s.advance(10 * MINUTE);
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    s.advance(25 * MINUTE);
    expect(s.posts()).toHaveLength(7);
    const failures = s.events.flatMap((one) => (one.type === 'PostFailed' ? [one.reason] : []));
    expect(failures).toEqual(['forbidden: no', 'unauthorized: no']);
    expect(s.types()).not.toContain('PostTriedAgain');
  });

  test('and whose order is gone gets another one when its alarm is said again', () => {
    const s = declared(policy(), posting(ok, failing, null, ok));
    s.advance(10 * MINUTE);
    s.feed({ type: 'SetPhase', phase: 'identified', text: null }, byPerson('cleo'));
    s.advance(15 * MINUTE);
    expect(s.types()).toContain('PostTriedAgain');
    expect(s.incident.drafts['d2']?.state).toBe('published');
  });

  test('and only repeats holds up nothing: after it comes the next of the cadence, not one after the other', () => {
    const s = declared(policy(), posting(ok, failing, failing, ok));
    s.advance(100 * MINUTE);
    expect(s.posts()).toEqual([
      '0 investigating',
      '30 investigating',
      '60 investigating',
      '90 investigating',
    ]);
  });
});

test('a repeat that failed after a rejection is followed by the cadence: the rejection was made good by it', () => {
  const failing = {
    result: 'rejected',
    ofAccount: false,
    reason: 'forbidden',
    detail: 'no',
    hint: 'ask',
  } as const;
  const s = declared(
    withLevel('L2', {
      public: publicCadence(30 * MINUTE, {
        approval: { ...required, investigating: 'none', unchanged: 'none' },
      }),
    }),
    posting(arrived, failing, failing, arrived),
  );
  s.advance(MINUTE).feed(phase('identified'), byPerson('cleo'));
  s.feed(
    { type: 'Reject', draft: 'd2', reason: 'we are not sure yet', closed: false },
    byPerson('dev'),
  );
  s.advance(100 * MINUTE);
  expect(s.posts()).toEqual([
    '0 investigating',
    '30 investigating',
    '60 investigating',
    '90 investigating',
  ]);
});

test('a paused public holds, and sends when the pause ends', () => {
  const s = declared(policy(), posting(null));
  const effect = s.sent.find((one) => one.effect.name === 'statusPage.publish')?.effect;
  if (effect === undefined) throw new Error('nothing was to be published');
  const lookups = {
    ...noLookups,
    pauses: { public: { since: START, until: START + 5 * MINUTE, by: 'ada', why: 'a drill' } },
  };
  expect(stillWanted(s.incident, effect, { now: START, policy: s.policy, lookups })).toEqual({
    verdict: 'hold',
    until: START + 5 * MINUTE,
    why: 'public is paused by ada: a drill',
    pause: 'public',
  });
  expect(
    stillWanted(s.incident, effect, { now: START + 5 * MINUTE, policy: s.policy, lookups }),
  ).toMatchObject({ verdict: 'send' });
});

describe('a post that was withdrawn while it was on its way', () => {
  test.each<[string, Settled]>([
    [
      'refused',
      { result: 'rejected', ofAccount: false, reason: 'forbidden', detail: 'no', hint: 'look' },
    ],
    ['not sent', { result: 'superseded', why: 'the draft is withdrawn' }],
  ])('and is %s is nobody’s to decide', (_word, settled) => {
    const s = declared(policy(), posting(null, null));
    const effect = firstPost(s);
    s.feed(phase('identified'), byPerson('cleo'));
    s.feed({ type: 'EffectSettled', effect, settled });
    expect(s.incident.drafts['d1']?.state).toBe('withdrawn');
    expect(s.types().filter((type) => type === 'PostWithdrawn')).toHaveLength(1);
    expect(s.incident.alarms).toEqual({});
  });
});

test('a first post that was being sent when its level asked for none any more, and was not, is nobody’s to decide', () => {
  const s = declared(policy(), posting(null));
  s.lookups = { ...noLookups, onItsWayUntil: () => START + MINUTE };
  s.feed({ type: 'ChangeSeverity', level: 'L3', reason: 'one shop only' }, byPerson('cleo'));
  expect(s.incident.drafts).toMatchObject({ d1: { state: 'queued' } });
  s.lookups = noLookups;
  const settled = { result: 'superseded', why: 'it lacks the approval it needs' } as const;
  s.feed({ type: 'EffectSettled', effect: firstPost(s), settled });
  expect(Object.values(s.incident.drafts)).toMatchObject([{ id: 'd1', state: 'withdrawn' }]);
  expect(s.incident.alarms).toEqual({});
});

test('a post that was not sent although the page is still owed it is no dead end: a person decides', () => {
  const s = declared(policy(), posting({ result: 'superseded', why: 'a fault of ours' }));
  expect(s.incident.drafts['d1']?.state).toBe('failed');
  expect(s.incident.alarms['public:page']?.reason).toContain('Approve d1 to send it.');
});
