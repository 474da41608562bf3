/** Sources: where alerts come from. What is not ours in one is read by the schema of its adapter. */
import { z } from 'zod';
import type { AnyAdapter } from '../../contract/adapter.ts';
import type { AdoptedAddress, SourcePolicy } from '../../core/model/policy.ts';
import { type Compiling, type Entry, isLevel } from '../context.ts';
import { adapterOf, parseVendor, withoutKeys } from '../vendor-part.ts';
import { durationOrNever, nonEmptyText } from '../words.ts';
import { below, keyOf } from '../yaml-file.ts';
import { expectationOf, expectShape } from './expecting.ts';

export const sourceShape = z
  .looseObject({
    type: nonEmptyText('Adapter that reads this source, e.g. `alertmanager`.'),
    severity_map: z.record(z.string(), nonEmptyText('A level.')).optional().meta({
      description: "The vendor's severity or priority words -> levels; case does not matter.",
    }),
    stale_after: durationOrNever(
      'What the sender does not speak of for so long counts as firing no more: longer than it takes to repeat itself. 12h where the sender repeats itself and this is left out; `never` where it does not.',
    ).optional(),
    target: nonEmptyText(
      'The pager target whose incidents this source speaks of; the only target of the same type when left out.',
    ).optional(),
    expect: expectShape.optional(),
  })
  .meta({
    description: 'Where alerts come from; its key is the last part of `/webhooks/<source>`.',
    shape: 'source',
  });

/** Keys of a source that are ours; all others are the adapter's. */
export const SOURCE_KEYS: readonly string[] = Object.keys(sourceShape.shape);

export interface BuiltSource {
  readonly name: string;
  readonly adapter: AnyAdapter;
  readonly config: unknown;
  readonly policy: SourcePolicy;
}

type SourceEntry = Entry<z.output<typeof sourceShape>>;

/**
 * What the source speaks of where there is no target: phones ring there all the same, so its incidents are adopted, and
 * nothing more can be done than to listen. No target bears the name.
 */
function heardOnly({ name }: SourceEntry, { targets }: Compiling): string {
  return targets.has(name) ? `${name} (source)` : name;
}

/** Says what will happen to incidents that a source tells of and that cannot be reached there. */
function warnUnreachable(
  compiling: Compiling,
  { value, spot }: SourceEntry,
  lack: { readonly what: string; readonly instead: string },
): void {
  compiling.report.warning(
    keyOf(spot),
    `${lack.what}: what rings there is adopted and nobody is rung a second time, but Tocsin only listens; it can neither acknowledge nor resolve there, nor ask whether somebody did`,
    `${lack.instead} Until then acknowledge and resolve at ${value?.type ?? 'the vendor'} itself.`,
  );
}

/** The pager target whose objects the source speaks of. */
function spokenOf(compiling: Compiling, entry: SourceEntry, adapter: AnyAdapter): string | null {
  const { targets, report } = compiling;
  const { value, spot } = entry;
  const same = [...targets.values()]
    .filter((target) => target?.adapter === adapter && adapter.pager !== undefined)
    .flatMap((target) => target?.name ?? []);
  if (value?.target === undefined) {
    if (same.length > 1)
      report.error(
        keyOf(spot),
        `it is not told which of the targets ${same.join(', ')} it speaks of`,
        'Write target: <one of them>.',
      );
    const [only] = same;
    if (only !== undefined) return same.length === 1 ? reachable(compiling, entry, only) : null;
    if (adapter.pager === undefined || value === null || isBroken(targets)) return null;
    warnUnreachable(compiling, entry, {
      what: `no target is of type ${adapter.name}`,
      instead: `Write a target of type ${adapter.name}.`,
    });
    return heardOnly(entry, compiling);
  }
  if (same.includes(value.target)) return reachable(compiling, entry, value.target);
  if (targets.get(value.target) === null) return null;
  const others =
    same.length === 0
      ? `There is no target of type ${adapter.name} that pages; leave it out.`
      : `Targets that can: ${same.join(', ')}.`;
  report.error(
    below(spot, 'target'),
    `"${value.target}" is no target of type ${adapter.name} that pages`,
    others,
  );
  return null;
}

/** Whether some target is wrong, which was reported: it may be the one that is meant. */
function isBroken(targets: Compiling['targets']): boolean {
  return [...targets.values()].includes(null);
}

/** The target, with a warning where its configuration lacks what adopted incidents take. */
function reachable(compiling: Compiling, entry: SourceEntry, name: string): string {
  const target = compiling.targets.get(name);
  const anyObject = { adopted: 'any' } satisfies AdoptedAddress;
  const lack = target?.adapter.pager?.lacks?.(anyObject, target.config) ?? null;
  if (lack !== null) warnUnreachable(compiling, entry, lack);
  return name;
}

function severityMap(
  compiling: Compiling,
  { value, spot }: SourceEntry,
): Readonly<Record<string, string>> {
  const map = new Map<string, string>();
  for (const [word, level] of Object.entries(value?.severity_map ?? {})) {
    const at = below(spot, 'severity_map', word);
    if (map.has(word.toLowerCase()))
      compiling.report.error(
        keyOf(at),
        `"${word}" is mapped twice: case does not matter here`,
        'Keep one of the two.',
      );
    if (isLevel(compiling, { name: level, spot: at })) map.set(word.toLowerCase(), level);
  }
  return Object.fromEntries(map);
}

const STALE_AFTER_MS = 12 * 3_600_000;
/** Within less a pair that lags may not have spoken again, and nobody repeats that often. */
const STALE_AFTER_MIN_MS = 10 * 60_000;

/** After how long without a word an alert counts as firing no more; null: never. */
function staleAfter(
  { report }: Compiling,
  { value, spot }: SourceEntry,
  { name, source }: AnyAdapter,
): number | null {
  const given = value?.stale_after;
  const at = below(spot, 'stale_after');
  if (given === undefined) return source?.repeats === 'always' ? STALE_AFTER_MS : null;
  const { ms } = given;
  if (ms !== null && source?.repeats === undefined)
    report.error(
      at,
      `${name} tells of an alert once and does not repeat it while it fires, so whatever lasts longer would count as over`,
      'Leave stale_after out: without it an alert of this source fires until it is said to have cleared.',
    );
  else if (ms !== null && ms < STALE_AFTER_MIN_MS)
    report.error(
      at,
      'this is less than 10m: every alert would count as over between two repeats of its sender',
      'Write a time in which the sender repeats itself at least twice: 3h beside a repeat_interval of 1h.',
    );
  return ms;
}

/** Sources, each with its adapter's configuration. */
export function buildSources(
  compiling: Compiling,
  entries: readonly SourceEntry[],
): readonly BuiltSource[] {
  const { registry, report } = compiling;
  return entries.flatMap((entry) => {
    const { name, value, spot } = entry;
    const adapter =
      value === null
        ? null
        : adapterOf(registry, { type: value.type, spot, side: 'source' }, report);
    if (value === null || adapter?.source === undefined) return [];
    const config: unknown = parseVendor(compiling, adapter.source.config, {
      value: withoutKeys(value, SOURCE_KEYS),
      spot,
      others: SOURCE_KEYS,
    });
    const expect = expectationOf(compiling, value.expect, { adapter, spot });
    const policy = {
      name,
      type: adapter.name,
      severityMap: severityMap(compiling, entry),
      target: spokenOf(compiling, entry, adapter),
      ...(expect === undefined ? {} : { expect }),
      repeats: adapter.source.repeats === 'always',
      staleAfterMs: staleAfter(compiling, entry, adapter),
    };
    return config === null ? [] : [{ name, adapter, config, policy }];
  });
}
