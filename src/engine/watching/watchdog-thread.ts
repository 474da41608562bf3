/**
 * The thread of the watchdog. It waits in ticks of its own, so that a process which is suspended, by a signal or with its
 * machine, misses none: both threads stand still then. It cannot end the process as usual, for that is up to the main
 * thread, which answers nothing.
 */
import { writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { tellSystemd } from './systemd.ts';
import { BEATS, DISMISSED, PHASE, RUNNING, type WatchdogData } from './watchdog.ts';

const STDERR = 2;

function write(text: string): void {
  try {
    writeSync(STDERR, `${text}\n`);
  } catch {
    // Nobody reads it any more; the end is the same.
  }
}

function end({ cells, tickMs, ticks }: WatchdogData): void {
  write(
    `Tocsin has done nothing for ${Math.round((tickMs * ticks) / 1000)} s and cannot heal itself: its event loop is stuck. It ends, and the next start recovers.`,
  );
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(cells, PHASE, Atomics.load(cells, PHASE), tickMs);
  // The first process of a container cannot be killed from inside; it can crash.
  setFlagsFromString('--allow-natives-syntax');
  runInThisContext('%AbortJS("stuck")');
}

/** A loop that has stood still for so long is not said to turn: what waits for that word decides what to do about it. */
const STILL_TICKS = 10;

/** Tells systemd as often as it wants to hear, and each trouble with that once. */
function createNews({ systemd, tickMs }: WatchdogData) {
  let said: string | null = null;
  let since = 0;
  const tell = (word: Parameters<typeof tellSystemd>[1]): void => {
    if (systemd === null) return;
    const why = tellSystemd(systemd, word);
    if (why !== null && why !== said) parentPort?.postMessage(why);
    said = why;
  };
  // Twice in its patience, as sd_watchdog_enabled(3) advises.
  const every = Math.max(1, Math.floor((systemd?.watchdogMs ?? Infinity) / 2 / tickMs));
  return {
    tell,
    /** Called each tick. */
    turned: (silentTicks: number): void => {
      since += 1;
      if (since < every || silentTicks >= Math.min(every, STILL_TICKS)) return;
      since = 0;
      tell('WATCHDOG=1');
    },
  };
}

const data = workerData as WatchdogData;
const { cells, tickMs, ticks } = data;
const news = createNews(data);
news.tell('READY=1');
let seen = Atomics.load(cells, BEATS);
let phase = RUNNING;
let silent = 0;
while (phase !== DISMISSED) {
  const isTick = Atomics.wait(cells, PHASE, phase, tickMs) === 'timed-out';
  const before = phase;
  phase = Atomics.load(cells, PHASE);
  if (phase !== RUNNING && before === RUNNING) news.tell('STOPPING=1');
  if (!isTick) continue;
  const beats = Atomics.load(cells, BEATS);
  silent = beats === seen ? silent + 1 : 0;
  seen = beats;
  if (silent >= ticks) end(data);
  news.turned(silent);
}
