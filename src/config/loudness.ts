/** A level whose urgency and whose word at a vendor contradict each other: its pages go by their urgency. */
import { type Loudness, loudnessOf } from '../contract/by-level.ts';
import { memberOf } from '../contract/json.ts';
import type { Level, Policy } from '../core/model/policy.ts';
import type { BuiltTarget, Compiling } from './context.ts';
import type { Merged } from './merge.ts';
import type { Report } from './problem.ts';
import { below, type Spot } from './yaml-file.ts';
import { shapeOf, unwrap } from './zod-walk.ts';

/** The maps of a target that say how loud a level rings, by key. */
function mapsOf({ adapter }: BuiltTarget): readonly (readonly [string, Loudness])[] {
  const members = adapter.config === undefined ? {} : (shapeOf(adapter.config) ?? {});
  return Object.entries(members).flatMap(([key, schema]) => {
    const loudness = loudnessOf(unwrap(schema));
    return loudness === undefined ? [] : [[key, loudness] as const];
  });
}

interface Written {
  readonly word: unknown;
  readonly loudness: Loudness;
  readonly spot: Spot;
}

/** Whoever wrote the word must know that it is not sent, and what is sent in its place. */
function compare(level: Level, { word, loudness, spot }: Written, report: Report): void {
  const { id, urgency } = level;
  const fitting = loudness[urgency];
  if (typeof word !== 'string' || fitting.includes(word)) return;
  const other = urgency === 'high' ? 'low' : 'high';
  report.warning(
    spot,
    `${word} is for pages of ${other} urgency, but ${id} is of ${urgency} urgency: its pages go out as ${fitting[0]}`,
    `Write ${[...fitting].sort().join(' or ')} here, or urgency: ${other} at ${id}.`,
  );
}

/** Reports where a target maps a level to what its pages are not sent with. */
export function checkLoudness(
  { report, targets }: Pick<Compiling, 'report' | 'targets'>,
  merged: Merged,
  { levels }: Pick<Policy, 'levels'>,
): void {
  for (const { name, spot } of merged.targets) {
    const target = targets.get(name) ?? null;
    if (target === null || target.mode === 'off') continue;
    for (const [key, loudness] of mapsOf(target))
      for (const level of levels) {
        const word = memberOf(memberOf(target.config, key), level.id);
        compare(level, { word, loudness, spot: below(spot, key, level.id) }, report);
      }
  }
}
