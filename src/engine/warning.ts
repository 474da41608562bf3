/** Warns people of Tocsin itself by the direct path: what is watched for, and who is rung. */
import type { Log } from '../contract/adapter.ts';
import { NO_LOOKUPS, type Lookups } from '../core/model/lookups.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { OtherLookups } from './deciding/claims.ts';
import type { Core } from './deciding/core.ts';
import type { HttpClient } from './outgoing/http-client.ts';
import type { Setup } from './setup.ts';
import { createDirect } from './vendors/direct.ts';
import type { Targets } from './vendors/targets.ts';
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

/** The options with a store of which it is known since when it cannot be written. */
export function withWatchedStore<O extends { readonly store: Store; readonly clock: Clock }>(
  options: O,
): O & { readonly failingSince: () => number | null } {
  return { ...options, ...watchWrites(options.store, options.clock, isUnwritten) };
}

export interface WarningOptions {
  readonly store: Store;
  readonly core: Pick<Core, 'whomToWarn'>;
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly log: Log;
  readonly descriptors?: Descriptors | undefined;
  readonly setup: () => Setup;
  readonly targets: Targets;
  readonly failingSince: () => number | null;
  readonly late: { readonly lookups: (now: number) => OtherLookups };
  readonly say: (text: string) => void;
}

export interface Warning extends Troubles {
  inFlight(): number;
}

export function createWarning(options: WarningOptions): Warning {
  const { clock, core, setup, late, descriptors = UNKNOWN_DESCRIPTORS } = options;
  const lookups = (): Lookups => ({ ...NO_LOOKUPS, ...late.lookups(clock.now()) });
  const direct = createDirect({
    ...options,
    instance: () => lookups().instance,
    whom: () =>
      core.whomToWarn({ policy: setup().policy, lookups: lookups(), now: clock.now() }).list,
    isPaused: () => lookups().pauses.paging !== undefined,
  });
  return { ...createTroubles({ ...options, descriptors, direct }), inFlight: direct.inFlight };
}
