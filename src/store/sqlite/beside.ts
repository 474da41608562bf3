/** Work that takes long, in a thread of its own. */
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../store.ts';

/** What came of it, as it can be handed from thread to thread. */
export type ThreadAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly what: string; readonly isFull: boolean };

/** In the thread: runs the work, whatever it throws. */
export async function outcomeOf<T>(work: () => T | Promise<T>): Promise<ThreadAnswer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const isFull = code === 'SQLITE_FULL' || code === 'ENOSPC';
    return { ok: false, what: error instanceof Error ? error.message : String(error), isFull };
  }
}

export interface Beside<T> {
  /** Rejects with StoreUnavailable where it was given up, or the thread broke. */
  readonly outcome: Promise<ThreadAnswer<T>>;
  terminate(): void;
}

/** Starts the thread, which is given the task and answers by one answer. */
export function beside<T>(thread: URL, task: unknown): Beside<T> {
  const worker = new Worker(thread, { workerData: task });
  const outcome = new Promise<ThreadAnswer<T>>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () =>
      reject(new StoreUnavailable('it was given up', 'Tocsin is stopping', { isClosed: true })),
    );
  });
  return { outcome, terminate: () => void worker.terminate() };
}
