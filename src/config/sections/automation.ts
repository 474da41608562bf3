/** What happens by itself: limits, alarms, triggers; flags, the room, texts. */
import type {
  Automation,
  FlagPolicy,
  ImpactMeasure,
  RoomPolicy,
  Texts,
  Trigger,
  TriggerThen,
  TriggerWhen,
} from '../../core/model/policy.ts';
import { BUILT_IN_TEXTS, PUBLIC_NAMES, TEXT_NAMES, variablesOf } from '../../core/texts/text.ts';
import type { z } from 'zod';
import type { rooms, texts } from '../shape/vendors.ts';
import { suggestion } from '../shape-problems.ts';
import { type automation, type flag, IMPACT_MEASURES, type trigger } from '../shape/automation.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import {
  type Compiling,
  type Entry,
  type Item,
  isKnown,
  isLevel,
  targetWith,
  whereOf,
} from '../context.ts';
import { pageSource } from './pages.ts';
import { channelOf } from './levels.ts';

const ALARM_EVERY_DEFAULT_MS = 10 * 60_000;

type AutomationItem = Item<z.output<typeof automation>>;

function ceilingOf(compiling: Compiling, item: AutomationItem | undefined, spot: Spot): string {
  const { levels } = compiling.names;
  const [worst] = levels;
  const ceiling = item?.value?.ceiling;
  if (ceiling !== undefined) return isLevel(compiling, { name: ceiling, spot }) ? ceiling : '';
  if (worst !== undefined && levels.length > 1 && item?.value !== null)
    compiling.report.warning(
      spot,
      `rules and triggers may set every level, ${worst} too`,
      'Write automation: {ceiling: <level>} if the worst level is a decision of a person.',
    );
  return worst ?? '';
}

/** The limits of what happens by itself; `main` stands for what is missing altogether. */
export function buildAutomation(
  compiling: Compiling,
  [item]: readonly AutomationItem[],
  main: Spot,
): Automation {
  const yaml = item?.value ?? null;
  const spot = item?.spot ?? main;
  const alarms = below(spot, 'alarms');
  const page = yaml?.alarms?.page;
  if (page === undefined && yaml?.alarms?.chat === undefined && item?.value !== null)
    compiling.report.warning(
      item === undefined ? main : alarms,
      'alarms that belong to no page reach nobody (a late public post, an alert without a service)',
      'Write automation: {alarms: {page: <name>, chat: {via: <target>, channel: <channel>}}}.',
    );
  return {
    ceiling: ceilingOf(compiling, item, below(spot, 'ceiling')),
    raiseAtMost: yaml?.raise_at_most ?? null,
    storm:
      yaml?.storm === undefined
        ? null
        : { incidents: yaml.storm.incidents, withinMs: yaml.storm.within },
    alarmEveryMs: yaml?.alarms?.every ?? ALARM_EVERY_DEFAULT_MS,
    alarm: {
      page:
        page === undefined
          ? null
          : pageSource(compiling, page, {
              spot: below(alarms, 'page'),
              vendorWalks: false,
              service: false,
            }),
      chat: channelOf(compiling, yaml?.alarms?.chat, below(alarms, 'chat')),
    },
  };
}

type TriggerYaml = z.output<typeof trigger>;

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

/** The marks that a person may set. */
export function buildFlags(
  flags: readonly Entry<z.output<typeof flag>>[],
): Readonly<Record<string, FlagPolicy>> {
  return Object.fromEntries(
    flags.map(({ name, value }) => [name, { public: value?.public ?? 'allowed' }]),
  );
}

function checkTemplate(
  compiling: Compiling,
  template: string,
  at: { readonly spot: Spot; readonly names: readonly string[] },
): void {
  for (const name of new Set(variablesOf(template))) {
    if (at.names.includes(name)) continue;
    const isInternal = (TEXT_NAMES as readonly string[]).includes(name);
    const what = isInternal
      ? `{{${name}}} is internal and cannot stand in a public text`
      : `there is no {{${name}}}`;
    const offset = Math.max(
      0,
      template.search(new RegExp(`\\{\\{\\s*${name.replaceAll(/[^\w]/g, '\\$&')}\\s*\\}\\}`)),
    );
    compiling.report.error({ ...at.spot, offset }, what, suggestion(name, at.names, 'Known here'));
  }
}

/** The room of each declared incident; null: none is opened. */
export function buildRoom(
  compiling: Compiling,
  [item]: readonly Item<z.output<typeof rooms>>[],
  wording: Texts,
): RoomPolicy | null {
  if (item === undefined || item.value === null) return null;
  const { value, spot } = item;
  const target = targetWith(compiling, { name: value.via, spot: below(spot, 'via') }, 'chat');
  if (target !== null && target.adapter.chat?.openRoom === undefined)
    compiling.report.error(
      below(spot, 'via'),
      `target ${target.name} (${target.adapter.name}) can chat but opens no rooms`,
      'Leave rooms out: updates go to the channels of the teams.',
    );
  const name = value.name ?? wording['room.name'] ?? BUILT_IN_TEXTS['room.name'];
  checkTemplate(compiling, name, { spot: below(spot, 'name'), names: TEXT_NAMES });
  return { target: value.via, name };
}

/** The user's wording where it is not the built-in one. */
export function buildTexts(
  compiling: Compiling,
  [item]: readonly Item<z.output<typeof texts>>[],
): Texts {
  const known = Object.keys(BUILT_IN_TEXTS);
  const own = Object.entries(item?.value ?? {}).filter(([name, template]) => {
    if (item === undefined) return false;
    const spot = below(item.spot, name);
    const isPublic = name.startsWith('public.');
    checkTemplate(compiling, template, { spot, names: isPublic ? PUBLIC_NAMES : TEXT_NAMES });
    return isKnown(compiling.report, { name, spot: keyOf(spot) }, { kind: 'text', names: known });
  });
  return Object.fromEntries(own);
}
