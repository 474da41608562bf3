/** How the engine is, in numbers: those of what is stored, and its own. */
import { decodeSchedule } from '../core/model/keys.ts';
import type { Lookups } from '../core/model/lookups.ts';
import type { ArchiveTrouble, Store, StoreSizes } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Process } from './deciding/process.ts';
import type { Writer } from './deciding/writer.ts';
import type { Dispatch } from './dispatch/dispatch.ts';
import type { Ingest, Refused } from './intake/ingest.ts';
import type { JobHealth, Jobs } from './jobs/jobs.ts';
import type { Proofs, TargetHealth } from './jobs/proofs.ts';
import type { KeptPauses } from './pauses/kept-pauses.ts';
import type { Pauses } from './pauses/pauses.ts';
import type { Setup } from './setup.ts';
import type { OnCall } from './vendors/on-call.ts';
import type { StoreHealth } from './watching/auditor.ts';
import type { Canary } from './watching/canary.ts';
import type { Heartbeat, HeartbeatHealth } from './watching/heartbeat.ts';
import type { Expectations, Expected } from './watching/expectations.ts';
import type { MissingHealth } from './watching/missing.ts';
import type { Warning } from './warning.ts';

export interface EngineHealth extends StoreHealth {
  readonly mode: 'live' | 'sandbox';
  /** Epoch ms. */
  readonly startedAt: number;
  readonly store: {
    readonly condition: 'ok' | 'refusing' | 'broken';
    readonly problem: string | null;
    /** For how long every write has failed, in ms; null: the last one has not. */
    readonly unwrittenMs: number | null;
    /** Files of the archive that are gone or hold less than before. */
    readonly archives: readonly ArchiveTrouble[];
  } & StoreSizes;
  /** Deliveries that wait for their commit. */
  readonly queued: number;
  readonly sending: number;
  /** How far time is ahead of the clock of the machine, which was set back; 0: it is not. */
  readonly clockAheadMs: number;
  readonly pauses: KeptPauses;
  /** What events of incidents ask for, and of which nothing is to be seen. */
  readonly missing: readonly MissingHealth[];
  readonly refused: readonly Refused[];
  readonly expected: readonly Expected[];
  readonly jobs: readonly JobHealth[];
  readonly targets: readonly TargetHealth[];
  /** How long ago the last canary was sent that went all the way, in ms; null: none has since the start, or none is sent. */
  readonly canaryAgeMs: number | null;
  readonly heartbeats: readonly HeartbeatHealth[];
  /** By `<target>/<schedule id>`. */
  readonly onCall: Lookups['onCall'];
  readonly policy: string;
}

/** Who is on call at vendors, by the names that people know: what it is kept under is ours alone. */
function onCallShown(readings: Lookups['onCall']): EngineHealth['onCall'] {
  const named = Object.entries(readings).map(([key, reading]) => {
    const { target, id } = decodeSchedule(key);
    return [`${target}/${id}`, reading] as const;
  });
  return Object.fromEntries(named);
}

/** What the engine is made of, as far as its health shows. */
export interface Examined {
  readonly options: {
    readonly store: Pick<Store, 'condition' | 'reads' | 'archiveTroubles' | 'sizes'>;
    readonly clock: Pick<Clock, 'now' | 'aheadMs'>;
    readonly mode: EngineHealth['mode'];
    readonly failingSince: () => number | null;
  };
  readonly config: { readonly current: Setup };
  readonly instance: { readonly startedAt: number };
  readonly writer: Pick<Writer, 'queued'>;
  readonly decider: Pick<Process, 'backlog'>;
  readonly dispatch: Pick<Dispatch, 'inFlight'>;
  readonly pauses: Pick<Pauses, 'all'>;
  readonly ingest: Pick<Ingest, 'refused'>;
  readonly expectations: Pick<Expectations, 'all'>;
  readonly jobs: Pick<Jobs, 'all'>;
  readonly proofs: Pick<Proofs, 'all'>;
  readonly warning: Pick<Warning, 'missing'>;
  readonly canary: Pick<Canary, 'ageMs'>;
  readonly heartbeat: Pick<Heartbeat, 'all'>;
  readonly onCall: Pick<OnCall, 'readings'>;
}

export async function engineHealth(parts: Examined): Promise<EngineHealth> {
  const { options, config, writer, decider, dispatch } = parts;
  const { store, clock, mode, failingSince } = options;
  const condition = store.condition();
  const since = failingSince();
  return {
    ...(await store.reads.health(clock.now())),
    mode,
    startedAt: parts.instance.startedAt,
    store: {
      condition: condition.kind,
      problem: condition.kind === 'ok' ? null : condition.problem.message,
      unwrittenMs: since === null ? null : clock.now() - since,
      archives: store.archiveTroubles(),
      ...store.sizes(),
    },
    queued: writer.queued().rows + decider.backlog(),
    sending: dispatch.inFlight(),
    clockAheadMs: clock.aheadMs(),
    pauses: parts.pauses.all(),
    missing: parts.warning.missing(),
    refused: parts.ingest.refused(),
    expected: await parts.expectations.all(),
    jobs: parts.jobs.all(),
    targets: parts.proofs.all(),
    canaryAgeMs: parts.canary.ageMs(),
    heartbeats: parts.heartbeat.all(),
    onCall: onCallShown(parts.onCall.readings()),
    policy: config.current.policy.hash,
  };
}
