/** `match:` becomes a condition; and what can be said about conditions without any alert: which cannot be reached. */
import { z } from 'zod';
import type { Condition, Matcher } from '../../core/model/policy.ts';
import { matches } from '../../core/routing/match.ts';
import { readMatchers } from '../matcher.ts';
import type { Report } from '../problem.ts';
import { below, type Spot } from '../yaml-file.ts';

export type MatchYaml = string | MatchBlock | readonly (string | MatchBlock)[];

export interface MatchBlock {
  readonly all?: MatchYaml | undefined;
  readonly any?: MatchYaml | undefined;
  readonly none?: MatchYaml | undefined;
}

const block: z.ZodType<MatchBlock> = z.lazy(() =>
  z.strictObject({
    all: matchShape.optional().meta({ description: 'All of these hold.' }),
    any: matchShape.optional().meta({ description: 'At least one of these holds.' }),
    none: matchShape.optional().meta({ description: 'None of these holds.' }),
  }),
);

/** Alertmanager's matchers; a list holds when all of it holds. */
export const matchShape: z.ZodType<MatchYaml> = z
  .union([z.string().min(1), block, z.array(z.union([z.string().min(1), block]))])
  .meta({
    id: 'match',
    description:
      'Matchers as in Alertmanager, all of which must hold: `severity=~"page|critical"`; or blocks `any:`, `all:`, `none:` for anything else.',
  });

const EVERYTHING: Condition = { all: [], any: [], none: [] };

interface MatcherAt extends Matcher {
  readonly spot: Spot;
}

function plain({ label, operator, value }: Matcher): Matcher {
  return { label, operator, value };
}

function matchersAt(text: string, spot: Spot, report: Report): readonly MatcherAt[] {
  const reading = readMatchers(text);
  if (reading.ok)
    return reading.matchers.map((matcher) => ({
      ...plain(matcher),
      spot: { ...spot, offset: matcher.offset },
    }));
  report.error({ ...spot, offset: reading.offset }, reading.what, reading.instead);
  // It stands for itself: without it the condition would seem to take everything, which nobody wrote.
  return [{ label: text, operator: '=', value: text, spot }];
}

/** Whether the same list says that the label must be there (`=~".+"`) or need not be (`=~".*"`). */
function isSettled(siblings: readonly MatcherAt[], label: string): boolean {
  const same = siblings.filter((one) => one.label === label);
  return same.some((one) => !matches(one, {}) || (one.operator === '=~' && one.value === '.*'));
}

/** As in Alertmanager a missing label equals "", so `team!="dev"` takes alerts without any team too. */
function warnNegative(placed: readonly MatcherAt[], report: Report): void {
  for (const matcher of placed) {
    const isNegative = matcher.operator === '!=' || matcher.operator === '!~';
    if (!isNegative || isSettled(placed, matcher.label)) continue;
    report.warning(
      matcher.spot,
      `this also holds for alerts without the label ${matcher.label}`,
      `Add ${matcher.label}=~".+" if it must be there, or ${matcher.label}=~".*" to say that it need not.`,
    );
  }
}

interface Parts {
  readonly matchers: readonly MatcherAt[];
  readonly blocks: readonly Condition[];
}

function partsOf(match: MatchYaml, spot: Spot, report: Report): Parts {
  if (typeof match === 'string') return { matchers: matchersAt(match, spot, report), blocks: [] };
  if (!Array.isArray(match))
    return { matchers: [], blocks: [blockOf(match as MatchBlock, spot, report)] };
  const parts = match.map((each: string | MatchBlock, i) => partsOf(each, below(spot, i), report));
  return {
    matchers: parts.flatMap((part) => part.matchers),
    blocks: parts.flatMap((part) => part.blocks),
  };
}

function listOf({ matchers, blocks }: Parts): readonly (Matcher | Condition)[] {
  return [...matchers.map(plain), ...blocks];
}

function blockOf(block: MatchBlock, spot: Spot, report: Report): Condition {
  const part = (key: 'all' | 'any' | 'none'): Parts =>
    block[key] === undefined
      ? { matchers: [], blocks: [] }
      : partsOf(block[key], below(spot, key), report);
  const all = part('all');
  const any = part('any');
  warnNegative(all.matchers, report);
  for (const matcher of any.matchers) warnNegative([matcher], report);
  return { all: listOf(all), any: listOf(any), none: listOf(part('none')) };
}

/** The condition of a `match:`; none given holds always. A single block stays as it is, without a list around it. */
export function conditionOf(match: MatchYaml | undefined, spot: Spot, report: Report): Condition {
  if (match === undefined) return EVERYTHING;
  const parts = partsOf(match, spot, report);
  warnNegative(parts.matchers, report);
  const [block] = parts.blocks;
  if (block !== undefined && parts.blocks.length === 1 && parts.matchers.length === 0) return block;
  return { all: listOf(parts), any: [], none: [] };
}

export function isEverything(condition: Condition): boolean {
  return condition.all.length === 0 && condition.any.length === 0 && condition.none.length === 0;
}

/** Words that have nothing in common: a pattern that takes all of them takes anything. */
const WORDS = ['Qzxvj', 'qzxvj', '730194', 'qzxvj-1.wkp:9100'];

/** Whether the matcher holds neither without its label nor whatever its label says. */
function isParticular(part: Matcher | Condition): boolean {
  if (!('label' in part)) return namesSomething(part);
  const holdsFor = (value: string): boolean => matches(part, { [part.label]: value });
  return !holdsFor('') && !WORDS.every(holdsFor);
}

/** Whether the condition asks for something that not every alert has: bans and patterns that take anything do not. */
export function namesSomething({ all, any }: Condition): boolean {
  return all.some(isParticular) || (any.length > 0 && any.every(isParticular));
}

type Labels = Readonly<Record<string, string>>;

/** More than anybody writes, so that choices within choices do not multiply for ever. */
const NAMED_MAX = 200;

/** What the matcher names: its value, or of a pattern each alternative as it reads without its wildcards. */
function valuesOf(matcher: Matcher): readonly string[] {
  if (matcher.operator === '=') return matcher.value === '' ? [] : [matcher.value];
  if (matcher.operator !== '=~') return [];
  const plainly = matcher.value.split('|').map((one) => one.replaceAll(/\.[*+]/g, ''));
  return plainly.filter((value) => value !== '' && matches(matcher, { [matcher.label]: value }));
}

function namedByPart(part: Matcher | Condition): readonly Labels[] {
  if (!('label' in part)) return namedBy(part);
  const values = valuesOf(part);
  return values.length === 0 ? [{}] : values.map((value) => ({ [part.label]: value }));
}

/** The labels of alerts that the condition names, one for each choice that it leaves; `{}` where it names none. */
export function namedBy({ all, any }: Condition): readonly Labels[] {
  const chosen = any.length === 0 ? [{}] : any.flatMap(namedByPart);
  return all.reduce<readonly Labels[]>(
    (known, part) =>
      namedByPart(part)
        .flatMap((labels) => known.map((each) => ({ ...labels, ...each })))
        .slice(0, NAMED_MAX),
    chosen,
  );
}
