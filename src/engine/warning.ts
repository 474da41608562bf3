/** Warns people of Tocsin itself by the direct path: what is watched for, and who is rung. */
import type { Log } from '../contract/adapter.ts';
import { NO_LOOKUPS, type Lookups } from '../core/model/lookups.ts';
import type { Incident } from '../core/model/incident.ts';
import type { Obligation } from '../core/model/obligation.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { OtherLookups } from './deciding/claims.ts';
import type { Core } from './deciding/core.ts';
import type { HttpClient } from './outgoing/http-client.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { createMissing, type MissingHealth } from './watching/missing.ts';
import type { Setup } from './setup.ts';
import { createDirect } from './vendors/direct.ts';
import type { OwnTroubles } from './vendors/own-troubles.ts';
import { sayAboutTocsin } from './vendors/say.ts';
import type { Targets } from './vendors/targets.ts';
import type { Heartbeat } from './watching/heartbeat.ts';
import {
  createTroubles,
  type Descriptors,
  type Troubles,
  watchWrites,
} from './watching/troubles.ts';

const UNKNOWN_DESCRIPTORS: Descriptors = {
  used: () => null,
  free: () => undefined,
  keep: () => undefined,
};

function isUnwritten(error: unknown): boolean {
  return error instanceof StoreUnavailable && !error.isClosed;
}

/** Since when every write fails; null: the last one did not. */
export type Watched<O> = O & { readonly failingSince: () => number | null };

/** The options with a store of which it is known since when it cannot be written. */
export function withWatchedStore<O extends { readonly store: Store; readonly clock: Clock }>(
  options: O,
): Watched<O> {
  return { ...options, ...watchWrites(options.store, options.clock, isUnwritten) };
}

export interface WarningOptions {
  readonly store: Store;
  readonly core: Pick<Core, 'whomToWarn' | 'fold'>;
  readonly owed: (state: Incident) => readonly Obligation[];
  readonly metrics: Pick<Metrics, 'missing'>;
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly log: Log;
  readonly descriptors?: Descriptors | undefined;
  readonly ownTroubles: OwnTroubles;
  readonly setup: () => Setup;
  readonly targets: Targets;
  readonly failingSince: () => number | null;
  readonly heartbeat: Pick<Heartbeat, 'waitedMs'>;
  readonly late: { readonly lookups: (now: number) => OtherLookups };
  readonly say: (text: string) => void;
}

export interface Warning extends Troubles {
  inFlight(): number;
  /** What events ask for, and of which nothing is to be seen. */
  missing(): readonly MissingHealth[];
}

export function createWarning(options: WarningOptions): Warning {
  const { clock, core, setup, late, descriptors = UNKNOWN_DESCRIPTORS } = options;
  const lookups = (): Lookups => ({ ...NO_LOOKUPS, ...late.lookups(clock.now()) });
  const direct = createDirect({
    ...options,
    whom: () =>
      core.whomToWarn({ policy: setup().policy, lookups: lookups(), now: clock.now() }).list,
    isPaused: () => lookups().pauses.paging !== undefined,
  });
  const canaryWaitedMs = options.heartbeat.waitedMs;
  const troubles = createTroubles({ ...options, canaryWaitedMs, descriptors, direct });
  const missing = createMissing({ ...options, direct });
  return {
    start: () => {
      // Of a process before this one, which did not come so far.
      direct.clear(START, 'Tocsin runs.');
      troubles.start();
      missing.start();
    },
    stop: () => {
      troubles.stop();
      missing.stop();
    },
    inFlight: () => direct.inFlight() + missing.inFlight(),
    missing: missing.all,
  };
}

export type StartWarningOptions = Pick<
  WarningOptions,
  'clock' | 'http' | 'log' | 'setup' | 'targets' | 'ownTroubles'
> & { readonly core: Pick<Core, 'whomToWarn'> };

/** The trouble that it does not start. */
const START = 'start';

const START_WAITS_MS = 15_000;

/**
 * Warns of a start that does not happen. A further try goes on where the one before it was: it rings the next person once the
 * interval of alarms is over, until somebody acknowledges. Returns once a pager has answered, or after 15 s.
 * @param why what is wrong and what to do, as sentences
 */
export async function warnOfStart(options: StartWarningOptions, why: string): Promise<void> {
  const { clock, core, setup } = options;
  const said: Promise<void>[] = [];
  const direct = createDirect({
    ...options,
    whom: () =>
      core.whomToWarn({ policy: setup().policy, lookups: NO_LOOKUPS, now: clock.now() }).list,
    isPaused: () => false,
    say: (text) => void said.push(sayAboutTocsin(text, options)),
  });
  direct.raise({
    name: START,
    title: 'IT DOES NOT START, AND TAKES NO ALERTS IN',
    body: why,
  });
  const waited = new Promise<void>((over) => void clock.after(START_WAITS_MS, over));
  const told = Promise.all([direct.look().then(direct.settled), ...said]);
  await Promise.race([told, waited]);
}
