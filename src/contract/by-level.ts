/** Maps of a vendor's part of the file whose keys are levels: what the loader, and a page, must know of them. */
import { z } from 'zod';
import type { Urgency } from '../core/model/policy.ts';

/** A vendor's words by how loud what bears them rings; the first of each list is what an urgency says by itself. */
export type Loudness<T extends string = string> = Readonly<
  Record<Urgency, readonly [T, ...(readonly T[])]>
>;

const byLevelMaps = z.registry<{
  readonly keys: 'level';
  readonly loudness?: Loudness | undefined;
}>();

/** A map from a level to what an adapter makes of it; `loudness` where that decides how loud a page rings. */
export function byLevel<T extends z.ZodType>(
  value: T,
  loudness?: Loudness,
): z.ZodRecord<z.ZodString, T> {
  return z.record(z.string(), value).register(byLevelMaps, { keys: 'level', loudness });
}

/** Whether the schema, without its wrappers, is such a map. */
export function isByLevel(schema: z.core.$ZodType): boolean {
  return byLevelMaps.has(schema);
}

/** How loud the words of such a map ring; undefined: they say nothing about it. */
export function loudnessOf(schema: z.core.$ZodType): Loudness | undefined {
  return byLevelMaps.get(schema)?.loudness;
}

/**
 * The word that a page is sent with: that of its level, unless it would ring softly what is urgent or loudly what is not.
 * A level and the urgency of a page may differ: what Tocsin says of itself has an urgency of its own.
 */
export function asLoudAs<T extends string>(
  urgency: Urgency,
  ofLevel: T | undefined,
  loudness: Loudness<T>,
): T {
  const words = loudness[urgency];
  return ofLevel !== undefined && words.includes(ofLevel) ? ofLevel : words[0];
}
