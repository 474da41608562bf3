/**
 * Routing looks across incidents: which team and rule an alert meets (`classify`), and whether it joins, opens, or
 * changes nothing (`route`). Repeats and resolves follow the alert's row, never today's rules.
 */
import { MISSING, SELF, UNREADABLE } from '../model/about-tocsin.ts';
import type { Alert, Instant, VendorIncident } from '../model/alert.ts';
import { whereText } from '../model/event-entry.ts';
import type { Routing } from '../model/input.ts';
import { expectationMetBy } from './expecting.ts';
import { objectKey } from '../model/arriving-keys.ts';
import { groupKeyOf } from './grouping.ts';
import { hasBegunAnew, isSameEpisode, latenessOf, type Word } from './lateness.ts';
import {
  type PickedRoute,
  type PickedRule,
  pickRoute,
  pickRule,
  rankOf,
  routeName,
  rulesOf,
  type Tried,
  triedRoutes,
  triedRules,
} from './picking.ts';
import type { KnownAlert, Routed } from './routed.ts';
import { own } from '../model/own.ts';
import type { Level, Policy, Where } from '../model/policy.ts';

export type Classified =
  | { readonly verdict: 'suppress'; readonly because: string; readonly where: Where | null }
  | { readonly verdict: 'take'; readonly routing: Routing };

/** The alert that stands for a vendor's own incident. */
export function asAlert(incident: VendorIncident): Alert {
  const labels: Record<string, string> = { ...incident.labels };
  if (incident.service !== null)
    labels['vendor_service'] ??= incident.service.name ?? incident.service.id;
  return {
    kind: 'alert',
    dedupKey: objectKey(incident.ref),
    status: incident.action === 'resolved' ? 'resolved' : 'firing',
    title: incident.title,
    description: incident.description,
    labels,
    vendorSeverity: incident.vendorSeverity,
    startsAt: null,
    observedAt: incident.observedAt,
    links: incident.url === null ? [] : [{ url: incident.url, text: 'vendor incident' }],
    ofObject: true,
  };
}

interface Picked {
  readonly source: string;
  readonly route: PickedRoute;
  readonly rule: PickedRule | null;
}

function levelOf(
  alert: Alert,
  picked: Picked,
  policy: Policy,
): { readonly level: string | null; readonly because: string } {
  const { source, route, rule } = picked;
  const mapped =
    alert.vendorSeverity === null
      ? undefined
      : own(own(policy.sources, source)?.severityMap ?? {}, alert.vendorSeverity.toLowerCase());
  let level: string | null = null;
  let because = 'no rule, source or route names a severity';
  if (rule?.severity != null) {
    level = rule.severity;
    because = `rule "${rule.rule.name}" (${whereText(rule.rule.where)}) gives ${level}`;
  } else if (mapped !== undefined) {
    level = mapped;
    because = `source ${source} maps severity "${alert.vendorSeverity ?? ''}" to ${level}`;
  } else if (route.severity !== null) {
    const { by } = route.severity;
    level = route.severity.level;
    because = `${routeName(by)} (${whereText(by.where)}) gives ${level}`;
  }
  const { cap } = route;
  if (level !== null && cap !== null && rankOf(level, policy) < rankOf(cap.level, policy)) {
    because += `, capped to ${cap.level} by ${routeName(cap.by)} (${whereText(cap.by.where)})`;
    level = cap.level;
  }
  return { level, because };
}

/**
 * That alerts cannot be read, or do not come in, may hide anybody's outage: no route and no rule keeps it from those on
 * call for what nobody else takes. Null: the alert is about something else.
 */
function aboutIntake(alert: Alert, source: string, policy: Policy): Routing | null {
  const name = source === SELF ? alert.labels['alertname'] : undefined;
  if (name !== UNREADABLE && name !== MISSING) return null;
  const team = policy.routes.find((route) => route.isDefault)?.team;
  return {
    ...unrouted(alert, SELF),
    team: team?.kind === 'fixed' ? team.team : '',
    ...(name === MISSING
      ? missingLevel(alert, policy)
      : {
          because: 'what could not be read has no level; it rings the on-call of the default route',
        }),
  };
}

/** The level that is written beside what a source expects, for when it stays away. */
function missingLevel(
  { vendorSeverity, labels }: Alert,
  { sources, levels }: Policy,
): Pick<Routing, 'level' | 'because'> {
  const source = labels['source'] ?? '';
  const expectation = own(sources, source)?.expect;
  const level = levels.find(({ id }) => id === (expectation?.severity ?? vendorSeverity));
  const where = expectation === undefined ? '' : ` (${whereText(expectation.where)})`;
  return {
    level: level?.id ?? null,
    because: `what source ${source} expects stays away${where}, which gives ${level?.id ?? 'no level'}`,
  };
}

/**
 * Which team, rule, level, service and group an alert meets. Pure; the same evaluator serves the runtime, `explain`
 * and replay. Nothing falls through: without any route the alert is taken by no team and pages the alarm address.
 */
export function classify(alert: Alert, source: string, policy: Policy): Classified {
  const aboutUs = aboutIntake(alert, source, policy);
  if (aboutUs !== null) return { verdict: 'take', routing: aboutUs };
  const expectation = expectationMetBy(alert, source, policy);
  if (expectation !== null)
    return {
      verdict: 'suppress',
      because: `source ${source} expects it (${whereText(expectation.where)}): it opens nothing; that it stays away does`,
      where: expectation.where,
    };
  const route = pickRoute(alert.labels, policy);
  if (route === null) return { verdict: 'take', routing: unrouted(alert, source) };
  if (route.suppressedBy !== null)
    return {
      verdict: 'suppress',
      because: `${routeName(route.route)} (${whereText(route.route.where)}) suppresses it`,
      where: route.route.where,
    };
  const rule = pickRule(rulesOf(route, policy), alert.labels, policy);
  if (rule?.rule.suppress === true)
    return {
      verdict: 'suppress',
      because: `rule "${rule.rule.name}" (${whereText(rule.rule.where)}) suppresses it`,
      where: rule.rule.where,
    };
  const named = rule?.rule.service ?? alert.labels['service'] ?? null;
  const service = named !== null && Object.hasOwn(policy.services, named) ? named : null;
  const { level, because } = levelOf(alert, { source, route, rule }, policy);
  return {
    verdict: 'take',
    routing: {
      source,
      team: route.team,
      service,
      rule: rule === null ? null : { name: rule.rule.name, where: rule.rule.where },
      route: { where: route.route.where },
      // What Tocsin says of itself is grouped by what it is about, never by a team's rules: each key is one incident.
      groupKey: groupKeyOf(alert, source, {
        team: route.team,
        rule: source === SELF ? null : (rule?.rule ?? null),
      }),
      trusted: rule?.rule.trusted ?? false,
      public: route.public,
      level,
      because,
      title: alert.title,
      description: alert.description,
      labels: alert.labels,
      links: alert.links,
    },
  };
}

/** The routes and rules that were looked at for the alert, each with why it did not take it: for `explain`, never to decide. */
export function triedFor(alert: Alert, source: string, policy: Policy): readonly Tried[] {
  const isAsked =
    aboutIntake(alert, source, policy) === null && expectationMetBy(alert, source, policy) === null;
  if (!isAsked) return [];
  const { labels } = alert;
  const route = pickRoute(labels, policy);
  const routes = triedRoutes(labels, policy, route);
  if (route === null || route.suppressedBy !== null) return routes;
  const rules = rulesOf(route, policy);
  return [...routes, ...triedRules(labels, rules, pickRule(rules, labels, policy))];
}

function unrouted(alert: Alert, source: string): Routing {
  return {
    source,
    team: '',
    service: null,
    rule: null,
    route: null,
    groupKey: groupKeyOf(alert, source, { team: '', rule: null }),
    trusted: false,
    public: 'never',
    level: null,
    because: 'no route matches and there is no default route',
    title: alert.title,
    description: alert.description,
    labels: alert.labels,
    links: alert.links,
  };
}

/** An incident that stands for itself, and tells of a storm by that. */
export interface LoneIncident {
  readonly incident: string;
  readonly source: string;
  readonly service: string | null;
  readonly open: boolean;
}

/** What tells whether what opens now belongs to a storm. */
export interface OpenedLately {
  /** The newest that gathers a storm and is open, however long ago it began to. */
  readonly parent: { readonly incident: string; readonly openedAt: Instant } | null;
  /** Those within the time of a storm, newest first. */
  readonly alone: readonly LoneIncident[];
}

export interface RouteIndex {
  readonly alert: (KnownAlert & { readonly incidentOpen: boolean }) | null;
  /** The open incident of the group key. */
  readonly group: string | null;
  readonly opened: OpenedLately;
}

export interface RouteContext {
  readonly policy: Policy;
  readonly now: Instant;
  readonly index: RouteIndex;
  readonly word: Word;
}

/** Where an alert goes. `classified` is asked only when the alert is no repeat of an open episode. */
export function route(alert: Alert, classified: () => Classified, context: RouteContext): Routed {
  const { index } = context;
  const known = index.alert;
  const observedAt = alert.observedAt ?? context.now;
  if (known !== null && alert.observedAt !== null && observedAt < known.observedAt)
    return { to: 'nothing', why: 'older than the last observation of this alert' };
  if (context.word.isHeld && known !== null && known.held !== context.word.row)
    return { to: 'nothing', why: 'its sender has spoken of it since' };
  if (alert.status === 'resolved') {
    if (known === null) return { to: 'nothing', why: 'resolved, but never seen firing' };
    if (known.status === 'resolved') return { to: 'nothing', why: 'resolved already' };
    if (alert.startsAt !== null && known.startsAt !== null && alert.startsAt < known.startsAt)
      return { to: 'nothing', why: 'resolves an earlier episode' };
    return { to: 'incident', incident: known.incident, change: 'resolved' };
  }
  const late = known?.status === 'resolved' ? latenessOf(alert, known, context) : null;
  if (late !== null) return late;
  if (known !== null && known.incidentOpen)
    return {
      to: 'incident',
      incident: known.incident,
      change: changeOf(alert, known),
    };
  if (known !== null && known.status !== 'resolved' && isSameEpisode(alert, known))
    return {
      to: 'nothing',
      why: `its incident ${known.incident} was closed by a person and the alert has not cleared since`,
    };
  const taken = classified();
  if (taken.verdict === 'suppress') return { to: 'nothing', why: taken.because };
  if (index.group !== null) return { to: 'incident', incident: index.group, change: 'new' };
  return opening(taken.routing, context);
}

/** What a firing changes of an alert whose incident is open. */
function changeOf(alert: Alert, known: KnownAlert): 'new' | 'anew' | 'repeat' | 'heard' {
  if (known.status === 'firing') return hasBegunAnew(alert, known) ? 'anew' : 'repeat';
  return known.status === 'stale' && isSameEpisode(alert, known) ? 'heard' : 'new';
}

function opening(routing: Routing, context: RouteContext): Routed {
  const { parent, alone } = context.index.opened;
  const { storm } = context.policy.automation;
  const top: Level | undefined = context.policy.levels[0];
  const isAlone = routing.source === SELF || routing.level === top?.id;
  if (storm === null || isAlone) return { to: 'open', storm: null };
  // A storm is a rate: once its time has passed, a single new incident stands for itself again.
  const isBlowing = parent !== null && parent.openedAt > context.now - storm.withinMs;
  if (isBlowing) return { to: 'parent', incident: parent.incident };
  if (alone.length < storm.incidents) return { to: 'open', storm: null };
  if (parent !== null) return { to: 'parent', incident: parent.incident };
  const sources = new Set(alone.map((one) => one.source).concat(routing.source));
  const over = sources.size === 1 ? `source ${routing.source}` : 'the organisation';
  const children = alone.filter((one) => one.open).map((one) => one.incident);
  return { to: 'open', storm: { over, children } };
}
