/**
 * Loading while everything else goes on: the files are read and checked by a thread of their own, and what comes of it is
 * put together here in slices. A server that reloads thousands of rules answers meanwhile.
 */
import { Worker } from 'node:worker_threads';
import { registry } from '../../adapters/index.ts';
import type { Copies, LoadResult } from '../config/load.ts';
import type { Problem } from '../config/problem.ts';
import { preparing } from '../core/routing/picking.ts';
import type { Policy } from '../core/model/policy.ts';
import type { Clock } from '../engine/clock.ts';
import { deepFreeze } from '../lib/freeze.ts';
import type { FromDisk } from './from-disk.ts';
import { type Packed, unpack } from './packed.ts';

/** What the thread is given: what `loadFrom` takes, as it can be handed over. */
export interface LoadTask extends Pick<FromDisk, 'environment' | 'sandbox' | 'now'> {
  readonly file: string;
  readonly fragments: Copies['fragments'];
  readonly secretsByPath: Readonly<Record<string, string>>;
}

/** What the thread hands back: the result of `loadFrom`, the policy by itself. */
export interface LoadedApart {
  readonly result: Packed;
  /** Null: nothing was loaded. */
  readonly policy: Packed | null;
}

/** So long is nothing else done at a stretch. */
const SLICE_MS = 10;

type Slicing = Pick<Clock, 'monotonic' | 'soon'>;

/** Takes the steps one after the other, and lets others work now and then. */
export async function inSlices<T>(steps: Generator<void, T>, clock: Slicing): Promise<T> {
  for (let since = clock.monotonic(); ;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonic() - since < SLICE_MS) continue;
    await new Promise<void>((goOn) => clock.soon(goOn));
    since = clock.monotonic();
  }
}

function handedBack(task: LoadTask): Promise<LoadedApart> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: task });
  return new Promise((done, failed) => {
    worker.once('message', done);
    worker.once('error', failed);
    worker.once('exit', (code) => failed(new Error(`its thread ended with ${code}`)));
  });
}

/** The thread itself broke, by a lack of memory or by a bug: what runs goes on. */
function broken(file: string, error: unknown): LoadResult {
  const problem: Problem = {
    file,
    line: 1,
    column: 1,
    path: '',
    message: `the configuration could not be worked on: ${String(error)}`,
    hint: 'Run tocsin check on it; where that is fine, there is too little memory, or a fault of Tocsin.',
    level: 'error',
  };
  return { ok: false, problems: [problem] };
}

/** Makes the policy what it is after a load at the start: frozen, and ready for the first alert. */
async function policyOf(packed: Packed, clock: Slicing): Promise<Policy> {
  const policy = (await inSlices(unpack(packed, registry, deepFreeze), clock)) as Policy;
  await inSlices(preparing(policy), clock);
  return policy;
}

/** Like `loadFrom`, without keeping anything else waiting. */
export async function loadBeside(
  file: string,
  { previous, ...options }: FromDisk,
  clock: Slicing,
): Promise<LoadResult> {
  const secrets = Object.entries(previous?.secretsByPath ?? {});
  const task: LoadTask = {
    file,
    ...options,
    environment: { ...options.environment },
    fragments: previous?.fragments ?? {},
    secretsByPath: Object.fromEntries(secrets.map(([path, secret]) => [path, secret.reveal()])),
  };
  try {
    const { result, policy } = await handedBack(task);
    const read = (await inSlices(unpack(result, registry), clock)) as LoadResult;
    if (!read.ok || policy === null) return read;
    return { ...read, loaded: { ...read.loaded, policy: await policyOf(policy, clock) } };
  } catch (error) {
    return broken(file, error);
  }
}
