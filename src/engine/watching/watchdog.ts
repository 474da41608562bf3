/**
 * Ends a process whose event loop is stuck: it would neither page nor stop, and who starts what has ended would not start
 * it again. Not for a stepped clock, whose seconds are none. The same thread tells systemd how the process is.
 */
import { Worker } from 'node:worker_threads';
import type { Log } from '../../contract/adapter.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Systemd } from './systemd.ts';

/** Cells of the memory that both threads see. */
export const BEATS = 0;
export const PHASE = 1;
const CELLS = 2;

/** Of the process, in the cell of that name. */
export const RUNNING = 0;
const STOPPING = 1;
export const DISMISSED = 2;

export interface WatchdogData {
  readonly cells: Int32Array<SharedArrayBuffer>;
  readonly tickMs: number;
  /** Silent ticks, one after the other, after which the process is ended. */
  readonly ticks: number;
  /** Null: it is not systemd that waits for news. */
  readonly systemd: Systemd | null;
}

export interface WatchdogOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Log, 'error' | 'warn'>;
  readonly systemd: Systemd | null;
  /** How often a sign is given and looked for; a second when absent. */
  readonly tickMs?: number;
}

export interface Watchdog {
  /** The process has been told to stop, and is at it: it is watched on. */
  stopping(): void;
  /** Resolves once the thread has ended, and with it said what it had to say. */
  stop(): Promise<void>;
}

const TICK_MS = 1_000;
const TICKS = 60;
/** It holds next to nothing; a thread may take gigabytes otherwise. */
const HEAP_MB = 16;

/** Watches the thread that it is called in, which has started and serves. */
export function startWatchdog(options: WatchdogOptions): Watchdog {
  const { clock, log, systemd, tickMs = TICK_MS } = options;
  const cells = new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
  const workerData: WatchdogData = { cells, tickMs, ticks: TICKS, systemd };
  const worker = new Worker(new URL('./watchdog-thread.ts', import.meta.url), {
    workerData,
    // What is loaded before the main program is not for this thread.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  worker.on('error', (error: unknown) =>
    log.error({ error }, 'the watchdog has ended; nothing ends Tocsin now if it gets stuck'),
  );
  worker.on('message', (why: string) => log.warn({ why }, 'systemd could not be told how it is'));
  worker.unref();
  const ended = new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
  let timer: Timer;
  const beat = (): void => {
    Atomics.add(cells, BEATS, 1);
    timer = clock.after(tickMs, beat);
  };
  beat();
  const enter = (phase: number): void => {
    Atomics.store(cells, PHASE, phase);
    Atomics.notify(cells, PHASE);
  };
  return {
    stopping: () => enter(STOPPING),
    stop: () => {
      timer.cancel();
      worker.ref();
      enter(DISMISSED);
      return ended;
    },
  };
}
