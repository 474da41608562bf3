/** Triggers: what raises the severity by itself. */
import { z } from 'zod';
import type { ImpactMeasure, Trigger, TriggerThen, TriggerWhen } from '../../core/model/policy.ts';
import { type Compiling, isKnown, isLevel, type Item, whereOf } from '../context.ts';
import { duration, factor, text } from '../words.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';

type Kind = TriggerWhen['kind'];
type When<K extends Kind> = Extract<TriggerWhen, { kind: K }>;

const least = (of: string): z.ZodOptional<z.ZodNumber> =>
  z
    .number()
    .positive()
    .meta({ description: `From so many ${of} on.` })
    .optional();

const measures = {
  users: least('users'),
  percent: least('percent'),
  components: least('components'),
  regions: least('regions'),
  revenue_per_minute: least('units of revenue per minute'),
} satisfies Record<ImpactMeasure, z.ZodType>;

const MEASURES = Object.keys(measures) as readonly ImpactMeasure[];

const leastImpact = z
  .strictObject(measures)
  .optional()
  .meta({ description: 'With impact_grows: measures that count, each from this value on.' });

type LeastImpactYaml = z.output<typeof leastImpact>;

interface Place {
  readonly compiling: Compiling;
  /** Where the `when:` stands. */
  readonly spot: Spot;
  readonly atLeast: LeastImpactYaml;
}

/** What a trigger can wait for: how it is written under `when:`, and what it becomes. */
interface TriggerSyntax<W extends TriggerWhen, Yaml> {
  /** What stands under the key that is called as the kind is. */
  readonly shape: z.ZodType<Yaml | undefined>;
  /** Null after reporting what is wrong. */
  becomes(yaml: Yaml, at: Place): W | null;
}

function leastOf(yaml: LeastImpactYaml): Readonly<Partial<Record<ImpactMeasure, number>>> {
  const given: Partial<Record<ImpactMeasure, number>> = {};
  for (const measure of MEASURES) {
    const value = yaml?.[measure];
    if (value !== undefined) given[measure] = value;
  }
  return given;
}

const impactGrows: TriggerSyntax<When<'impact_grows'>, number> = {
  shape: factor(
    'Reported impact has grown by this factor since the last change of level: `2x` means doubled.',
  ).optional(),
  becomes: (yaml, { compiling, spot, atLeast: given }) => {
    const atLeast = leastOf(given);
    if (Object.keys(atLeast).length === 0)
      compiling.report.error(
        spot,
        'it is not told which impact counts',
        `Write at_least: {users: 100, percent: 5}; measures: ${MEASURES.join(', ')}.`,
      );
    return { kind: 'impact_grows', factor: yaml, atLeast };
  },
};

const noRootCause: TriggerSyntax<When<'no_root_cause'>, Readonly<Record<string, number>>> = {
  shape: z
    .record(z.string(), duration('Time since the incident entered the level.'))
    .optional()
    .meta({ description: 'Level -> time without `identified`.' }),
  becomes: (yaml, { compiling, spot }) => {
    const known = Object.entries(yaml).filter(([level]) =>
      isLevel(compiling, { name: level, spot: keyOf(below(spot, 'no_root_cause', level)) }),
    );
    return { kind: 'no_root_cause', afterMs: Object.fromEntries(known) };
  },
};

interface ReportsYaml {
  readonly tier?: string | undefined;
  readonly accounts: number;
  readonly within: number;
}

const customerReports: TriggerSyntax<When<'customer_reports'>, ReportsYaml> = {
  shape: z
    .strictObject({
      tier: text('Tier of the accounts that count; any when left out.').optional(),
      accounts: z.int().min(1).meta({ description: 'So many different accounts ...' }),
      within: duration('... within this long.'),
    })
    .optional()
    .meta({ description: 'Reports from customers.' }),
  becomes: ({ tier, accounts, within }) => ({
    kind: 'customer_reports',
    tier: tier ?? null,
    accounts,
    withinMs: within,
  }),
};

const flag: TriggerSyntax<When<'flag'>, string> = {
  shape: text('A flag that a person sets.').optional(),
  becomes: (yaml, { compiling, spot }) =>
    isKnown(
      compiling.report,
      { name: yaml, spot: below(spot, 'flag') },
      { kind: 'flag', names: compiling.names.flags },
    )
      ? { kind: 'flag', flag: yaml }
      : null,
};

/** One entry per kind; what each of them watches stands under the same keys in `core/severity/trigger-kinds.ts`. */
const KINDS = {
  impact_grows: impactGrows,
  no_root_cause: noRootCause,
  customer_reports: customerReports,
  flag,
} satisfies { readonly [K in Kind]: TriggerSyntax<When<K>, unknown> };

const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

const KIND_LIST = KIND_NAMES.join(', ');

const whenShape = z
  .strictObject({
    impact_grows: KINDS.impact_grows.shape,
    at_least: leastImpact,
    no_root_cause: KINDS.no_root_cause.shape,
    customer_reports: KINDS.customer_reports.shape,
    flag: KINDS.flag.shape,
  } satisfies Record<Kind | 'at_least', z.ZodType>)
  .meta({ description: `Exactly one of ${KIND_LIST}.` });

export const triggerShape = z
  .strictObject({
    name: text('Name for explanations, unique.'),
    when: whenShape,
    raise: z.int().min(1).optional().meta({ description: 'Raise by so many levels.' }),
    at_least: text('Raise to this level, if it is below it.').optional(),
    escalate: z
      .literal('next_step')
      .optional()
      .meta({ description: 'Page the next step of the escalation.' }),
  })
  .meta({ description: 'Raises the severity by itself; a trigger never lowers it.' });

type TriggerYaml = z.output<typeof triggerShape>;

function whenOf(
  compiling: Compiling,
  yaml: z.output<typeof whenShape>,
  spot: Spot,
): TriggerWhen | null {
  const given = KIND_NAMES.filter((kind) => yaml[kind] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    compiling.report.error(
      spot,
      kind === undefined ? 'it is not told when this fires' : 'a trigger has one condition',
      `Write exactly one of ${KIND_LIST}.`,
    );
    return null;
  }
  if (yaml.at_least !== undefined && kind !== 'impact_grows')
    compiling.report.error(
      keyOf(below(spot, 'at_least')),
      'at_least belongs to impact_grows',
      'Leave it out.',
    );
  const entry: TriggerSyntax<TriggerWhen, unknown> = KINDS[kind];
  return entry.becomes(yaml[kind], { compiling, spot, atLeast: yaml.at_least });
}

function thenOf(compiling: Compiling, yaml: TriggerYaml, spot: Spot): TriggerThen | null {
  const given = [yaml.raise, yaml.at_least, yaml.escalate].filter((each) => each !== undefined);
  if (given.length !== 1) {
    compiling.report.error(
      spot,
      given.length === 0 ? 'it is not told what this trigger does' : 'a trigger does one thing',
      'Write exactly one of raise: 1, at_least: <level>, escalate: next_step.',
    );
    return null;
  }
  if (yaml.raise !== undefined) return { kind: 'raise', levels: yaml.raise };
  if (yaml.at_least !== undefined)
    return isLevel(compiling, { name: yaml.at_least, spot: below(spot, 'at_least') })
      ? { kind: 'at_least', level: yaml.at_least }
      : null;
  return { kind: 'escalate_next_step' };
}

/** A trigger that wants more than the ceiling allows stops there, which is worth knowing. */
function warnAboveCeiling(
  compiling: Compiling,
  then: TriggerThen | null,
  at: { readonly spot: Spot; readonly ceiling: string },
): void {
  if (then?.kind !== 'at_least') return;
  const { levels } = compiling.names;
  if (levels.indexOf(then.level) < levels.indexOf(at.ceiling))
    compiling.report.warning(
      below(at.spot, 'at_least'),
      `automation may go no further than ${at.ceiling}`,
      `Write ${at.ceiling}, or raise automation.ceiling.`,
    );
}

/** What raises the severity by itself, up to the ceiling. */
export function buildTriggers(
  compiling: Compiling,
  triggers: readonly Item<TriggerYaml>[],
  ceiling: string,
): readonly Trigger[] {
  const names = new Set<string>();
  return triggers.flatMap(({ value, spot }) => {
    if (value === null) return [];
    if (names.has(value.name))
      compiling.report.error(
        below(spot, 'name'),
        `there is a trigger "${value.name}" already`,
        'Give each trigger its own name.',
      );
    names.add(value.name);
    const when = whenOf(compiling, value.when, below(spot, 'when'));
    const then = thenOf(compiling, value, spot);
    warnAboveCeiling(compiling, then, { spot, ceiling });
    return when === null || then === null
      ? []
      : [{ name: value.name, when, then, where: whereOf(compiling, spot) }];
  });
}
