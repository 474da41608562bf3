/** Presence: after how long without a sign of life people are missed, by urgency. */
import { z } from 'zod';
import type { Policy } from '../../core/model/policy.ts';
import type { Item } from '../context.ts';
import { duration } from '../words.ts';
import { INSTEAD } from '../zod-walk.ts';

const HIGH_DEFAULT_MS = 30 * 60_000;
const LOW_DEFAULT_MS = 2 * 3_600_000;

/** Whoever is asked whether they are still there has as long to say so before a phone rings. */
const LEAST_MS = 5 * 60_000;

function missedAfter(description: string): z.ZodType<number, string> {
  const asWritten = duration(description);
  return asWritten
    .refine((ms) => ms >= LEAST_MS, {
      error: 'this is less than 5m: people would be asked all the time whether they are there',
      params: { hint: 'Write 5m or more; 30m is usual.' },
    })
    .meta(asWritten.meta() ?? {});
}

export const presenceShape = z
  .strictObject({
    high: missedAfter('At high urgency; 30m when left out.').optional(),
    low: missedAfter(
      'At low urgency, and in working hours only (mon-fri 09:00-18:00 in `timezone`); 2h when left out.',
    ).optional(),
  })
  .register(INSTEAD, {
    wrong:
      'Write presence: {high: 30m, low: 2h}; where nobody is to be missed, a long time: {high: 30d, low: 30d}.',
  })
  .meta({
    description:
      'After so long without a sign of life of the commander somebody asks, then rings them, then whoever deputizes; and a new alert of an incident that nobody has looked at for so long rings its on-call again.',
  });

/** By urgency: after how long people are missed. */
export function presenceOf([item]: readonly Item<
  z.output<typeof presenceShape>
>[]): Policy['presence'] {
  return {
    high: item?.value?.high ?? HIGH_DEFAULT_MS,
    low: item?.value?.low ?? LOW_DEFAULT_MS,
  };
}
