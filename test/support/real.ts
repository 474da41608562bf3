/**
 * The real process: `tocsin serve` in live mode on the real clock, its targets pointed at stand-ins that this test
 * process plays. What happens at the vendors outlives every kill of the server.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { standIns } from '../../adapters/stand-ins.ts';
import { loadFrom } from '../../src/loading/from-disk.ts';
import { formatProblems, type Loaded } from '../../src/config/load.ts';
import type { IncidentEvent } from '../../src/core/model/event.ts';
import type { Incident } from '../../src/core/model/incident.ts';
import { systemClock } from '../../src/engine/clock.ts';
import { accountsOf } from '../../src/sandbox/accounts.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts';
import type { PageEntry, PostEntry } from '../../src/sandbox/truth.ts';
import { openSqliteReads } from '../../src/store/sqlite.ts';
import type { Reads } from '../../src/store/store.ts';
import { LOOPBACK_ONLY } from '../loopback/processes.ts';
import { DIE_AT, type DieAt } from './die-at.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PRELOAD = new URL('./die-at.ts', import.meta.url).href;
/** The credential that Alertmanager sends. */
export const ALERTMANAGER_TOKEN = 'alertmanager-test-token';

/** What the server is given in its environment. */
export const SECRETS = {
  ALERTMANAGER_TOKEN,
  PD_TOKEN: 'pagerduty-rest-token-0001',
  PD_KEY: '0123456789abcdef0123456789abcdef',
  PD_WEBHOOK: 'pagerduty-webhook-secret-0001',
  STATUS_KEY: 'statuspage-key-0001',
  SLACK_TOKEN: 'xoxb-slack-token-0001',
};

function keysIn(urls: Readonly<Record<string, string>>): string {
  return Object.entries(urls)
    .map(([key, url]) => `, ${key}: "${url}"`)
    .join('');
}

/** One service whose trusted rule declares at once, so that one delivery rings a phone and posts on the page. */
function configText(urlsFor: (target: string) => Readonly<Record<string, string>>): string {
  return `
server: {allow_private_hosts: ["127.0.0.1"]}
sources:
  prom: {type: alertmanager, token: "\${ALERTMANAGER_TOKEN}", severity_map: {critical: bad, warning: mild}, expect: {match: 'alertname="Watchdog"', every: 5m, severity: mild}}
  calls: {type: pagerduty, secret: "\${PD_WEBHOOK}", severity_map: {P1: bad}, target: pd}
targets:
  pd: {type: pagerduty, mode: live, token: "\${PD_TOKEN}", from: tocsin@example.com, people_service: {name: People, id: PPEOPLE}${keysIn(urlsFor('pd'))}}
  page: {type: statuspage, mode: live, page_id: examplepage01, api_key: "\${STATUS_KEY}"${keysIn(urlsFor('page'))}}
  slack: {type: slack, mode: live, bot_token: "\${SLACK_TOKEN}"${keysIn(urlsFor('slack'))}}
people:
  rosa: {pagerduty: {name: Rosa, id: PROSA01}, slack: U0ROSA}
routes:
  - {default: true, team: harbour, severity: mild}
severities:
  worst: {criteria: Everything stands still., urgency: high, page: {triage: [watch], declared: [watch]}}
  bad:
    criteria: Customers notice.
    urgency: high
    declare: {by: [person, acknowledgement, trusted_rule]}
    page: {triage: [watch], declared: [watch]}
    updates: {public: {first_within: 5m, every: 30m, approval: none}}
    soak: {for: 30m}
  mild: {criteria: Nobody notices., urgency: low, declare: {by: [person]}, page: {triage: [watch], declared: [watch]}, soak: {for: 1m, then: resolve}}
roles:
  watch: {page: service.on_call, escalation: vendor}
automation: {ceiling: bad, alarms: {page: rosa, chat: {via: slack, channel: "#bridge"}}}
team: harbour
chat: {via: slack, channel: "#harbour"}
services:
  crane:
    on_call: {via: pd, service: {name: Crane, id: PCRANE1}, key: "\${PD_KEY}"}
    escalation: vendor
    unanswered: {after: 20m, page: rosa}
    components: {page: [{name: Crane, id: cmpcrane0001}]}
rules:
  - {name: crane down, match: 'alertname="CraneDown"', service: crane, severity: bad, group_by: [alertname], trusted: true}
  - {name: crane slow, match: 'alertname="CraneSlow"', service: crane, group_by: [alertname]}
`;
}

export interface RealServer {
  readonly url: string;
  readonly pid: number;
  /** Resolves once it listens; rejects where it ends before. */
  readonly listening: Promise<void>;
  /** How the process ended: the signal or the exit code. */
  readonly ended: Promise<string>;
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<string>;
  /** What it wrote to both outputs. */
  output(): string;
}

export interface Starting {
  /** Further arguments of `serve`. */
  readonly args?: readonly string[];
  /** What its shell does before it becomes the server: `umask 022`, `ulimit -n 128`. */
  readonly shell?: string;
  /** Modules that are loaded before it (`node --import`). */
  readonly preload?: readonly string[];
  /** Beside what every server is given. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a world is made of, where it is not the small one below. */
export interface Making {
  readonly config: typeof configText;
  /** What the server is given in its environment. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Its data folder; absent: one beside the configuration. */
  readonly data?: string;
}

export interface RealWorld {
  readonly sandbox: Sandbox;
  /** Its data folder. */
  readonly data: string;
  /** Starts the server on the one data folder of this world; with a plan it dies by itself. */
  start(dieAt?: DieAt, how?: Starting): Promise<RealServer>;
  /** The same, without waiting until it listens. */
  launch(how?: Starting): RealServer;
  pages(): readonly PageEntry[];
  posts(): readonly PostEntry[];
  /** Reads the database beside the server, or after its death. */
  read<T>(work: (reads: Reads) => Promise<T>): Promise<T>;
  incidents(): Promise<readonly Incident[]>;
  events(incident: string): Promise<readonly IncidentEvent[]>;
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise<void>((closed) => void server.close(() => closed()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const POLL_MS = 10;

/** Asks until it holds. The real world has no clock that could be stepped; nothing waits longer than it must. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = 30_000,
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await new Promise<void>((next) => void setTimeout(next, POLL_MS));
  }
}

function loaded(file: string, environment: Making['secrets']): Loaded {
  const result = loadFrom(file, { environment, sandbox: false, now: systemClock().now() });
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.loaded;
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((ended) =>
    child.once('exit', (code, signal) => ended(signal ?? String(code))),
  );
}

/** Stories of the real process wait for real time, so they run side by side: each brings its own hook. */
export type Finishing = Pick<TestContext, 'onTestFinished'>;

interface Serving {
  readonly test: Finishing;
  readonly secrets: Making['secrets'];
  readonly config: string;
  readonly data: string;
  readonly port: number;
}

/** What the server gets, nothing else of this process's environment. */
function environmentOf({ secrets }: Serving, how: Starting): Record<string, string> {
  const path = process.env['PATH'] ?? '';
  return { PATH: path, ...LOOPBACK_ONLY, ...secrets, ...how.environment };
}

function serve(at: Serving, how: Starting): RealServer {
  const { config, data, port } = at;
  const node = join(ROOT, 'node_modules/.bin/node');
  const preload = (how.preload ?? []).flatMap((module) => ['--import', module]);
  const serving = ['bin/tocsin.js', 'serve', '--config', config, '--data', data];
  const before = how.shell === undefined ? '' : `${how.shell}; `;
  const command = [node, ...preload, ...serving, '--listen', `127.0.0.1:${port}`];
  const child = spawn('sh', ['-c', `${before}exec "$0" "$@"`, ...command, ...(how.args ?? [])], {
    cwd: ROOT,
    env: environmentOf(at, how),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let exit: string | null = null;
  const ended = exitOf(child).then((how) => (exit = how));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  at.test.onTestFinished(kill);
  const listening = until('the server listens', () => {
    if (exit !== null) throw new Error(`the server ended (${exit}):\n${output}`);
    return output.includes('listens on');
  });
  // Whoever kills it while it starts does not wait for it.
  listening.catch(() => undefined);
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  const stop = (): Promise<string> => {
    signal('SIGTERM');
    return ended;
  };
  const url = `http://127.0.0.1:${port}`;
  return { url, pid: child.pid ?? 0, listening, ended, signal, kill, stop, output: () => output };
}

const SERVER = 'server: {allow_private_hosts: ["127.0.0.1"]';

/** The small world, whose server sends heartbeats: what stands under `server.heartbeat`, in one line. */
export function makingWithHeartbeat(heartbeat: string): Making {
  const config: Making['config'] = (urlsFor) =>
    configText(urlsFor).replace(SERVER, `${SERVER}, heartbeat: ${heartbeat}`);
  return { config, secrets: SECRETS };
}

/** A world of vendors, and an empty data folder; all of it gone when the test ends. */
export async function realWorld(
  test: Finishing,
  making: Making = { config: configText, secrets: SECRETS },
): Promise<RealWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-real-'));
  test.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'tocsin.yaml');
  const { secrets, data = join(folder, 'data') } = making;
  writeFileSync(
    config,
    making.config(() => ({})),
  );
  const port = await freePort();
  const accounts = accountsOf(loaded(config, secrets), {
    standIns,
    tocsinUrl: `http://127.0.0.1:${port}`,
  });
  const sandbox = await startSandbox({ standIns, accounts, clock: systemClock() });
  test.onTestFinished(() => sandbox.close());
  writeFileSync(config, making.config(sandbox.urlsFor));
  const launch = (how: Starting = {}): RealServer =>
    serve({ test, secrets, config, data, port }, how);
  const read = async <T>(work: (reads: Reads) => Promise<T>): Promise<T> => {
    const opened = await openSqliteReads(data);
    try {
      return await work(opened.reads);
    } finally {
      await opened.close();
    }
  };
  const list = (reads: Reads): ReturnType<Reads['listIncidents']> =>
    reads.listIncidents({ open: null, limit: 100, before: null });
  return {
    sandbox,
    data,
    launch,
    start: async (dieAt, how = {}) => {
      const dying = { preload: [PRELOAD], environment: { [DIE_AT]: JSON.stringify(dieAt) } };
      const server = launch(dieAt === undefined ? how : { ...how, ...dying });
      await server.listening;
      return server;
    },
    pages: () => sandbox.truth().filter((entry) => entry.kind === 'page'),
    posts: () => sandbox.truth().filter((entry) => entry.kind === 'post'),
    read,
    incidents: () => read(async (reads) => (await list(reads)).flatMap((row) => row.state ?? [])),
    events: (incident) =>
      read(async (reads) => (await reads.timeline(incident)).map((link) => link.event)),
  };
}

/** A delivery of one alert in Alertmanager's format, version 4. */
export function delivery(
  alertname: string,
  status: 'firing' | 'resolved' = 'firing',
): Readonly<Record<string, unknown>> {
  return {
    version: '4',
    groupKey: `{}:{alertname="${alertname}"}`,
    status,
    truncatedAlerts: 0,
    alerts: [
      {
        status,
        fingerprint: `finger-${alertname}`,
        startsAt: '2026-03-02T09:00:00Z',
        endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-03-02T09:10:00Z',
        labels: { alertname, severity: 'critical' },
        annotations: { summary: `${alertname} at the harbour` },
      },
    ],
  };
}

/** Delivers as Alertmanager does. Null: no answer came, and a real one would send it again. */
export async function deliver(url: string, body: unknown): Promise<number | null> {
  try {
    const answer = await fetch(`${url}/webhooks/prom`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ALERTMANAGER_TOKEN}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    return answer.status;
  } catch {
    return null;
  }
}
