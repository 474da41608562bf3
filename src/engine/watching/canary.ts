/**
 * A canary: an alert that means nothing, sent every few seconds on the way of all alerts: stored in the inbox, decided, put
 * into the outbox, leased, and carried out by an adapter, which makes no request. It rings nobody, opens nothing and is
 * deleted at the end of its way; only that it has got there counts.
 */
import type { Log } from '../../contract/adapter.ts';
import { CANARY } from '../../core/model/effect.ts';
import { type InboxRow, type Store, StoreUnavailable } from '../../store/store.ts';
import type { Clock, Timer } from '../clock.ts';
import { Overloaded, type Writer } from '../deciding/writer.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface CanaryOptions {
  readonly store: Pick<Store, 'condition'>;
  readonly writer: Pick<Writer, 'intake' | 'write'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'canaryAge'>;
}

export interface Canary {
  start(): void;
  stop(): void;
  /** One has come all the way. */
  came(canary: string): void;
  /** How long ago the last one was sent that has come all the way, in ms that never jump; null: none has since the start. */
  ageMs(): number | null;
  /** The same, counted from the start where none has. */
  waitedMs(): number;
}

export const CANARY_EVERY_MS = 15_000;
/** What has been on its way for so long is deleted once it is decided: another one may have more luck. */
const GIVEN_UP_MS = 60_000;

interface OnItsWay {
  readonly id: string;
  /** Monotonic. */
  readonly sentAt: number;
}

function rowOf(clock: Clock): InboxRow {
  return {
    id: clock.id(),
    origin: 'canary',
    actor: { kind: 'tocsin' },
    source: null,
    // Of which the inbox holds one at a time.
    deliveryId: CANARY,
    receivedAt: clock.now(),
    headers: {},
    body: new Uint8Array(),
    notBefore: 0,
    failures: 0,
  };
}

/** Builds it; the first one is sent by `start`. */
export function createCanary({ store, writer, clock, log, metrics }: CanaryOptions): Canary {
  let timer: Timer | null = null;
  let startedAt = clock.monotonic();
  let onItsWay: OnItsWay | null = null;
  let lastAt: number | null = null;
  const ageMs = (): number | null =>
    lastAt === null ? null : Math.round(clock.monotonic() - lastAt);
  const waitedMs = (): number => clock.monotonic() - (lastAt ?? startedAt);
  const send = async (): Promise<void> => {
    // As a delivery, it is not taken on a full disk: the space that is left is for open incidents.
    if (store.condition().kind !== 'ok') return;
    if (onItsWay !== null) {
      if (clock.monotonic() - onItsWay.sentAt < GIVEN_UP_MS) return;
      await writer.write(({ tx }) => tx.dropCanary());
      onItsWay = null;
    }
    const row = rowOf(clock);
    onItsWay = { id: row.id, sentAt: clock.monotonic() };
    const { duplicateOf } = await writer.intake(row);
    // One of an earlier process goes first; the next one takes its place.
    if (duplicateOf !== null) onItsWay = { id: duplicateOf, sentAt: onItsWay.sentAt };
  };
  const loop = (): void => {
    timer = clock.after(CANARY_EVERY_MS, loop);
    metrics.canaryAge.set(waitedMs() / 1000);
    send().catch((error: unknown) => {
      onItsWay = null;
      const isTold = error instanceof StoreUnavailable || error instanceof Overloaded;
      if (!isTold) log.error({ error }, 'a canary could not be sent; the next one is tried');
    });
  };
  return {
    start: () => {
      startedAt = clock.monotonic();
      loop();
    },
    stop: () => timer?.cancel(),
    came: (canary) => {
      if (onItsWay?.id !== canary) return;
      lastAt = onItsWay.sentAt;
      onItsWay = null;
      metrics.canaryAge.set(waitedMs() / 1000);
    },
    ageMs,
    waitedMs,
  };
}
