/**
 * What very many closed incidents cost, beside an empty database in the same run: first in the database, then in the archive.
 * BENCH_CLOSED is how many; 200,000 take some minutes and 30 GB below the temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { bodyOf } from './body.ts';
import { fill } from './closed-fill.ts';
import { processorMs, ROOT, startPager, startTocsin, type Tocsin } from './processes.ts';

const COUNT = Number(process.env['BENCH_CLOSED'] ?? 200_000);
const STARTS = 5;
const REPEATS = 3_000;
const OPENINGS = 500;
const READS = 40;
const MB = 1_000_000;

type Say = (line: string) => void;

/** What is measured of one database; ms, or µs of processor time. */
interface Cost {
  readonly startMs: number;
  readonly repeatUs: number;
  readonly openingUs: number;
  readonly listMs: number;
  /** NaN: there is nothing closed. */
  readonly showMs: number;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [ms: number, value: T]> {
  const from = performance.now();
  const value = await work();
  return [performance.now() - from, value];
}

function post({ port }: Tocsin, body: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/webhooks/prom`, {
    method: 'POST',
    headers: { authorization: 'Bearer bench-token', 'content-type': 'application/json' },
    body,
  });
}

/** Processor time of one delivery, in µs, once all of them are decided. */
async function costOf(tocsin: Tocsin, bodies: readonly string[]): Promise<number> {
  const from = processorMs(tocsin.child.pid) ?? Number.NaN;
  for (const body of bodies) {
    const { status } = await post(tocsin, body);
    if (status !== 202) throw new Error(`answered ${status}`);
  }
  await get(tocsin, '/health');
  return (((processorMs(tocsin.child.pid) ?? Number.NaN) - from) * 1_000) / bodies.length;
}

async function get({ port, token }: Tocsin, path: string): Promise<number> {
  const [ms, status] = await timed(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await answer.text();
    return answer.status;
  });
  return status === 200 ? ms : Number.NaN;
}

async function medianOf(count: number, read: (n: number) => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) times.push(await read(n));
  return median(times);
}

/** No alert is opened twice in one database. */
let opened = 1_000;

/** Starts servers on the database, and asks the last one. */
async function measure(database: string, closed: number, pagerPort: number): Promise<Cost> {
  const starts: number[] = [];
  for (let round = 1; ; round += 1) {
    const tocsin = await startTocsin({ root: ROOT, pagerPort, database });
    starts.push(tocsin.readyMs);
    if (round < STARTS) {
      await tocsin.stop();
      continue;
    }
    try {
      const same = bodyOf(1, { groups: 1 });
      await post(tocsin, same);
      const repeatUs = await costOf(
        tocsin,
        Array.from({ length: REPEATS }, () => same),
      );
      const fresh = Array.from({ length: OPENINGS }, () => bodyOf((opened += 1), { groups: 1e6 }));
      const openingUs = await costOf(tocsin, fresh);
      const listMs = await medianOf(READS, () => get(tocsin, '/incidents?limit=50'));
      const step = Math.max(1, Math.floor(closed / READS));
      const showMs = await medianOf(READS, (n) =>
        closed === 0
          ? Promise.resolve(Number.NaN)
          : get(tocsin, `/incidents/inc-${1 + ((n * step) % closed)}`),
      );
      return { startMs: median(starts), repeatUs, openingUs, listMs, showMs };
    } finally {
      await tocsin.stop();
    }
  }
}

async function withStore<T>(directory: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqliteStore({ directory, kind: 'live', lock: true, ballastBytes: 0 });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function verifyMs(directory: string): number {
  const from = performance.now();
  const args = [join(ROOT, 'bin/tocsin.js'), 'verify', '--data', directory];
  const { status, stdout } = spawnSync(process.execPath, args);
  if (status !== 0) throw new Error(stdout.toString());
  return performance.now() - from;
}

async function backUp(database: string, to: string): Promise<number> {
  mkdirSync(to);
  const [ms] = await timed(() => withStore(database, (store) => store.backups.make(to, 0)));
  rmSync(to, { recursive: true });
  return ms;
}

function sizesOf(store: Store): string {
  const { database, unused, archive } = store.sizes().bytes;
  const mb = (bytes: number): string => `${(bytes / MB).toFixed(0)} MB`;
  return `${mb(database)} of which ${mb(unused)} are unused, archive ${mb(archive)}`;
}

async function moveAll(store: Store, say: Say): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const used = (): number => process.threadCpuUsage().user + process.threadCpuUsage().system;
  let [before, most] = [used(), 0];
  const watch = setInterval(() => {
    const now = used();
    most = Math.max(most, now - before);
    before = now;
  }, 1);
  const rest = (): Promise<void> => new Promise((goOn) => void setImmediate(goOn));
  const [ms, { moved }] = await timed(() => store.archive(Number.MAX_SAFE_INTEGER, rest));
  clearInterval(watch);
  const [longest, p99] = [delay.max, delay.percentile(99)].map((ns) => (ns / 1e6).toFixed(0));
  say(
    `  moved ${moved} in ${(ms / 1_000).toFixed(0)} s; longest turn of the loop meanwhile ${longest} ms, 99 of 100 under ${p99} ms; most processor time of one ${(most / 1_000).toFixed(0)} ms`,
  );
}

function row(name: string, cost: Cost, empty: Cost): string {
  const told = (of: keyof Cost, unit: string, digits = 0): string =>
    `${cost[of].toFixed(digits)} ${unit} (${(cost[of] / empty[of]).toFixed(2)})`;
  const show = Number.isNaN(cost.showMs) ? '-' : `${cost.showMs.toFixed(1)} ms`;
  return `  ${name}: start ${told('startMs', 'ms')}, a repeat ${told('repeatUs', 'µs')}, an opening ${told('openingUs', 'µs')}, list ${told('listMs', 'ms', 1)}, show ${show}`;
}

/** Measures and prints. */
export async function measureClosed(say: Say): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-closed-'));
  const pager = await startPager(() => undefined);
  const many = join(root, 'many');
  /** Beside an empty database that is measured right before. */
  const besideEmpty = async (name: string, database: string): Promise<void> => {
    const [none, copy] = [join(root, 'none'), join(root, 'copy')];
    cpSync(database, copy, { recursive: true });
    const empty = await measure(none, 0, pager.port);
    say(row(`nothing closed, beside it`, empty, empty));
    say(row(name, await measure(copy, COUNT, pager.port), empty));
    say(`  verify ${(verifyMs(copy) / 1_000).toFixed(1)} s`);
    say(`  backup ${((await backUp(copy, join(root, 'backup'))) / 1_000).toFixed(1)} s`);
    for (const folder of [none, copy]) rmSync(folder, { recursive: true });
  };
  try {
    const [ms, filled] = await timed(() => withStore(many, (store) => fill(store, COUNT)));
    say(
      `  ${COUNT} closed incidents of ${filled.events} events and ${filled.effects} effects each, stored in ${(ms / 1_000).toFixed(0)} s`,
    );
    // A copy: what is opened in it would be due by the time the other one is measured.
    await besideEmpty('in the database', many);
    await withStore(many, async (store) => {
      say(`  database ${sizesOf(store)}`);
      await moveAll(store, say);
      say(`  database ${sizesOf(store)}`);
    });
    await besideEmpty('in the archive', many);
  } finally {
    pager.server.close();
    rmSync(root, { recursive: true, force: true });
  }
}
