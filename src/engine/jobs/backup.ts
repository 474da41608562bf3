/** The job that makes backups, and those that a person asks for. */
import type { Log } from '../../contract/adapter.ts';
import { formatByteSize } from '../../lib/byte-size.ts';
import type { Backup, Backups } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Setup } from '../setup.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Job } from './jobs.ts';

export interface BackingUp {
  readonly setup: () => Pick<Setup, 'backup'>;
  readonly store: { readonly backups: Backups };
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'backupBytes' | 'backupSeconds'>;
}

/** Makes one in that folder. @throws StoreUnavailable when it cannot be made */
export async function makeBackup(
  to: string,
  { store, clock, log, metrics }: Omit<BackingUp, 'setup'>,
): Promise<Backup> {
  const from = clock.monotonic();
  const made = await store.backups.make(to, clock.now());
  const tookMs = Math.round(clock.monotonic() - from);
  metrics.backupBytes.set(made.bytes);
  metrics.backupSeconds.set(tookMs / 1000);
  log.info({ ...made, tookMs }, 'a backup was made and read as a whole');
  return made;
}

/** Says at the start what will keep backups from being made: at three in the morning nobody reads it. */
export function warnOfBackups({
  setup,
  store,
  log,
}: Pick<BackingUp, 'store' | 'log'> & {
  readonly setup: Pick<Setup, 'backup'>;
}): void {
  const { backup } = setup;
  const problem = backup === null ? null : store.backups.problemWith(backup.to);
  if (problem !== null)
    log.error({ problem: problem.message }, `no backup can be made: ${problem.hint}`);
}

/** The one of the configuration; without one it never comes. */
export function backupJob(options: BackingUp): Job {
  const { setup, store, clock } = options;
  return {
    name: 'backup',
    schedule: () => setup().backup?.schedule ?? null,
    run: async () => {
      const { backup } = setup();
      if (backup === null) return 'none is configured any more';
      const made = await makeBackup(backup.to, options);
      if (made.flaws.length > 0)
        throw new Error(
          `${made.path} was made, but the data is not as it was written: ${made.flaws.join('; ')}. Run tocsin verify, compare with an older backup.`,
        );
      const old = await store.backups.prune(backup.to, backup.keep, clock.now());
      const deleted = old.length === 0 ? '' : `; deleted ${old.length} older`;
      return `made ${made.path}, ${formatByteSize(made.bytes)}, ${made.commits} commits${deleted}`;
    },
  };
}
