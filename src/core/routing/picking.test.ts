/** The rules and routes that an index finds are those that are found by walking them one by one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import type { Condition, Matcher, Policy, Route, Rule } from '../model/policy.ts';
import { whyNot } from './match.ts';
import { pickRoute, pickRule, preparing, rankOf } from './picking.ts';

type Labels = Readonly<Record<string, string>>;

const is = (label: string, value: string, operator: Matcher['operator'] = '='): Matcher => ({
  label,
  operator,
  value,
});
const when = (...all: readonly (Matcher | Condition)[]): Condition => ({ all, any: [], none: [] });
const where = (line: number) => ({ file: 'test.yaml', line, column: 1 });
const base = policy();

function rule(name: string, change: Partial<Rule>): Rule {
  return {
    name,
    when: when(),
    severity: null,
    service: null,
    groupBy: [],
    trusted: false,
    suppress: false,
    continue: false,
    where: where(1),
    ...change,
  };
}

const picked = (labels: Labels, ...rules: readonly Rule[]) => pickRule(rules, labels, base);

describe('of the rules that take an alert', () => {
  const both = { alertname: 'Slow', service: 'basket' };

  test('the first decides, whichever of its labels it is found by', () => {
    const byName = rule('by name', { when: when(is('alertname', 'Slow')) });
    const byService = rule('by service', { when: when(is('service', 'basket')) });
    expect(picked(both, byName, byService)?.rule.name).toBe('by name');
    expect(picked(both, byService, byName)?.rule.name).toBe('by service');
  });

  test('one that names no label exactly is looked at in its place', () => {
    const anything = rule('anything', { when: when(is('service', '.*ask.*', '=~')) });
    const exact = rule('exact', { when: when(is('alertname', 'Slow')) });
    const banned = rule('banned', { when: { ...when(), none: [is('service', 'till')] } });
    expect(picked(both, anything, exact)?.rule.name).toBe('anything');
    expect(picked(both, banned, exact)?.rule.name).toBe('banned');
    expect(picked(both, exact, anything)?.rule.name).toBe('exact');
  });

  test('one that says continue lets those behind it be looked at, and the worst level wins', () => {
    const first = rule('first', { when: when(is('service', 'basket')), severity: 'L2' });
    const next = rule('next', { when: when(is('alertname', 'Slow')), severity: 'L3' });
    const going = { ...first, continue: true };
    expect(picked(both, going, next)).toMatchObject({ rule: { name: 'next' }, severity: 'L2' });
    expect(picked(both, first, next)).toMatchObject({ rule: { name: 'first' }, severity: 'L2' });
  });

  test('one that asks for an empty label takes alerts without the label', () => {
    const without = rule('without', { when: when(is('team', '')) });
    const either = rule('either', { when: when(is('team', '|basket', '=~')) });
    expect(picked(both, without)?.rule.name).toBe('without');
    expect(picked({ ...both, team: '' }, without)?.rule.name).toBe('without');
    expect(picked({ ...both, team: 'x' }, without)).toBeNull();
    expect(picked(both, either)?.rule.name).toBe('either');
  });

  test('one is found by each of the values that it leaves a choice of', () => {
    const one = rule('one', {
      when: { ...when(), any: [is('service', 'till|basket', '=~'), is('alertname', 'Down')] },
    });
    expect(picked(both, one)).not.toBeNull();
    expect(picked({ alertname: 'Down' }, one)).not.toBeNull();
    expect(picked({ alertname: 'Slow', service: 'shelf' }, one)).toBeNull();
  });

  test('one is found by how a value begins', () => {
    const long = 'a-cluster-with-a-name-that-is-longer-than-anybody-types';
    const one = rule('one', { when: when(is('service', `${long}-.*|bask.*`, '=~')) });
    expect(picked({ service: `${long}-7` }, one)).not.toBeNull();
    expect(picked(both, one)).not.toBeNull();
    expect(picked({ service: long }, one)).toBeNull();
  });

  test('a label that is only what every object inherits is none', () => {
    const one = rule('one', { when: when(is('constructor', 'Object')) });
    expect(picked({}, one)).toBeNull();
    expect(picked({ constructor: 'Object' }, one)).not.toBeNull();
  });
});

const label = fc.constantFrom('a', 'b', 'c');
const word = fc.constantFrom('', 'x', 'x1', 'x12', 'y', 'X1');
const PATTERNS = 'x x.* x1|y x(1|2) .*1.* (?i)X1 [xy]1? x1? |x ^x1$ x.+|y'.split(' ');
const pattern = fc.constantFrom('', ...PATTERNS);
const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  fc.record({ label, operator: fc.constantFrom('=' as const, '!=' as const), value: word }),
  fc.record({ label, operator: fc.constantFrom('=~' as const, '!~' as const), value: pattern }),
);
const { condition } = fc.letrec<{ condition: Condition; part: Matcher | Condition }>((tie) => ({
  part: fc.oneof({ depthSize: 'small', withCrossShrink: true }, matcher, tie('condition')),
  condition: fc.record({
    all: fc.array(tie('part'), { maxLength: 3 }),
    any: fc.array(tie('part'), { maxLength: 2 }),
    none: fc.array(tie('part'), { maxLength: 1 }),
  }),
}));
const labels: fc.Arbitrary<Labels> = fc.dictionary(label, word);
const level = fc.option(fc.constantFrom('L1', 'L2', 'L3'));
const rules = fc
  .array(fc.record({ when: condition, severity: level, continue: fc.boolean() }), { maxLength: 12 })
  .map((all) => all.map((one, i) => rule(`r${i}`, one)));
const routes = fc
  .array(
    fc.record({
      when: condition,
      team: fc.oneof(
        fc.constant({ kind: 'fixed' as const, team: 'shop' }),
        fc.constant({ kind: 'label' as const, label: 'a' }),
      ),
      isDefault: fc.boolean(),
      severity: level,
      cap: level,
      public: fc.constantFrom('allowed' as const, 'never' as const),
      suppress: fc.boolean(),
      continue: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map((one, i): Route => ({ ...one, where: where(i) })));

/** One rule after the other, each asked for its reason. */
function walkedRules(all: readonly Rule[], given: Labels): ReturnType<typeof pickRule> {
  let found: Rule | null = null;
  const levels: string[] = [];
  for (const one of all) {
    if (whyNot(one.when, given) !== null) continue;
    found = one;
    if (one.severity !== null) levels.push(one.severity);
    if (!one.continue) break;
  }
  const worst = levels.toSorted((a, b) => rankOf(a, base) - rankOf(b, base))[0] ?? null;
  return found === null ? null : { rule: found, severity: worst };
}

/** The route that decides and those before it that add to it. */
function walkedRoutes(all: readonly Route[], given: Labels, { teams }: Policy): readonly Route[] {
  const found: Route[] = [];
  for (const one of all) {
    if (!one.isDefault && whyNot(one.when, given) !== null) continue;
    if (one.team.kind === 'label' && !Object.hasOwn(teams, given[one.team.label] ?? '')) continue;
    found.push(one);
    if (!one.continue) return found;
  }
  return [];
}

describe('whatever rules and alerts there are', () => {
  test('the rule and the level are those of a walk from the first to the last', () => {
    fc.assert(
      fc.property(rules, fc.array(labels, { minLength: 1, maxLength: 6 }), (all, alerts) => {
        for (const given of alerts)
          expect(pickRule(all, given, base)).toEqual(walkedRules(all, given));
      }),
      { numRuns: 1_000 },
    );
  });

  test('the route, its caps and what it bars are those of such a walk', () => {
    const team = base.teams['shop'];
    if (team === undefined) throw new Error('the base policy has no team shop');
    const teams = { shop: team, x: team };
    fc.assert(
      fc.property(routes, labels, (all, given) => {
        const by = policy({ routes: all, teams });
        const walked = walkedRoutes(all, given, by);
        const found = pickRoute(given, by);
        expect(found?.route ?? null).toBe(walked.at(-1) ?? null);
        if (found === null) return;
        const caps = walked.flatMap(({ cap }) => cap ?? []);
        const mildest = caps.toSorted((a, b) => rankOf(b, by) - rankOf(a, by))[0];
        expect(found.cap?.level).toBe(mildest);
        expect(found.severity?.level).toBe(
          walked.find((one) => one.severity !== null)?.severity ?? undefined,
        );
        expect(found.public === 'never').toBe(walked.some((one) => one.public === 'never'));
      }),
      { numRuns: 1_000 },
    );
  });
});

test('a policy is made ready in small steps, and decides the same', () => {
  const all = Array.from({ length: 300 }, (_, i) =>
    rule(`r${i}`, {
      when: when(i % 2 === 0 ? is('a', `x${i}`) : is('a', `(?i)X${i}`, '=~')),
    }),
  );
  const team = base.teams['shop'];
  if (team === undefined) throw new Error('the base policy has no team shop');
  const by = policy({ teams: { shop: { ...team, rules: all } } });
  expect([...preparing(by)].length).toBeGreaterThan(all.length);
  const names = ['x8', 'X9', 'X8'].map((a) => pickRule(all, { a }, by)?.rule.name);
  expect(names).toEqual(['r8', 'r9', undefined]);
});
