/**
 * `node test/bench/stalls.ts`: how long one body that is larger than anything a monitoring tool means to send keeps the
 * event loop of a real server from everything else, and how long until all of it is decided. Nothing here fails a build.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { ROOT, stallOf, startPager, startTocsin, type Tocsin } from './processes.ts';

const PATIENCE_MS = 120_000;

function body(alerts: readonly object[]): string {
  return JSON.stringify({ version: '4', status: 'firing', alerts });
}

const CASES: Readonly<Record<string, () => string>> = {
  'one ordinary alert': () => body([{ labels: { alertname: 'A' }, fingerprint: 'ordinary' }]),
  'a label of 2 MB': () =>
    body([{ labels: { alertname: 'A', long: 'x'.repeat(2_000_000) }, fingerprint: 'label' }]),
  'a label of 2 MB, grouped by it': () =>
    body([{ labels: { alertname: 'A', group: 'x'.repeat(2_000_000) }, fingerprint: 'group' }]),
  'a summary of 2 MB': () =>
    body([
      {
        labels: { alertname: 'A' },
        annotations: { summary: 's'.repeat(2_000_000) },
        fingerprint: 's',
      },
    ]),
  '400,000 labels': () =>
    body([
      {
        labels: Object.fromEntries(Array.from({ length: 400_000 }, (_, n) => [`l${n}`, 'v'])),
        fingerprint: 'labels',
      },
    ]),
  '400,000 labels without a fingerprint': () =>
    body([
      { labels: Object.fromEntries(Array.from({ length: 400_000 }, (_, n) => [`l${n}`, 'v'])) },
    ]),
  '50,000 alerts of one group': () =>
    body(
      Array.from({ length: 50_000 }, (_, n) => ({
        labels: { alertname: 'A', n: String(n) },
        fingerprint: `one-${n}`,
      })),
    ),
  '50,000 alerts of 500 groups': () =>
    body(
      Array.from({ length: 50_000 }, (_, n) => ({
        labels: { alertname: 'A', group: `g${n % 500}`, n: String(n) },
        fingerprint: `many-${n}`,
      })),
    ),
};

async function pause(ms: number): Promise<void> {
  await new Promise((done) => setTimeout(done, ms));
}

async function undecided(tocsin: Tocsin): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${tocsin.port}/api/v1/health`, {
    headers: { authorization: `Bearer ${tocsin.token}` },
  });
  const health = (await answer.json()) as { undecided: number; queued: number };
  return health.undecided + health.queued;
}

function largestState(data: string): string {
  const db = new DatabaseSync(join(data, 'db', 'tocsin.db'), { readOnly: true });
  const sizes = (sql: string): string => String(Object.values(db.prepare(sql).get() ?? {})[0]);
  const said = [
    `state ${sizes('SELECT max(length(state)) FROM incidents')}`,
    `event ${sizes('SELECT max(length(event)) FROM events')}`,
    `effect ${sizes('SELECT max(length(effect)) FROM outbox')}`,
    `labels ${sizes('SELECT max(length(labels)) FROM alerts')}`,
    `alerts ${sizes('SELECT count(*) FROM alerts')}`,
    `incidents ${sizes('SELECT count(*) FROM incidents')}`,
  ].join(', ');
  db.close();
  return said;
}

async function measure(name: string, text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-stall-'));
  const file = join(folder, 'stall');
  const pager = await startPager(() => undefined);
  const probe = fileURLToPath(new URL('probe.ts', import.meta.url));
  const tocsin = await startTocsin({
    root: process.argv[3] ?? ROOT,
    pagerPort: pager.port,
    environment: {
      STALL_FILE: file,
      NODE_OPTIONS: `--import ${probe} ${process.env['PROF'] ?? ''}`,
    },
  });
  await pause(1_000);
  await stallOf(tocsin, file);
  const from = performance.now();
  const answer = await fetch(`http://127.0.0.1:${tocsin.port}/webhooks/prom`, {
    method: 'POST',
    headers: { authorization: 'Bearer bench-token', 'content-type': 'application/json' },
    body: text,
  });
  const answeredMs = performance.now() - from;
  while ((await undecided(tocsin)) > 0 && performance.now() - from < PATIENCE_MS) await pause(50);
  const decidedMs = performance.now() - from;
  await pause(1_500);
  const { wallMs: longest } = await stallOf(tocsin, file);
  process.stdout.write(
    `${name} (${(text.length / 1e6).toFixed(1)} MB): ${answer.status} after ${answeredMs.toFixed(0)} ms, decided after ${decidedMs.toFixed(0)} ms, longest stall ${longest.toFixed(0)} ms; ${largestState(tocsin.data)}\n`,
  );
  await tocsin.stop();
  pager.server.close();
  rmSync(folder, { recursive: true, force: true });
}

for (const [name, make] of Object.entries(CASES))
  if (name.includes(process.argv[2] ?? '')) await measure(name, make());
