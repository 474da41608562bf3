/** Which route and which rule take an alert, without a word on the others; and, for people, why the others did not. */
import { holding, prepare } from './index-of-conditions.ts';
import { whyNot } from './match.ts';
import type { Policy, Route, Rule, Where } from '../model/policy.ts';

type Labels = Readonly<Record<string, string>>;

/** One rule or route that was looked at, for `explain`. */
export interface Tried {
  readonly kind: 'route' | 'rule';
  readonly name: string;
  readonly where: Where;
  /** Null: it matched. */
  readonly whyNot: string | null;
}

/** A level, and the route that names it. */
interface Named {
  readonly level: string;
  readonly by: Route;
}

export interface PickedRoute {
  readonly route: Route;
  readonly team: string;
  readonly cap: Named | null;
  readonly public: 'allowed' | 'never';
  readonly severity: Named | null;
  readonly suppressedBy: Route | null;
}

function teamOf(route: Route, labels: Labels, policy: Policy): string | null {
  if (route.team.kind === 'fixed') return route.team.team;
  const name = labels[route.team.label] ?? '';
  return Object.hasOwn(policy.teams, name) ? name : null;
}

/** What a route is called, as it has no name. */
export function routeName(route: Route): string {
  return route.isDefault ? 'default route' : `route at line ${route.where.line}`;
}

/** The first route that takes the labels and leads to a team; those before it that say `continue` add to it. */
export function pickRoute(labels: Labels, policy: Policy): PickedRoute | null {
  let cap: Named | null = null;
  let isPublic: 'allowed' | 'never' = 'allowed';
  let severity: Named | null = null;
  for (const route of holding(policy.routes, labels)) {
    const team = teamOf(route, labels, policy);
    if (team === null) continue;
    cap = lowest(cap, named(route.cap, route), policy);
    if (route.public === 'never') isPublic = 'never';
    severity ??= named(route.severity, route);
    if (route.continue) continue;
    return {
      route,
      team,
      cap,
      public: isPublic,
      severity,
      suppressedBy: route.suppress ? route : null,
    };
  }
  return null;
}

/** How bad a level is: the worst is 0. */
export function rankOf(level: string, policy: Policy): number {
  return policy.levels.find((candidate) => candidate.id === level)?.rank ?? policy.levels.length;
}

function named(level: string | null, by: Route): Named | null {
  return level === null ? null : { level, by };
}

/** The milder of two caps. */
function lowest(a: Named | null, b: Named | null, policy: Policy): Named | null {
  if (a === null || b === null) return a ?? b;
  return rankOf(a.level, policy) > rankOf(b.level, policy) ? a : b;
}

/** The rules of the team to which the route leads. */
export function rulesOf({ team }: PickedRoute, { teams }: Policy): readonly Rule[] {
  return teams[team]?.rules ?? [];
}

export interface PickedRule {
  readonly rule: Rule;
  readonly severity: string | null;
}

/** The last rule that counts: the first that takes the labels and does not say `continue`. The worst level of all wins. */
export function pickRule(
  rules: readonly Rule[],
  labels: Labels,
  policy: Policy,
): PickedRule | null {
  let picked: Rule | null = null;
  let severity: string | null = null;
  for (const rule of holding(rules, labels)) {
    picked = rule;
    if (
      rule.severity !== null &&
      (severity === null || rankOf(rule.severity, policy) < rankOf(severity, policy))
    )
      severity = rule.severity;
    if (!rule.continue) break;
  }
  return picked === null ? null : { rule: picked, severity };
}

/** Makes the rules and routes of a policy ready for its first alert, in small steps. */
export function* preparing({ routes, teams }: Policy): Generator<void, void> {
  yield* prepare(routes);
  for (const { rules } of Object.values(teams)) yield* prepare(rules);
}

/** The list up to the one that ended the search; all of it where none did. */
function lookedAt<T extends { readonly continue: boolean }>(
  list: readonly T[],
  last: T | undefined,
): readonly T[] {
  const isEnd = last !== undefined && !last.continue;
  return isEnd ? list.slice(0, list.indexOf(last) + 1) : list;
}

/** Each route up to the picked one, with why it was passed over. */
export function triedRoutes(
  labels: Labels,
  policy: Policy,
  picked: PickedRoute | null,
): readonly Tried[] {
  return lookedAt(policy.routes, picked?.route).map((route) => {
    const why = route.isDefault ? null : whyNot(route.when, labels);
    const isNowhere = why === null && teamOf(route, labels, policy) === null;
    return {
      kind: 'route',
      name: routeName(route),
      where: route.where,
      whyNot: isNowhere ? 'the label names no known team' : why,
    };
  });
}

/** The same for the rules of the team. */
export function triedRules(
  labels: Labels,
  rules: readonly Rule[],
  picked: PickedRule | null,
): readonly Tried[] {
  return lookedAt(rules, picked?.rule).map(({ name, where, when }) => ({
    kind: 'rule',
    name,
    where,
    whyNot: whyNot(when, labels),
  }));
}
