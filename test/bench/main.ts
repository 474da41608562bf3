/**
 * `npm run bench`: ratios and latencies measured in one run, medians of several. Nothing here fails a build; quote the
 * figures with the machine they come from. `npm run bench -- --beside DIR` measures another checkout, with its packages
 * installed, in turn with this one: on a machine that others use, only such a comparison says anything.
 * `npm run bench -- --rules` measures the part about rules alone, `-- --closed` that about very many closed incidents,
 * `-- --growth` the one beside Alertmanager, with very many open incidents and in a storm.
 */
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bodyOf } from './body.ts';
import { measureClosed } from './closed.ts';
import { measureGrowth } from './growth.ts';
import { measureRules } from './rules.ts';
import {
  load,
  processorMs,
  residentMb,
  ROOT,
  slowSyncShim,
  startBare,
  startPager,
  startTocsin,
  type Tocsin,
} from './processes.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);

interface Version {
  readonly name: string;
  readonly root: string;
}

const {
  beside,
  rules: isRulesAlone,
  closed: isClosedAlone,
  growth: isGrowthAlone,
} = parseArgs({
  options: {
    beside: { type: 'string' },
    rules: { type: 'boolean' },
    closed: { type: 'boolean' },
    growth: { type: 'boolean' },
  },
}).values;

function versions(): readonly Version[] {
  const here = { name: 'this', root: ROOT };
  if (beside === undefined) return [here];
  const root = resolve(beside);
  return [here, { name: basename(root), root }];
}

const VERSIONS = versions();

/** Measures every version in turn, round by round, and returns the medians in their order. */
async function inTurn(
  measure: (version: Version, round: number) => Promise<Readonly<Record<string, number>>>,
): Promise<readonly Readonly<Record<string, number>>[]> {
  const rounds = VERSIONS.map((): Readonly<Record<string, number>>[] => []);
  for (let round = 1; round <= ROUNDS; round += 1)
    for (const [index, version] of VERSIONS.entries())
      rounds[index]?.push(await measure(version, round));
  return rounds.map((all) =>
    Object.fromEntries(
      Object.keys(all[0] ?? {}).map((name) => [
        name,
        median(all.map((one) => one[name] ?? Number.NaN)),
      ]),
    ),
  );
}

/** `0.21 (other: 0.20, ratio 1.05)` */
function compared(
  medians: readonly Readonly<Record<string, number>>[],
  name: string,
  digits: number,
): string {
  const [here, beside] = medians.map((one) => one[name] ?? Number.NaN);
  const own = (here ?? Number.NaN).toFixed(digits);
  if (here === undefined || beside === undefined) return own;
  const ratio = beside === 0 ? '' : `, ratio ${(here / beside).toFixed(2)}`;
  return `${own} (${VERSIONS[1]?.name ?? ''}: ${beside.toFixed(digits)}${ratio})`;
}

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
  { name, root }: Version,
  round: number,
): Promise<{ readonly burst: number; readonly sustained: number; readonly cost: number }> {
  const bare = await startBare();
  const bareFrom = processorMs(bare.child.pid) ?? Number.NaN;
  const yardstick = await load({ port: bare.port, path: '/', seconds: SECONDS, seed: 0 });
  const bareMs = (processorMs(bare.child.pid) ?? Number.NaN) - bareFrom;
  await bare.stop();
  const pager = await startPager(() => undefined);
  const tocsin = await startTocsin({ root, pagerPort: pager.port });
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
    `  ${name}, round ${round}: bare ${bareRate.toFixed(0)}/s, taken ${(taken.accepted / (burstMs / 1000)).toFixed(0)}/s (ratio ${burst.toFixed(2)}), undecided at the end ${backlog}, all decided ${(taken.accepted / (allMs / 1000)).toFixed(0)}/s (ratio ${sustained.toFixed(2)}), answers ${JSON.stringify(taken.statuses)}`,
  );
  say(
    `           bare: ${costOf(bareMs, yardstick.accepted, SECONDS * 1000)}; Tocsin, decisions included: ${costOf(usedMs, taken.accepted, allMs)}`,
  );
  return { burst, sustained, cost: (usedMs * 1000) / taken.accepted };
}

/** 50 alerts a second, each an incident and a phone of its own: from the first byte of the delivery to the vendor's doorstep. */
async function latencyRound(
  { root }: Version,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly p50: number; readonly p99: number; readonly missing: number }> {
  const sentAt = new Map<string, number>();
  const waited: number[] = [];
  const pager = await startPager((summary) => {
    const key = /bench (\d+) /.exec(summary)?.[1] ?? '';
    const at = sentAt.get(key);
    if (at !== undefined) waited.push(performance.now() - at);
    sentAt.delete(key);
  });
  const count = 50 * SECONDS;
  const tocsin = await startTocsin({ root, pagerPort: pager.port, services: count, environment });
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
  await tocsin.stop();
  pager.server.close();
  const missing = count - waited.length;
  return { p50: percentile(waited, 0.5), p99: percentile(waited, 0.99), missing };
}

async function latency(
  title: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const medians = await inTurn((version) => latencyRound(version, environment));
  say(
    `${title}: p50 ${compared(medians, 'p50', 1)} ms, p99 ${compared(medians, 'p99', 1)} ms, pages that did not come ${compared(medians, 'missing', 0)}`,
  );
}

async function startRound({ root }: Version) {
  const pager = await startPager(() => undefined);
  const tocsin = await startTocsin({ root, pagerPort: pager.port });
  await pause(1_500);
  const resident = residentMb(tocsin.child.pid) ?? Number.NaN;
  await tocsin.stop();
  pager.server.close();
  return { ready: tocsin.readyMs, resident };
}

async function ofOneServer(): Promise<void> {
  const starts = await inTurn(startRound);
  say(
    `start to ready: median ${compared(starts, 'ready', 0)} ms; idle resident memory: median ${compared(starts, 'resident', 0)} MB`,
  );
  say(
    'intake against a bare node:http server that parses the same JSON (a bare server below 100 % of a core waited for the generator, so its rate is a lower bound and the ratio flatters us):',
  );
  const intake = await inTurn(intakeRound);
  say(`burst intake (rows may wait): median ratio ${compared(intake, 'burst', 2)} (goal 0.6)`);
  say(
    `sustained intake (every row decided): median ratio ${compared(intake, 'sustained', 2)} (goal 0.3)`,
  );
  say(`processor time of a delivery, decisions included: median ${compared(intake, 'cost', 0)} µs`);
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
}

say(
  `Tocsin benchmarks on Node ${process.version}: ${ROUNDS} rounds of ${SECONDS} s, 64 connections`,
);
const isAll = [isRulesAlone, isClosedAlone, isGrowthAlone].every((one) => one !== true);
if (isAll) await ofOneServer();
if (isAll || isGrowthAlone === true) await measureGrowth(say);
if (isAll || isRulesAlone === true) {
  say(
    'very many rules of one team (goals at 10,000: check < 3,000 ms, 20,000 alerts/s, no stall of 50 ms):',
  );
  await measureRules(say);
}
if (isAll || isClosedAlone === true) {
  say(
    'very many closed incidents, in brackets the ratio to an empty database (goal: 1.1 at most):',
  );
  await measureClosed(say);
}
