/** Flags: marks that a person sets on an incident. */
import { z } from 'zod';
import type { FlagPolicy } from '../../core/model/policy.ts';
import type { Entry } from '../context.ts';

export const flagShape = z
  .strictObject({
    public: z.enum(['allowed', 'never']).optional().meta({
      description: '`never`: withdraws every unsent public post and forbids further ones.',
    }),
  })
  .meta({ description: 'A mark that a person sets on an incident.' });

/** The marks that a person may set. */
export function buildFlags(
  flags: readonly Entry<z.output<typeof flagShape>>[],
): Readonly<Record<string, FlagPolicy>> {
  return Object.fromEntries(
    flags.map(({ name, value }) => [name, { public: value?.public ?? 'allowed' }]),
  );
}
