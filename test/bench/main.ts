/**
 * `npm run bench`: ratios and latencies measured in one run, medians of several. Nothing here fails a build; quote the
 * figures with the machine they come from.
 */
import { bodyOf } from './body.ts';
import {
  load,
  processorMs,
  residentMb,
  slowSyncShim,
  startBare,
  startPager,
  startTocsin,
  type Tocsin,
} from './processes.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function undecided(tocsin: Tocsin): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${tocsin.port}/api/v1/health`, {
    headers: { authorization: `Bearer ${tocsin.token}` },
  });
  const health = (await answer.json()) as { undecided?: number; queued?: number };
  return (health.undecided ?? 0) + (health.queued ?? 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** What one request costs the server, and whether the server was busy all the time; if not, it was not the bottleneck. */
function costOf(usedMs: number, requests: number, elapsedMs: number): string {
  const perRequest = ((usedMs * 1000) / requests).toFixed(0);
  return `${perRequest} µs of processor time each, ${((usedMs / elapsedMs) * 100).toFixed(0)} % of a core`;
}

async function intakeRound(
  round: number,
): Promise<{ readonly burst: number; readonly sustained: number }> {
  const bare = await startBare();
  const bareFrom = processorMs(bare.child.pid) ?? Number.NaN;
  const yardstick = await load({ port: bare.port, path: '/', seconds: SECONDS, seed: 0 });
  const bareMs = (processorMs(bare.child.pid) ?? Number.NaN) - bareFrom;
  await bare.stop();
  const pager = await startPager(() => undefined);
  const tocsin = await startTocsin({ pagerPort: pager.port });
  const usedFrom = processorMs(tocsin.child.pid) ?? Number.NaN;
  const from = performance.now();
  const taken = await load({
    port: tocsin.port,
    path: '/webhooks/prom',
    seconds: SECONDS,
    seed: round * 10_000_000,
  });
  const burstMs = performance.now() - from;
  const backlog = await undecided(tocsin);
  while ((await undecided(tocsin)) > 0) await pause(20);
  const allMs = performance.now() - from;
  const usedMs = (processorMs(tocsin.child.pid) ?? Number.NaN) - usedFrom;
  await tocsin.stop();
  pager.server.close();
  const bareRate = yardstick.accepted / SECONDS;
  const burst = taken.accepted / (burstMs / 1000) / bareRate;
  const sustained = taken.accepted / (allMs / 1000) / bareRate;
  say(
    `  round ${round}: bare ${bareRate.toFixed(0)}/s, taken ${(taken.accepted / (burstMs / 1000)).toFixed(0)}/s (ratio ${burst.toFixed(2)}), undecided at the end ${backlog}, all decided ${(taken.accepted / (allMs / 1000)).toFixed(0)}/s (ratio ${sustained.toFixed(2)}), answers ${JSON.stringify(taken.statuses)}`,
  );
  say(
    `           bare: ${costOf(bareMs, yardstick.accepted, SECONDS * 1000)}; Tocsin, decisions included: ${costOf(usedMs, taken.accepted, allMs)}`,
  );
  return { burst, sustained };
}

/** 50 alerts a second, each an incident of its own: from the first byte of the delivery to the vendor's doorstep. */
async function latency(
  title: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const sentAt = new Map<string, number>();
  const waited: number[] = [];
  const pager = await startPager((summary) => {
    const key = /bench (\d+) /.exec(summary)?.[1] ?? '';
    const at = sentAt.get(key);
    if (at !== undefined) waited.push(performance.now() - at);
    sentAt.delete(key);
  });
  const tocsin = await startTocsin({ pagerPort: pager.port, environment });
  const count = 50 * SECONDS * 2;
  for (let number = 1; number <= count; number += 1) {
    sentAt.set(String(number), performance.now());
    void fetch(`http://127.0.0.1:${tocsin.port}/webhooks/prom`, {
      method: 'POST',
      headers: { authorization: 'Bearer bench-token', 'content-type': 'application/json' },
      body: bodyOf(number, { groups: 0 }),
    });
    await pause(20);
  }
  await pause(1_000);
  say(
    `${title}: p50 ${percentile(waited, 0.5).toFixed(1)} ms, p99 ${percentile(waited, 0.99).toFixed(1)} ms, ${waited.length} of ${count} pages`,
  );
  await tocsin.stop();
  pager.server.close();
}

async function start(): Promise<void> {
  const pager = await startPager(() => undefined);
  const ready: number[] = [];
  const resident: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const tocsin = await startTocsin({ pagerPort: pager.port });
    ready.push(tocsin.readyMs);
    await pause(1_500);
    resident.push(residentMb(tocsin.child.pid) ?? Number.NaN);
    await tocsin.stop();
  }
  pager.server.close();
  say(
    `start to ready: median ${median(ready).toFixed(0)} ms; idle resident memory: median ${median(resident).toFixed(0)} MB`,
  );
}

say(
  `Tocsin benchmarks on Node ${process.version}: ${ROUNDS} rounds of ${SECONDS} s, 64 connections`,
);
await start();
say(
  'intake against a bare node:http server that parses the same JSON (a bare server below 100 % of a core waited for the generator, so its rate is a lower bound and the ratio flatters us):',
);
const rounds = [];
for (let round = 1; round <= ROUNDS; round += 1) rounds.push(await intakeRound(round));
say(
  `burst intake (rows may wait): median ratio ${median(rounds.map((one) => one.burst)).toFixed(2)} (goal 0.6)`,
);
say(
  `sustained intake (every row decided): median ratio ${median(rounds.map((one) => one.sustained)).toFixed(2)} (goal 0.3)`,
);
await latency(
  'webhook in to first vendor call out at 50 alerts/s (goal p50 < 10, p99 < 50 ms)',
  {},
);
const shim = slowSyncShim();
if (shim === null) say('with 5 ms added to every sync: skipped, there is no C compiler (cc)');
else
  await latency('the same with 5 ms added to every sync (goal p50 < 40 ms)', {
    LD_PRELOAD: shim,
    SLOW_SYNC_US: '5000',
  });
