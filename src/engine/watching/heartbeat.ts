/**
 * Outgoing heartbeats, as the main thread sees them: it says each second that it turns and how old the last canary is, and
 * hears what became of each heartbeat. Whether one is sent is decided in another thread, by `beats.ts`.
 */
import { Worker } from 'node:worker_threads';
import type { Log } from '../../contract/adapter.ts';
import type { Secret } from '../../contract/secret.ts';
import { formatDuration } from '../../lib/duration.ts';
import type { Clock, Timer } from '../clock.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Turned } from './beats.ts';
import type { Canary } from './canary.ts';

/** What the thread is started with; the addresses are secrets. */
export interface HeartbeatData {
  readonly everyMs: number;
  readonly to: readonly {
    /** For people: it tells the host alone. */
    readonly name: string;
    readonly url: string;
    /** Of another Tocsin, which wants to know who tells it; null: the address is enough. */
    readonly token: string | null;
  }[];
  readonly allowPrivateHosts: readonly string[];
  readonly userAgent: string;
}

/** To the thread. */
export type ToThread = Turned | 'stop';

/** From the thread: what became of a heartbeat to the n-th address, from 0. */
export interface Beaten {
  readonly index: number;
  /** Null: it was taken. */
  readonly why: string | null;
}

/** The other thread. */
export interface HeartbeatThread {
  say(said: ToThread): void;
}

export interface HeartbeatSettings {
  readonly to: readonly { readonly name: string }[];
  /** Starts the thread, which says by `onBeaten` what became of each. */
  open(hears: {
    readonly onBeaten: (beaten: Beaten) => void;
    readonly onError: (error: unknown) => void;
  }): HeartbeatThread;
}

export interface HeartbeatOptions {
  /** Absent: nobody is told, and no canary is sent. */
  readonly heartbeat?: HeartbeatSettings | undefined;
  readonly canary: Canary;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'heartbeatSuccess' | 'heartbeatFailures'>;
  readonly selfAlert: (alert: SelfAlert) => void;
  readonly redact: (text: string) => string;
}

/** How the heartbeats to one address fare. */
export interface HeartbeatHealth {
  readonly to: string;
  /** Epoch ms; null: not since the start. */
  readonly takenAt: number | null;
  readonly failingSince: number | null;
  readonly why: string | null;
}

export interface Heartbeat {
  start(): void;
  stop(): void;
  all(): readonly HeartbeatHealth[];
  /** For how long no canary has come through, in ms; null: none is sent. */
  waitedMs(): number | null;
}

const SAY_MS = 1_000;
/** A service that is down for a minute is none of ours to tell. */
const TOLD_AFTER_MS = 5 * 60_000;
/** An HTTP client and a few strings; a thread may take gigabytes otherwise. */
const HEAP_MB = 64;

/** As it is configured: the addresses are not to be read by accident. */
type HeartbeatTold = Omit<HeartbeatData, 'to'> & {
  readonly to: readonly {
    readonly name: string;
    readonly url: Secret;
    readonly token: Secret | null;
  }[];
};

/** Starts the thread. What is given to it is copied. */
export function heartbeatThread({ to: told, ...rest }: HeartbeatTold): HeartbeatSettings {
  const to = told.map(({ name, url, token }) => ({
    name,
    url: url.reveal(),
    token: token?.reveal() ?? null,
  }));
  const data: HeartbeatData = { ...rest, to };
  return {
    to,
    open: ({ onBeaten, onError }) => {
      const worker = new Worker(new URL('./heartbeat-thread.ts', import.meta.url), {
        workerData: data,
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      });
      worker.on('message', onBeaten);
      worker.on('error', onError);
      worker.unref();
      return { say: (said) => worker.postMessage(said) };
    },
  };
}

interface AddressState {
  readonly name: string;
  takenAt: number | null;
  failingSince: number | null;
  why: string | null;
  isTold: boolean;
}

function alertOf({ name, why, failingSince }: AddressState, now: number): SelfAlert {
  const forMs = Math.round((now - (failingSince ?? now)) / 1_000) * 1_000;
  return {
    key: { kind: 'heartbeat', to: name },
    alertname: 'HeartbeatFailed',
    status: 'firing',
    title: `Heartbeats do not reach ${name}`,
    description: `For ${formatDuration(forMs)}: ${why ?? ''}. Tocsin runs, and whoever waits for them there will be told otherwise. Look at that service, and at the address under server.heartbeat.`,
    labels: { to: name },
  };
}

/** What is known of each address, and told of it. */
function createReceivers(options: HeartbeatOptions) {
  const { heartbeat: settings, clock, log, metrics, selfAlert, redact } = options;
  const all = (settings?.to ?? []).map(({ name }): AddressState => ({
    name,
    takenAt: null,
    failingSince: null,
    why: null,
    isTold: false,
  }));
  const taken = (one: AddressState): void => {
    const now = clock.now();
    metrics.heartbeatSuccess.set({ to: one.name }, now / 1000);
    if (one.failingSince !== null) log.info({ to: one.name }, 'heartbeats are taken again');
    if (one.isTold)
      selfAlert({ ...alertOf(one, now), status: 'resolved', description: 'They are taken again.' });
    Object.assign(one, { takenAt: now, failingSince: null, why: null, isTold: false });
  };
  const failed = (one: AddressState, why: string): void => {
    const now = clock.now();
    metrics.heartbeatFailures.inc({ to: one.name });
    if (one.why !== why) log.warn({ to: one.name, why }, 'a heartbeat was not taken');
    one.failingSince ??= now;
    one.why = why;
    if (one.isTold || now - one.failingSince < TOLD_AFTER_MS) return;
    one.isTold = true;
    selfAlert(alertOf(one, now));
  };
  return {
    beaten: ({ index, why }: Beaten): void => {
      const one = all[index];
      if (one === undefined) return;
      if (why === null) taken(one);
      else failed(one, redact(why));
    },
    all: () =>
      all.map(({ name, takenAt, failingSince, why }) => ({ to: name, takenAt, failingSince, why })),
  };
}

/** Builds it; `start` sends the first canary, and heartbeats begin once that has come through. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { heartbeat: settings, canary, clock, log } = options;
  const receivers = createReceivers(options);
  let thread: HeartbeatThread | null = null;
  let timer: Timer | null = null;
  const turn = (): void => {
    timer = clock.after(SAY_MS, turn);
    thread?.say({ canaryAgeMs: canary.ageMs() });
  };
  return {
    start: () => {
      if (settings === undefined) return;
      thread = settings.open({
        onBeaten: receivers.beaten,
        onError: (error) =>
          log.error(
            { error },
            'the thread of the heartbeats has ended; none is sent until a restart',
          ),
      });
      canary.start();
      turn();
    },
    stop: () => {
      timer?.cancel();
      canary.stop();
      thread?.say('stop');
    },
    all: receivers.all,
    waitedMs: () => (settings === undefined ? null : canary.waitedMs()),
  };
}
