/** Sources and targets: each is read by the schema of its adapter. */
import type { z } from 'zod';
import type { AnyAdapter } from '../../contract/adapter.ts';
import { isRecord, type JsonRecord } from '../../contract/json.ts';
import type { SourcePolicy, TargetPolicy } from '../../core/model/policy.ts';
import type { source, target } from '../shape/vendors.ts';
import type { Report } from '../problem.ts';
import { isVariable, type SecretStore } from '../secret-values.ts';
import { parseShape, suggestion } from '../shape-problems.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import { type BuiltTarget, type Compiling, type Entry, isLevel } from '../context.ts';

/** Keys of a source or target that are ours. */
export const OWN_KEYS = {
  source: ['type', 'severity_map', 'target'],
  target: ['type', 'mode'],
} as const;

/** `${VARIABLE}` is replaced in secrets; anywhere else it would reach the vendor as it stands. */
function refuseVariables(value: unknown, spot: Spot, report: Report): void {
  if (typeof value === 'string' && isVariable(value))
    report.error(
      spot,
      `${value} is not replaced here: variables stand for secrets only`,
      'Write the value itself.',
    );
  else if (Array.isArray(value))
    for (const [i, each] of value.entries()) refuseVariables(each, below(spot, i), report);
  else if (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype)
    for (const [key, each] of Object.entries(value))
      refuseVariables(each, below(spot, key), report);
}

/** What an adapter's schema makes of a part of the file, secrets resolved; null after reporting what is wrong. */
export function parseVendor<T>(
  { secrets, report }: { readonly secrets: SecretStore; readonly report: Report },
  schema: z.ZodType<T>,
  standing: { readonly value: unknown; readonly spot: Spot },
): T | null {
  const value = secrets.resolve(schema, standing.value, standing.spot);
  refuseVariables(value, standing.spot, report);
  return parseShape(schema, { value, spot: standing.spot }, report);
}

function without(value: JsonRecord, keys: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

interface Typed {
  readonly type: string;
  readonly spot: Spot;
  readonly side: 'source' | 'target';
}

/** The adapter of that type, if it has the side that is asked for. */
function adapterOf(
  registry: readonly AnyAdapter[],
  { type, spot, side }: Typed,
  report: Report,
): AnyAdapter | null {
  const has = (adapter: AnyAdapter): boolean =>
    (side === 'source' ? adapter.source : adapter.config) !== undefined;
  const able = registry.filter(has).map((adapter) => adapter.name);
  const found = registry.find((adapter) => adapter.name === type);
  if (found !== undefined && has(found)) return found;
  const at = below(spot, 'type');
  if (found === undefined)
    report.error(at, `there is no adapter "${type}"`, suggestion(type, able, `Types of ${side}s`));
  else report.error(at, `${type} is no type of ${side}`, `Types of ${side}s: ${able.join(', ')}.`);
  return null;
}

/** Targets by name; null: one that is wrong, which was reported. */
export function buildTargets(
  entries: readonly Entry<z.output<typeof target>>[],
  context: {
    readonly registry: readonly AnyAdapter[];
    readonly secrets: SecretStore;
    readonly report: Report;
  },
): ReadonlyMap<string, BuiltTarget | null> {
  const { registry, report } = context;
  const targets = new Map<string, BuiltTarget | null>();
  for (const { name, value, spot } of entries) {
    targets.set(name, null);
    const adapter =
      value === null
        ? null
        : adapterOf(registry, { type: value.type, spot, side: 'target' }, report);
    if (value === null || adapter?.config === undefined) continue;
    if (value.mode === 'draft' && adapter.statusPage === undefined)
      report.error(
        below(spot, 'mode'),
        'draft is for status pages, whose posts can wait for a person',
        'Write off, shadow or live.',
      );
    const config: unknown = parseVendor(context, adapter.config, {
      value: without(value, OWN_KEYS.target),
      spot,
    });
    if (config !== null) targets.set(name, { name, adapter, config, mode: value.mode });
  }
  return targets;
}

/** Members of parts that read configuration instead of calling the vendor. */
const PURE = new Set(['personAddress', 'lacks']);

/** `part.method` for everything the adapter has. */
function canOf(adapter: AnyAdapter): readonly string[] {
  const { pager, onCall, statusPage, chat } = adapter;
  return Object.entries({ pager, onCall, statusPage, chat }).flatMap(([part, methods]) =>
    Object.entries(methods ?? {}).flatMap(([name, method]) =>
      typeof method === 'function' && !PURE.has(name) ? [`${part}.${name}`] : [],
    ),
  );
}

/** What the decisions know of targets. */
export function targetPolicies(compiling: Compiling): Readonly<Record<string, TargetPolicy>> {
  const built = [...compiling.targets.values()].filter((target) => target !== null);
  return Object.fromEntries(
    built.map(({ name, adapter, config, mode }) => {
      const ownNames = (adapter.ownNames?.(config) ?? []).map((own) => own.toLowerCase());
      const known = ownNames.length === 0 ? {} : { ownNames };
      return [name, { name, type: adapter.name, mode, can: canOf(adapter), ...known }];
    }),
  );
}

export interface BuiltSource {
  readonly name: string;
  readonly adapter: AnyAdapter;
  readonly config: unknown;
  readonly policy: SourcePolicy;
}

type SourceEntry = Entry<z.output<typeof source>>;

/** The pager target whose objects the source speaks of. */
function spokenOf(
  compiling: Compiling,
  { value, spot }: SourceEntry,
  adapter: AnyAdapter,
): string | null {
  const { targets, report } = compiling;
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
    return same.length === 1 ? (same[0] ?? null) : null;
  }
  if (same.includes(value.target)) return value.target;
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
      value: without(value, OWN_KEYS.source),
      spot,
    });
    const policy = {
      name,
      type: adapter.name,
      severityMap: severityMap(compiling, entry),
      target: spokenOf(compiling, entry, adapter),
    };
    return config === null ? [] : [{ name, adapter, config, policy }];
  });
}
