/**
 * Has what is committed signed, outside the database: at the start, every ten minutes in which something happened, and at the
 * end. The log repeats each line, so that whoever keeps the log elsewhere keeps them as well.
 */
import type { Log } from '../../contract/adapter.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';

export interface CheckpointsOptions {
  readonly store: Pick<Store, 'signing'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

export interface Checkpoints {
  /** To be called more often than they are made. */
  tick(): void;
  /** Once nothing is committed any more. */
  end(): void;
}

const EVERY_MS = 10 * 60_000;

export function createCheckpoints({ store, clock, log }: CheckpointsOptions): Checkpoints {
  let madeAt = Number.NEGATIVE_INFINITY;
  /** Said once for each reason. */
  let said: string | null = null;
  const sign = (): void => {
    madeAt = clock.now();
    try {
      const checkpoint = store.signing.sign(madeAt);
      if (checkpoint !== null) log.info({ checkpoint }, 'a checkpoint was signed');
      said = null;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== said) log.error({ error }, 'no checkpoint can be signed');
      said = why;
    }
  };
  return {
    tick: () => {
      if (Math.abs(clock.now() - madeAt) >= EVERY_MS) sign();
    },
    end: sign,
  };
}
