/**
 * Reconciliation after an outage: vendors drop what we could not take, so what happened at them meanwhile is asked for
 * and enters like any delivery. An outage is a gap in our own sign of life, or deliveries that we answered 503.
 */
import type { Log } from '../contract/adapter.ts';
import type { InboxRow, Reads } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { HttpClient } from './http-client.ts';
import type { Ingest } from './ingest.ts';
import type { Loaded } from './loaded.ts';
import { encode } from './parsed.ts';
import type { Targets } from './targets.ts';
import type { Writer } from './writer.ts';

export interface PollOptions {
  readonly loaded: () => Loaded;
  readonly targets: Targets;
  readonly http: HttpClient;
  readonly reads: Pick<Reads, 'meta'>;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  readonly ingest: Pick<Ingest, 'takeOutage'>;
}

export interface Poll {
  /** Compares the last sign of life with now and plans what must be asked for. Call once, before `tick`. */
  start(): Promise<void>;
  /** Signs life, and asks for what is owed. */
  tick(): Promise<void>;
  /** The machine slept: from the instant on, deliveries may be missing. */
  missedSince(at: number): void;
  inFlight(): number;
}

const META = 'alive';
/** Shorter gaps are bridged by the vendors' own retries. */
const GAP_MS = 60_000;
/** Vendors' clocks and ours differ; observations that we know already change nothing. */
const OVERLAP_MS = 60_000;
const POLL_WITHIN_MS = 60_000;

/** Builds the reconciler. */
export function createPoll(options: PollOptions): Poll {
  const { clock, log, writer, targets } = options;
  /** Source -> from when on its vendor is to be asked. */
  const owed = new Map<string, number>();
  let underWay = 0;
  const owe = (source: string, from: number): void =>
    void owed.set(source, Math.min(from, owed.get(source) ?? from));
  const oweAll = (from: number): void => {
    for (const source of Object.keys(options.loaded().policy.sources)) owe(source, from);
  };
  const ask = async (source: string, from: number): Promise<void> => {
    const name = options.loaded().policy.sources[source]?.target ?? null;
    const target = name === null ? null : targets.get(name);
    const poll = target?.part.adapter.poll;
    if (name === null || target === null || poll === undefined || target.part.problem !== null)
      return;
    const now = clock.now();
    const http = options.http.scoped({ target: name, endsAt: clock.monotonic() + POLL_WITHIN_MS });
    const result = await poll.since(from - OVERLAP_MS, {
      config: target.part.config,
      http,
      now,
      log,
    });
    if (!result.ok) {
      log.warn(
        { source, target: name, reason: result.reason, detail: result.detail },
        'the vendor could not be asked for what was missed; trying again',
      );
      owe(source, from);
      return;
    }
    for (const observation of result.data) {
      const row: InboxRow = {
        id: clock.id(),
        origin: 'poll',
        actor: { kind: 'source', id: source },
        source,
        deliveryId: null,
        receivedAt: now,
        headers: {},
        body: encode(observation),
        notBefore: 0,
        failures: 0,
      };
      await writer.intake(row);
    }
    log.info(
      { source, target: name, observations: result.data.length },
      'asked the vendor for what was missed',
    );
  };
  const settleDebts = async (): Promise<void> => {
    const due = [...owed];
    owed.clear();
    underWay += 1;
    try {
      for (const [source, from] of due) {
        await ask(source, from).catch((error: unknown) => {
          owe(source, from);
          log.error({ error, source }, 'reconciling failed');
        });
      }
    } finally {
      underWay -= 1;
    }
  };
  return {
    start: async () => {
      const last = Number((await options.reads.meta(META)) ?? Number.NaN);
      if (clock.now() - last > GAP_MS) oweAll(last);
    },
    tick: async () => {
      for (const source of Object.keys(options.loaded().policy.sources)) {
        const since = options.ingest.takeOutage(source);
        if (since !== null) owe(source, since);
      }
      await writer.write((turn) => turn.tx.setMeta(META, String(turn.now)));
      if (owed.size > 0) await settleDebts();
    },
    missedSince: oweAll,
    inFlight: () => underWay,
  };
}
