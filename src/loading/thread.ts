/** The thread that loads: it does its errand, hands back what came of it, and ends. The compile cache comes first, as in the launcher. */
import module from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Errand } from './beside.ts';

module.enableCompileCache();
const { runErrand } = await import('./errand.ts');
parentPort?.postMessage(runErrand(workerData as Errand));
