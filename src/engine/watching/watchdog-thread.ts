/**
 * The thread of the watchdog. It waits in ticks of its own, so that a process which is suspended, by a signal or with its
 * machine, misses none: both threads stand still then. It cannot end the process as usual, for that is up to the main
 * thread, which answers nothing.
 */
import { writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { workerData } from 'node:worker_threads';
import { BEATS, STOPPED, type WatchdogData } from './watchdog.ts';

const STDERR = 2;

function tell(text: string): void {
  try {
    writeSync(STDERR, `${text}\n`);
  } catch {
    // Nobody reads it any more; the end is the same.
  }
}

function end({ cells, tickMs, ticks }: WatchdogData): void {
  tell(
    `Tocsin has done nothing for ${Math.round((tickMs * ticks) / 1000)} s and cannot heal itself: its event loop is stuck. It ends, and the next start recovers.`,
  );
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(cells, STOPPED, 0, tickMs);
  // The first process of a container cannot be killed from inside; it can crash.
  setFlagsFromString('--allow-natives-syntax');
  runInThisContext('%AbortJS("stuck")');
}

const data = workerData as WatchdogData;
let seen = Atomics.load(data.cells, BEATS);
let silent = 0;
while (Atomics.wait(data.cells, STOPPED, 0, data.tickMs) === 'timed-out') {
  const beats = Atomics.load(data.cells, BEATS);
  silent = beats === seen ? silent + 1 : 0;
  seen = beats;
  if (silent >= data.ticks) end(data);
}
