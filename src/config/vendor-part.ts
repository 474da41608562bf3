/** What adapters read themselves: the parts of the file that a vendor's own schema is for. */
import type { z } from 'zod';
import type { AnyAdapter } from '../contract/adapter.ts';
import { isRecord, type JsonRecord } from '../contract/json.ts';
import type { Report } from './problem.ts';
import { isVariable, type SecretStore } from './secret-values.ts';
import { parseShape, suggestion } from './shape-problems.ts';
import { below, type Spot } from './yaml-file.ts';

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
  standing: {
    readonly value: unknown;
    readonly spot: Spot;
    /** Keys of the same map that are ours: a misspelt one of them is one of these, too. */
    readonly others?: readonly string[];
  },
): T | null {
  const value = secrets.resolve(schema, standing.value, standing.spot);
  refuseVariables(value, standing.spot, report);
  return parseShape(schema, { ...standing, value }, report);
}

/** The map without these keys, which are ours: what is left is for the adapter to read. */
export function withoutKeys(value: JsonRecord, keys: readonly string[]): JsonRecord {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

interface Typed {
  readonly type: string;
  readonly spot: Spot;
  readonly side: 'source' | 'target';
}

/** The adapter of that type, if it has the side that is asked for. */
export function adapterOf(
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
