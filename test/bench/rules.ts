/** What very many rules cost: checking them, finding the one of an alert, and a reload while the server goes on. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ROOT,
  SECRETS,
  type Stall,
  stallOf,
  startPager,
  startTocsin,
  writeConfig,
} from './processes.ts';
import { type RuleKind, ruleLines } from './rules-file.ts';

const SIZES = [10, 1_000, 10_000];
const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const environment = { ...process.env, ...SECRETS };

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-rules-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Processor time of `tocsin check`, its start included, in ms. */
function checkMs(rules: string): number {
  return inFolder((folder) => {
    const config = writeConfig(folder, { pagerPort: 9, rules });
    const file = join(folder, 'used');
    const args = ['--import', beside('used.ts'), join(ROOT, 'bin/tocsin.js'), 'check', config];
    const done = spawnSync(process.execPath, args, { env: { ...environment, USED_FILE: file } });
    if (done.status !== 0) throw new Error(done.stdout.toString());
    return Number(readFileSync(file, 'utf8'));
  });
}

/** Alerts a second on one core. */
function classified(count: number, kind: RuleKind): number {
  return inFolder((folder) => {
    const config = writeConfig(folder, { pagerPort: 9, rules: ruleLines(count, kind) });
    const args = [beside('classify.ts'), config, String(count), kind];
    const done = spawnSync(process.execPath, args, { env: environment });
    if (done.status !== 0) throw new Error(done.stderr.toString());
    return Number(done.stdout.toString());
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

interface Reloaded {
  readonly tookMs: number;
  readonly stall: Stall;
  /** In as much time in which nothing was asked: what the machine does to us. */
  readonly idle: Stall;
}

async function reloaded(rules: string): Promise<Reloaded> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-stall-'));
  const file = join(folder, 'stall');
  const pager = await startPager(() => undefined);
  const tocsin = await startTocsin({
    root: ROOT,
    pagerPort: pager.port,
    rules,
    environment: { STALL_FILE: file, NODE_OPTIONS: `--import ${beside('probe.ts')}` },
  });
  await pause(2_000);
  const url = `http://127.0.0.1:${tocsin.port}/-/reload`;
  const headers = { authorization: `Bearer ${tocsin.token}`, 'content-type': 'application/json' };
  const rounds: Reloaded[] = [];
  for (let round = 0; round < 3; round += 1) {
    // Another text each time: what holds already would not be stored.
    tocsin.rewrite(`${rules}  - {name: last, match: 'alertname="round ${round}"'}\n`);
    await stallOf(tocsin, file);
    const from = performance.now();
    const { status } = await fetch(url, { method: 'POST', headers, body: '{}' });
    if (status !== 200) throw new Error(`the reload was refused with ${status}`);
    const tookMs = performance.now() - from;
    const stall = await stallOf(tocsin, file);
    await pause(tookMs);
    rounds.push({ tookMs, stall, idle: await stallOf(tocsin, file) });
  }
  await tocsin.stop();
  pager.server.close();
  rmSync(folder, { recursive: true, force: true });
  const [median] = rounds.toSorted((a, b) => a.stall.processorMs - b.stall.processorMs).slice(1);
  if (median === undefined) throw new Error('there were no rounds');
  return median;
}

/** Measures all sizes and says each, in full and as a ratio to the smallest. */
export async function measureRules(say: (line: string) => void): Promise<void> {
  const ratio = (own: number, first: number): string => `${(own / first).toFixed(2)} times`;
  const first = { check: Number.NaN, rate: Number.NaN };
  for (const count of SIZES) {
    const check = checkMs(ruleLines(count));
    const rate = classified(count, 'usual');
    if (Number.isNaN(first.check)) Object.assign(first, { check, rate });
    const { tookMs, stall, idle } = await reloaded(ruleLines(count));
    const stalls = ({ wallMs, processorMs }: Stall): string =>
      `${wallMs.toFixed(0)} ms (${processorMs.toFixed(0)} ms of processor time)`;
    say(
      `  ${count} rules: check ${check.toFixed(0)} ms of processor time (${ratio(check, first.check)} the first), ${rate} alerts/s classified on one core (${ratio(rate, first.rate)})`,
    );
    say(
      `           a reload takes ${tookMs.toFixed(0)} ms, its longest stall ${stalls(stall)}; as long without one ${stalls(idle)}`,
    );
  }
  const many = SIZES.at(-1) ?? 0;
  for (const kind of ['patterns', 'bare patterns'] as const)
    say(`  ${many} rules of ${kind} alone: ${classified(many, kind)} alerts/s`);
}
