/** The thread that loads: it does its task, hands back what came of it, and ends. The compile cache comes first, as in the launcher. */
import module from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { LoadTask } from './beside.ts';

module.enableCompileCache();
const { runTask } = await import('./task.ts');
parentPort?.postMessage(runTask(workerData as LoadTask));
