/**
 * What would happen to a delivery: how it is read, which route and rule it meets and why not the others, and who would
 * be rung. It asks the very functions that decide; nothing is stored and nobody is rung.
 */
import { isoOf } from '../contract/instant.ts';
import type { Alert, Observation } from '../core/model/alert.ts';
import { candidatesOf } from '../core/people/candidates.ts';
import { type Lookups, NO_LOOKUPS } from '../core/model/lookups.ts';
import { own } from '../core/model/own.ts';
import type { Level, Recipient, Policy, Route, Rule, Where } from '../core/model/policy.ts';
import { expectationMetBy } from '../core/routing/expecting.ts';
import type { Tried } from '../core/routing/picking.ts';
import { asAlert, classify, triedFor } from '../core/routing/route.ts';
import { formatDuration } from '../lib/duration.ts';
import type { AnyAdapter } from '../contract/adapter.ts';
import { whereText } from '../core/model/event-entry.ts';
import type {
  ExplainedLevel,
  ExplainedObservation,
  ExplainedPage,
  ExplainedTry,
  Explanation,
} from './shapes.ts';

export interface ExplainContext {
  readonly policy: Policy;
  /** By name: the adapter that reads its deliveries, and its configuration, validated. */
  readonly sources: Readonly<
    Record<string, { readonly adapter: AnyAdapter; readonly config: unknown }>
  >;
  /** Rotations at vendors as last read (`Engine.lookups()`); without them schedules count as unread. */
  readonly lookups?: Partial<Lookups>;
}

export interface ExplainedDelivery {
  readonly source: string;
  readonly body: Uint8Array;
  /** Lower-case names; the signature is not asked for. */
  readonly headers: Readonly<Record<string, string>>;
}

interface Scope {
  readonly policy: Policy;
  readonly lookups: Lookups;
  readonly source: string;
  readonly now: number;
}

type Subject = { readonly team: string; readonly service: string | null };

function ringOf(
  scope: Scope,
  subject: Subject,
  asked: { readonly role: string | null; readonly page: Recipient },
): ExplainedPage {
  const { policy, lookups, now } = scope;
  const found = candidatesOf(asked.page, { now, policy, lookups }, subject);
  return {
    role: asked.role,
    who: found.list.map(({ person, label, because, addresses }) => ({
      person,
      label,
      because,
      addresses: addresses.map((one) => ({
        target: one.target,
        label: one.label,
        mode: policy.targets[one.target]?.mode ?? 'live',
      })),
    })),
    nobody: found.list.length === 0 ? found.empty : null,
  };
}

function ringsOf(
  scope: Scope,
  subject: Subject,
  roles: readonly string[],
): readonly ExplainedPage[] {
  return roles.flatMap((role) => {
    const page = scope.policy.roles[role]?.page;
    return page === undefined ? [] : [ringOf(scope, subject, { role, page })];
  });
}

/** Without a level no role is named, yet somebody must look: whoever is on call for the service or team. */
function triageOf(scope: Scope, subject: Subject, level: Level | null): readonly ExplainedPage[] {
  if (level !== null) return ringsOf(scope, subject, level.page.triage);
  return [ringOf(scope, subject, { role: null, page: { kind: 'service_on_call' } })];
}

function tryOf({ kind, name, where, whyNot }: Tried): ExplainedTry {
  return { kind, name, where: whereText(where), whyNot };
}

function notReached(
  kind: ExplainedTry['kind'],
  rest: readonly { readonly name: string; readonly where: Where }[],
  by: ExplainedTry | undefined,
): readonly ExplainedTry[] {
  const whyNot =
    by === undefined ? 'not looked at' : `not looked at: ${by.name} (${by.where}) came first`;
  return rest.map(({ name, where }) => ({ kind, name, where: whereText(where), whyNot }));
}

function routeNamed(route: Route): { readonly name: string; readonly where: Where } {
  const name = route.isDefault ? 'default route' : `route at line ${route.where.line}`;
  return { name, where: route.where };
}

/** All routes, and all rules of the team that was picked, also those behind the one that decided. */
function triedOf(
  lookedAt: readonly Tried[],
  policy: Policy,
  team: string | null,
): readonly ExplainedTry[] {
  const tried = lookedAt.map(tryOf);
  const routes = tried.filter((one) => one.kind === 'route');
  const rules = tried.filter((one) => one.kind === 'rule');
  const ruled: readonly Rule[] = team === null ? [] : (policy.teams[team]?.rules ?? []);
  const matched = (list: readonly ExplainedTry[]): ExplainedTry | undefined =>
    list.findLast((one) => one.whyNot === null);
  return [
    ...routes,
    ...notReached('route', policy.routes.slice(routes.length).map(routeNamed), matched(routes)),
    ...rules,
    ...notReached('rule', ruled.slice(rules.length), matched(rules)),
  ];
}

function levelView(level: Level): ExplainedLevel {
  return {
    level: level.id,
    name: level.name,
    urgency: level.urgency,
    declaredBy: level.declare.by,
    declaredAfterMs: level.declare.orAfterMs,
    publicWithinMs: level.public?.firstWithinMs ?? null,
    publicApproval: level.public?.approval.investigating ?? null,
  };
}

function notesOf(observation: Observation, alert: Alert, scope: Scope): readonly string[] {
  const notes: string[] = [];
  if (expectationMetBy(alert, scope.source, scope.policy) !== null)
    notes.push(
      alert.status === 'resolved'
        ? 'It says that what is expected has ended: where nothing else meets the expectation, that is an incident.'
        : 'It is heard, and no incident hears of it.',
    );
  else if (alert.status === 'resolved')
    notes.push('It reports a recovery: it would only clear the alert where that is firing.');
  else
    notes.push(
      `If the alert or its group has an open incident, it joins that one and nobody is rung again, unless nobody has done anything about it for ${formatDuration(scope.policy.presence.high)} at high urgency, ${formatDuration(scope.policy.presence.low)} at low.`,
    );
  const target = scope.policy.sources[scope.source]?.target ?? null;
  if (observation.kind === 'vendor_incident' && target !== null)
    notes.push(
      `If it is about a page of ours at ${target}, it is taken as an answer to that page; else the ring at the vendor is adopted and not repeated.`,
    );
  return notes;
}

function observationOf(scope: Scope, observation: Observation): ExplainedObservation {
  const { policy, source } = scope;
  const alert = observation.kind === 'alert' ? observation : asAlert(observation);
  const classified = classify(alert, source, policy);
  const tried = triedFor(alert, source, policy);
  const about = {
    kind: observation.kind,
    dedupKey: alert.dedupKey,
    title: alert.title,
    status: alert.status,
    labels: alert.labels,
    verdict: classified.verdict,
    notes: notesOf(observation, alert, scope),
  };
  if (classified.verdict === 'suppress')
    return {
      ...about,
      because: classified.because,
      team: null,
      service: null,
      rule: null,
      route: classified.where === null ? null : whereText(classified.where),
      groupKey: null,
      trusted: false,
      public: 'never',
      level: null,
      triage: [],
      declared: [],
      tried: triedOf(tried, policy, null),
    };
  const { routing } = classified;
  const level = policy.levels.find((one) => one.id === routing.level) ?? null;
  return {
    ...about,
    because: routing.because,
    team: routing.team,
    service: routing.service,
    rule:
      routing.rule === null
        ? null
        : { name: routing.rule.name, where: whereText(routing.rule.where) },
    route: routing.route === null ? null : whereText(routing.route.where),
    groupKey: routing.groupKey,
    trusted: routing.trusted,
    public: routing.public,
    level: level === null ? null : levelView(level),
    triage: triageOf(scope, routing, level),
    declared: level === null ? [] : ringsOf(scope, routing, level.page.declared),
    tried: triedOf(tried, policy, routing.team),
  };
}

function unknownSource(name: string, sources: ExplainContext['sources']): Explanation {
  const known = Object.keys(sources).join(', ') || 'none';
  return {
    ok: false,
    reason: 'unknown_source',
    message: `There is no source "${name}". Sources: ${known}.`,
  };
}

/** What would happen to the delivery at this instant (epoch ms). */
export function explain(
  context: ExplainContext,
  delivery: ExplainedDelivery,
  now: number,
): Explanation {
  const { policy, sources } = context;
  const part = own(sources, delivery.source);
  if (part?.adapter.source === undefined) return unknownSource(delivery.source, sources);
  const result = part.adapter.source.parse(delivery, part.config);
  if (!result.ok) return { ok: false, reason: 'unparsed', message: result.reason };
  const lookups: Lookups = {
    ...NO_LOOKUPS,
    ...context.lookups,
  };
  const scope: Scope = { policy, lookups, source: delivery.source, now };
  const { observations, ignored, truncated } = result.parsed;
  return {
    ok: true,
    source: delivery.source,
    at: isoOf(now),
    observations: observations.map((one) => observationOf(scope, one)),
    ignored,
    truncated,
  };
}
