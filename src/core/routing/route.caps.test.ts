/** Routing, where two words meet: caps of several routes, observations of one moment, alternatives and exclusions. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import { START } from '../../../test/support/story.ts';
import type { Alert } from '../model/alert.ts';
import type { Condition, Matcher, Policy, Route } from '../model/policy.ts';
import { classify, route } from './route.ts';
import type { KnownAlert } from './routed.ts';

const base = policy();
const where = { file: 'test.yaml', line: 1, column: 1 };
const always: Condition = { all: [], any: [], none: [] };

function is(label: string, value: string): Matcher {
  return { label, operator: '=', value };
}

function alert(change: Partial<Alert> = {}): Alert {
  return {
    kind: 'alert',
    dedupKey: 'k1',
    status: 'firing',
    title: 'Basket answers with errors',
    description: '',
    labels: { service: 'basket' },
    vendorSeverity: null,
    startsAt: null,
    observedAt: null,
    links: [],
    ...change,
  };
}

function routeTo(change: Partial<Route>): Route {
  return {
    when: always,
    isDefault: false,
    team: { kind: 'fixed', team: 'shop' },
    severity: null,
    cap: null,
    public: 'allowed',
    suppress: false,
    continue: false,
    where,
    ...change,
  };
}

/** The level of an alert that would be of the top level, were it not for these routes. */
function levelUnder(...routes: readonly Route[]): string | null {
  const top = classify(
    alert({ vendorSeverity: 'worst' }),
    'prom',
    policy({
      routes,
      sources: {
        prom: {
          name: 'prom',
          type: 'alertmanager',
          severityMap: { worst: 'L1' },
          target: null,
          repeats: true,
          staleAfterMs: null,
        },
      },
    }),
  );
  if (top.verdict !== 'take') throw new Error('it was suppressed');
  return top.routing.level;
}

describe('the milder of two caps counts', () => {
  const mild = { cap: 'L4' };
  const hard = { cap: 'L2' };

  test.each<[string, Partial<Route>, Partial<Route>]>([
    ['when it comes first', mild, hard],
    ['when it comes last', hard, mild],
  ])('%s', (_sentence, first, last) => {
    expect(levelUnder(routeTo({ ...first, continue: true }), routeTo(last))).toBe('L4');
  });

  test('and the only one counts wherever it stands', () => {
    expect(levelUnder(routeTo({ ...hard, continue: true }), routeTo({}))).toBe('L2');
    expect(levelUnder(routeTo({ continue: true }), routeTo(hard))).toBe('L2');
  });
});

describe('observations of one alert', () => {
  const firing: KnownAlert & { readonly incidentOpen: boolean } = {
    source: 'prom',
    dedupKey: 'k1',
    status: 'firing',
    startsAt: START,
    observedAt: START,
    heardAt: START,
    group: '',
    clearedAt: null,
    held: null,
    incident: 'inc-7',
    title: '',
    labels: {},
    incidentOpen: true,
  };
  const clearedAt = (observedAt: number) =>
    route(
      alert({ status: 'resolved', startsAt: START, observedAt }),
      () => classify(alert(), 'prom', base),
      {
        policy: base,
        now: START,
        index: { alert: firing, group: null, opened: { parent: null, alone: [] } },
        word: { row: 'row-1', isHeld: false },
      },
    );

  test('of the same moment both count: what fired and cleared within one second has cleared', () => {
    expect(clearedAt(START)).toEqual({ to: 'incident', incident: 'inc-7', change: 'resolved' });
  });

  test('that were overtaken on their way change nothing', () => {
    expect(clearedAt(START - 1)).toMatchObject({ to: 'nothing' });
  });
});

describe('a rule', () => {
  const team = base.teams['shop'];
  const ruled = (when: Condition): Policy => {
    if (team === undefined) throw new Error('the base policy has a team');
    const rule = {
      name: 'a',
      when,
      severity: 'L2',
      service: null,
      groupBy: [],
      trusted: false,
      suppress: false,
      continue: false,
      where,
    };
    return policy({ teams: { shop: { ...team, rules: [rule] } } });
  };
  const takes = (when: Condition, labels: Readonly<Record<string, string>>): boolean => {
    const found = classify(alert({ labels }), 'prom', ruled(when));
    return found.verdict === 'take' && found.routing.rule !== null;
  };
  const alternatives: Condition = { ...always, any: [is('region', 'eu'), is('region', 'us')] };
  const excluding: Condition = { ...always, none: [is('env', 'dev'), is('env', 'test')] };

  test.each<[boolean, string]>([
    [true, 'eu'],
    [true, 'us'],
    [false, 'asia'],
  ])('with alternatives is content with one of them: %s for %s', (expected, region) => {
    expect(takes(alternatives, { region })).toBe(expected);
  });

  test.each<[boolean, string]>([
    [false, 'dev'],
    [false, 'test'],
    [true, 'live'],
  ])('leaves alone what it excludes: %s for %s', (expected, env) => {
    expect(takes(excluding, { env })).toBe(expected);
  });
});
