/** The thread that proves: it does its task, hands back what came of it, and ends. The compile cache comes first, as in the launcher. */
import module from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { ProofTask } from './proof.ts';

module.enableCompileCache();
const { proofOf } = await import('./proof.ts');
const { outcomeOf } = await import('./beside.ts');
parentPort?.postMessage(await outcomeOf(() => proofOf(workerData as ProofTask)));
