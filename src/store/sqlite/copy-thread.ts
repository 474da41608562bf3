/** The thread that copies: it does its task, hands back what came of it, and ends. The compile cache comes first, as in the launcher. */
import module from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { CopyTask } from './copy.ts';

module.enableCompileCache();
const { copy } = await import('./copy.ts');
const { outcomeOf } = await import('./beside.ts');
parentPort?.postMessage(await outcomeOf(() => copy(workerData as CopyTask)));
