/**
 * What each command of the command line is handed: the running server of `app.ts`, the demo, the doctor, the reading of a
 * database. Here they are only put together.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { standIns } from '../adapters/stand-ins.ts';
import { type App, ConfigRefused, createApp, type Started, VERSION } from './app.ts';
import type {
  Backends,
  Holding,
  OfflineReads,
  RecoveryReport,
  RestoreReport,
  Reset,
  ResetArguments,
  Running,
  SandboxArguments,
  ServeArguments,
} from './cli/backends.ts';
import { initConfig, QUESTIONS } from './config/init.ts';
import { formatProblems, type Loaded, type LoadResult } from './config/load.ts';
import { instantOf, isoOf } from './contract/instant.ts';
import { runDemo } from './demo/demo.ts';
import { systemClock, type Clock } from './engine/clock.ts';
import { loadFrom } from './loading/from-disk.ts';
import { explain } from './read/explain.ts';
import { checkExport, exportIncident } from './read/export.ts';
import { createHttpClient } from './engine/outgoing/http-client.ts';
import { systemdOf } from './engine/watching/systemd.ts';
import { startWatchdog, type Watchdog } from './engine/watching/watchdog.ts';
import { createLog } from './engine/telemetry/log.ts';
import { createRedactor, type Redactor, registerSecrets } from './engine/telemetry/redact.ts';
import { examine, type NamedFinding } from './engine/vendors/doctor.ts';
import { storedContext } from './engine/policy/stored-context.ts';
import { ADMINISTRATOR, createTokens } from './http/auth.ts';
import { type FirstToken, withFirstToken } from './http/first-token.ts';
import { storedTokens } from './http/token-rows.ts';
import { incidentList, incidentTimeline, incidentView } from './read/views.ts';
import type { Committed } from './store/sqlite/committed.ts';
import { commandLineOf, isWaiting } from './lib/parent-shell.ts';
import { accountsOf } from './sandbox/accounts.ts';
import { createSteppedClock } from './sandbox/clock.ts';
import { startSandbox } from './sandbox/server.ts';
import { openSqliteReads, openSqliteStore, recoverSqlite, restoreSqlite } from './store/sqlite.ts';
import { VERBS } from './core/verbs/table.ts';

/** What the process gives: nothing here touches `process` itself. */
export interface ProcessEdge {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Calls back on SIGTERM and SIGINT, and on SIGHUP. */
  readonly onStop: (stop: () => void) => void;
  readonly onReload: (reload: () => void) => void;
  /** Process id of whoever is the parent now; absent: it cannot be told. */
  readonly parent?: () => number;
}

const EXAMPLE = fileURLToPath(new URL('../config/example.yaml', import.meta.url));
const DEMO = fileURLToPath(new URL('../config/scenarios/demo.yaml', import.meta.url));
/** Real time between two lines of the demo. */
const DEMO_PACE_MS = 220;

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'tocsin-'));
}

function announce(app: Started, first: FirstToken, around: ProcessEdge): void {
  for (const warning of app.warnings) around.err(`${formatProblems([warning])}\n`);
  around.out(`Tocsin ${VERSION} listens on ${app.url}\n`);
  if (app.sandbox !== null) {
    around.out(
      `Sandbox: phones, status page and rooms at ${app.sandbox.url}/ , what really happened at ${app.sandbox.url}/truth\n`,
    );
    for (const secret of app.loaded.generatedSecrets)
      around.out(`  ${secret.path} was not set and is ${secret.value}\n`);
  }
  const { token, file } = first;
  if (token !== null)
    around.out(`The first token, printed this once: ${token}\n  export TOCSIN_TOKEN=${token}\n`);
  if (file !== null)
    around.out(
      `The first token is in ${file}\n  export TOCSIN_TOKEN_FILE=${file}\n  Make a token for each person with it; then it is deleted there, and stays valid until it is revoked.\n`,
    );
}

const LOOK_EVERY_MS = 1_000;

/**
 * Hears when it is told to stop: by a signal, or by the end of the shell that waits for it. `npx` and `npm run` end that
 * shell and nothing else when they are told to stop.
 */
function stopsOf(around: ProcessEdge, clock: Clock): (stop: () => void) => void {
  const { parent = () => 0 } = around;
  const shell = parent();
  const isStartedByShell = isWaiting(commandLineOf(shell), 'tocsin');
  return (stop) => {
    around.onStop(stop);
    const look = (): void => {
      if (parent() === shell) return void clock.after(LOOK_EVERY_MS, look);
      around.err('The shell that started Tocsin, and waited for it, is gone: Tocsin stops.\n');
      stop();
    };
    if (isStartedByShell) look();
  };
}

interface Serving {
  readonly data: string;
  readonly end: (code: number) => void;
  /** Before anybody is told of it. */
  readonly onListening: () => void;
}

/** Starts, again and again where it is asked to start anew; the one that runs now is what it was told last. */
function startOf(
  options: ServeArguments,
  around: ProcessEdge,
  { data, end, onListening }: Serving,
): () => Promise<App> {
  const start = (listen: ServeArguments['listen']): Promise<App> =>
    createApp({
      config: options.config,
      data,
      sandbox: options.sandbox,
      sandboxPort: options.sandboxPort ?? 0,
      sandboxHost: options.sandboxHost,
      listen,
      // Of each start its own: time goes back for none that runs.
      clock:
        options.clock === 'stepped'
          ? createSteppedClock({ start: systemClock().now() })
          : systemClock(),
      environment: around.environment,
      pid: around.pid,
      log: { level: options.logLevel, write: around.err },
      announce: (started, first) => {
        onListening();
        announce(started, first, around);
      },
      onBroken: (problem) => {
        around.err(
          `The database cannot be trusted any more and Tocsin ends; the next start recovers. ${problem.message}\n`,
        );
        end(1);
      },
      onStartAnew: () => {
        running = running.then(anew);
        running.catch((error: unknown) => {
          around.err(`Tocsin stopped to start anew, and could not. ${String(error)}\n`);
          end(1);
        });
      },
    });
  const anew = async (before: App): Promise<App> => {
    await before.stop();
    const { hostname, port } = new URL(before.url);
    return start({ host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) });
  };
  let running = start(options.listen);
  return () => running;
}

async function serve(options: ServeArguments, around: ProcessEdge): Promise<Running> {
  const real = systemClock();
  const listen = stopsOf(around, real);
  const data = options.data ?? temporary();
  let end: (code: number) => void = () => undefined;
  const stopped = new Promise<number>((resolve) => (end = resolve));
  let watchdog: Watchdog | null = null;
  const reload = async (): Promise<void> => {
    const result = await (await running()).reload({ isSeen: false });
    around.err(formatProblems(result.problems));
    if (!result.ok)
      around.err('\nThe configuration was not reloaded; the last good one goes on.\n');
  };
  const stop = async (): Promise<void> => {
    try {
      watchdog?.stopping();
      await (await running()).stop();
      await watchdog?.stop();
      if (options.data === null) rmSync(data, { recursive: true, force: true });
      end(0);
    } catch (error) {
      around.err(`Tocsin did not stop cleanly; the next start recovers. ${String(error)}\n`);
      end(1);
    }
  };
  // What hangs before it listens is ended by a signal at once.
  let heed = (): void => {
    heed = () => undefined;
    around.onReload(() => void reload());
    listen(() => void stop());
  };
  const heard = { end: (code: number) => end(code), onListening: () => heed() };
  const running = startOf(options, around, { data, ...heard });
  const { log } = await running();
  const systemd = systemdOf(around.environment, around.pid);
  const isReal = options.clock !== 'stepped';
  watchdog = isReal ? startWatchdog({ clock: real, log, systemd }) : null;
  return { stopped };
}

async function sandboxAlone(
  loaded: Loaded,
  options: SandboxArguments,
  around: ProcessEdge,
): Promise<Running> {
  const accounts = accountsOf(loaded, { standIns, tocsinUrl: 'http://127.0.0.1:8080' });
  const clock = systemClock();
  const listen = stopsOf(around, clock);
  const sandbox = await startSandbox({
    standIns,
    accounts,
    clock,
    port: options.port ?? 0,
    host: options.host,
  });
  around.out(`The vendors' stand-ins listen on ${sandbox.url}/\n`);
  for (const { target } of accounts)
    for (const [key, url] of Object.entries(sandbox.urlsFor(target)))
      around.out(`  ${target}: ${key}: ${url}\n`);
  for (const secret of loaded.generatedSecrets) around.out(`  ${secret.path} is ${secret.value}\n`);
  const stopped = new Promise<number>((resolve) =>
    listen(() => void sandbox.close().then(() => resolve(0))),
  );
  return { stopped };
}

async function demo(
  options: { readonly json: boolean; readonly speed: number | null },
  around: ProcessEdge,
): Promise<Running> {
  const data = temporary();
  const real = systemClock();
  const paceMs = options.json ? 0 : DEMO_PACE_MS / (options.speed ?? 1);
  try {
    await runDemo({
      json: options.json,
      scenario: readFileSync(DEMO, 'utf8'),
      clockAt: (start) => createSteppedClock({ start }),
      start: (clock) =>
        createApp({
          config: EXAMPLE,
          data,
          sandbox: true,
          sandboxPort: 0,
          listen: { host: '127.0.0.1', port: 0 },
          clock,
          environment: {},
          pid: around.pid,
          log: { level: 'silent', write: around.err },
          onBroken: (problem) => around.err(`${problem.message}\n`),
        }),
      out: around.out,
      pause: () => new Promise((resume) => void real.after(paceMs, resume)),
      http: async (url, request) => {
        const answer = await fetch(url, request);
        return { status: answer.status, text: await answer.text() };
      },
    });
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
  return { stopped: Promise.resolve(0) };
}

/** @param redactor what a vendor says may repeat what it was sent */
async function doctor(loaded: Loaded, redactor: Redactor): Promise<readonly NamedFinding[]> {
  const clock = systemClock();
  const http = createHttpClient({
    clock,
    allow: { hosts: loaded.server.allowPrivateHosts },
    redact: (text) => redactor.redactCut(text),
    userAgent: `tocsin/${VERSION}`,
  });
  try {
    const findings = await examine(loaded, {
      http,
      now: clock.now(),
    });
    const { redact } = redactor;
    // Before they are broken into lines, where a secret would be in pieces.
    return findings.map((one) => ({ ...one, what: redact(one.what), hint: redact(one.hint) }));
  } finally {
    http.close();
  }
}

/** Makes a token of every scope in a data directory that no server runs on. */
async function resetToken(asked: ResetArguments, { pid }: ProcessEdge): Promise<Reset> {
  const { data, revokeOthers } = asked;
  const clock = systemClock();
  const store = await openSqliteStore({ directory: data, kind: null, lock: true, pid });
  try {
    const log = createLog({
      level: 'silent',
      clock,
      redactor: createRedactor(),
      write: () => undefined,
    });
    const issuing = createTokens({
      store: storedTokens({
        ...store.reads,
        setMeta: (key, value) => store.transact((tx) => tx.setMeta(key, value)),
        // The server says it at its next start.
        alarm: () => undefined,
      }),
      clock,
      random: randomBytes,
      log,
      policy: () => ({ people: {} }),
    });
    // Whoever makes another one needs the first no more.
    const { tokens } = withFirstToken(issuing, { data, log });
    const valid = (await tokens.list()).filter(({ revokedAt }) => revokedAt === null);
    const others = revokeOthers ? valid : [];
    const { token, row } = await tokens.issue(ADMINISTRATOR);
    for (const { id } of others) await tokens.revoke(id);
    return { token, id: row.id, revoked: others.length };
  } finally {
    await store.close();
  }
}

async function openReads(directory: string, clock: Clock): Promise<OfflineReads> {
  const opened = await openSqliteReads(directory);
  return {
    list: (query) => incidentList(opened.reads, query),
    show: async (incident) =>
      incidentView(opened.reads, await storedContext(opened.reads, clock.now()), incident),
    timeline: (incident) => incidentTimeline(opened.reads, incident),
    verify: opened.verify,
    checkpoint: async () => opened.signedHead(),
    export: async (incident) => {
      const now = clock.now();
      const view = await storedContext(opened.reads, now);
      return exportIncident(opened.reads, { view, now, prove: opened.prove }, incident);
    },
    close: () => opened.close(),
  };
}

function recover(directory: string, options: { readonly accept: boolean }): RecoveryReport {
  const { kept, accepted, setAside } = recoverSqlite(directory, options);
  const rest = { isAccepted: accepted !== null, setAside };
  if (kept.kind === 'unknown')
    return { state: 'unknown', why: null, has: null, had: null, ...rest };
  if (kept.kind === 'less') {
    const { has, had } = kept.lost;
    return { state: 'less', why: kept.why, has, had, ...rest };
  }
  if (kept.kind === 'damaged') {
    const had = accepted?.had ?? kept.marker?.commits ?? null;
    return { state: 'damaged', why: kept.why, has: accepted?.has ?? null, had, ...rest };
  }
  const { commits } = kept.committed;
  return { state: 'whole', why: null, has: commits, had: kept.marker.commits, ...rest };
}

function holdingOf({
  commits,
  deliveries,
  events,
  newestAt,
}: Omit<Committed, 'head' | 'incidents'>): Holding {
  const newest = newestAt === 0 ? null : isoOf(newestAt);
  return { commits, deliveries, events, newest };
}

async function restore(
  directory: string,
  from: string,
  options: { readonly accept: boolean },
): Promise<RestoreReport> {
  const { backup, present, accepted, setAside } = await restoreSqlite(directory, from, options);
  const { instance, kind, incidents, openIncidents, bytes, flaws, committed } = backup;
  const own = { path: from, instance, kind, incidents, openIncidents, bytes, flaws };
  return {
    backup: { ...own, ...holdingOf(committed) },
    present:
      present === null
        ? null
        : {
            holding: present.committed === null ? null : holdingOf(present.committed),
            beyond: present.beyond,
            why: present.why,
          },
    isAccepted: accepted !== null,
    setAside,
  };
}

export function createBackends(around: ProcessEdge): Backends {
  const clock = systemClock();
  const redactor = createRedactor();
  const load = (file: string, sandbox: boolean): LoadResult => {
    const result = loadFrom(file, { environment: around.environment, sandbox, now: clock.now() });
    if (result.ok) registerSecrets(redactor, result.loaded);
    return result;
  };
  const loadOrRefuse = (file: string, sandbox: boolean): Loaded => {
    const result = load(file, sandbox);
    if (!result.ok) throw new ConfigRefused(formatProblems(result.problems));
    return result.loaded;
  };
  return {
    version: VERSION,
    verbs: VERBS,
    serve: (options) => serve(options, around),
    sandbox: async (options) =>
      sandboxAlone(loadOrRefuse(options.config ?? EXAMPLE, true), options, around),
    demo: (options) => demo(options, around),
    loadConfig: (file, { sandbox }) => load(file, sandbox),
    formatProblems,
    init: { questions: QUESTIONS, initConfig },
    doctor: async (file) => doctor(loadOrRefuse(file, false), redactor),
    hide: (value) => redactor.register(value),
    redact: (text) => redactor.redact(text),
    resetToken: (options) => resetToken(options, around),
    openReads: (directory) => openReads(directory, clock),
    recover,
    restore,
    checkExport,
    explain: async ({ config, source, body }) =>
      explain(loadOrRefuse(config, true), { source, body, headers: {} }, clock.now()),
    http: async (url, request) => fetch(url, request),
    now: () => clock.now(),
    instantOf,
    id: () => clock.id(),
    wait: (ms) => new Promise((resume) => void clock.after(ms, resume)),
  };
}
