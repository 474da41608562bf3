/** Triggers: what raises the severity by itself. */
import { z } from 'zod';
import type { ImpactMeasure, Trigger, TriggerThen, TriggerWhen } from '../../core/model/policy.ts';
import {
  type Parameter,
  TRIGGER_KINDS,
  type TriggerKind,
  type ParameterTypes,
} from '../../core/severity/trigger-kinds.ts';
import { type Compiling, isKnown, isLevel, type Item, whereOf } from '../context.ts';
import { duration, factor, nonEmptyText } from '../words.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import { INSTEAD } from '../zod-walk.ts';

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

type LeastImpactYaml = Readonly<Partial<Record<ImpactMeasure, number | undefined>>> | undefined;

/** A parameter as it is written. */
interface Written<Yaml> {
  readonly compiling: Compiling;
  readonly yaml: Yaml;
  readonly spot: Spot;
}

/** How a type of parameters is written, and how it is read. */
interface Syntax<W extends keyof ParameterTypes, Yaml> {
  /** It may be left out. */
  readonly isOptional?: true;
  shape(about: string): z.ZodType<Yaml>;
  /** Null after reporting what is wrong. */
  reads(written: Written<Yaml>): { readonly value: ParameterTypes[W] } | null;
}

const asItIs = ({ yaml }: Written<number>): { readonly value: number } => ({ value: yaml });

const durationByLevel: Syntax<'duration_by_level', Readonly<Record<string, number>>> = {
  shape: (about) =>
    z
      .record(z.string(), duration('Time since the incident entered the level.'))
      .register(INSTEAD, { keys: 'level' })
      .meta({ description: about }),
  reads: ({ compiling, yaml, spot }) => {
    const known = Object.entries(yaml).filter(([level]) =>
      isLevel(compiling, { name: level, spot: keyOf(below(spot, level)) }),
    );
    return { value: Object.fromEntries(known) };
  },
};

const flag: Syntax<'flag', string> = {
  shape: nonEmptyText,
  reads: ({ compiling, yaml, spot }) =>
    isKnown(compiling.report, { name: yaml, spot }, { kind: 'flag', names: compiling.names.flags })
      ? { value: yaml }
      : null,
};

const impact: Syntax<'impact', LeastImpactYaml> = {
  // Said by the check below, which tells the measures.
  isOptional: true,
  shape: (about) =>
    z
      .strictObject(measures)
      .register(INSTEAD, {
        wrong:
          'Which impact counts stands here: at_least: {users: 100}. The level to raise to stands beside when, not inside it.',
      })
      .meta({ description: about }),
  reads: ({ compiling, yaml, spot }) => {
    const given: Partial<Record<ImpactMeasure, number>> = {};
    for (const measure of MEASURES) {
      const value = yaml?.[measure];
      if (value !== undefined) given[measure] = value;
    }
    if (Object.keys(given).length > 0) return { value: given };
    compiling.report.error(
      spot,
      'it is not told which impact counts',
      `Write at_least: {users: 100, percent: 5}; measures: ${MEASURES.join(', ')}.`,
    );
    return null;
  },
};

const SYNTAX = {
  factor: { shape: factor, reads: asItIs },
  duration: { shape: duration, reads: asItIs },
  duration_by_level: durationByLevel,
  count: { shape: (about) => z.int().min(1).meta({ description: about }), reads: asItIs },
  optional_text: {
    isOptional: true,
    shape: nonEmptyText,
    reads: ({ yaml }: Written<string | undefined>) => ({ value: yaml ?? null }),
  },
  flag,
  impact,
} satisfies { readonly [W in keyof ParameterTypes]: Syntax<W, unknown> };

function syntaxOf({ type }: Parameter): Syntax<keyof ParameterTypes, unknown> {
  // What is read is what the syntax of the same type has described.
  return SYNTAX[type];
}

const KINDS: Readonly<Record<string, TriggerKind>> = TRIGGER_KINDS;

const KIND_LIST = Object.keys(KINDS).join(', ');

/** Whether the parameters stand together under the kind's key, or there and beside it, each under its own. */
function isTogether(kind: string, { parameters }: TriggerKind): boolean {
  return !Object.hasOwn(parameters, kind);
}

function shapesOf({ parameters }: TriggerKind): Record<string, z.ZodType> {
  const shapes = Object.entries(parameters).map(([key, parameter]) => {
    const { shape, isOptional } = syntaxOf(parameter);
    return [key, isOptional === true ? shape(parameter.about).optional() : shape(parameter.about)];
  });
  return Object.fromEntries(shapes) as Record<string, z.ZodType>;
}

function keysOf(kind: string, entry: TriggerKind): readonly (readonly [string, z.ZodType])[] {
  const shapes = shapesOf(entry);
  if (!isTogether(kind, entry)) return Object.entries(shapes);
  const shape = z.strictObject(shapes);
  return [[kind, entry.about === null ? shape : shape.meta({ description: entry.about })]];
}

/** The keys of all kinds; each stands for one thing. @throws when two kinds want the same one */
function everyKey(): Record<string, z.ZodType> {
  const keys: Record<string, z.ZodType> = {};
  for (const [kind, entry] of Object.entries(KINDS))
    for (const [key, shape] of keysOf(kind, entry)) {
      if (Object.hasOwn(keys, key))
        throw new Error(`the trigger kind ${kind} has a key that another kind has: ${key}`);
      keys[key] = shape.optional();
    }
  return keys;
}

const whenShape = z.strictObject(everyKey()).meta({ description: `Exactly one of ${KIND_LIST}.` });

type WhenYaml = Readonly<Record<string, unknown>>;

const levelAtLeast = nonEmptyText('Raise to this level, if it is below it.').register(INSTEAD, {
  wrong:
    'The level to raise to stands here. Which impact counts stands inside when: when: {impact_grows: 2x, at_least: {users: 100}}.',
});

export const triggerShape = z
  .strictObject({
    name: nonEmptyText('Name for explanations, unique.'),
    when: whenShape,
    raise: z.int().min(1).optional().meta({ description: 'Raise by so many levels.' }),
    at_least: levelAtLeast.optional(),
    escalate: z
      .literal('next_step')
      .optional()
      .meta({ description: 'Page the next step of the escalation.' }),
  })
  .meta({ description: 'Raises the severity by itself; a trigger never lowers it.' });

type TriggerYaml = z.output<typeof triggerShape>;

/** The one kind that is written; null after reporting that it is none or several, or has what belongs to another. */
function chosenKind({ compiling, yaml, spot }: Written<WhenYaml>): string | null {
  const given = Object.keys(KINDS).filter((kind) => yaml[kind] !== undefined);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    compiling.report.error(
      spot,
      kind === undefined ? 'it is not told when this fires' : 'a trigger has one condition',
      `Write exactly one of ${KIND_LIST}.`,
    );
    return null;
  }
  for (const [other, entry] of Object.entries(KINDS))
    for (const key of isTogether(other, entry) ? [] : Object.keys(entry.parameters))
      if (other !== kind && yaml[key] !== undefined)
        compiling.report.error(
          keyOf(below(spot, key)),
          `${key} belongs to ${other}`,
          'Leave it out.',
        );
  return kind;
}

function whenOf(written: Written<WhenYaml>): TriggerWhen | null {
  const kind = chosenKind(written);
  const entry = kind === null ? undefined : KINDS[kind];
  if (kind === null || entry === undefined) return null;
  const { compiling } = written;
  const isUnder = isTogether(kind, entry);
  const spot = isUnder ? below(written.spot, kind) : written.spot;
  const yaml = (isUnder ? written.yaml[kind] : written.yaml) as WhenYaml;
  const given: Record<string, ParameterTypes[keyof ParameterTypes]> = {};
  for (const [key, parameter] of Object.entries(entry.parameters)) {
    const { isOptional, reads } = syntaxOf(parameter);
    if (yaml[key] === undefined && isOptional !== true) {
      compiling.report.error(below(spot, key), 'is missing', `Write ${key}: ${parameter.about}`);
      return null;
    }
    const read = reads({ compiling, yaml: yaml[key], spot: below(spot, key) });
    if (read === null) return null;
    given[key] = read.value;
  }
  return { kind, given };
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
    const when = whenOf({ compiling, yaml: value.when, spot: below(spot, 'when') });
    const then = thenOf(compiling, value, spot);
    warnAboveCeiling(compiling, then, { spot, ceiling });
    return when === null || then === null
      ? []
      : [{ name: value.name, when, then, where: whereOf(compiling, spot) }];
  });
}
