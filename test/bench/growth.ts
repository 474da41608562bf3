/**
 * How cost grows: the same traffic at a real Alertmanager and at Tocsin, a new incident beside very many open ones, and what
 * is the worst in the middle of a storm.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TRAFFIC, trafficBody } from './body.ts';
import {
  load,
  processorMs,
  ROOT,
  stallOf,
  startAlertmanager,
  type Started,
  startPager,
  startTocsin,
  type Tocsin,
  writtenBytes,
} from './processes.ts';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
const WARM_SECONDS = 3;
/** What is measured has other numbers than what has warmed the server up. */
const WARM_SEEDS = 1_000_000;
const STORM_GROUPS = 10_000;
const OPEN = [100, 1_000, 10_000];
/** New incidents that are measured beside the open ones. */
const MEASURED = 300;
const PATIENCE_MS = 30_000;

type Say = (line: string) => void;

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

async function undecided({ port, token }: Tocsin): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/health`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const health = (await answer.json()) as { undecided: number; queued: number };
  return health.undecided + health.queued;
}

async function allDecided(tocsin: Tocsin): Promise<void> {
  while ((await undecided(tocsin)) > 0) await pause(50);
}

function post(port: number, body: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/webhooks/prom`, {
    method: 'POST',
    headers: { authorization: 'Bearer bench-token', 'content-type': 'application/json' },
    body,
  });
}

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** A server whose probe writes into a file, and a pager that only answers. */
async function withProbe<T>(
  probe: string,
  use: (tocsin: Tocsin, ask: () => Promise<number>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-growth-'));
  const file = join(folder, 'probe');
  const pager = await startPager(() => undefined);
  const environment = { STALL_FILE: file, NODE_OPTIONS: `--import ${beside(probe)}` };
  const tocsin = await startTocsin({ root: ROOT, pagerPort: pager.port, environment });
  try {
    return await use(tocsin, async () => (await stallOf(tocsin, file)).wallMs);
  } finally {
    await tocsin.stop();
    pager.server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  /** Requests that were answered in a second, and that were worked off in a second. */
  readonly taken: number;
  readonly done: number;
  readonly processorUs: number;
  readonly bytes: number;
}

async function measure(
  server: Started,
  traffic: string,
  at: { readonly path: string; readonly to: 'tocsin' | 'alertmanager'; settled(): Promise<void> },
): Promise<Measured> {
  const { pid } = server.child;
  const { port } = server;
  // A server runs for months: what it takes to compile its code for the first time is not what is asked for.
  await load({ ...at, port, traffic, seconds: WARM_SECONDS, seed: 0 });
  await at.settled();
  const usedFrom = processorMs(pid) ?? Number.NaN;
  const writtenFrom = writtenBytes(pid) ?? Number.NaN;
  const from = performance.now();
  const { accepted } = await load({ ...at, port, traffic, seconds: SECONDS, seed: WARM_SEEDS });
  const takenMs = performance.now() - from;
  await at.settled();
  const doneMs = performance.now() - from;
  return {
    taken: accepted / (takenMs / 1000),
    done: accepted / (doneMs / 1000),
    processorUs: (((processorMs(pid) ?? Number.NaN) - usedFrom) * 1000) / accepted,
    bytes: ((writtenBytes(pid) ?? Number.NaN) - writtenFrom) / accepted,
  };
}

/** SQL statements of a delivery, its decision and its page included. */
function statementsOf(traffic: string): Promise<number> {
  const count = 200;
  return withProbe('statements.ts', async (tocsin, ask) => {
    await post(tocsin.port, trafficBody(traffic, 0, 'tocsin'));
    await pause(1_000);
    await ask();
    for (let n = 1; n <= count; n += 1) await post(tocsin.port, trafficBody(traffic, n, 'tocsin'));
    await allDecided(tocsin);
    return (await ask()) / count;
  });
}

const said = ({ taken, done, processorUs, bytes }: Measured): string =>
  `${taken.toFixed(0)}/s taken, ${done.toFixed(0)}/s decided, ${processorUs.toFixed(0)} µs of processor time and ${(bytes / 1000).toFixed(1)} kB written each`;

async function besideAlertmanager(say: Say): Promise<void> {
  for (const traffic of Object.keys(TRAFFIC)) {
    const pager = await startPager(() => undefined);
    const other = await startAlertmanager(pager.port);
    const theirs =
      other === null
        ? null
        : await measure(other, traffic, {
            path: '/api/v2/alerts',
            to: 'alertmanager',
            settled: async () => {},
          });
    await other?.stop();
    const tocsin = await startTocsin({ root: ROOT, pagerPort: pager.port });
    const ours = await measure(tocsin, traffic, {
      path: '/webhooks/prom',
      to: 'tocsin',
      settled: () => allDecided(tocsin),
    });
    await tocsin.stop();
    pager.server.close();
    say(`  ${traffic}: ${said(ours)}, ${(await statementsOf(traffic)).toFixed(1)} statements`);
    if (theirs === null) say('    beside Alertmanager: skipped, it is not installed');
    else
      say(
        `    Alertmanager: ${theirs.taken.toFixed(0)}/s taken, ${theirs.processorUs.toFixed(0)} µs; ratio taken ${(ours.taken / theirs.taken).toFixed(2)}, decided ${(ours.done / theirs.taken).toFixed(2)}, processor time ${(ours.processorUs / theirs.processorUs).toFixed(2)}`,
      );
  }
}

async function besideOpenOnes(say: Say): Promise<void> {
  let first = Number.NaN;
  for (const open of OPEN)
    await withProbe('probe.ts', async (tocsin) => {
      const one = (n: number): Promise<Response> =>
        post(tocsin.port, trafficBody('a new group each', n, 'tocsin'));
      for (let n = 0; n < open; n += 50)
        await Promise.all(Array.from({ length: 50 }, (_, index) => one(n + index)));
      await allDecided(tocsin);
      await pause(2_000);
      const usedFrom = processorMs(tocsin.child.pid) ?? Number.NaN;
      for (let n = 0; n < MEASURED; n += 1) await one(open + n);
      await allDecided(tocsin);
      const used = ((processorMs(tocsin.child.pid) ?? Number.NaN) - usedFrom) / MEASURED;
      if (Number.isNaN(first)) first = used;
      say(
        `  a new incident beside ${open} open ones: ${used.toFixed(1)} ms of processor time (${(used / first).toFixed(2)} times the first)`,
      );
    });
}

/** How long `/livez` takes at most, until it is stopped. */
function watchLivez(port: number): () => Promise<number> {
  let isOver = false;
  let longest = 0;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const from = performance.now();
      await fetch(`http://127.0.0.1:${port}/livez`);
      longest = Math.max(longest, performance.now() - from);
      await pause(5);
    }
  };
  const watching = watch();
  return async () => {
    isOver = true;
    await watching;
    return longest;
  };
}

async function amidAStorm(say: Say): Promise<void> {
  let arrivedAt: number | null = null;
  const pager = await startPager((summary) => {
    if (summary.includes('the worst')) arrivedAt ??= performance.now();
  });
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-growth-'));
  const file = join(folder, 'probe');
  const environment = { STALL_FILE: file, NODE_OPTIONS: `--import ${beside('probe.ts')}` };
  const tocsin = await startTocsin({ root: ROOT, pagerPort: pager.port, services: 1, environment });
  await pause(2_000);
  await stallOf(tocsin, file);
  const stopWatch = watchLivez(tocsin.port);
  const storm = Array.from({ length: 64 }, async (_, client) => {
    for (let n = client; n < STORM_GROUPS; n += 64)
      await post(tocsin.port, trafficBody('a new group each', n, 'tocsin'));
  });
  await pause(2_000);
  const labels = { alertname: 'Worst', service: 'bench-1', group: 'worst', severity: 'page' };
  const alert = {
    status: 'firing',
    labels,
    annotations: { summary: 'the worst' },
    fingerprint: 'f',
  };
  const from = performance.now();
  await post(tocsin.port, JSON.stringify({ version: '4', status: 'firing', alerts: [alert] }));
  while (arrivedAt === null && performance.now() - from < PATIENCE_MS) await pause(10);
  const waitedMs = (arrivedAt ?? Number.POSITIVE_INFINITY) - from;
  const left = await undecided(tocsin);
  await Promise.all(storm);
  await allDecided(tocsin);
  const livez = await stopWatch();
  const stall = await stallOf(tocsin, file);
  say(
    `  an alert of the worst level amid ${STORM_GROUPS} new groups, of which ${left} were undecided: at its pager after ${waitedMs.toFixed(0)} ms; the slowest /livez took ${livez.toFixed(0)} ms, the longest turn of the event loop ${stall.wallMs.toFixed(0)} ms, of which ${stall.processorMs.toFixed(0)} ms ours`,
  );
  await tocsin.stop();
  rmSync(folder, { recursive: true, force: true });
  pager.server.close();
}

/** Measures all of it and says each. */
export async function measureGrowth(say: Say): Promise<void> {
  say('the same traffic at Alertmanager and at Tocsin (64 connections):');
  await besideAlertmanager(say);
  say('beside open incidents (goal at 10,000: 1.5 times what it costs at 100):');
  await besideOpenOnes(say);
  say('in a storm (goals: 2,000 ms to the pager, /livez within 100 ms):');
  await amidAStorm(say);
}
