/** From an alert to a team, a level and a service: the shared routes, and each team's rules. */
import { z } from 'zod';
import type { Route, Rule } from '../../core/model/policy.ts';
import { type Compiling, isKnown, isLevel, type Item, whereOf } from '../context.ts';
import { firstCovering } from '../coverings.ts';
import { oneOrMore, nonEmptyText, word } from '../words.ts';
import { below, keyOf, fileLineOf, type Spot } from '../yaml-file.ts';
import { conditionOf, isEverything, matchShape } from './conditions.ts';

const levelName = nonEmptyText('A level of `severities`.');

const labelName = word((given) => /^label\.(.+)$/.exec(given)?.[1] ?? null, {
  what: 'names no label',
  hint: 'Write label.<name>, e.g. label.team.',
}).meta({
  description:
    'Take the team from a label: `label.team`. Without such a team the next route is tried.',
});

export const routeShape = z
  .strictObject({
    match: matchShape
      .optional()
      .meta({ description: 'What it takes: matchers as in Alertmanager.' }),
    default: z
      .literal(true)
      .optional()
      .meta({ description: 'The one route that takes what no other takes.' }),
    team: nonEmptyText('Team whose rules decide the rest.').optional(),
    team_from: labelName.optional(),
    severity: levelName
      .optional()
      .meta({ description: "Level when neither a rule nor the source's severity_map gives one." }),
    cap: levelName
      .optional()
      .meta({ description: 'The worst level that alerts of this route may start with.' }),
    public: z
      .enum(['allowed', 'never'])
      .optional()
      .meta({ description: '`never`: incidents of this route are never posted publicly.' }),
    suppress: z
      .boolean()
      .optional()
      .meta({ description: 'Drop the alert; it is recorded and visible in `explain`.' }),
    continue: z
      .boolean()
      .optional()
      .meta({ description: 'Go on with the next routes; `cap` and `public` still hold.' }),
  })
  .meta({
    description:
      'Picks the team. The first route that matches decides, unless it says `continue: true`.',
  });

export const ruleShape = z
  .strictObject({
    name: nonEmptyText('Name for explanations, unique within the team.'),
    match: matchShape
      .optional()
      .meta({ description: 'What it takes: matchers as in Alertmanager.' }),
    severity: levelName.optional(),
    service: nonEmptyText('A service; the label `service` when left out.').optional(),
    group_by: oneOrMore(
      nonEmptyText('A label.'),
      'Alerts of this rule with the same values of these labels are one incident; one that has none of them is an incident of its own. Nothing here: all alerts of the rule are one, but for incidents of a pager.',
    ).optional(),
    trusted: z.boolean().optional().meta({
      description: 'May declare the incident without a person, where the level allows it.',
    }),
    suppress: z
      .boolean()
      .optional()
      .meta({ description: 'Drop the alert; it is recorded and visible in `explain`.' }),
    continue: z
      .boolean()
      .optional()
      .meta({ description: 'Go on with the next rules; the worst level wins.' }),
  })
  .meta({
    description: "A team's rule. The first that matches decides, unless it says `continue: true`.",
  });

type RouteItem = Item<z.output<typeof routeShape>>;
export type RuleItem = Item<z.output<typeof ruleShape>>;

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
  for (const [i, place] of firstCovering(ordered).entries()) {
    const [one, earlier] = [ordered[i], ordered[place ?? -1]];
    if (one === undefined || earlier === undefined) continue;
    const why = isEverything(earlier.when) ? 'takes everything' : 'takes all that this one would';
    compiling.report.warning(
      one.spot,
      `it is never reached: ${earlier.name} (${fileLineOf(earlier.spot)}) ${why}`,
      'Move it further up, or remove it.',
    );
  }
}

/** A team's own rules, in the order of its file. @param items those of its file */
export function buildRules(
  compiling: Compiling,
  items: readonly RuleItem[],
  team: string,
): readonly Rule[] {
  const names = new Map<string, Spot>();
  const ordered: Ordered[] = [];
  const { services } = compiling.names;
  const rules = items.flatMap(({ value, spot }) => {
    if (value === null) return [];
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
      `there is a default route already: ${first === undefined ? '' : fileLineOf(first.spot)}`,
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
