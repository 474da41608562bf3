/** Targets: where pages, posts and messages go. What is not ours in one is read by the schema of its adapter. */
import { z } from 'zod';
import type { AnyAdapter } from '../../contract/adapter.ts';
import { isByLevel } from '../../contract/by-level.ts';
import { isRecord, type JsonRecord } from '../../contract/json.ts';
import type { SourcePolicy, TargetPolicy } from '../../core/model/policy.ts';
import { checkAddresses } from '../addresses.ts';
import { type BuiltTarget, type Compiling, type Entry, isLevel } from '../context.ts';
import { adapterOf, parseVendor, withoutKeys } from '../vendor-part.ts';
import { nonEmptyText } from '../words.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import { type Schema, shapeOf, unwrap } from '../zod-walk.ts';

export const targetShape = z
  .looseObject({
    type: nonEmptyText('Adapter that serves this target, e.g. `pagerduty`.'),
    mode: z.enum(['off', 'shadow', 'draft', 'live']).meta({
      description:
        'The ladder to going live: `off`; `shadow` (decided and recorded, nothing sent); `draft` (status pages: waits for a person); `live`.',
    }),
  })
  .meta({ description: 'Where pages, posts and messages go.', shape: 'target' });

/** Keys of a target that are ours; all others are the adapter's. */
export const TARGET_KEYS: readonly string[] = Object.keys(targetShape.shape);

/** A level that does not exist would never meet the alert that it was written for, and nothing would say so. */
function checkLevels(
  context: Pick<Compiling, 'report' | 'names' | 'aliases'>,
  schema: Schema,
  { value, spot }: { readonly value: JsonRecord; readonly spot: Spot },
): void {
  for (const [key, member] of Object.entries(shapeOf(schema) ?? {})) {
    const map = value[key];
    if (!isByLevel(unwrap(member)) || !isRecord(map)) continue;
    for (const name of Object.keys(map))
      isLevel(context, { name, spot: keyOf(below(spot, key, name)) });
  }
}

/** Targets by name; null: one that is wrong, which was reported. */
export function buildTargets(
  entries: readonly Entry<z.output<typeof targetShape>>[],
  context: Pick<
    Compiling,
    'registry' | 'secrets' | 'report' | 'names' | 'aliases' | 'privateHosts'
  >,
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
      value: withoutKeys(value, TARGET_KEYS),
      others: TARGET_KEYS,
      spot,
    });
    checkLevels(context, adapter.config, { value, spot });
    const privateHosts = value.mode === 'off' ? null : context.privateHosts;
    checkAddresses({ report, privateHosts }, adapter.config, { value, spot });
    const lack = value.mode === 'off' || config === null ? null : adapter.ownNamesLack?.(config);
    if (lack != null) report.warning(keyOf(spot), lack.what, lack.instead);
    if (config !== null) targets.set(name, { name, adapter, config, mode: value.mode });
  }
  return targets;
}

/** Members of parts that read configuration instead of calling the vendor. */
const PURE = new Set(['personAddress', 'lacks']);

/** `part.method` for everything that the adapter has and the target's configuration allows. */
function canOf(adapter: AnyAdapter, config: unknown): readonly string[] {
  const { pager, onCall, statusPage, chat } = adapter;
  const cannot = new Set(adapter.cannot?.(config));
  const all = Object.entries({ pager, onCall, statusPage, chat }).flatMap(([part, methods]) =>
    Object.entries(methods ?? {}).flatMap(([name, method]) =>
      typeof method === 'function' && !PURE.has(name) ? [`${part}.${name}`] : [],
    ),
  );
  return all.filter((name) => !cannot.has(name));
}

/** What the decisions know of targets; of what is only heard, that nothing can be done there. */
export function targetPolicies(
  compiling: Compiling,
  sources: readonly { readonly policy: SourcePolicy }[],
): Readonly<Record<string, TargetPolicy>> {
  const heard = sources.flatMap(({ policy: { type, target } }) =>
    target === null || compiling.targets.has(target)
      ? []
      : [[target, { type, mode: 'off', can: [] }] as const],
  );
  const built = [...compiling.targets.values()].filter((target) => target !== null);
  const own = Object.fromEntries(
    built.map(({ name, adapter, config, mode }) => {
      const ownNames = (adapter.ownNames?.(config) ?? []).map((own) => own.toLowerCase());
      const known = ownNames.length === 0 ? {} : { ownNames };
      return [name, { type: adapter.name, mode, can: canOf(adapter, config), ...known }];
    }),
  );
  return { ...Object.fromEntries(heard), ...own };
}
