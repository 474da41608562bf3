/**
 * Loaded into a server by `--import`: at SIGUSR2 it writes down the longest stall of the event loop since the last time,
 * in ms, and the most processor time that this thread has used between two turns: on a machine that others use, that is ours.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

function used(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let last = used();
  let most = 0;
  setInterval(() => {
    const now = used();
    most = Math.max(most, now - last);
    last = now;
  }, 1).unref();
  process.on('SIGUSR2', () => {
    writeFileSync(process.env['STALL_FILE'] ?? '', `${delay.max / 1e6} ${most}\n`);
    delay.reset();
    most = 0;
  });
}
