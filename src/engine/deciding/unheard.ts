/**
 * Alerts of which their sender has not spoken for long: silenced, inhibited or lost there. They count as firing no more.
 * What was not heard because Tocsin itself did not listen counts from when it listens again.
 */
import { encodeInput } from '../../core/model/arriving-keys.ts';
import type { Log } from '../../contract/adapter.ts';
import { isOver } from '../../core/model/incident.ts';
import type { SourcePolicy } from '../../core/model/policy.ts';
import { staleUntil } from '../../core/routing/staleness.ts';
import type { AlertRow, Reads, Tx } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Setup } from '../setup.ts';
import type { Turn } from './turns.ts';
import type { Writer } from './writer.ts';

export interface UnheardOptions {
  readonly setup: () => Setup;
  readonly reads: Pick<Reads, 'meta'>;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Unheard {
  /** Learns since when Tocsin listens. Call before the first sign of life of this process. */
  start(): Promise<void>;
  /** Looks for alerts that have become stale. */
  tick(): Promise<void>;
  /** The machine slept until now: senders may have spoken in vain. */
  slept(): void;
}

/** When the process was last seen alive, by its own sign of life. */
const ALIVE = 'alive';
const LISTENS_SINCE = 'listens-since';
/** What is said during a shorter restart is said again by its sender. */
const GAP_MS = 60_000;
/** Of one turn, so that others get theirs; an incident that has more of them is told of all at once. */
const ROWS_MAX = 200;
/** Of one incident in one turn: it takes a tenth of a second. */
const OF_ONE_MAX = 5_000;

type Stale = Pick<SourcePolicy, 'name'> & { readonly afterMs: number };

type Query = Pick<Parameters<Tx['unheardAlerts']>[0], 'source' | 'since'>;

async function feed(turn: Turn, incident: string, about: Stale & { readonly count: number }) {
  const { tx, workspace } = turn;
  const state = workspace.state(incident);
  const { [incident]: counts } = await tx.alertCounts([incident]);
  if (state === null || counts === undefined || isOver(state)) return;
  const { name: source, afterMs, count: newlyStale } = about;
  const changed = { newlyFiring: 0, newlyResolved: 0, newlyStale, heardAgain: 0 };
  await workspace.feed({
    id: encodeInput({ kind: 'unheard', source, incident, version: state.version }),
    incident,
    actor: { kind: 'tocsin' },
    type: 'AlertsObserved',
    routing: state.routing,
    alerts: { ...counts, ...changed, firstSignalAt: state.firstSignalAt, truncated: false },
    told: [],
    unheard: { source, afterMs },
    endedUnheard: null,
    news: null,
    services: [],
    adopted: null,
    storm: null,
  });
}

/** Those of some incidents, of each incident all: people are told once, however many they are. */
async function wholeOf(tx: Tx, query: Query): Promise<ReadonlyMap<string, readonly AlertRow[]>> {
  const oldest = await tx.unheardAlerts({ ...query, limit: ROWS_MAX });
  const whole = new Map<string, readonly AlertRow[]>();
  let count = 0;
  for (const incident of new Set(oldest.map((row) => row.incident))) {
    if (count >= ROWS_MAX) break;
    const rows = await tx.unheardAlerts({ ...query, incident, limit: OF_ONE_MAX });
    whole.set(incident, rows);
    count += rows.length;
  }
  return whole;
}

/** Some of the source's; true: there may be more. */
async function sweep(turn: Turn, stale: Stale, log: Log): Promise<boolean> {
  const { tx, now, workspace } = turn;
  const since = staleUntil({ staleAfterMs: stale.afterMs }, now);
  if (since === null) return false;
  const byIncident = await wholeOf(tx, { source: stale.name, since });
  if (byIncident.size === 0) return false;
  const rows = [...byIncident.values()].flat();
  await tx.putAlerts(rows.map((row): AlertRow => ({ ...row, status: 'stale' })));
  await workspace.prepare([...byIncident.keys()]);
  for (const [incident, { length: count }] of byIncident) {
    try {
      await feed(turn, incident, { ...stale, count });
    } catch (error) {
      // Its own wake-up tells somebody; it hears the counts with the next word about its alerts.
      log.error({ error, incident }, 'an incident could not be told that its alerts are stale');
    }
  }
  return rows.length >= ROWS_MAX;
}

/** Builds what looks for alerts that are not heard of any more. */
export function createUnheard(options: UnheardOptions): Unheard {
  const { setup, reads, writer, clock, log } = options;
  let listensSince = Number.NEGATIVE_INFINITY;

  const listen = async (): Promise<void> => {
    listensSince = clock.now();
    await writer.write(({ tx }) => tx.setMeta(LISTENS_SINCE, String(listensSince)));
  };
  const tickOf = async ({ name, staleAfterMs: afterMs }: SourcePolicy): Promise<void> => {
    // It has not listened for as long as that.
    if (afterMs === null || clock.now() - listensSince < afterMs) return;
    let isMore = true;
    while (isMore) isMore = await writer.write((turn) => sweep(turn, { name, afterMs }, log));
  };
  return {
    start: async () => {
      const alive = Number((await reads.meta(ALIVE)) ?? Number.NaN);
      const before = Number((await reads.meta(LISTENS_SINCE)) ?? Number.NaN);
      if (clock.now() - alive > GAP_MS) await listen();
      else if (!Number.isNaN(before)) listensSince = before;
    },
    tick: async () => {
      for (const source of Object.values(setup().policy.sources)) await tickOf(source);
    },
    slept: () => {
      listen().catch((error: unknown) => log.error({ error }, 'a sleep could not be written down'));
    },
  };
}
