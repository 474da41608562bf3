/**
 * Taking in: a delivery is verified over its raw bytes and stored; it is accepted only once its row is committed. Our own
 * faults are never blamed on the sender, for vendors drop an alert for ever on a 4xx.
 */
import type { Log, RawRequest, Verified } from '../../contract/adapter.ts';
import { own } from '../../core/model/own.ts';
import { type InboxRow, type Store, StoreUnavailable } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Setup, SetupPart } from '../setup.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Overloaded, type Writer } from '../deciding/writer.ts';
import { createNotTaken, type NotTaken, type NotTakenLog } from './not-taken.ts';

export interface Delivery {
  readonly source: string;
  readonly request: RawRequest;
}

/** What the sender is to be answered. */
export type Accepted =
  /** 202. A duplicate was accepted before. */
  | { readonly kind: 'accepted'; readonly id: string; readonly duplicate: boolean }
  /** The vendor asks who we are; nothing is stored. */
  | {
      readonly kind: 'handshake';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** 404 */
  | { readonly kind: 'unknown_source'; readonly message: string }
  /** 401: the sender is not who it should be. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** 503: overload, a database that cannot be written, or our own missing secret. */
  | {
      readonly kind: 'unavailable';
      readonly reason: 'overloaded' | 'store' | 'misconfigured';
      readonly message: string;
      readonly retryAfterSeconds: number;
    };

export interface IngestOptions {
  readonly store: Pick<Store, 'condition'>;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly setup: () => Setup;
  readonly redact: (text: string) => string;
  /** Says it in the channel for alarms. */
  readonly say: (text: string) => void;
}

export interface Ingest {
  accept(delivery: Delivery): Promise<Accepted>;
  /** A delivery to the source was answered 413, before it was read to its end. */
  tooLarge(source: string): void;
  /** Since when deliveries of the source were answered 503, epoch ms; null: all is well. Asking forgets it. */
  takeOutage(source: string): number | null;
  /** From time to time: says that refusals have stopped, and counts for sources that are new. */
  calm(): void;
  /** What was refused within the last quarter of an hour, by source. */
  refused(): readonly Refused[];
  /** Deliveries that were not taken, for whatever cause. */
  readonly notTaken: Pick<NotTakenLog, 'since'>;
}

const RETRY_AFTER_S = 5;
/** PagerDuty switches a webhook off after three refusals in a row. */
const BURST_FROM = 3;
const BURST_WITHIN_MS = 60_000;
const LOGGED_EVERY = 100;
const CALM_AFTER_MS = 15 * 60_000;

type Checked =
  | { readonly kind: 'verified'; readonly verified: Verified }
  | Extract<Accepted, { kind: 'handshake' | 'unavailable' }>;

function misconfigured(message: string): Extract<Accepted, { kind: 'unavailable' }> {
  return { kind: 'unavailable', reason: 'misconfigured', message, retryAfterSeconds: 60 };
}

/** Signatures bear the sender's time: while ours is not the wall clock's, nobody knows which of the two is right. */
function verifyAt(times: readonly number[], verify: (now: number) => Verified): Verified {
  const verdicts = times.map(verify);
  return verdicts.find(({ ok }) => ok) ?? verdicts[0] ?? { ok: false, reason: 'nobody asked' };
}

/**
 * Handshake and signature of one delivery, by the source's adapter. A bug of ours is no refusal.
 * @param times what the time may be
 */
function verifyDelivery(part: SetupPart, request: RawRequest, times: readonly number[]): Checked {
  const source = part.adapter.source;
  if (source === undefined)
    return misconfigured(`type ${part.adapter.name} cannot receive deliveries`);
  try {
    const handshake = source.handshake?.(request, part.config) ?? null;
    if (handshake !== null) return { kind: 'handshake', ...handshake };
    const verified = verifyAt(times, (now) => source.verify(request, part.config, now));
    return { kind: 'verified', verified };
  } catch (error) {
    return misconfigured(
      `the check of the signature failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** What proxies and senders prove themselves by is called many things. */
const CREDENTIAL = /auth|cookie|credential|key|passw|secret|session|token/;
/** Headers that only concern the connection. */
const OF_CONNECTION = new Set([
  'connection',
  'host',
  'accept',
  'accept-encoding',
  'content-length',
  'transfer-encoding',
]);

function storedHeaders(
  request: RawRequest,
  redact: (text: string) => string,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of Object.keys(request.headers))
    if (!OF_CONNECTION.has(name) && !CREDENTIAL.test(name))
      kept[name] = redact(request.headers[name] ?? '');
  return kept;
}

interface Refusals {
  readonly since: number;
  times: number[];
  reason: string;
  isSaid: boolean;
  counted: number;
}

/** Deliveries of a source that were refused. */
export interface Refused {
  readonly source: string;
  /** Epoch ms of the first of them, and of the last. */
  readonly since: number;
  readonly last: number;
  readonly count: number;
  readonly reason: string;
}

/**
 * Watches for bursts of refused signatures, per source. They are said in the chat and shown, and ring nobody: whoever
 * knocks without a key must not be able to wake people, or to hide a real page behind one about it.
 */
function watchRefusals({ clock, log, say }: IngestOptions) {
  const bySource = new Map<string, Refusals>();
  return {
    note: (source: string, reason: string): void => {
      const now = clock.now();
      const fresh = { since: now, times: [], reason, isSaid: false, counted: 0 };
      const seen = bySource.get(source) ?? fresh;
      bySource.set(source, seen);
      seen.times = [
        ...seen.times.filter((at) => at > now - BURST_WITHIN_MS).slice(-BURST_FROM),
        now,
      ];
      seen.reason = reason;
      seen.counted += 1;
      // They must not be able to fill the log either.
      if (seen.counted <= BURST_FROM || seen.counted % LOGGED_EVERY === 0)
        log.warn({ source, reason, refused: seen.counted }, 'a delivery was refused');
      if (seen.isSaid || seen.times.length < BURST_FROM) return;
      seen.isSaid = true;
      say(
        `${seen.times.length} deliveries of ${source} within a minute were refused: ${reason}. Compare the secret of the source with the one at the vendor; vendors switch a webhook off when it is refused again and again. Nobody is rung about it.`,
      );
    },
    calm: (): void => {
      const now = clock.now();
      for (const [source, seen] of bySource) {
        const last = seen.times.at(-1) ?? 0;
        if (now - last < CALM_AFTER_MS) continue;
        bySource.delete(source);
        if (seen.isSaid)
          say(`No delivery of ${source} was refused for 15 minutes; ${seen.counted} were.`);
      }
    },
    all: (): readonly Refused[] =>
      [...bySource].map(([source, { since, times, counted, reason }]) => ({
        source,
        since,
        last: times.at(-1) ?? since,
        count: counted,
        reason,
      })),
  };
}

function unavailable(error: unknown): Extract<Accepted, { kind: 'unavailable' }> {
  if (error instanceof Overloaded)
    return {
      kind: 'unavailable',
      reason: 'overloaded',
      message: error.message,
      retryAfterSeconds: error.retryAfterSeconds,
    };
  const message =
    error instanceof StoreUnavailable
      ? `${error.message}; ${error.hint}`
      : 'the delivery could not be stored';
  return { kind: 'unavailable', reason: 'store', message, retryAfterSeconds: RETRY_AFTER_S };
}

function whyNotTaken(accepted: Accepted): Pick<NotTaken, 'because' | 'reason'> | null {
  switch (accepted.kind) {
    case 'accepted':
    case 'handshake':
      return null;
    case 'refused':
      return { because: 'refused', reason: accepted.reason };
    case 'unknown_source':
      return { because: 'unknown_source', reason: 'no source has that name' };
    case 'unavailable':
      return { because: 'unavailable', reason: accepted.message };
  }
}

/** What a source is answered, and `unknown_source`, which is none. */
const RESULTS = [
  'accepted',
  'handshake',
  'refused',
  'too_large',
  'overloaded',
  'store',
  'misconfigured',
] as const;

type Result = (typeof RESULTS)[number] | 'unknown_source';

/** Counts what was answered, and keeps why deliveries were not taken. */
function countAnswers({ clock, metrics, setup }: IngestOptions) {
  const notTaken = createNotTaken(clock);
  const known = (source: string): string | null =>
    own(setup().sources, source) === undefined ? null : source;
  const count = (source: string, result: Result, times = 1): void =>
    metrics.deliveries.inc({ source: known(source) ?? '(unknown)', result }, times);
  return {
    notTaken,
    /** Has a count of each answer of each source, so that the first one is an increase. */
    begin: (): void => {
      for (const source of Object.keys(setup().sources))
        for (const result of RESULTS) count(source, result, 0);
    },
    note: (source: string, accepted: Accepted): void => {
      const why = whyNotTaken(accepted);
      if (why !== null) notTaken.note({ source: known(source), ...why });
      count(source, accepted.kind === 'unavailable' ? accepted.reason : accepted.kind);
    },
    tooLarge: (source: string): void => {
      const reason = 'larger than server.max_body';
      notTaken.note({ source: known(source), because: 'too_large', reason });
      count(source, 'too_large');
    },
  };
}

export function createIngest(options: IngestOptions): Ingest {
  const { clock, writer, store, log } = options;
  const refusals = watchRefusals(options);
  const outages = new Map<string, number>();
  const answers = countAnswers(options);
  answers.begin();
  const row = (delivery: Delivery, deliveryId: string | null): InboxRow => ({
    id: clock.id(),
    origin: 'webhook',
    actor: { kind: 'source', id: delivery.source },
    source: delivery.source,
    deliveryId,
    receivedAt: clock.now(),
    headers: storedHeaders(delivery.request, options.redact),
    body: delivery.request.body,
    notBefore: 0,
    failures: 0,
  });
  const put = async (delivery: Delivery, deliveryId: string | null): Promise<Accepted> => {
    const condition = store.condition();
    if (condition.kind !== 'ok') return unavailable(condition.problem);
    try {
      const { id, duplicateOf } = await writer.intake(row(delivery, deliveryId));
      return { kind: 'accepted', id: duplicateOf ?? id, duplicate: duplicateOf !== null };
    } catch (error) {
      if (!(error instanceof Overloaded) && !(error instanceof StoreUnavailable))
        log.error({ error, source: delivery.source }, 'a delivery could not be stored');
      return unavailable(error);
    }
  };
  const accept = (delivery: Delivery): Accepted | Promise<Accepted> => {
    const part = own(options.setup().sources, delivery.source);
    if (part === undefined)
      return {
        kind: 'unknown_source',
        message: `There is no source "${delivery.source}"; see sources: in the configuration.`,
      };
    const now = clock.now();
    const aheadMs = clock.aheadMs();
    const times = aheadMs === 0 ? [now] : [now, now - aheadMs];
    const checked = verifyDelivery(part, delivery.request, times);
    if (checked.kind !== 'verified') return checked;
    if (checked.verified.ok) return put(delivery, checked.verified.deliveryId);
    refusals.note(delivery.source, checked.verified.reason);
    return { kind: 'refused', reason: checked.verified.reason };
  };
  return {
    accept: async (delivery) => {
      const { source } = delivery;
      const accepted = await accept(delivery);
      if (accepted.kind === 'unavailable' && !outages.has(source)) outages.set(source, clock.now());
      answers.note(source, accepted);
      return accepted;
    },
    tooLarge: answers.tooLarge,
    takeOutage: (source) => {
      const since = outages.get(source) ?? null;
      outages.delete(source);
      return since;
    },
    calm: () => {
      answers.begin();
      refusals.calm();
    },
    refused: refusals.all,
    notTaken: answers.notTaken,
  };
}
