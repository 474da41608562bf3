/** When a job on the calendar is due. */
import { readCron, type Schedule } from '../../lib/cron.ts';
import type { CronWord } from '../words.ts';

export interface Unwritten {
  /** A cron expression that is right. */
  readonly cron: string;
  readonly timezone: string;
}

/** What is written, or what holds where it is not. */
export function scheduleOf(
  written: CronWord | undefined,
  { cron: usual, timezone }: Unwritten,
): Schedule {
  if (written !== undefined) return { cron: written.cron, timezone: written.timezone ?? timezone };
  const read = readCron(usual);
  if (!read.ok) throw new Error(read.what);
  return { cron: read.cron, timezone };
}
