/** Maps of a vendor's part of the file whose keys are levels: the loader says which of them are misspelt. */
import { z } from 'zod';

const byLevelMaps = z.registry<{ readonly keys: 'level' }>();

/** A map from a level to what an adapter makes of it. */
export function byLevel<T extends z.ZodType>(value: T): z.ZodRecord<z.ZodString, T> {
  return z.record(z.string(), value).register(byLevelMaps, { keys: 'level' });
}

/** Whether the schema, without its wrappers, is such a map. */
export function isByLevel(schema: z.core.$ZodType): boolean {
  return byLevelMaps.has(schema);
}
