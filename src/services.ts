/** What the command line is handed: the commands' doors to the engine, the vendors, the disk and the network. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { standIns } from '../adapters/stand-ins.ts';
import { ConfigRefused, createApp, loadFrom, VERSION, type App } from './app.ts';
import type {
  CliServices,
  OfflineReads,
  Running,
  SandboxOptions,
  ServeOptions,
} from './cli/services.ts';
import { initConfig, QUESTIONS } from './config/init.ts';
import { formatProblems, type Loaded } from './config/load.ts';
import type { Finding, Log } from './contract/adapter.ts';
import { instantOf } from './contract/instant.ts';
import { demoDocument } from './demo/document.ts';
import { play } from './demo/play.ts';
import { readScenario } from './demo/scenario.ts';
import { systemClock, type Clock } from './engine/clock.ts';
import { explain } from './read/explain.ts';
import { createHttpClient } from './engine/http-client.ts';
import { createRedactor, registerSecrets } from './engine/redact.ts';
import { storedContext } from './engine/stored-context.ts';
import { incidentList, incidentTimeline, incidentView } from './read/views.ts';
import { accountsOf, subjectOf } from './sandbox/accounts.ts';
import { createSteppedClock } from './sandbox/clock.ts';
import { startSandbox } from './sandbox/server.ts';
import { openSqliteReads } from './store/sqlite.ts';
import { VERBS } from './core/verbs/table.ts';

/** What the process gives: nothing here touches `process` itself. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Calls back on SIGTERM and SIGINT, and on SIGHUP. */
  readonly onStop: (stop: () => void) => void;
  readonly onReload: (reload: () => void) => void;
}

const EXAMPLE = fileURLToPath(new URL('../config/example.yaml', import.meta.url));
const DEMO = fileURLToPath(new URL('../config/scenarios/demo.yaml', import.meta.url));
/** Real time between two lines of the demo. */
const DEMO_PACE_MS = 220;

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'tocsin-'));
}

function announce(app: App, around: Surroundings): void {
  for (const warning of app.warnings) around.err(`${formatProblems([warning])}\n`);
  around.out(`Tocsin ${VERSION} listens on ${app.url}\n`);
  if (app.sandbox !== null) {
    around.out(
      `Sandbox: phones, status page and rooms at ${app.sandbox.url}/ , what really happened at ${app.sandbox.url}/truth\n`,
    );
    for (const secret of app.loaded.generatedSecrets)
      around.out(`  ${secret.path} was not set and is ${secret.value}\n`);
  }
  if (app.firstToken !== null)
    around.out(
      `The first token, printed this once: ${app.firstToken}\n  export TOCSIN_TOKEN=${app.firstToken}\n`,
    );
}

async function serve(options: ServeOptions, around: Surroundings): Promise<Running> {
  const clock =
    options.clock === 'stepped'
      ? createSteppedClock({ start: systemClock().now() })
      : systemClock();
  const data = options.data ?? temporary();
  let stop: (code: number) => void = () => undefined;
  const stopped = new Promise<number>((resolve) => (stop = resolve));
  const app = await createApp({
    config: options.config,
    data,
    sandbox: options.sandbox,
    sandboxPort: options.sandboxPort ?? 0,
    listen: options.listen,
    clock,
    environment: around.environment,
    pid: around.pid,
    log: { level: 'info', write: around.err },
    onBroken: (problem) => {
      around.err(
        `The database cannot be trusted any more and Tocsin ends; the next start recovers. ${problem.message}\n`,
      );
      stop(1);
    },
  });
  announce(app, around);
  around.onReload(
    () =>
      void app.reload().then((result) => {
        if (!result.ok)
          around.err(
            `${formatProblems(result.problems)}\nThe configuration was not reloaded; the last good one goes on.\n`,
          );
      }),
  );
  around.onStop(
    () =>
      void app.stop().then(
        () => {
          if (options.data === null) rmSync(data, { recursive: true, force: true });
          stop(0);
        },
        (error: unknown) => {
          around.err(`Tocsin did not stop cleanly; the next start recovers. ${String(error)}\n`);
          stop(1);
        },
      ),
  );
  return { stopped };
}

function loadOrRefuse(file: string, around: Surroundings, sandbox: boolean): Loaded {
  const result = loadFrom(file, { environment: around.environment, sandbox });
  if (!result.ok) throw new ConfigRefused(formatProblems(result.problems));
  return result.loaded;
}

async function sandboxAlone(options: SandboxOptions, around: Surroundings): Promise<Running> {
  const loaded = loadOrRefuse(options.config ?? EXAMPLE, around, true);
  const accounts = accountsOf(loaded, { standIns, tocsinUrl: 'http://127.0.0.1:8080' });
  const sandbox = await startSandbox({
    standIns,
    accounts,
    clock: systemClock(),
    port: options.port ?? 0,
  });
  around.out(`The vendors' stand-ins listen on ${sandbox.url}/\n`);
  for (const { target } of accounts)
    for (const [key, url] of Object.entries(sandbox.urlsFor(target)))
      around.out(`  ${target}: ${key}: ${url}\n`);
  for (const secret of loaded.generatedSecrets) around.out(`  ${secret.path} is ${secret.value}\n`);
  const stopped = new Promise<number>((resolve) =>
    around.onStop(() => void sandbox.close().then(() => resolve(0))),
  );
  return { stopped };
}

async function asks(
  url: string,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, request);
  return { status: answer.status, text: await answer.text() };
}

async function demo(
  options: { readonly json: boolean; readonly speed: number | null },
  around: Surroundings,
): Promise<Running> {
  const scenario = readScenario(readFileSync(DEMO, 'utf8'));
  const real = systemClock();
  const clock = createSteppedClock({ start: instantOf(scenario.starts) ?? 0 });
  const data = temporary();
  const app = await createApp({
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
  });
  try {
    const { sandbox, firstToken } = app;
    if (sandbox === null || firstToken === null)
      throw new Error('the demo runs on a fresh sandbox only');
    const pause = options.json ? 0 : DEMO_PACE_MS / (options.speed ?? 1);
    const tell = async (line: string): Promise<void> => {
      if (options.json) return;
      around.out(`${line}\n`);
      await new Promise<void>((resume) => void real.after(pause, resume));
    };
    const sourceHeaders = (source: string): Readonly<Record<string, string>> => {
      const secret = app.loaded.generatedSecrets.find(({ path }) =>
        path.startsWith(`sources.${source}.`),
      );
      return { authorization: `Bearer ${secret?.value ?? ''}` };
    };
    await tell(
      `Tocsin plays one incident against local stand-ins of the vendors. Time is stepped; every request is real HTTP.\nWatch it on ${sandbox.url}/ while it runs.`,
    );
    await play(
      {
        url: app.url,
        adminToken: firstToken,
        sandbox,
        clock,
        reads: app.reads,
        sourceHeaders,
        http: asks,
        tell,
      },
      scenario,
    );
    const rows = await app.reads.listIncidents({ open: null, limit: 100, before: null });
    const chains = await Promise.all(rows.map((row) => app.reads.timeline(row.id)));
    const document = demoDocument(
      sandbox.truth(),
      rows.flatMap((row) => row.state ?? []),
      chains.flat().map((link) => link.event),
    );
    if (options.json) around.out(`${JSON.stringify(document, null, 2)}\n`);
    else
      around.out(
        `\n${document.pages.filter((page) => page.event === 'rang').length} rings, ${document.posts.length} public posts, ${document.severities.length} severities, ${document.timeline.length} lines of timeline. The same as JSON: npm run demo -- --json\n`,
      );
  } finally {
    await app.stop();
    rmSync(data, { recursive: true, force: true });
  }
  return { stopped: Promise.resolve(0) };
}

const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

async function doctor(
  file: string,
  around: Surroundings,
  clock: Clock,
): Promise<readonly (Finding & { name: string })[]> {
  const loaded = loadOrRefuse(file, around, false);
  const http = createHttpClient({
    clock,
    allow: { hosts: loaded.server.allowPrivateHosts },
    redact: redactorOf(loaded),
    userAgent: `tocsin/${VERSION}`,
  });
  const findings: (Finding & { name: string })[] = [];
  for (const { name, adapter, config } of Object.values(loaded.targets)) {
    const door = { config, http: http.scoped({ target: name }), now: clock.now(), log: quiet };
    const found = (await adapter.doctor?.check(subjectOf(loaded, name), door)) ?? [];
    findings.push(...found.map((one) => ({ ...one, name })));
  }
  const pagers = Object.values(loaded.policy.targets).filter(
    (target) => target.mode === 'live' && target.can.includes('pager.trigger'),
  );
  if (pagers.length < 2)
    findings.push({
      name: 'targets',
      level: 'warning',
      what: `there is ${pagers.length === 0 ? 'no' : 'only one'} live pager`,
      hint: 'Add a second one: when the first is down, pages go there after a minute.',
    });
  http.close();
  return findings;
}

function redactorOf(loaded: Loaded): (text: string) => string {
  const redactor = createRedactor();
  registerSecrets(redactor, loaded);
  return (text) => redactor.redact(text);
}

async function openReads(directory: string, clock: Clock): Promise<OfflineReads> {
  const opened = await openSqliteReads(directory);
  return {
    list: (query) => incidentList(opened.reads, query),
    show: async (incident) =>
      incidentView(opened.reads, await storedContext(opened.reads, clock.now()), incident),
    timeline: (incident) => incidentTimeline(opened.reads, incident),
    close: () => opened.close(),
  };
}

/** The doors of the command line. */
export function createServices(around: Surroundings): CliServices {
  const clock = systemClock();
  return {
    version: VERSION,
    verbs: VERBS,
    serve: (options) => serve(options, around),
    sandbox: (options) => sandboxAlone(options, around),
    demo: (options) => demo(options, around),
    loadConfig: (file, { sandbox }) => loadFrom(file, { environment: around.environment, sandbox }),
    formatProblems,
    init: { questions: QUESTIONS, initConfig },
    doctor: (file) => doctor(file, around, clock),
    openReads: (directory) => openReads(directory, clock),
    explain: async ({ config, source, body }) =>
      explain(loadOrRefuse(config, around, true), { source, body, headers: {} }, clock.now()),
    http: async (url, request) => fetch(url, request),
    now: () => clock.now(),
    instantOf,
    id: () => clock.id(),
    wait: (ms) => new Promise((resume) => void clock.after(ms, resume)),
  };
}
