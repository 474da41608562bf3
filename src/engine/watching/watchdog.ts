/**
 * Ends a process whose event loop is stuck: it would neither page nor stop, and who starts what has ended would not start
 * it again. Not for a stepped clock, whose seconds are none.
 */
import { Worker } from 'node:worker_threads';
import type { Log } from '../../contract/adapter.ts';
import type { Clock, Timer } from '../clock.ts';

/** Cells of the memory that both threads see. */
export const BEATS = 0;
export const STOPPED = 1;
const CELLS = 2;

export interface WatchdogData {
  readonly cells: Int32Array<SharedArrayBuffer>;
  readonly tickMs: number;
  /** Silent ticks, one after the other, after which the process is ended. */
  readonly ticks: number;
}

export interface WatchdogOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Log, 'error'>;
  /** How often a sign is given and looked for; a second when absent. */
  readonly tickMs?: number;
}

const TICK_MS = 1_000;
const TICKS = 60;
/** It holds next to nothing; a thread may take gigabytes otherwise. */
const HEAP_MB = 16;

/** Watches the thread that it is called in, until the function that it returns is called. */
export function startWatchdog({ clock, log, tickMs = TICK_MS }: WatchdogOptions): () => void {
  const cells = new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
  const workerData: WatchdogData = { cells, tickMs, ticks: TICKS };
  const worker = new Worker(new URL('./watchdog-thread.ts', import.meta.url), {
    workerData,
    // What is loaded before the main program is not for this thread.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  worker.on('error', (error: unknown) =>
    log.error({ error }, 'the watchdog has ended; nothing ends Tocsin now if it gets stuck'),
  );
  worker.unref();
  let timer: Timer;
  const beat = (): void => {
    Atomics.add(cells, BEATS, 1);
    timer = clock.after(tickMs, beat);
  };
  beat();
  return () => {
    timer.cancel();
    Atomics.store(cells, STOPPED, 1);
    Atomics.notify(cells, STOPPED);
  };
}
