/** When targets are proved. */
import { z } from 'zod';
import type { Schedule } from '../../lib/cron.ts';
import type { Item } from '../context.ts';
import { cron } from '../words.ts';
import { scheduleOf } from './schedule.ts';

export const proofShape = z
  .strictObject({
    schedule: cron(
      'When every target is asked: a cron expression in quotes, such as "45 9 * * *"; every day at 09:45 when left out.',
    ).optional(),
  })
  .meta({
    description:
      'Whether each target would work is asked by the calendar, without ringing anybody.',
  });

/** In the morning: what is found wrong rings softly, and waits for nobody's sleep. */
const SCHEDULE_DEFAULT = '45 9 * * *';

export interface ProofSettings {
  readonly schedule: Schedule;
}

export function buildProof(
  [item]: readonly Item<z.output<typeof proofShape>>[],
  timezone: string,
): ProofSettings {
  return { schedule: scheduleOf(item?.value?.schedule, { cron: SCHEDULE_DEFAULT, timezone }) };
}
