/** The job that moves incidents that have been over for long to the archive. */
import type { Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Setup } from '../setup.ts';
import type { Job } from './jobs.ts';
import { restOf } from './sweep.ts';

/** Runs with the sweep, behind it: what that deletes need not be moved. */
export function archiveJob(options: {
  readonly setup: () => Setup;
  readonly store: Pick<Store, 'archive'>;
  readonly clock: Pick<Clock, 'now' | 'soon'>;
}): Job {
  const { setup, store, clock } = options;
  return {
    name: 'archive',
    schedule: () => setup().retention.sweep,
    run: async () => {
      const { archiveMs } = setup().retention;
      if (archiveMs === null) return 'nothing is archived: retention.archive is never';
      const { moved, left, isDiskShort } = await store.archive(
        clock.now() - archiveMs,
        restOf(clock),
      );
      const what = `moved ${moved} ${moved === 1 ? 'incident' : 'incidents'}`;
      if (isDiskShort)
        throw new Error(`${what}; the rest waits for room on the disk: free space there`);
      return left === 0
        ? what
        : `${what}; ${left} stay, for their records are not as they were written: run tocsin verify`;
    },
  };
}
