/** The job that deletes what is older than the retention. */
import type { Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Setup } from '../setup.ts';
import type { Job } from './jobs.ts';

/** Lets everything else of the loop come first. */
export function restOf(clock: Pick<Clock, 'soon'>): () => Promise<void> {
  return () => new Promise((goOn) => clock.soon(goOn));
}

/** Deletes decided bodies and settled rows that are older than the retention in use. */
export function sweepJob(options: {
  readonly setup: () => Setup;
  readonly store: Pick<Store, 'retain'>;
  readonly clock: Pick<Clock, 'now' | 'soon'>;
}): Job {
  const { setup, store, clock } = options;
  return {
    name: 'sweep',
    schedule: () => setup().retention.sweep,
    run: async () => {
      const rows = await store.retain(clock.now() - setup().retention.bodiesMs, restOf(clock));
      return `deleted ${rows} ${rows === 1 ? 'row' : 'rows'}`;
    },
  };
}
