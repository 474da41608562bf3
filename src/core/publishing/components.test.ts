/** What an incident says about components of public pages, and what a page shows of them. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import {
  byPerson,
  declare,
  MINUTE,
  noLookups,
  observed,
  Story,
} from '../../../test/support/story.ts';
import { componentsSaid, postOf, statesToShow, unknownElsewhere, worstSaid } from './components.ts';
import type { Effect, Settled } from '../model/effect.ts';
import type { Incident } from '../model/incident.ts';
import type { ComponentSaid, Lookups } from '../model/lookups.ts';
import { encodeComponent } from '../model/keys.ts';
import type { ComponentStatus } from '../model/policy.ts';
import { stillWanted } from '../deciding/send.ts';

const c1 = encodeComponent({ target: 'page', id: 'c1' });

/** Declared, with a first post that goes out by itself; its outcome stays open until it is settled. */
function declared(): Story {
  const s = new Story(policy());
  const { answer } = s;
  s.answer = (effect) => (effect.name === 'statusPage.publish' ? null : answer(effect));
  s.feed(observed());
  s.feed(declare, byPerson('ada'));
  return s;
}

function lastPost(s: Story): Effect {
  const sent = s.sent.findLast(({ effect }) => effect.name === 'statusPage.publish');
  if (sent === undefined) throw new Error('nothing was to be published');
  return sent.effect;
}

function settle(s: Story, settled: Settled): void {
  s.feed({ type: 'EffectSettled', effect: lastPost(s), settled });
}

const delivered: Settled = {
  result: 'delivered',
  receipt: 'confirmed',
  externalRef: 'r',
  url: null,
};

const saidBy = (state: Incident): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...componentsSaid(state)].map(([id, { status, isUnknown }]) => [
      id,
      `${status}${isUnknown ? ', unknown' : ''}`,
    ]),
  );

const elsewhere = (status: ComponentStatus, isUnknown = false): Lookups => ({
  ...noLookups,
  saidElsewhere: (id) => (id === c1 ? [{ incident: 'inc-9', status, isUnknown }] : []),
});

describe('an incident says something about a component', () => {
  test('from the moment at which its post may be on the page, until it is over', () => {
    const s = declared();
    expect(saidBy(s.incident), 'a post on its way may never arrive').toEqual({});
    settle(s, { result: 'ambiguous', detail: 'no answer' });
    expect(s.incident.drafts['d1']?.state).toBe('unknown');
    expect(saidBy(s.incident)).toEqual({ [c1]: 'degraded_performance, unknown' });
    settle(s, delivered);
    expect(saidBy(s.incident)).toEqual({ [c1]: 'degraded_performance' });
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(saidBy(s.incident)).toEqual({});
    settle(s, { result: 'ambiguous', detail: 'no answer' });
    expect(saidBy(s.incident), 'its end may be on the page').toEqual({
      [c1]: 'operational, unknown',
    });
  });

  test('by the worse of what is on the page and what may be there', () => {
    const s = declared();
    const draft = s.incident.drafts['d1'];
    const page = s.incident.publicPages['page'];
    if (draft === undefined || page === undefined) throw new Error('nothing was drafted');
    const both = (onPage: ComponentStatus, perhaps: ComponentStatus): Incident => ({
      ...s.incident,
      publicPages: { page: { ...page, components: { c1: onPage } } },
      drafts: { d1: { ...draft, state: 'unknown', components: { c1: perhaps } } },
    });
    expect(saidBy(both('major_outage', 'partial_outage'))).toEqual({
      [c1]: 'major_outage, unknown',
    });
    expect(saidBy(both('partial_outage', 'major_outage'))).toEqual({
      [c1]: 'major_outage, unknown',
    });
  });
});

test('an end takes back what a post that was looked for and never seen may have broken', () => {
  const s = declared();
  const [draft, page] = [s.incident.drafts['d1'], s.incident.publicPages['page']];
  if (draft === undefined || page === undefined) throw new Error('nothing was drafted');
  const lost = {
    ...draft,
    id: 'd2' as const,
    state: 'withdrawn' as const,
    components: { c2: 'major_outage' as const },
  };
  const taken = (finds: number): readonly string[] => {
    const drafts = { d2: { ...lost, finds } };
    const publicPages = { page: { ...page, components: { c1: 'major_outage' as const } } };
    const end = { ...draft, id: 'd3' as const, status: 'resolved' as const };
    return Object.keys(postOf({ ...s.incident, drafts, publicPages }, end).components);
  };
  expect(taken(5)).toEqual(['c1', 'c2']);
  expect(taken(0), 'it never left').toEqual(['c1']);
});

describe('an incident that may post no more says nothing, for it could never take it back', () => {
  const posted = (): Story => {
    const s = declared();
    settle(s, delivered);
    return s;
  };

  test('one that joined a storm', () => {
    expect(saidBy({ ...posted().incident, parent: 'inc-4' })).toEqual({});
  });

  test('one whose flag forbids public posts', () => {
    const s = posted();
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
    expect(saidBy(s.incident), 'this one allows the public').toEqual({
      [c1]: 'degraded_performance',
    });
    s.feed({ type: 'SetFlag', flag: 'leak' }, byPerson('ada'));
    expect(saidBy(s.incident)).toEqual({});
  });

  test('one whose flag forbids them since a reload, until another reload allows them again', () => {
    const s = posted();
    s.feed({ type: 'SetFlag', flag: 'corrupt' }, byPerson('ada'));
    s.advance(MINUTE).reload(policy({ flags: { corrupt: { public: 'never' } } }));
    s.advance(2 * MINUTE);
    expect(saidBy(s.incident)).toEqual({});
    s.reload(policy()).advance(2 * MINUTE);
    expect(saidBy(s.incident)).toEqual({ [c1]: 'degraded_performance' });
  });

  test('but that its post may yet arrive is known', () => {
    const s = declared();
    settle(s, { result: 'ambiguous', detail: 'no answer' });
    expect(saidBy({ ...s.incident, parent: 'inc-4' })).toEqual({ [c1]: 'operational, unknown' });
    expect(saidBy({ ...s.incident, phase: 'resolved' })).toEqual({ [c1]: 'operational, unknown' });
  });
});

describe('the last post of an incident', () => {
  const ending = (): Story => {
    const s = declared();
    settle(s, delivered);
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    return s;
  };
  const wanted = (s: Story, lookups: Lookups) =>
    stillWanted(s.incident, lastPost(s), { now: s.now, policy: s.policy, lookups });

  test('waits while a post of another incident about the component may yet arrive', () => {
    const s = ending();
    expect(wanted(s, elsewhere('operational', true))).toMatchObject({
      verdict: 'hold',
      until: s.now + 1_000,
      why: 'a post of inc-9 about the same component is being looked up',
    });
    expect(wanted(s, elsewhere('major_outage'))).toMatchObject({ verdict: 'send' });
  });

  test('waits for no other when it is being looked up itself: the two would wait for each other', () => {
    const s = ending();
    settle(s, { result: 'ambiguous', detail: 'no answer' });
    expect(wanted(s, elsewhere('operational', true))).toMatchObject({ verdict: 'send' });
  });

  test('is the only one that waits', () => {
    expect(wanted(declared(), elsewhere('operational', true))).toMatchObject({ verdict: 'send' });
    const other = { target: 'other page', components: { c1: 'operational' as const } };
    expect(unknownElsewhere(other, elsewhere('operational', true))).toBeNull();
  });
});

describe('the page shows', () => {
  const post = { target: 'page', components: { c1: 'partial_outage' as const } };

  test.each([
    ['under_maintenance', 'partial_outage'],
    ['partial_outage', 'partial_outage'],
    ['major_outage', 'major_outage'],
  ] as const)('with %s said elsewhere and a partial outage said here: %s', (other, shown) => {
    expect(statesToShow(post, elsewhere(other))).toEqual({ c1: shown });
  });

  test('nothing of components that the post does not name', () => {
    expect(statesToShow({ target: 'page', components: {} }, elsewhere('major_outage'))).toEqual({});
    const other = { target: 'other page', components: { c1: 'operational' as const } };
    expect(statesToShow(other, elsewhere('major_outage'))).toEqual({ c1: 'operational' });
  });

  test('what is said elsewhere at the moment of sending, whatever it was when the post was written', () => {
    const s = declared();
    const sent = (lookups: Lookups) =>
      stillWanted(s.incident, lastPost(s), { now: s.now, policy: s.policy, lookups });
    expect(sent(noLookups)).toMatchObject({ components: { c1: 'degraded_performance' } });
    expect(sent(elsewhere('major_outage'))).toMatchObject({ components: { c1: 'major_outage' } });
  });

  test('and whoever is asked to approve it is told', () => {
    const s = declared();
    settle(s, delivered);
    s.policy = policy({
      targets: {
        ...policy().targets,
        page: { type: 'statuspage', mode: 'draft', can: ['statusPage.publish'] },
      },
    });
    s.lookups = elsewhere('major_outage');
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    const asked = s.messages().findLast(({ about }) => about.kind === 'approval');
    expect(asked?.text).toMatch(/ Basket stays major_outage on the page, because of inc-9\.$/);
  });

  test('and the timeline tells what the page was told, also when the other incident is over by then', () => {
    const s = declared();
    s.feed({
      type: 'EffectSettled',
      effect: lastPost(s),
      settled: { ...delivered, components: { c1: 'major_outage' } },
    });
    expect(s.events.find(({ type }) => type === 'PostPublished')).toMatchObject({
      shownOtherwise: { Basket: 'major_outage' },
    });
    // What this incident says stays its own: the other's state goes when the other is over.
    expect(s.incident.publicPages['page']?.components).toEqual({ c1: 'degraded_performance' });
  });
});

test('the worst of several is the first that says it', () => {
  const said = (incident: string, status: ComponentStatus): ComponentSaid => ({
    incident,
    status,
    isUnknown: false,
  });
  const b = said('b', 'major_outage');
  expect(worstSaid([])).toBeNull();
  expect(worstSaid([said('a', 'degraded_performance'), b, said('c', 'major_outage')])).toBe(b);
});
