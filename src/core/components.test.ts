/** What an incident says about components of public pages, and what a page shows of them. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../test/support/policy.ts';
import { byPerson, declare, noLookups, observed, Story } from '../../test/support/story.ts';
import { componentsHeld, statesToShow, worstHeld } from './components.ts';
import type { Effect, Settled } from './effect.ts';
import type { Incident } from './incident.ts';
import type { ComponentHeld, Lookups } from './input.ts';
import { encodeComponent } from './keys.ts';
import type { ComponentStatus } from './policy.ts';
import { stillWanted } from './send.ts';

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

const heldBy = (state: Incident): Readonly<Record<string, ComponentStatus>> =>
  Object.fromEntries([...componentsHeld(state)].map(([id, { status }]) => [id, status]));

const elsewhere = (status: ComponentStatus): Lookups => ({
  ...noLookups,
  componentHeld: (id) => (id === c1 ? { incident: 'inc-9', status } : null),
});

describe('an incident says something about a component', () => {
  test('from the moment at which its post is on the way, until it is over', () => {
    const s = declared();
    expect(heldBy(s.incident)).toEqual({ [c1]: 'degraded_performance' });
    settle(s, { result: 'ambiguous', detail: 'no answer' });
    expect(s.incident.drafts['d1']?.state).toBe('unknown');
    expect(heldBy(s.incident)).toEqual({ [c1]: 'degraded_performance' });
    settle(s, delivered);
    expect(heldBy(s.incident)).toEqual({ [c1]: 'degraded_performance' });
    s.feed({ type: 'Resolve', text: null }, byPerson('cleo'));
    expect(heldBy(s.incident)).toEqual({});
  });

  test('but not by a draft that waits for a person, nor by one that failed', () => {
    const s = declared();
    const waiting = structuredClone(s.incident);
    const draft = waiting.drafts['d1'];
    if (draft === undefined) throw new Error('nothing was drafted');
    for (const state of ['waiting', 'failed', 'withdrawn'] as const)
      expect(heldBy({ ...waiting, drafts: { d1: { ...draft, state } } })).toEqual({});
  });

  test('by the worse of what is on the page and what is on the way', () => {
    const s = declared();
    const draft = s.incident.drafts['d1'];
    const page = s.incident.publicPages['page'];
    if (draft === undefined || page === undefined) throw new Error('nothing was drafted');
    const both = (onPage: ComponentStatus, onTheWay: ComponentStatus): Incident => ({
      ...s.incident,
      publicPages: { page: { ...page, components: { c1: onPage } } },
      drafts: { d1: { ...draft, components: { c1: onTheWay } } },
    });
    expect(heldBy(both('major_outage', 'partial_outage'))).toEqual({ [c1]: 'major_outage' });
    expect(heldBy(both('partial_outage', 'major_outage'))).toEqual({ [c1]: 'major_outage' });
    expect(heldBy(both('operational', 'operational'))).toEqual({});
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

  test('and the timeline names the incident that makes it worse', () => {
    const s = declared();
    s.lookups = elsewhere('major_outage');
    settle(s, delivered);
    expect(s.events.find(({ type }) => type === 'PostPublished')).toMatchObject({
      held: [{ component: 'Basket', status: 'major_outage', incident: 'inc-9' }],
    });
    // What this incident says stays its own: the other's state goes when the other is over.
    expect(s.incident.publicPages['page']?.components).toEqual({ c1: 'degraded_performance' });
  });
});

test('the worst of several is the first that says it', () => {
  const said = (incident: string, status: ComponentStatus): ComponentHeld => ({ incident, status });
  expect(worstHeld([])).toBeNull();
  expect(
    worstHeld([
      said('a', 'degraded_performance'),
      said('b', 'major_outage'),
      said('c', 'major_outage'),
    ]),
  ).toEqual(said('b', 'major_outage'));
});
