/**
 * Looks every 20 seconds whether what sources send again and again was heard, and says by an alert about Tocsin when it
 * stays away, and when it is back. The alert is stored in the transaction that keeps that it was said.
 *
 * Time in which this process was not there, or stood still, is no part of any wait: its own looks tell how long it was.
 */
import { isoOf } from '../../contract/instant.ts';
import type { Log } from '../../contract/adapter.ts';
import { MISSING } from '../../core/model/about-tocsin.ts';
import type { Expectation, Policy } from '../../core/model/policy.ts';
import { isAway, isBack, resume, type Watch } from '../../core/routing/expecting.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { InboxRow, Reads } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import { readWatches, watchOf, type Watches, writeWatches } from '../deciding/expected.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';
import type { Writer } from '../deciding/writer.ts';
import type { Ingest } from '../intake/ingest.ts';
import type { NotTakenBecause, NotTakenLog } from '../intake/not-taken.ts';
import { lastSignOfLife } from '../intake/poll.ts';
import { selfRow } from '../intake/self-row.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface ExpectationsOptions {
  readonly policy: () => Policy;
  readonly reads: Pick<Reads, 'meta'>;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'unheard'>;
  readonly ingest: Pick<Ingest, 'notTaken'>;
  /** Has rows decided that were stored beside the intake. */
  readonly offer: (rows: readonly InboxRow[]) => void;
}

/** What a source expects, and how long ago it was heard. */
export interface Expected {
  readonly source: string;
  readonly what: string;
  readonly everyMs: number;
  /** Null: never. */
  readonly heardAt: number | null;
  readonly isAway: boolean;
}

export interface Expectations {
  /** Learns when an earlier process was there last. Call once, before the first `tick`. */
  start(): Promise<void>;
  /** Looks, and says what has changed. Never rejects. */
  tick(): Promise<void>;
  all(): Promise<readonly Expected[]>;
}

/** Three looks that did not come: the process or its machine stood still, and nothing could be heard. */
const STOOD_STILL_MS = 60_000;
/** A process that ends before its second look has been there for this long, or one that starts over and over would wait for ever. */
const THERE_AT_LEAST_MS = 10_000;

const ANSWERED: Readonly<
  Record<NotTakenBecause, { readonly status: number; readonly hint: string }>
> = {
  refused: {
    status: 401,
    hint: 'Compare the secret of the source with the one that its sender has.',
  },
  unknown_source: {
    status: 404,
    hint: 'Compare the last part of the address that its sender has with the name of the source.',
  },
  too_large: { status: 413, hint: 'Raise server.max_body, or let its sender send less at once.' },
  unavailable: { status: 503, hint: 'See the log of Tocsin, and its disk.' },
};

function timeText(at: number): string {
  return `${isoOf(at).slice(0, 16).replace('T', ' ')} UTC`;
}

/** Deliveries that were not taken since it was heard last are why it stays away, more likely than anything else. */
function causeText(source: string, watch: Watch, about: WatchContext): string {
  const { notTaken } = about;
  const counts = notTaken.since(source, watch.from);
  const [most] = counts;
  if (most === undefined)
    return 'No delivery was refused meanwhile: see whether its sender runs, still sends it, and reaches Tocsin.';
  const told = counts.map(
    ({ because, count, reason }) => `${count} answered ${ANSWERED[because].status} (${reason})`,
  );
  return `The likely cause: deliveries were not taken, ${told.join(', ')}. ${ANSWERED[most.because].hint}`;
}

function lastText({ heardAt, from, hasEnded }: Watch, { everyMs }: Expectation): string {
  const every = formatDuration(everyMs);
  if (heardAt === null)
    return `It is expected every ${every} since ${timeText(from)}, and was never heard.`;
  const last = `was heard last at ${timeText(heardAt)}`;
  return hasEnded
    ? `Its sender says that it has ended, so what sends it has stopped; it ${last}.`
    : `It is expected every ${every} and ${last}.`;
}

function alertOf(
  source: string,
  text: string,
): Pick<SelfAlert, 'key' | 'alertname' | 'title' | 'labels'> {
  return {
    key: { kind: 'expected', source },
    alertname: MISSING,
    title: `${source} is silent: ${text} stays away`,
    labels: { source, expected: text },
  };
}

function missing(watch: Watch, about: WatchContext & Watched): SelfAlert {
  const { source, expectation } = about;
  return {
    ...alertOf(source, watch.text),
    status: 'firing',
    level: expectation.severity,
    startsAt: watch.from,
    description: `${lastText(watch, expectation)} Alerts of ${source} may not reach Tocsin. ${causeText(source, watch, about)}`,
  };
}

function over(source: string, { text }: Watch, description: string): SelfAlert {
  return { ...alertOf(source, text), status: 'resolved', description };
}

interface Watched {
  readonly source: string;
  readonly expectation: Expectation;
}

/** What a look at all that is expected goes by. */
interface WatchContext {
  readonly now: number;
  readonly reachableFrom: number;
  readonly notTaken: Pick<NotTakenLog, 'since'>;
}

interface Seen {
  readonly watches: Watches;
  readonly alerts: readonly SelfAlert[];
}

function watchedIn({ sources }: Policy): readonly Watched[] {
  return Object.values(sources).flatMap(({ name, expect }) =>
    expect === undefined ? [] : [{ source: name, expectation: expect }],
  );
}

/** What is expected no more, or was replaced by something else, stays away no more. */
function dropped(before: Watches, watched: readonly Watched[]): readonly SelfAlert[] {
  return Object.entries(before).flatMap(([source, watch]) => {
    const isSame = watched.some(
      (one) => one.source === source && one.expectation.text === watch.text,
    );
    return isSame || watch.awayAt === null
      ? []
      : [over(source, watch, 'It is expected no more: the configuration was changed.')];
  });
}

function lookAt(before: Watches, policy: Policy, look: WatchContext): Seen {
  const watched = watchedIn(policy);
  const alerts = [...dropped(before, watched)];
  const watches = watched.map((one): readonly [string, Watch] => {
    const watch = watchOf(before, one, look.now);
    if (isBack(watch)) {
      alerts.push(
        over(one.source, watch, `It was heard at ${timeText(watch.heardAt ?? look.now)}.`),
      );
      return [one.source, { ...watch, awayAt: null }];
    }
    if (watch.awayAt !== null || !isAway(watch, one.expectation, look)) return [one.source, watch];
    alerts.push(missing(watch, { ...look, ...one }));
    return [one.source, { ...watch, awayAt: look.now }];
  });
  return { watches: Object.fromEntries(watches), alerts };
}

/** Every wait goes on where it stood when the process was there last. */
function resumed(watches: Watches, lastThere: number, now: number): Watches {
  return Object.fromEntries(
    Object.entries(watches).map(([source, watch]) => {
      const until = Math.max(lastThere, Math.min(watch.since + THERE_AT_LEAST_MS, now));
      return [source, resume(watch, { until, from: now })];
    }),
  );
}

/** Since when this process can be reached without a break, and when it looked last. */
interface There {
  readonly from: number;
  readonly lookedAt: number;
}

/** Builds it; nothing is looked at before `tick`. */
export function createExpectations(options: ExpectationsOptions): Expectations {
  const { policy, reads, writer, clock, log, metrics } = options;
  const { notTaken } = options.ingest;
  let there: There | null = null;
  let lastThere = 0;
  /** Nothing is expected, and nothing is stored of what was. */
  let isIdle = false;
  const show = (watches: Watches, now: number): void => {
    metrics.unheard.reset();
    for (const [source, { heardAt, from }] of Object.entries(watches))
      metrics.unheard.set({ source }, Math.max(0, now - (heardAt ?? from)) / 1000);
  };
  const look = (): Promise<void> =>
    writer.write(async (turn) => {
      const { tx, now } = turn;
      const stored = await readWatches(tx);
      const stoodStill =
        there === null || now < there.lookedAt || now - there.lookedAt > STOOD_STILL_MS;
      const before = stoodStill ? resumed(stored, there?.lookedAt ?? lastThere, now) : stored;
      const reachableFrom = there === null || stoodStill ? now : there.from;
      const seen = lookAt(before, policy(), { now, reachableFrom, notTaken });
      const rows = seen.alerts.map((alert) => selfRow(alert, clock));
      if (rows.length > 0) await tx.putInbox(rows);
      if (JSON.stringify(seen.watches) !== JSON.stringify(stored))
        await writeWatches(tx, seen.watches);
      turn.afterCommit(() => {
        there = { from: reachableFrom, lookedAt: now };
        isIdle = Object.keys(seen.watches).length === 0;
        show(seen.watches, now);
        for (const { status, title, description } of seen.alerts)
          log.warn({ alertname: MISSING, status }, `${title}. ${description}`);
        if (rows.length > 0) options.offer(rows);
      });
    });
  return {
    start: async () => {
      lastThere = (await lastSignOfLife(reads)) ?? 0;
    },
    tick: async () => {
      if (isIdle && watchedIn(policy()).length === 0) return;
      try {
        await look();
      } catch (error) {
        log.error(
          { error },
          'what sources expect could not be looked at; it is tried again in 20 s',
        );
      }
    },
    all: async () => {
      const watches = await readWatches(reads);
      return watchedIn(policy()).map(({ source, expectation }) => {
        const { heardAt, awayAt } = watchOf(watches, { source, expectation }, clock.now());
        const { text, everyMs } = expectation;
        return { source, what: text, everyMs, heardAt, isAway: awayAt !== null };
      });
    },
  };
}
