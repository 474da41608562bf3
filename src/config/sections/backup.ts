/** Backups: where they are made, when, and how long they are kept. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Schedule } from '../../lib/cron.ts';
import type { Item } from '../context.ts';
import type { Report } from '../problem.ts';
import { below } from '../yaml-file.ts';
import { cron, duration, nonEmptyText } from '../words.ts';
import { scheduleOf } from './schedule.ts';

/** A disk for so many is not what anybody meant. */
const LAST_MOST = 10_000;

export const backupShape = z
  .strictObject({
    to: nonEmptyText(
      'The folder in which backups are made, by its absolute path: on another disk than the data, or copied elsewhere from there.',
    ).refine((path) => isAbsolute(path), {
      error: 'this is no absolute path',
      params: { hint: 'Write where it is from the root: /var/backups/tocsin.' },
    }),
    schedule: cron(
      'When one is made: a cron expression in quotes, such as "15 3 * * *"; every day at 03:15 when left out.',
    ).optional(),
    keep: z
      .strictObject({
        last: z
          .int()
          .min(1, 'the newest is always kept')
          .max(LAST_MOST)
          .meta({ description: 'So many of the newest are kept, 1 or more; 14 when left out.' })
          .optional(),
        for: duration('What is younger is kept; 30d when left out.').optional(),
      })
      .meta({
        description: 'A backup is deleted once neither keeps it any more; never the newest.',
      })
      .optional(),
  })
  .meta({ description: 'Verified copies of the database, made while the server runs.' });

const SCHEDULE_DEFAULT = '15 3 * * *';
const LAST_DEFAULT = 14;
const FOR_DEFAULT_MS = 30 * 86_400_000;

export interface BackupSettings {
  readonly to: string;
  readonly schedule: Schedule;
  readonly keep: { readonly last: number; readonly forMs: number };
}

/**
 * Where and when backups are made; null: none are. A folder that is not there is a warning: the file may be checked on another
 * machine.
 */
export function buildBackup(
  [item]: readonly Item<z.output<typeof backupShape>>[],
  {
    timezone,
    report,
    whyNotWritable,
  }: {
    readonly timezone: string;
    readonly report: Report;
    readonly whyNotWritable: ((folder: string) => string | null) | undefined;
  },
): BackupSettings | null {
  const yaml = item?.value;
  if (item === undefined || yaml === undefined || yaml === null) return null;
  const why = whyNotWritable?.(yaml.to) ?? null;
  if (why !== null)
    report.warning(
      below(item.spot, 'to'),
      `backups cannot be made in ${yaml.to} on this machine: it ${why}`,
      'Make the folder and give it to the user that runs Tocsin.',
    );
  return {
    to: yaml.to,
    schedule: scheduleOf(yaml.schedule, { cron: SCHEDULE_DEFAULT, timezone }),
    keep: { last: yaml.keep?.last ?? LAST_DEFAULT, forMs: yaml.keep?.for ?? FOR_DEFAULT_MS },
  };
}
