/** The processes of a benchmark: started, waited for, measured and ended by their own handle. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  stop(): Promise<void>;
}

function lineOf(child: ChildProcess, wanted: RegExp): Promise<string> {
  return new Promise((found, failed) => {
    let seen = '';
    child.stdout?.on('data', (part: Buffer) => {
      seen += part.toString();
      const match = wanted.exec(seen);
      if (match !== null) found(match[1] ?? match[0]);
    });
    child.once('exit', (code) =>
      failed(
        new Error(`ended with ${code ?? 'a signal'} before it said ${wanted.source}:\n${seen}`),
      ),
    );
  });
}

function stopper(child: ChildProcess): () => Promise<void> {
  return () =>
    new Promise((done) => {
      if (child.exitCode !== null) return done();
      child.once('exit', () => done());
      child.kill('SIGTERM');
    });
}

export async function startBare(): Promise<Started> {
  const child = spawn(process.execPath, [join(ROOT, 'test/bench/bare.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, port: Number(await lineOf(child, /^(\d+)\n/)), stop: stopper(child) };
}

/** A pager vendor that only answers, and tells when each page arrived. */
export async function startPager(
  arrived: (title: string) => void,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(parts).toString() || '{}') as {
        payload?: { summary?: string };
        dedup_key?: string;
      };
      if (body.payload?.summary !== undefined) arrived(body.payload.summary);
      response.writeHead(202, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          status: 'success',
          message: 'Event processed',
          dedup_key: body.dedup_key ?? '',
        }),
      );
    });
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', () => listening()));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

const ALERTMANAGER = `route: {receiver: sink, group_by: [group], group_wait: 1s, group_interval: 1m, repeat_interval: 4h}
receivers: [{name: sink, webhook_configs: [{url: "http://127.0.0.1:PORT/"}]}]
`;

/** A real Alertmanager that sends its groups to the port; null where none is installed. */
export async function startAlertmanager(sinkPort: number): Promise<Started | null> {
  if (spawnSync('prometheus-alertmanager', ['--version']).error !== undefined) return null;
  const data = mkdtempSync(join(tmpdir(), 'alertmanager-bench-'));
  const config = join(data, 'alertmanager.yml');
  writeFileSync(config, ALERTMANAGER.replace('PORT', String(sinkPort)));
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${config}`,
      `--storage.path=${join(data, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await new Promise<number>((found, failed) => {
    let seen = '';
    child.stderr.on('data', (part: Buffer) => {
      seen = `${seen}${part.toString()}`.slice(-10_000);
      const match = /address=127\.0\.0\.1:(\d+)/.exec(seen);
      if (match?.[1] !== undefined) found(Number(match[1]));
    });
    child.once('exit', () => failed(new Error(`Alertmanager did not start:\n${seen}`)));
  });
  const stop = stopper(child);
  return {
    child,
    port,
    stop: async () => {
      await stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function configOf(pagerPort: number): string {
  return `server: {listen: 127.0.0.1:0, allow_private_hosts: [127.0.0.1]}
sources:
  prom: {type: alertmanager, token: "\${BENCH_TOKEN}", severity_map: {critical: L1, page: L0}}
targets:
  pd: {type: pagerduty, mode: live, events_url: http://127.0.0.1:${pagerPort}}
routes: [{default: true, team: bench}]
severities:
  L0: {name: Top, criteria: none, urgency: high, declare: {by: [person]}, page: {triage: [expert]}, soak: {for: 5m, then: resolve}}
  L1: {name: One, criteria: bench, urgency: high, declare: {by: [person]}, page: {triage: [expert]}, soak: {for: 5m, then: resolve}}
automation: {ceiling: L1}
roles: {expert: {page: service.on_call, escalation: vendor}}
people: {}
teams: {}
`;
}

/** Each service has a phone of its own: one that rings already serves what comes to it besides. */
const serviceOf = (name: string, number: number): string => `  ${name}:
    on_call: {via: pd, service: {name: ${name}, id: PBENCH${number}}, key: "\${BENCH_KEY}"}
    escalation: vendor
`;

const teamOf = (services: number, rules: string): string => `team: bench
on_call: {via: pd, service: {name: Bench, id: PBENCH}, key: "\${BENCH_KEY}"}
services:
${serviceOf('bench', 0)}${Array.from({ length: services }, (_, index) => serviceOf(`bench-${index + 1}`, index + 1)).join('')}rules:
${rules}  - {name: by group, group_by: [group]}
`;

export interface Tocsin extends Started {
  readonly token: string;
  /** Milliseconds from spawning to ready. */
  readonly readyMs: number;
  readonly data: string;
  /** Writes the rules anew; nobody reloads them. */
  rewrite(rules: string): void;
}

/** Writes the configuration into the folder and returns its path. */
export function writeConfig(
  folder: string,
  options: { readonly pagerPort: number; readonly services?: number; readonly rules?: string },
): string {
  mkdirSync(join(folder, 'teams'));
  const config = join(folder, 'tocsin.yaml');
  writeFileSync(
    config,
    `include: [teams/*.yaml]\n${configOf(options.pagerPort).replace('people: {}\nteams: {}\n', '')}`,
  );
  const team = teamOf(options.services ?? 0, options.rules ?? '');
  writeFileSync(join(folder, 'teams/bench.yaml'), team);
  return config;
}

/** What the configuration needs of its environment. */
export const SECRETS = { BENCH_TOKEN: 'bench-token', BENCH_KEY: 'R'.padEnd(32, '0') };

/** Starts a live server on a fresh directory. @param options.root the checkout whose server it is */
export async function startTocsin(options: {
  readonly root: string;
  readonly pagerPort: number;
  /** How many services there are beside `bench`: `bench-1` and so on. */
  readonly services?: number;
  /** Folder of the database; a fresh one when absent. */
  readonly database?: string;
  /** Lines of rules before the one that takes everything. */
  readonly rules?: string;
  readonly environment?: Readonly<Record<string, string>>;
}): Promise<Tocsin> {
  const data = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const config = writeConfig(data, options);
  const database = options.database ?? join(data, 'db');
  const from = performance.now();
  const child = spawn(
    process.execPath,
    [
      join(options.root, 'bin/tocsin.js'),
      'serve',
      '--config',
      config,
      '--data',
      database,
      '--listen',
      '127.0.0.1:0',
    ],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        ...process.env,
        ...SECRETS,
        ...options.environment,
      },
    },
  );
  const port = Number(await lineOf(child, /listens on http:\/\/[^:]+:(\d+)/));
  while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200)
    await new Promise((soon) => setTimeout(soon, 5));
  const readyMs = performance.now() - from;
  const token = readFileSync(join(database, 'first-token'), 'utf8').trim();
  const stop = stopper(child);
  return {
    child,
    port,
    token,
    readyMs,
    data,
    rewrite: (rules) =>
      writeFileSync(join(data, 'teams/bench.yaml'), teamOf(options.services ?? 0, rules)),
    stop: async () => {
      await stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Runs the load generator to its end. */
export async function load(options: {
  readonly port: number;
  readonly path: string;
  readonly seconds: number;
  readonly seed: number;
  /** Of `TRAFFIC`; one alert in one of 200 groups when absent. */
  readonly traffic?: string;
  readonly to?: 'tocsin' | 'alertmanager';
}): Promise<{ readonly accepted: number; readonly statuses: Record<string, number> }> {
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'test/bench/load.ts'),
      String(options.port),
      options.path,
      String(options.seconds),
      '64',
      String(options.seed),
      options.traffic ?? '',
      options.to ?? 'tocsin',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const line = JSON.parse(await lineOf(child, /^(\{.*\})\n/)) as {
    statuses: Record<string, number>;
  };
  const { statuses } = line;
  return { accepted: (statuses['202'] ?? 0) + (statuses['200'] ?? 0), statuses };
}

/** Bytes that a process has had written to the disk (Linux only), or null. */
export function writtenBytes(pid: number | undefined): number | null {
  try {
    const io = readFileSync(`/proc/${pid ?? 0}/io`, 'utf8');
    return Number(/^write_bytes: (\d+)/m.exec(io)?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}

const TICKS_PER_S = 100;

/** Processor time that a process has used, user and system, in ms (Linux only), or null. */
export function processorMs(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8');
    // The name before the closing parenthesis may hold spaces; utime and stime are fields 14 and 15 of the whole.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_S;
  } catch {
    return null;
  }
}

/** Resident memory of a process in MB (Linux only), or null. */
export function residentMb(pid: number | undefined): number | null {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
  } catch {
    return null;
  }
}

/** Builds the shim that makes syncs slow; null where there is no C compiler. */
export function slowSyncShim(): string | null {
  const out = join(mkdtempSync(join(tmpdir(), 'tocsin-shim-')), 'slow-sync.so');
  const built = spawnSync('cc', [
    '-shared',
    '-fPIC',
    '-O2',
    '-o',
    out,
    join(ROOT, 'test/bench/slow-sync.c'),
    '-ldl',
  ]);
  return built.status === 0 ? out : null;
}

export interface Stall {
  /** The longest time between two turns of the event loop. */
  readonly wallMs: number;
  /** The most processor time that was used between two turns. */
  readonly processorMs: number;
}

/** The longest stall of a server with `probe.ts` since it was asked last. @param file its STALL_FILE */
export async function stallOf({ child }: Tocsin, file: string): Promise<Stall> {
  rmSync(file, { force: true });
  child.kill('SIGUSR2');
  const said = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  while (!said().endsWith('\n')) await new Promise((soon) => setTimeout(soon, 5));
  const [wallMs = Number.NaN, processorMs = Number.NaN] = said().split(' ').map(Number);
  return { wallMs, processorMs };
}
