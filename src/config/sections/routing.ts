/** Teams with their services and rules, and the shared routes that pick the team. */
import type {
  ComponentRef,
  PageSource,
  Route,
  Rule,
  Service,
  Team,
} from '../../core/model/policy.ts';
import type { z } from 'zod';
import type { route, rule, service } from '../shape/routing.ts';
import type { PageYaml } from '../shape/people.ts';
import { nameFault } from '../words.ts';
import type { Report } from '../problem.ts';
import { below, keyOf, placeOf, type Spot } from '../yaml-file.ts';
import { conditionOf, covers, isEverything } from './conditions.ts';
import {
  type Compiling,
  isKnown,
  isLevel,
  type Entry,
  type Item,
  targetWith,
  whereOf,
} from '../context.ts';
import { escalationOf, pageSource, sourcesOf, spotOfItem } from './pages.ts';
import { channelOf, type ChannelYaml } from './levels.ts';

type ServiceEntry = Entry<z.output<typeof service>>;
type RouteItem = Item<z.output<typeof route>>;
type RuleItem = Item<z.output<typeof rule>>;
type OnCallItem = Item<PageYaml>;

/** Component names with the ids that some service gives them: `<target>|<name>`. */
type ComponentIds = ReadonlyMap<string, string>;

function componentIds(compiling: Compiling, services: readonly ServiceEntry[]): ComponentIds {
  const ids = new Map<string, string>();
  const given = services.flatMap(({ value, spot }) =>
    Object.entries(value?.components ?? {}).flatMap(([target, components]) =>
      components.map((component, i) => ({
        target,
        component,
        spot: spotOfItem(below(spot, 'components', target), i),
      })),
    ),
  );
  for (const { target, component, spot } of given) {
    if (typeof component === 'string') continue;
    const key = `${target}|${component.name}`;
    const known = ids.get(key);
    if (known !== undefined && known !== component.id)
      compiling.report.error(
        below(spot, 'id'),
        `component ${component.name} has another id elsewhere: ${known}`,
        'Correct one of the two.',
      );
    ids.set(key, known ?? component.id);
  }
  return ids;
}

function componentsOf(
  compiling: Compiling,
  { value, spot }: ServiceEntry,
  ids: ComponentIds,
): readonly ComponentRef[] {
  return Object.entries(value?.components ?? {}).flatMap(([name, components]) => {
    const at = below(spot, 'components', name);
    if (targetWith(compiling, { name, spot: keyOf(at) }, 'statusPage') === null) return [];
    return components.flatMap((component, i) => {
      if (typeof component !== 'string')
        return [{ target: name, name: component.name, id: component.id }];
      const id = ids.get(`${name}|${component}`);
      if (id !== undefined) return [{ target: name, name: component, id }];
      compiling.report.error(
        spotOfItem(at, i),
        `the id of component ${component} is given nowhere`,
        `Write {name: ${component}, id: <id at the status page>} here or at another service; tocsin doctor lists them.`,
      );
      return [];
    });
  });
}

function serviceOnCall(
  compiling: Compiling,
  { name, value, team, spot }: ServiceEntry,
  onCalls: readonly OnCallItem[],
): PageSource | null {
  const at = { vendorWalks: value?.escalation === 'vendor', service: false };
  if (value?.on_call !== undefined)
    return pageSource(compiling, value.on_call, { ...at, spot: below(spot, 'on_call') });
  const shared = onCalls.find((item) => item.team === team);
  if (shared !== undefined)
    return shared.value === null
      ? null
      : pageSource(compiling, shared.value, { ...at, spot: shared.spot });
  compiling.report.error(
    keyOf(spot),
    `nobody is on call for ${name}`,
    `Write on_call: <name or address> here, or for the whole team at the top of the file.`,
  );
  return null;
}

function buildService(
  compiling: Compiling,
  entry: ServiceEntry,
  { ids, onCalls }: { readonly ids: ComponentIds; readonly onCalls: readonly OnCallItem[] },
): readonly Service[] {
  const { name, value, team, spot } = entry;
  if (value === null) return [];
  const onCall = serviceOnCall(compiling, entry, onCalls);
  const known = compiling.names.services;
  const dependsOn = (value.depends_on ?? []).filter((other, i) => {
    const at = spotOfItem(below(spot, 'depends_on'), i);
    if (other === name)
      compiling.report.error(at, 'a service cannot depend on itself', 'Leave it out.');
    return isKnown(compiling.report, { name: other, spot: at }, { kind: 'service', names: known });
  });
  const escalation = escalationOf(compiling, value, { source: onCall, spot, key: 'on_call' });
  const fallback = sourcesOf(compiling, value.fallback ?? [], {
    spot: below(spot, 'fallback'),
    by: 'page',
  });
  const components = componentsOf(compiling, entry, ids);
  if (onCall === null || team === null) return [];
  return [
    {
      id: name,
      team,
      onCall,
      escalation,
      fallback,
      dependsOn,
      components,
    },
  ];
}

/** What is owned and monitored; `onCalls` are the teams' own, which hold where a service says nothing. */
export function buildServices(
  compiling: Compiling,
  entries: readonly ServiceEntry[],
  onCalls: readonly OnCallItem[],
): Readonly<Record<string, Service>> {
  const ids = componentIds(compiling, entries);
  const services = entries.flatMap((entry) => buildService(compiling, entry, { ids, onCalls }));
  return Object.fromEntries(services.map((service) => [service.id, service]));
}

function levelOf(compiling: Compiling, level: string | undefined, spot: Spot): string | null {
  return level !== undefined && isLevel(compiling, { name: level, spot }) ? level : null;
}

interface Ordered {
  readonly spot: Spot;
  readonly name: string;
  readonly when: Rule['when'];
  readonly continue: boolean;
}

/** Warns of what an earlier one always takes. */
function warnShadowed(compiling: Compiling, ordered: readonly Ordered[]): void {
  for (const [i, one] of ordered.entries()) {
    const earlier = ordered
      .slice(0, i)
      .find((each) => !each.continue && covers(each.when, one.when));
    if (earlier === undefined) continue;
    const why = isEverything(earlier.when) ? 'takes everything' : 'takes all that this one would';
    compiling.report.warning(
      one.spot,
      `it is never reached: ${earlier.name} (${placeOf(earlier.spot)}) ${why}`,
      'Move it further up, or remove it.',
    );
  }
}

function buildRules(
  compiling: Compiling,
  items: readonly RuleItem[],
  team: string,
): readonly Rule[] {
  const names = new Map<string, Spot>();
  const ordered: Ordered[] = [];
  const { services } = compiling.names;
  const rules = items.flatMap(({ value, spot, team: owner }) => {
    if (value === null || owner !== team) return [];
    if (names.has(value.name))
      compiling.report.error(
        below(spot, 'name'),
        `team ${team} has another rule of this name`,
        'Give each rule its own name.',
      );
    names.set(value.name, spot);
    if (value.service !== undefined)
      isKnown(
        compiling.report,
        { name: value.service, spot: below(spot, 'service') },
        { kind: 'service', names: services },
      );
    const when = conditionOf(value.match, below(spot, 'match'), compiling.report);
    ordered.push({ spot, name: `rule "${value.name}"`, when, continue: value.continue ?? false });
    return [
      {
        name: value.name,
        when,
        severity: levelOf(compiling, value.severity, below(spot, 'severity')),
        service: value.service ?? null,
        groupBy: value.group_by ?? [],
        trusted: value.trusted ?? false,
        suppress: value.suppress ?? false,
        continue: value.continue ?? false,
        where: whereOf(compiling, spot),
      },
    ];
  });
  warnShadowed(compiling, ordered);
  return rules;
}

function checkTeams(items: readonly Item<string>[], report: Report): void {
  const files = new Map<string, Spot>();
  for (const { value, spot } of items) {
    if (value === null) continue;
    const fault = nameFault(value, []);
    if (fault !== null) report.error(spot, fault, 'Choose another name.');
    const first = files.get(value);
    if (first !== undefined)
      report.error(
        spot,
        `team "${value}" has its file already: ${placeOf(first)}`,
        'Keep a team in one file.',
      );
    files.set(value, spot);
  }
}

/** What the files say of teams: each item knows whose file it stands in. */
interface TeamSections {
  readonly team: readonly Item<string>[];
  readonly on_call: readonly OnCallItem[];
  readonly chat: readonly Item<ChannelYaml>[];
  readonly rules: readonly RuleItem[];
}

/** Teams by name, each with its rules, and whom its alerts ring that name no known service. */
export function buildTeams(
  compiling: Compiling,
  sections: TeamSections,
): Readonly<Record<string, Team>> {
  checkTeams(sections.team, compiling.report);
  const teams = compiling.names.teams.map((id): Team => {
    const onCall = sections.on_call.find((item) => item.team === id);
    const chat = sections.chat.find((item) => item.team === id);
    return {
      id,
      rules: buildRules(compiling, sections.rules, id),
      onCall:
        onCall === undefined || onCall.value === null
          ? null
          : pageSource(compiling, onCall.value, {
              spot: onCall.spot,
              vendorWalks: false,
              service: false,
            }),
      chat:
        chat === undefined || chat.value === null
          ? null
          : channelOf(compiling, chat.value, chat.spot),
    };
  });
  return Object.fromEntries(teams.map((team) => [team.id, team]));
}

/** The team of a route; one that only caps or suppresses borrows that of the default route. */
function routeTeam(
  compiling: Compiling,
  { value, spot }: RouteItem,
  fallback: string | null,
): Route['team'] | null {
  const { report } = compiling;
  if (value === null) return null;
  if (value.team !== undefined && value.team_from !== undefined) {
    report.error(
      keyOf(below(spot, 'team_from')),
      'team and team_from are both given',
      'Keep one of them.',
    );
    return null;
  }
  if (value.team_from !== undefined) {
    if (value.default === true)
      report.error(
        below(spot, 'team_from'),
        'the default route needs a fixed team: the label may be missing',
        'Write team: <name>.',
      );
    return { kind: 'label', label: value.team_from };
  }
  if (value.team !== undefined)
    return isKnown(
      report,
      { name: value.team, spot: below(spot, 'team') },
      { kind: 'team', names: compiling.names.teams },
    )
      ? { kind: 'fixed', team: value.team }
      : null;
  if ((value.suppress === true || value.continue === true) && value.default !== true)
    return fallback === null ? null : { kind: 'fixed', team: fallback };
  report.error(
    spot,
    'it is not told which team this route leads to',
    'Write team: <name>, or team_from: label.<name>.',
  );
  return null;
}

function checkDefault(compiling: Compiling, routes: readonly RouteItem[]): void {
  const defaults = routes.filter((route) => route.value?.default === true);
  const [first, ...more] = defaults;
  const [any] = routes;
  if (first === undefined && any !== undefined && routes.every((route) => route.value !== null))
    compiling.report.error(
      keyOf({ ...any.spot, path: ['routes'] }),
      'no route takes what no other takes',
      'Add {default: true, team: <name>, severity: <level>} at the end.',
    );
  for (const { spot } of more)
    compiling.report.error(
      spot,
      `there is a default route already: ${first === undefined ? '' : placeOf(first.spot)}`,
      'Keep one of them.',
    );
  if (first?.value?.match !== undefined)
    compiling.report.error(
      keyOf(below(first.spot, 'match')),
      'the default route takes everything',
      'Leave match out, or default.',
    );
  if (first?.value?.continue === true)
    compiling.report.error(
      keyOf(below(first.spot, 'continue')),
      'behind the default route there is nothing',
      'Leave continue out.',
    );
}

/** In the order of the file, the default route last wherever it stands. */
export function buildRoutes(compiling: Compiling, items: readonly RouteItem[]): readonly Route[] {
  const { report } = compiling;
  checkDefault(compiling, items);
  const fallback = items.find((route) => route.value?.default === true)?.value?.team ?? null;
  const ordered: Ordered[] = [];
  const routes = items.flatMap((item): readonly Route[] => {
    const { value, spot } = item;
    const team = routeTeam(compiling, item, fallback);
    if (value === null) return [];
    const isDefault = value.default === true;
    const when = conditionOf(value.match, below(spot, 'match'), report);
    if (!isDefault && value.match === undefined)
      report.error(
        spot,
        'it is not told what this route takes',
        'Write match: [...]; or default: true for the one that takes the rest.',
      );
    // A route by label lets alerts of unknown teams pass, so nothing behind it is out of reach.
    else if (!isDefault)
      ordered.push({
        spot,
        name: 'the route',
        when,
        continue: value.continue === true || value.team_from !== undefined,
      });
    const severity = levelOf(compiling, value.severity, below(spot, 'severity'));
    const cap = levelOf(compiling, value.cap, below(spot, 'cap'));
    if (team === null) return [];
    const flags = { suppress: value.suppress ?? false, continue: value.continue ?? false };
    return [
      {
        when,
        isDefault,
        team,
        severity,
        cap,
        public: value.public ?? 'allowed',
        ...flags,
        where: whereOf(compiling, spot),
      },
    ];
  });
  warnShadowed(compiling, ordered);
  return routes.toSorted((a, b) => Number(a.isDefault) - Number(b.isDefault));
}
