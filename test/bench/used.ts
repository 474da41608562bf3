/** Loaded into a process by `--import`: at its end it writes down the processor time that it has used, in ms. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env['USED_FILE'] ?? '', String((user + system) / 1000));
});
