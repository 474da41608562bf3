/**
 * Reconciliation after an outage: vendors drop what we could not take, so what happened at them meanwhile is asked for
 * and enters like any delivery. An outage is a gap in our own sign of life, or deliveries that we answered 503.
 */
import type { Log } from '../../contract/adapter.ts';
import type { Reads } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { HttpClient } from '../outgoing/http-client.ts';
import type { Ingest } from './ingest.ts';
import { learnedRow } from '../vendors/learned-row.ts';
import type { Setup } from '../setup.ts';
import type { Targets } from '../vendors/targets.ts';
import type { Writer } from '../deciding/writer.ts';

export interface PollOptions {
  readonly setup: () => Setup;
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

interface Debts {
  readonly options: PollOptions;
  /** Source -> from when on its vendor is to be asked. */
  readonly owed: Map<string, number>;
  underWay: number;
}

function owe(debts: Debts, source: string, from: number): void {
  debts.owed.set(source, Math.min(from, debts.owed.get(source) ?? from));
}

function oweAll(debts: Debts, from: number): void {
  for (const source of Object.keys(debts.options.setup().policy.sources)) owe(debts, source, from);
}

/** Asks the source's vendor; the debt stays when it does not answer. */
async function ask(debts: Debts, source: string, from: number): Promise<void> {
  const { clock, log, writer, targets, setup } = debts.options;
  const name = setup().policy.sources[source]?.target ?? null;
  const target = name === null ? null : targets.get(name);
  const poll = target?.part.adapter.poll;
  if (name === null || target === null || poll === undefined) return;
  const now = clock.now();
  const http = debts.options.http.scoped({
    target: name,
    endsAt: clock.monotonic() + POLL_WITHIN_MS,
  });
  const result = await poll.since(from - OVERLAP_MS, {
    config: target.part.config,
    http,
    now,
    log,
  });
  if (!result.ok) {
    const { reason, detail } = result;
    log.warn(
      { source, target: name, reason, detail },
      'the vendor could not be asked for what was missed; trying again',
    );
    owe(debts, source, from);
    return;
  }
  await Promise.all(
    result.data.map((one) => writer.intake(learnedRow(one, { origin: 'poll', source }, clock))),
  );
  log.info(
    { source, target: name, observations: result.data.length },
    'asked the vendor for what was missed',
  );
}

async function settleDebts(debts: Debts): Promise<void> {
  const due = [...debts.owed];
  debts.owed.clear();
  debts.underWay += 1;
  for (const [source, from] of due) {
    try {
      await ask(debts, source, from);
    } catch (error) {
      owe(debts, source, from);
      debts.options.log.error({ error, source }, 'asking the vendor for what was missed failed');
    }
  }
  debts.underWay -= 1;
}

/** When a process signed life last, epoch ms; null: none ever did, or it cannot be read. */
export async function lastSignOfLife(reads: Pick<Reads, 'meta'>): Promise<number | null> {
  const last = Number((await reads.meta(META)) ?? Number.NaN);
  return Number.isFinite(last) ? last : null;
}

export function createPoll(options: PollOptions): Poll {
  const { clock, writer, ingest } = options;
  const debts: Debts = { options, owed: new Map(), underWay: 0 };
  return {
    start: async () => {
      const last = await lastSignOfLife(options.reads);
      if (last !== null && clock.now() - last > GAP_MS) oweAll(debts, last);
    },
    tick: async () => {
      for (const source of Object.keys(options.setup().policy.sources)) {
        const since = ingest.takeOutage(source);
        if (since !== null) owe(debts, source, since);
      }
      await writer.write((turn) => turn.tx.setMeta(META, String(turn.now)));
      if (debts.owed.size > 0) await settleDebts(debts);
    },
    missedSince: (at) => oweAll(debts, at),
    inFlight: () => debts.underWay,
  };
}
