/**
 * Watches what would keep Tocsin from telling by the ordinary path that something is wrong: a database that is full, broken
 * or not to be written, descriptors that run out, deliveries that nobody decides. What it finds goes by the direct path.
 */
import type { Log } from '../../contract/adapter.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Store } from '../../store/store.ts';
import type { Clock, Timer } from '../clock.ts';

/** How many files and connections the process has open, of how many. */
export interface Descriptors {
  /** Null: the system does not tell. */
  used(): { readonly open: number; readonly limit: number } | null;
  /** Gives up some that were kept for this, so that a request can be made. */
  free(): void;
  /** Takes them again, where there is room. */
  keep(): void;
}

export interface TroublesOptions {
  readonly store: Pick<Store, 'condition'> & { readonly reads: Pick<Store['reads'], 'health'> };
  /** Since when every write fails, by the clock; null: they do not. */
  readonly failingSince: () => number | null;
  readonly descriptors: Descriptors;
  /** For how long no canary has come through; null: none is sent. */
  readonly canaryWaitedMs: () => number | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly direct: {
    raise(trouble: { readonly name: string; readonly title: string; readonly body: string }): void;
    clear(name: string, why: string): void;
    look(): Promise<void>;
  };
}

export interface Troubles {
  start(): void;
  stop(): void;
}

const LOOK_MS = 20_000;
/** What asks the database is done less often. */
const BACKLOG_LOOK_MS = 60_000;
/** A lock of somebody else's, a slow disk: senders repeat for longer than that. */
const FAILING_MS = 60_000;
const BACKLOG_MS = 5 * 60_000;
/** Heartbeats end after half a minute, and whoever waits for them is first. */
const CANARY_MS = 5 * 60_000;
const DESCRIPTORS_LEFT = 0.1;

interface Found {
  readonly name: string;
  /** Null: all is well. */
  readonly trouble: { readonly title: string; readonly body: string } | null;
  /** What is so now, once it is over. */
  readonly over: string;
}

function ofStore({ store }: TroublesOptions): Found {
  const condition = store.condition();
  return {
    name: 'database',
    over: 'The database can be written, and deliveries are taken.',
    trouble:
      condition.kind === 'ok'
        ? null
        : {
            title: 'NO NEW ALERTS ARE TAKEN IN',
            body: `${condition.problem.message}. What to do: ${condition.problem.hint}.`,
          },
  };
}

function ofWrites({ failingSince, clock, store }: TroublesOptions): Found {
  const since = failingSince();
  const ms = since === null ? 0 : clock.now() - since;
  const isOther = store.condition().kind === 'ok';
  return {
    name: 'writes',
    over: 'The database is written again.',
    trouble:
      ms < FAILING_MS || !isOther
        ? null
        : {
            title: 'NO NEW ALERTS ARE TAKEN IN',
            body: `The database could not be written for ${formatDuration(Math.floor(ms / 1000) * 1000)}. See the log for the reason: another program may hold it locked, or its file system was mounted read-only.`,
          },
  };
}

function ofDescriptors({ descriptors }: TroublesOptions): Found {
  const used = descriptors.used();
  const isShort = used !== null && used.limit - used.open < used.limit * DESCRIPTORS_LEFT;
  return {
    name: 'descriptors',
    over: 'There is room again.',
    trouble: !isShort
      ? null
      : {
          title: 'Connections and files run out',
          body: `${used.open} of ${used.limit} are open. Without any left no alert is taken in and no page is sent. Find who keeps so many connections open, or raise the limit (ulimit -n, LimitNOFILE) and restart Tocsin.`,
        },
  };
}

/** What keeps it from coming is told by whoever knows that; where nobody does, this is all that tells. */
function ofCanary({ canaryWaitedMs, store, failingSince }: TroublesOptions): Found {
  const ms = canaryWaitedMs() ?? 0;
  const isOther = store.condition().kind === 'ok' && failingSince() === null;
  return {
    name: 'canary',
    over: 'They come through.',
    trouble:
      ms < CANARY_MS || !isOther
        ? null
        : {
            title: 'ALERTS MAY NOT COME THROUGH',
            body: `The alert that Tocsin sends itself every few seconds has not come all the way for ${formatDuration(Math.floor(ms / 1000) * 1000)}: what is taken in may be decided late, or pages not be sent. Look at the alerts in your monitoring itself, see the log, and restart Tocsin. Heartbeats have stopped.`,
          },
  };
}

async function ofBacklog({ store, clock }: TroublesOptions): Promise<Found> {
  const { oldestTurnMs, undecided } = await store.reads.health(clock.now());
  return {
    name: 'backlog',
    over: 'Everything is decided in time.',
    trouble:
      oldestTurnMs < BACKLOG_MS
        ? null
        : {
            title: 'Alerts are taken in, and nobody decides what becomes of them',
            body: `The oldest delivery or incident has been due for ${formatDuration(Math.floor(oldestTurnMs / 1000) * 1000)}; ${undecided} deliveries wait. Look at the alerts in your monitoring itself, see the log, and restart Tocsin.`,
          },
  };
}

export function createTroubles(options: TroublesOptions): Troubles {
  const { clock, direct, descriptors, log } = options;
  let timer: Timer | null = null;
  let backlogAt = Number.NEGATIVE_INFINITY;
  const tell = ({ name, trouble, over }: Found): void => {
    if (trouble === null) direct.clear(name, over);
    else direct.raise({ name, ...trouble });
  };
  const look = async (): Promise<void> => {
    const found = ofDescriptors(options);
    if (found.trouble === null) descriptors.keep();
    else descriptors.free();
    tell(found);
    tell(ofStore(options));
    tell(ofWrites(options));
    tell(ofCanary(options));
    await direct.look();
    if (clock.now() - backlogAt < BACKLOG_LOOK_MS) return;
    backlogAt = clock.now();
    tell(await ofBacklog(options));
  };
  const loop = (): void => {
    timer = clock.after(LOOK_MS, loop);
    look().catch((error: unknown) =>
      log.error({ error }, 'looking for what is wrong failed; it is tried again in 20 s'),
    );
  };
  return {
    start: loop,
    stop: () => {
      timer?.cancel();
      descriptors.free();
    },
  };
}

/** The store, with when its writes began to fail: every one since then has. */
export function watchWrites<S extends Pick<Store, 'transact'>>(
  store: S,
  clock: Pick<Clock, 'now'>,
  isTrouble: (error: unknown) => boolean,
): { readonly store: S; readonly failingSince: () => number | null } {
  let since: number | null = null;
  return {
    store: {
      ...store,
      transact: async (work) => {
        try {
          const value = await store.transact(work);
          since = null;
          return value;
        } catch (error) {
          if (isTrouble(error)) since ??= clock.now();
          throw error;
        }
      },
    },
    failingSince: () => since,
  };
}
