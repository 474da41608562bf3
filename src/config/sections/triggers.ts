/** Triggers: what raises the severity by itself. */
import { z } from 'zod';
import type { ImpactMeasure, Trigger, TriggerThen, TriggerWhen } from '../../core/model/policy.ts';
import { type Compiling, isKnown, isLevel, type Item, whereOf } from '../context.ts';
import { duration, factor, text } from '../words.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';

const IMPACT_MEASURES = [
  'users',
  'percent',
  'components',
  'regions',
  'revenue_per_minute',
] as const;

const least = (of: string): z.ZodOptional<z.ZodNumber> =>
  z
    .number()
    .positive()
    .meta({ description: `From so many ${of} on.` })
    .optional();

const when = z
  .strictObject({
    impact_grows: factor(
      'Reported impact has grown by this factor since the last change of level: `2x` means doubled.',
    ).optional(),
    at_least: z
      .strictObject({
        users: least('users'),
        percent: least('percent'),
        components: least('components'),
        regions: least('regions'),
        revenue_per_minute: least('units of revenue per minute'),
      })
      .optional()
      .meta({ description: 'With impact_grows: measures that count, each from this value on.' }),
    no_root_cause: z
      .record(z.string(), duration('Time since the incident entered the level.'))
      .optional()
      .meta({ description: 'Level -> time without `identified`.' }),
    customer_reports: z
      .strictObject({
        tier: text('Tier of the accounts that count; any when left out.').optional(),
        accounts: z.int().min(1).meta({ description: 'So many different accounts ...' }),
        within: duration('... within this long.'),
      })
      .optional()
      .meta({ description: 'Reports from customers.' }),
    flag: text('A flag that a person sets.').optional(),
  })
  .meta({ description: 'Exactly one of impact_grows, no_root_cause, customer_reports, flag.' });

export const triggerShape = z
  .strictObject({
    name: text('Name for explanations, unique.'),
    when,
    raise: z.int().min(1).optional().meta({ description: 'Raise by so many levels.' }),
    at_least: text('Raise to this level, if it is below it.').optional(),
    escalate: z
      .literal('next_step')
      .optional()
      .meta({ description: 'Page the next step of the escalation.' }),
  })
  .meta({ description: 'Raises the severity by itself; a trigger never lowers it.' });

type TriggerYaml = z.output<typeof triggerShape>;

function leastOf(
  yaml: TriggerYaml['when']['at_least'],
): Readonly<Partial<Record<ImpactMeasure, number>>> {
  const least: Partial<Record<ImpactMeasure, number>> = {};
  for (const measure of IMPACT_MEASURES) {
    const value = yaml?.[measure];
    if (value !== undefined) least[measure] = value;
  }
  return least;
}

function whenOf(compiling: Compiling, when: TriggerYaml['when'], spot: Spot): TriggerWhen | null {
  const { report } = compiling;
  const given = [when.impact_grows, when.no_root_cause, when.customer_reports, when.flag].filter(
    (each) => each !== undefined,
  );
  if (given.length !== 1) {
    report.error(
      spot,
      given.length === 0 ? 'it is not told when this fires' : 'a trigger has one condition',
      'Write exactly one of impact_grows, no_root_cause, customer_reports, flag.',
    );
    return null;
  }
  if (when.at_least !== undefined && when.impact_grows === undefined)
    report.error(
      keyOf(below(spot, 'at_least')),
      'at_least belongs to impact_grows',
      'Leave it out.',
    );
  if (when.impact_grows !== undefined) {
    const atLeast = leastOf(when.at_least);
    if (Object.keys(atLeast).length === 0)
      report.error(
        spot,
        'it is not told which impact counts',
        `Write at_least: {users: 100, percent: 5}; measures: ${IMPACT_MEASURES.join(', ')}.`,
      );
    return { kind: 'impact_grows', factor: when.impact_grows, atLeast };
  }
  if (when.no_root_cause !== undefined) {
    const known = Object.entries(when.no_root_cause).filter(([level]) =>
      isLevel(compiling, { name: level, spot: keyOf(below(spot, 'no_root_cause', level)) }),
    );
    return { kind: 'no_root_cause', afterMs: Object.fromEntries(known) };
  }
  if (when.customer_reports !== undefined) {
    const { tier, accounts, within } = when.customer_reports;
    return { kind: 'customer_reports', tier: tier ?? null, accounts, withinMs: within };
  }
  const flag = when.flag ?? '';
  const names = compiling.names.flags;
  return isKnown(report, { name: flag, spot: below(spot, 'flag') }, { kind: 'flag', names })
    ? { kind: 'flag', flag }
    : null;
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
