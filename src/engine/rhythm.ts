/** The slow rhythm: signs of life, what is owed to vendors, the audit, and a look at the calendar. */
import type { Log } from '../contract/adapter.ts';
import type { Store } from '../store/store.ts';
import type { Clock, Timer } from './clock.ts';
import type { Unheard } from './deciding/unheard.ts';
import type { Ingest } from './intake/ingest.ts';
import type { Poll } from './intake/poll.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Proofs } from './jobs/proofs.ts';
import type { Auditor } from './watching/auditor.ts';
import { createCheckpoints } from './watching/checkpoints.ts';
import type { Expectations } from './watching/expectations.ts';

export interface InRhythm {
  readonly options: {
    readonly clock: Clock;
    readonly log: Log;
    readonly store: Pick<Store, 'condition' | 'checkpoint' | 'signing'>;
    readonly onBroken?: (problem: Error) => void;
  };
  readonly expectations: Pick<Expectations, 'tick'>;
  readonly poll: Pick<Poll, 'tick'>;
  readonly ingest: Pick<Ingest, 'calm'>;
  readonly unheard: Pick<Unheard, 'tick'>;
  readonly auditor: Auditor;
  readonly jobs: Pick<Jobs, 'tick'>;
  readonly proofs: Pick<Proofs, 'tick'>;
}

const TICK_MS = 20_000;
/** At the third tick after the last audit, whichever of the two was some milliseconds late. */
const AUDIT_MS = 60_000 - TICK_MS / 2;

/** Builds it; the first beat is at the start. */
export function createRhythm(parts: InRhythm) {
  const { clock, log, store } = parts.options;
  const checkpoints = createCheckpoints(parts.options);
  let timer: Timer | null = null;
  let auditedAt = Number.NEGATIVE_INFINITY;
  const beat = async (): Promise<void> => {
    const condition = store.condition();
    if (condition.kind === 'broken') parts.options.onBroken?.(condition.problem);
    parts.jobs.tick();
    parts.proofs.tick();
    await parts.expectations.tick();
    await parts.poll.tick();
    parts.ingest.calm();
    await parts.unheard.tick();
    if (clock.now() - auditedAt < AUDIT_MS) return;
    auditedAt = clock.now();
    // Before that, which forgets what was gone on without.
    checkpoints.tick();
    await store.checkpoint(clock.now());
    await parts.auditor.audit();
  };
  const loop = (): void => {
    timer = clock.after(TICK_MS, loop);
    beat().catch((error: unknown) =>
      log.error({ error }, 'the regular check failed; it is tried again in 20 s'),
    );
  };
  return { start: loop, stop: () => timer?.cancel(), end: checkpoints.end };
}
