/**
 * The composition root: one straight function that builds a running Tocsin from a configuration and a data directory.
 * Each resource registers its teardown on the line where it is made; they are undone last to first.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { standIns } from '../adapters/stand-ins.ts';
import { formatProblems, type Loaded, type LoadResult, type Problem } from './config/load.ts';
import { decide } from './core/deciding/decide.ts';
import { fold } from './core/model/events.ts';
import { minimalAlarm, minimalIncident } from './core/opening/minimal.ts';
import { preparing } from './core/routing/picking.ts';
import { asAlert, classify, route } from './core/routing/route.ts';
import { whomToWarn } from './core/people/alarm-list.ts';
import { stillWanted } from './core/deciding/send.ts';
import { owed, wakeUpOf } from './core/deciding/owed.ts';
import type { Log } from './contract/adapter.ts';
import type { Clock } from './engine/clock.ts';
import type { Core } from './engine/deciding/core.ts';
import { VERBS } from './core/verbs/table.ts';
import { createEngine, type Engine, type EngineOptions } from './engine/engine.ts';
import { explain } from './read/explain.ts';
import { createHttpClient } from './engine/outgoing/http-client.ts';
import { createKeptFiles } from './engine/policy/kept-files.ts';
import { createLog } from './engine/telemetry/log.ts';
import { createMetrics } from './engine/telemetry/metrics.ts';
import { heartbeatThread } from './engine/watching/heartbeat.ts';
import { createRedactor } from './engine/telemetry/redact.ts';
import { createTargets } from './engine/vendors/targets.ts';
import {
  type OwnTroubles,
  openOwnTroubles,
  type OwnTroublesOptions,
} from './engine/vendors/own-troubles.ts';
import { warnOfStart } from './engine/warning.ts';
import { createInstallation, type Reloaded } from './engine/installation.ts';
import { createRecordViews } from './read/export.ts';
import { createViews } from './read/views.ts';
import { createTokens, type Tokens } from './http/auth.ts';
import { type FirstToken, withFirstToken } from './http/first-token.ts';
import { storedTokens } from './http/token-rows.ts';
import { addressOf, innerUrlOf } from './http/own-address.ts';
import type { HttpOptions } from './http/options.ts';
import { startHttp } from './http/server.ts';
import { inSlices } from './loading/beside.ts';
import { loadFrom } from './loading/from-disk.ts';
import { createReloads, type ReloadResult, type Reloads } from './loading/reloads.ts';
import type { LogLevel } from './lib/log-level.ts';
import { keepDescriptors } from './lib/descriptors.ts';
import { createNetworks } from './lib/networks.ts';
import { accountsOf, pointedAt } from './sandbox/accounts.ts';
import type { SteppedClock } from './sandbox/clock.ts';
import { startSandbox, type Sandbox } from './sandbox/server.ts';
import { openSqliteStore } from './store/sqlite.ts';
import { type Reads, type Store, StoreUnavailable } from './store/store.ts';

export const VERSION = '0.1.0';

/** The functional core, as the engine is handed it. */
export const core: Core = {
  classify,
  asAlert,
  route,
  decide,
  fold,
  stillWanted,
  owed,
  wakeUpOf,
  minimalIncident,
  minimalAlarm,
  whomToWarn,
};

export interface AppOptions {
  /** Path of the configuration. */
  readonly config: string;
  /** Folder of the database. */
  readonly data: string;
  readonly sandbox: boolean;
  readonly sandboxPort: number;
  /** Where the stand-ins listen; loopback when absent. */
  readonly sandboxHost?: string;
  /** Who starts the stand-ins; absent: every start has fresh ones. For vendors that outlive a restart of Tocsin. */
  readonly openVendors?: typeof startSandbox;
  /** Null: what the configuration says. Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number } | null;
  readonly clock: Clock | SteppedClock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly log: {
    /** Null: what the configuration says. */
    readonly level: LogLevel | null;
    readonly write: (line: string) => void;
  };
  /** It is to start anew, by itself: the clock of the machine was accepted. Absent: the next start goes by that. */
  readonly onStartAnew?: (() => void) | undefined;
  /** The database is broken for good: the process should end, and its next start recovers. */
  readonly onBroken: (problem: Error) => void;
  /** It listens: to be told before the first token, if there is one, is stored. */
  readonly announce?: (started: Started, first: FirstToken) => void;
}

/** What a person who starts it wants to know. */
export interface Started {
  readonly url: string;
  readonly sandbox: Sandbox | null;
  readonly loaded: Loaded;
  readonly warnings: readonly Problem[];
}

export interface App extends Started {
  readonly engine: Engine;
  readonly log: Log;
  readonly reads: Reads;
  /** The first token, on the first start of a data directory only. */
  readonly firstToken: string | null;
  readonly reload: Reloads['reload'];
  /** Not ready any more, then what is under way is finished, then everything is closed. A second call waits for the first. */
  stop(): Promise<void>;
}

/** A configuration that does not load; the message lists every problem. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
}

/** Undoes the steps last to first, every one of them, and throws the first error. */
async function undo(steps: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.toReversed()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

function isStepped(clock: Clock | SteppedClock): clock is SteppedClock {
  return 'busy' in clock;
}

async function openSandbox(
  options: AppOptions,
  loaded: Loaded,
  tocsinUrl: string,
): Promise<Sandbox | null> {
  if (!options.sandbox) return null;
  const accounts = accountsOf(loaded, { standIns, tocsinUrl });
  const { clock, sandboxPort: port, sandboxHost: host, openVendors = startSandbox } = options;
  return openVendors({ standIns, accounts, clock, port, host });
}

function rehearsed(sandbox: Sandbox | null, loaded: Loaded): Loaded {
  if (sandbox === null) return loaded;
  const played = new Set(standIns.map((standIn) => standIn.name));
  return pointedAt(loaded, (target) =>
    played.has(loaded.targets[target]?.adapter.name ?? '') ? sandbox.urlsFor(target) : {},
  );
}

interface Viewed {
  readonly engine: Engine;
  readonly tools: Tools;
  readonly now: () => number;
}

function viewsOf(
  store: Store,
  { engine, tools, now }: Viewed,
): Pick<HttpOptions, 'views' | 'record'> {
  const { redactCut: redact } = tools.redactor;
  const context = () => ({ policy: engine.setup().policy, lookups: engine.lookups(), redact });
  const record = createRecordViews(store, { context, now });
  return { views: createViews(store.reads, context), record };
}

function tokensOf(
  store: Store,
  engine: Engine,
  { clock, log }: { clock: Clock; log: Log },
): Tokens {
  return createTokens({
    store: storedTokens({
      metas: (prefix) => store.reads.metas(prefix),
      meta: (key) => store.reads.meta(key),
      setMeta: (key, value) => engine.write((tx) => tx.setMeta(key, value)),
      alarm: engine.selfAlert,
    }),
    clock,
    random: randomBytes,
    log,
    policy: () => engine.setup().policy,
  });
}

function toldOf(done: ReloadResult): Reloaded {
  return {
    ok: done.ok,
    kept: done.kept.map(({ team, file }) => ({ team, file })),
    problems: done.problems
      .filter(({ level }) => done.ok || level === 'error')
      .map((problem) => formatProblems([problem]).trimEnd()),
  };
}

type Tools = Pick<EngineOptions, 'redactor' | 'log' | 'metrics' | 'http'>;

function toolsOf(options: AppOptions, loaded: Loaded): Tools {
  const { clock } = options;
  const redactor = createRedactor();
  for (const secret of loaded.secrets) redactor.register(secret.reveal());
  const metrics = createMetrics();
  const level = options.log.level ?? loaded.server.logLevel;
  const log = createLog({ level, clock, redactor, write: options.log.write });
  const http = createHttpClient({
    clock,
    allow: options.sandbox ? 'loopback-only' : { hosts: loaded.server.allowPrivateHosts },
    redact: (text) => redactor.redactCut(text),
    userAgent: `tocsin/${VERSION}`,
    observe: ({ target, request, answer, ms }) => {
      const isAnswered = answer.kind === 'answered';
      const result = isAnswered ? `${Math.floor(answer.status / 100)}xx` : answer.reason;
      metrics.http.observe({ target, result }, ms / 1000);
      const { method, url } = request;
      const status = isAnswered ? answer.status : answer.reason;
      log.debug({ target, method, url, status, ms: Math.round(ms) }, 'a target was asked');
    },
  });
  return { redactor, log, metrics, http };
}

/** A rehearsal tells nobody that it lives: the real one may be dead meanwhile. */
function heartbeatOf({ sandbox, clock }: AppOptions, { server }: Loaded) {
  const { heartbeat, allowPrivateHosts } = server;
  if (heartbeat === null || sandbox || isStepped(clock)) return undefined;
  return heartbeatThread({ ...heartbeat, allowPrivateHosts, userAgent: `tocsin/${VERSION}` });
}

function engineOf(
  options: AppOptions,
  loaded: Loaded,
  tools: Tools & { store: Store; ownTroubles: OwnTroubles },
): Engine {
  return createEngine({
    ...tools,
    setup: loaded,
    core,
    clock: options.clock,
    mode: options.sandbox ? 'sandbox' : 'live',
    // A stepped clock would walk through every one of these; precise waking does the work there.
    ...(isStepped(options.clock) ? { pollMs: 60_000 } : {}),
    onBroken: options.onBroken,
    onStartAnew: options.onStartAnew,
    descriptors: keepDescriptors(),
    heartbeat: heartbeatOf(options, loaded),
  });
}

/** What is loaded at the start, ready for the first alert. */
async function firstLoad(options: AppOptions): Promise<Extract<LoadResult, { ok: true }>> {
  const { config, environment, sandbox, clock } = options;
  const first = loadFrom(config, { environment, sandbox, now: clock.now() });
  if (!first.ok) throw new ConfigRefused(formatProblems(first.problems));
  await inSlices(preparing(first.loaded.policy), clock);
  return first;
}

/** Where the troubles of the data directory are kept, and what tells it from all others. */
function troublesIn(data: string): OwnTroublesOptions {
  const path = join(data, 'troubles.json');
  return { path, place: `${hostname()} ${resolve(path)}`, random: randomBytes };
}

/** Opens the store; where that cannot be, and nobody has merely named the wrong thing, somebody is rung. */
async function storeOf(
  options: AppOptions,
  at: Tools & { readonly setup: Loaded; readonly ownTroubles: OwnTroubles },
): Promise<Store> {
  const { data, sandbox, pid, clock } = options;
  const { log, http, setup, ownTroubles } = at;
  const kind = sandbox ? 'sandbox' : 'live';
  const warn = (what: string): void => log.warn({}, what);
  try {
    const { checkpoints } = setup.server;
    return await openSqliteStore({ directory: data, kind, lock: true, pid, warn, checkpoints });
  } catch (error) {
    if (error instanceof StoreUnavailable && !error.isMisuse) {
      const warning = { core, clock, http, log, ownTroubles, setup: () => setup };
      const why = `${error.message}. What to do: ${error.hint}.`;
      await warnOfStart({ ...warning, targets: createTargets(setup) }, why);
    }
    throw error;
  }
}

/** Builds and starts everything. Throws `ConfigRefused` or `StoreUnavailable` with words for people. */
export async function createApp(options: AppOptions): Promise<App> {
  const { clock, sandbox: isSandbox } = options;
  const teardown: (() => unknown)[] = [];
  let stopping: Promise<void> | null = null;
  try {
    const first = await firstLoad(options);
    const listen = await addressOf(options.listen ?? first.loaded.server);
    const sandbox = await openSandbox(options, first.loaded, innerUrlOf(listen));
    if (sandbox !== null) teardown.push(() => sandbox.close());
    const tools = toolsOf(options, first.loaded);
    teardown.push(() => tools.http.close());
    const { log, metrics } = tools;
    const ownTroubles = openOwnTroubles(troublesIn(options.data));
    teardown.push(() => ownTroubles.close());
    const setup = rehearsed(sandbox, first.loaded);
    const store = await storeOf(options, { ...tools, setup, ownTroubles });
    teardown.push(() => store.close());
    const ready = (loaded: Loaded): Loaded => rehearsed(sandbox, loaded);
    const engine = engineOf(options, ready(first.loaded), { ...tools, store, ownTroubles });
    if (isStepped(clock))
      clock.busy(() => engine.inFlight() - (sandbox?.waiting() ?? 0), 'the engine');
    await engine.start();
    teardown.push(() => engine.stop());
    const keptFiles = createKeptFiles({ clock, metrics, selfAlert: engine.selfAlert });
    teardown.push(() => keptFiles.stop());
    const reloads = createReloads({ options, engine, keptFiles, first: first.loaded, ready });
    teardown.push(() => reloads.settled());
    if (isStepped(clock)) clock.busy(reloads.inFlight, 'a reload');
    const told = async () => toldOf(await reloads.reload({ isSeen: true }));
    const policy = () => engine.setup().policy;
    const issued = tokensOf(store, engine, { clock, log });
    const { tokens, make } = withFirstToken(issued, { data: isSandbox ? null : options.data, log });
    const server = await startHttp({
      listen,
      engine,
      installation: createInstallation({ engine, tokens, reload: told, policy, clock, log }),
      reads: store.reads,
      ...viewsOf(store, { engine, tools, now: clock.now }),
      explain: (delivery) =>
        explain({ ...engine.setup(), lookups: engine.lookups() }, delivery, clock.now()),
      tokens,
      policy,
      verbs: VERBS,
      keptFiles: keptFiles.all,
      clock,
      log,
      registry: metrics.registry,
      version: VERSION,
      trustedProxies: createNetworks(first.loaded.server.trustedProxies),
      limits: { deliveryBytes: first.loaded.server.maxBodyBytes },
    });
    teardown.push(() => server.close());
    if (isStepped(clock)) clock.busy(() => server.inFlight(), 'the HTTP server');
    const started = { url: server.url, sandbox, loaded: first.loaded, warnings: first.warnings };
    return {
      ...started,
      engine,
      log,
      reads: store.reads,
      firstToken: await make((first) => options.announce?.(started, first)),
      reload: reloads.reload,
      stop: () => (stopping ??= undo(teardown)),
    };
  } catch (error) {
    await undo(teardown);
    throw error;
  }
}
