/** Routing as a table: what an alert meets, and whether it joins, opens, or changes nothing. */
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../../test/support/freeze.ts';
import { policy } from '../../../test/support/policy.ts';
import { MINUTE, START } from '../../../test/support/story.ts';
import { SELF } from '../model/about-tocsin.ts';
import type { Alert, VendorIncident } from '../model/alert.ts';
import type { Condition, Matcher, Policy, Route, Rule } from '../model/policy.ts';
import {
  asAlert,
  classify,
  route,
  triedFor,
  type LoneIncident,
  type OpenedLately,
} from './route.ts';
import type { KnownAlert } from './routed.ts';

const where = (line: number) => ({ file: 'test.yaml', line, column: 1 });

function when(...all: readonly Matcher[]): Condition {
  return { all, any: [], none: [] };
}

function is(label: string, value: string, operator: Matcher['operator'] = '='): Matcher {
  return { label, operator, value };
}

function rule(name: string, change: Partial<Rule> = {}): Rule {
  return {
    name,
    when: when(is('service', 'basket')),
    severity: null,
    service: null,
    groupBy: [],
    trusted: false,
    suppress: false,
    continue: false,
    where: where(20),
    ...change,
  };
}

function routeTo(change: Partial<Route>): Route {
  return {
    when: when(),
    isDefault: false,
    team: { kind: 'fixed', team: 'shop' },
    severity: null,
    cap: null,
    public: 'allowed',
    suppress: false,
    continue: false,
    where: where(10),
    ...change,
  };
}

const byDefault = routeTo({ isDefault: true, severity: 'L3', where: where(99) });

function shop(rules: readonly Rule[], change: Partial<Policy> = {}): Policy {
  const base = policy();
  const team = base.teams['shop'];
  if (team === undefined) throw new Error('the base policy has no team shop');
  return policy({ teams: { shop: { ...team, rules } }, routes: [byDefault], ...change });
}

function alert(change: Partial<Alert> = {}): Alert {
  return deepFreeze({
    kind: 'alert',
    dedupKey: 'k1',
    status: 'firing',
    title: 'Errors',
    description: '',
    labels: { service: 'basket' },
    vendorSeverity: null,
    startsAt: null,
    observedAt: null,
    links: [],
    ...change,
  } satisfies Alert);
}

function routingOf(one: Alert, with_: Policy) {
  const found = classify(one, 'prom', with_);
  if (found.verdict !== 'take') throw new Error(`it was suppressed: ${found.because}`);
  return found.routing;
}

describe('which team takes an alert', () => {
  const named = routeTo({
    when: when(is('team', '.+', '=~')),
    team: { kind: 'label', label: 'team' },
  });

  test('a label of the alert names the team', () => {
    expect(
      routingOf(alert({ labels: { team: 'shop' } }), shop([], { routes: [named, byDefault] }))
        .route,
    ).toEqual({ where: where(10) });
  });

  test('a team that nobody knows falls to the default route', () => {
    const routing = routingOf(
      alert({ labels: { team: 'ghosts' } }),
      shop([], { routes: [named, byDefault] }),
    );
    expect([routing.team, routing.route]).toEqual(['shop', { where: where(99) }]);
  });

  test.each(['constructor', '__proto__', 'toString'])('the label "%s" names no team', (team) => {
    expect(
      routingOf(alert({ labels: { team } }), shop([], { routes: [named, byDefault] })).route,
    ).toEqual({ where: where(99) });
  });

  test('without any route the alert is still taken, and never public', () => {
    expect(routingOf(alert(), shop([], { routes: [] }))).toMatchObject({
      team: '',
      level: null,
      public: 'never',
    });
  });

  test('a route that suppresses says where it stands', () => {
    const quiet = routeTo({ when: when(is('env', 'dev')), suppress: true });
    expect(
      classify(alert({ labels: { env: 'dev' } }), 'prom', shop([], { routes: [quiet, byDefault] })),
    ).toMatchObject({
      verdict: 'suppress',
      because: 'route at line 10 (test.yaml:10) suppresses it',
    });
  });

  test('a route that continues leaves its cap and its "never public" to the next one', () => {
    const capped = routeTo({
      when: when(is('env', 'dev|test', '=~')),
      cap: 'L3',
      public: 'never',
      continue: true,
    });
    const routing = routingOf(
      alert({ labels: { env: 'dev', service: 'basket' } }),
      shop([rule('a', { severity: 'L1' })], { routes: [capped, byDefault] }),
    );
    expect([routing.level, routing.public, routing.route]).toEqual([
      'L3',
      'never',
      { where: where(99) },
    ]);
    expect(routing.because).toContain('capped to L3 by route at line 10 (test.yaml:10)');
  });

  test('of several routes the first that names a severity gives it', () => {
    const first = routeTo({ severity: 'L2', continue: true, where: where(11) });
    const second = routeTo({ severity: 'L1', continue: true, where: where(12) });
    const routing = routingOf(alert(), shop([], { routes: [first, second, byDefault] }));
    expect([routing.level, routing.because]).toEqual([
      'L2',
      'route at line 11 (test.yaml:11) gives L2',
    ]);
  });
});

describe('which rule decides', () => {
  test.each<[string, readonly Rule[], string, string]>([
    [
      'the first that matches',
      [rule('a', { severity: 'L2' }), rule('b', { severity: 'L1' })],
      'a',
      'L2',
    ],
    [
      'the next one when the first does not match',
      [
        rule('a', { when: when(is('service', 'x')), severity: 'L1' }),
        rule('b', { severity: 'L2' }),
      ],
      'b',
      'L2',
    ],
    [
      'the last of a chain that continues, with the worst level of the chain',
      [rule('a', { severity: 'L1', continue: true }), rule('b', { severity: 'L2' })],
      'b',
      'L1',
    ],
    ['one that continues into nothing', [rule('a', { severity: 'L2', continue: true })], 'a', 'L2'],
  ])('%s', (...[, rules, name, level]) => {
    const routing = routingOf(alert(), shop(rules));
    expect([routing.rule?.name, routing.level]).toEqual([name, level]);
  });

  test('a missing label equals "", as Alertmanager has it', () => {
    expect(routingOf(alert(), shop([rule('a', { when: when(is('region', '')) })])).rule?.name).toBe(
      'a',
    );
    expect(
      routingOf(alert(), shop([rule('a', { when: when(is('region', 'eu', '!=')) })])).rule?.name,
    ).toBe('a');
  });

  test('patterns are anchored', () => {
    expect(
      routingOf(
        alert({ labels: { service: 'basket-2' } }),
        shop([rule('a', { when: when(is('service', 'basket', '=~')) })]),
      ).rule,
    ).toBeNull();
  });

  test('every rule that was passed over says why', () => {
    const by = shop([rule('a', { when: when(is('region', 'eu')) }), rule('b')]);
    expect(triedFor(alert(), 'prom', by).map((one) => [one.name, one.whyNot])).toEqual([
      ['default route', null],
      ['a', 'region="eu", but there is no label region'],
      ['b', null],
    ]);
  });

  test('a rule may suppress, and trust', () => {
    expect(classify(alert(), 'prom', shop([rule('noise', { suppress: true })])).verdict).toBe(
      'suppress',
    );
    expect(routingOf(alert(), shop([rule('a', { trusted: true })])).trusted).toBe(true);
    expect(routingOf(alert(), shop([rule('a')])).trusted).toBe(false);
  });
});

describe('where the level comes from', () => {
  test.each<[string, Rule | null, string | null, string, string]>([
    [
      'the rule, before the word of the vendor',
      rule('a', { severity: 'L1' }),
      'critical',
      'L1',
      'rule "a" (test.yaml:20) gives L1',
    ],
    [
      'the map of the source, whatever its case',
      rule('a'),
      'CRITICAL',
      'L2',
      'source prom maps severity "CRITICAL" to L2',
    ],
    [
      'the route, when neither says a word',
      null,
      'unheard of',
      'L3',
      'default route (test.yaml:99) gives L3',
    ],
  ])('%s', (...[, one, word, level, because]) => {
    const routing = routingOf(alert({ vendorSeverity: word }), shop(one === null ? [] : [one]));
    expect([routing.level, routing.because]).toEqual([level, because]);
  });

  test('nowhere: the level is left open and says so', () => {
    const routing = routingOf(alert(), shop([], { routes: [{ ...byDefault, severity: null }] }));
    expect([routing.level, routing.because]).toEqual([
      null,
      'no rule, source or route names a severity',
    ]);
  });

  test('a cap milder than the level wins, a worse one does nothing', () => {
    expect(
      routingOf(
        alert(),
        shop([rule('a', { severity: 'L1' })], { routes: [{ ...byDefault, cap: 'L2' }] }),
      ).level,
    ).toBe('L2');
    expect(
      routingOf(
        alert(),
        shop([rule('a', { severity: 'L3' })], { routes: [{ ...byDefault, cap: 'L2' }] }),
      ).level,
    ).toBe('L3');
  });
});

describe('which alerts belong together', () => {
  test('those of one rule with equal labels in group_by', () => {
    const by = shop([rule('a', { groupBy: ['service', 'region'] })]);
    const eu = routingOf(
      alert({ dedupKey: '1', labels: { service: 'basket', region: 'eu' } }),
      by,
    ).groupKey;
    expect(
      routingOf(alert({ dedupKey: '2', labels: { service: 'basket', region: 'eu' } }), by).groupKey,
    ).toBe(eu);
    expect(
      routingOf(alert({ dedupKey: '3', labels: { service: 'basket', region: 'us' } }), by).groupKey,
    ).not.toBe(eu);
  });

  test('without a rule each alert stands alone', () => {
    expect(routingOf(alert({ dedupKey: '1' }), shop([])).groupKey).not.toBe(
      routingOf(alert({ dedupKey: '2' }), shop([])).groupKey,
    );
  });

  test('values that contain the separator never fall together', () => {
    const by = shop([rule('a', { groupBy: ['x', 'y'] })]);
    const one = routingOf(
      alert({ labels: { service: 'basket', x: '1,y=2', y: '3' } }),
      by,
    ).groupKey;
    const other = routingOf(
      alert({ labels: { service: 'basket', x: '1', y: '2,y=3' } }),
      by,
    ).groupKey;
    expect(one).not.toBe(other);
  });
});

test('a vendor incident is one alert', () => {
  const incident: VendorIncident = {
    kind: 'vendor_incident',
    action: 'triggered',
    ref: 'Q1',
    key: null,
    title: 'Down',
    description: '',
    url: 'https://pd/Q1',
    labels: {},
    vendorSeverity: 'P1',
    urgency: 'high',
    service: { id: 'S1', name: 'Basket' },
    assignees: [],
    by: null,
    note: null,
    mergedInto: null,
    observedAt: START,
  };
  expect(asAlert(incident)).toMatchObject({
    dedupKey: 'incident:Q1',
    ofObject: true,
    status: 'firing',
    labels: { vendor_service: 'Basket' },
  });
  expect(asAlert({ ...incident, action: 'resolved' }).status).toBe('resolved');
  expect(asAlert({ ...incident, action: 'merged' }).status, 'a merge is no recovery').toBe(
    'firing',
  );
});

const WORD = { row: 'row-1', isHeld: false };

function known(change: Partial<KnownAlert> & { readonly incidentOpen?: boolean } = {}) {
  return {
    source: 'prom',
    dedupKey: 'k1',
    status: 'firing' as const,
    startsAt: null,
    observedAt: START,
    heardAt: START,
    group: '',
    clearedAt: null,
    held: null,
    incident: 'inc-7',
    title: '',
    labels: {},
    incidentOpen: true,
    ...change,
  };
}

const NONE_OPENED: OpenedLately = { parent: null, alone: [] };

interface Situation {
  readonly alert?: ReturnType<typeof known> | null;
  readonly group?: string | null;
  readonly opened?: OpenedLately;
}

function place(one: Alert, index: Situation, by = shop([rule('a', { severity: 'L2' })])) {
  const whole = { alert: null, group: null, opened: NONE_OPENED, ...index };
  return route(
    one,
    () => classify(one, 'prom', by),
    deepFreeze({ policy: by, now: START + MINUTE, index: whole, word: WORD }),
  );
}

describe('repeats and resolves follow the row of the alert', () => {
  test.each<[string, Alert, ReturnType<typeof known> | null, object]>([
    ['a repeat', alert(), known(), { to: 'incident', incident: 'inc-7', change: 'repeat' }],
    [
      'a repeat, although a rule of today would suppress it',
      alert({ labels: { service: 'basket', quiet: 'yes' } }),
      known(),
      { to: 'incident', incident: 'inc-7', change: 'repeat' },
    ],
    [
      'a refire while its incident is open',
      alert(),
      known({ status: 'resolved' }),
      { to: 'incident', incident: 'inc-7', change: 'new' },
    ],
    [
      'a resolve',
      alert({ status: 'resolved' }),
      known(),
      { to: 'incident', incident: 'inc-7', change: 'resolved' },
    ],
    ['a resolve of what was never seen', alert({ status: 'resolved' }), null, { to: 'nothing' }],
    [
      'a resolve that comes twice',
      alert({ status: 'resolved' }),
      known({ status: 'resolved' }),
      { to: 'nothing' },
    ],
    [
      'an observation older than the last one',
      alert({ status: 'resolved', observedAt: START - 1 }),
      known(),
      { to: 'nothing', why: 'older than the last observation of this alert' },
    ],
    [
      'a resolve of an earlier episode',
      alert({ status: 'resolved', startsAt: START - MINUTE }),
      known({ startsAt: START }),
      { to: 'nothing', why: 'resolves an earlier episode' },
    ],
    [
      'the same key after its incident ended: a new episode opens',
      alert(),
      known({ status: 'resolved', incidentOpen: false }),
      { to: 'open', storm: null },
    ],
    [
      'the same episode still firing after a person closed it',
      alert({ startsAt: START }),
      known({ incidentOpen: false, startsAt: START }),
      { to: 'nothing' },
    ],
    [
      'a later start than the closed one',
      alert({ startsAt: START + 1 }),
      known({ incidentOpen: false, startsAt: START }),
      { to: 'open', storm: null },
    ],
    [
      'a firing without a start after the close: rather two pages than none',
      alert(),
      known({ incidentOpen: false }),
      { to: 'open', storm: null },
    ],
  ])('%s', (...[, one, row, expected]) => {
    expect(
      place(
        one,
        { alert: row },
        shop([
          rule('quiet', { when: when(is('quiet', 'yes')), suppress: true }),
          rule('a', { severity: 'L2' }),
        ]),
      ),
    ).toMatchObject(expected);
  });

  test('a repeat never asks the rules', () => {
    const never = (): never => {
      throw new Error('the rules were asked');
    };
    expect(
      route(alert(), never, {
        policy: shop([]),
        now: START,
        index: { alert: known(), group: null, opened: NONE_OPENED },
        word: WORD,
      }),
    ).toMatchObject({ change: 'repeat' });
  });

  test('a new alert joins the open incident of its group', () => {
    expect(place(alert(), { group: 'inc-3' })).toEqual({
      to: 'incident',
      incident: 'inc-3',
      change: 'new',
    });
  });

  test('what a rule suppresses changes nothing', () => {
    expect(place(alert(), {}, shop([rule('noise', { suppress: true })]))).toMatchObject({
      to: 'nothing',
    });
  });
});

describe('a storm of many groups', () => {
  const base = policy();
  const stormy = shop([rule('a', { severity: 'L2' })], {
    automation: { ...base.automation, storm: { incidents: 3, withinMs: 10 * MINUTE } },
  });
  const lone = (n: number, change: Partial<LoneIncident> = {}): LoneIncident => ({
    incident: `inc-${n}`,
    source: 'prom',
    service: null,
    open: true,
    ...change,
  });
  const now = { incident: 'inc-9', openedAt: START };
  const hoursAgo = { incident: 'inc-9', openedAt: START - 120 * MINUTE };

  test.each<[string, OpenedLately, object]>([
    [
      'below the threshold each opens for itself',
      { parent: null, alone: [lone(2), lone(1)] },
      { to: 'open', storm: null },
    ],
    [
      'the one above it opens the parent of those before it',
      { parent: null, alone: [lone(3), lone(2), lone(1)] },
      { to: 'open', storm: { over: 'source prom', children: ['inc-3', 'inc-2', 'inc-1'] } },
    ],
    [
      'several sources make it a storm over the organisation',
      { parent: null, alone: [lone(3, { source: 'other' }), lone(2), lone(1)] },
      { to: 'open', storm: { over: 'the organisation', children: ['inc-3', 'inc-2', 'inc-1'] } },
    ],
    [
      'incidents that ended are counted, not gathered',
      { parent: null, alone: [lone(3, { open: false }), lone(2), lone(1)] },
      { to: 'open', storm: { over: 'source prom', children: ['inc-2', 'inc-1'] } },
    ],
    [
      'further ones join the parent',
      { parent: now, alone: [] },
      { to: 'parent', incident: 'inc-9' },
    ],
    [
      'a single incident hours later stands for itself, although the parent is still open',
      { parent: hoursAgo, alone: [lone(10)] },
      { to: 'open', storm: null },
    ],
    [
      'a second flood joins the parent that is still open',
      { parent: hoursAgo, alone: [lone(12), lone(11), lone(10)] },
      { to: 'parent', incident: 'inc-9' },
    ],
  ])('%s', (_sentence, opened, expected) => {
    expect(place(alert(), { opened }, stormy)).toEqual(expected);
  });

  test('what Tocsin says about itself opens for itself', () => {
    const opened = { parent: now, alone: [] };
    const self = alert({ labels: { alertname: 'DeadLetters' } });
    const index = { alert: null, group: null, opened };
    const taken = () => classify(self, SELF, stormy);
    expect(route(self, taken, { policy: stormy, now: START, index, word: WORD })).toEqual({
      to: 'open',
      storm: null,
    });
  });

  test('what classifies at the top level opens for itself', () => {
    const top = shop([rule('a', { severity: 'L1' })], { automation: stormy.automation });
    expect(place(alert(), { opened: { parent: now, alone: [] } }, top)).toEqual({
      to: 'open',
      storm: null,
    });
  });
});
