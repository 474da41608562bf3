/** Loaded into a server by `--import`: at SIGUSR2 it writes down the longest stall of the event loop since the last time. */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('SIGUSR2', () => {
  writeFileSync(process.env['STALL_FILE'] ?? '', String(delay.max / 1e6));
  delay.reset();
});
