/**
 * A stage for stories: a whole Tocsin as it runs in production, made by `createApp`, over real HTTP on loopback, beside
 * the vendors' stand-ins, on a stepped clock. What a story asserts is what really happened at the vendors.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createApp, type App } from '../../src/app.ts';
import { instantOf, isoOf } from '../../src/contract/instant.ts';
import type { Incident } from '../../src/core/model/incident.ts';
import type { IncidentEvent } from '../../src/core/model/event.ts';
import { parseDuration } from '../../src/lib/duration.ts';
import { createSteppedClock, type SteppedClock } from '../../src/sandbox/clock.ts';
import type { FaultOrder } from '../../src/sandbox/faults.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts';
import type { MessageEntry, PageEntry, PostEntry, TruthEntry } from '../../src/sandbox/truth.ts';
import { type AlertWords, alertmanagerBody } from './bodies.ts';
import { undescribed } from './described.ts';
import { gapsIn } from './gaps.ts';
import { type Answered, speak } from './http.ts';
import { expectTimetable, type Selection, timetableOf } from './timetable.ts';

export interface StageOptions {
  /** The configuration itself, or ... */
  readonly yaml?: string;
  /** ... files by path, of which `tocsin.yaml` is the main one, or ... */
  readonly files?: Readonly<Record<string, string>>;
  /** ... the path of one that exists. */
  readonly configFile?: string;
  /** ISO 8601: when the story begins. */
  readonly start: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The source to which Prometheus sends its Watchdog, every five minutes from the start on. */
  readonly watchdog?: string;
  /** Told how the stage is closed; by default the test that runs does it at its end. */
  readonly atEnd?: (close: () => Promise<void>) => void;
}

export interface Answering {
  /** Target where the phone is answered; absent: wherever it rings. */
  readonly target?: string;
  /** The vendor's address that rings, where it is not the person's own: a role's service. */
  readonly at?: string;
  readonly verb?: 'acknowledge' | 'resolve';
  /** The vendor's id of the page; absent: the newest that rings. */
  readonly ref?: string;
}

export interface Stage {
  readonly app: () => App;
  readonly sandbox: () => Sandbox;
  readonly clock: SteppedClock;
  /** Logged lines from warnings up. */
  readonly log: readonly string[];
  /** Moves to a moment: `35m` counts from the start, `02:35` or `02:35:10` is the next such time of day (UTC). */
  at(moment: string): Promise<void>;
  /** Moves on by a duration: `5m`, or milliseconds. */
  advance(by: string | number): Promise<void>;
  /** Posts a delivery as its sender would, signed or with its token; the answer is 202 unless the story says otherwise. */
  deliver(
    source: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answered>;
  /** Alertmanager posts alerts to the source, `prometheus` unless named. */
  alert(words: AlertWords | readonly AlertWords[], source?: string): Promise<void>;
  /** A person answers the phone that rings; throws when none does. */
  answer(person: string, how?: Answering): Promise<void>;
  /** One request of the API, `GET /api/v1/incidents`, by a person (or `admin`) with a token of their own. */
  api(person: string, request: string, body?: unknown): Promise<Answered>;
  /** A verb on the first incident opened, or on the n-th; throws when it is refused. */
  act(
    person: string,
    verb: string | { readonly verb: string; readonly n: number },
    body?: object,
  ): Promise<void>;
  /** Approves every public post of the n-th incident that waits. */
  approve(person: string, n?: number): Promise<void>;
  fault(order: FaultOrder): void;
  healed(target?: string): void;
  truth(): readonly TruthEntry[];
  pages(event?: PageEntry['event']): readonly PageEntry[];
  posts(): readonly PostEntry[];
  messages(): readonly MessageEntry[];
  incidents(): Promise<readonly Incident[]>;
  /** The n-th incident opened, beginning with 1. */
  incident(n?: number): Promise<Incident>;
  events(n?: number): Promise<readonly IncidentEvent[]>;
  /** What really happened, as lines. */
  happened(selection?: Selection): Promise<readonly string[]>;
  /** Every ring so far, as lines: `02:00:00 | rang | ada | on call | pd | high`. */
  rings(): Promise<readonly string[]>;
  /** Compares what really happened with a table written by hand. */
  timetable(table: string, selection?: Selection): Promise<void>;
  /** A request to a vendor's account as its own user makes it, past Tocsin. */
  atVendor(
    target: string,
    path: string,
    request: {
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    },
  ): Promise<Answered>;
  /** Stops and starts on the same data; the vendors go on. `crash`: as if the process had been killed at this instant. */
  restart(how?: 'stop' | 'crash'): Promise<void>;
  /** Stops, lets time pass until the moment, and starts again on the same data. */
  downUntil(moment: string): Promise<void>;
  /** Writes the main file anew; nobody reloads it. */
  rewrite(yaml: string): void;
  /** Writes the main file anew and reloads it; throws when it is refused. */
  reload(yaml: string): Promise<void>;
  /** Ends everything; every test does it by itself. */
  close(): Promise<void>;
}

const MAIN = 'tocsin.yaml';

function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return join(folder, MAIN);
}

const DAY_MS = 86_400_000;

/** Epoch ms of a moment as stories write it. */
function momentOf(text: string, { start, now }: { start: number; now: number }): number {
  const since = parseDuration(text);
  if (since !== null) return start + since;
  const time = instantOf(`${isoOf(now).slice(0, 10)}T${text.length === 5 ? `${text}:00` : text}Z`);
  if (time === null) throw new Error(`"${text}" is no moment; write 35m, 02:35 or 02:35:10`);
  return time < now ? time + DAY_MS : time;
}

/** How the sender of a source proves itself, as its administrator set it up. */
function proofOf(app: App, source: string, body: string): Readonly<Record<string, string>> {
  const secrets = Object.entries(app.loaded.secretsByPath);
  const [, secret] = secrets.find(([path]) => path.startsWith(`sources.${source}.`)) ?? [];
  const revealed = secret?.reveal() ?? '';
  if (app.loaded.sources[source]?.adapter.name !== 'pagerduty')
    return { authorization: `Bearer ${revealed}` };
  return {
    'x-pagerduty-signature': `v1=${createHmac('sha256', revealed).update(body).digest('hex')}`,
  };
}

/** The vendors' world goes on when Tocsin restarts; its address must then be the same. */
function lastingVendors(): {
  open: typeof startSandbox;
  sandbox: () => Sandbox;
  close: () => Promise<void>;
} {
  let world: Sandbox | null = null;
  const sandbox = (): Sandbox => {
    if (world === null) throw new Error('the stage is not open');
    return world;
  };
  return {
    open: async (options) => {
      world ??= await startSandbox(options);
      return { ...world, close: () => Promise.resolve() };
    },
    sandbox,
    close: async () => world?.close(),
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

interface Running {
  app: App;
  data: string;
}

const TRIES = 5;

/**
 * Opens a stage; it closes itself at the end of the test. A port that was free may be taken by a connection of another test
 * before it is listened at: then there is another stage.
 */
export async function openStage(options: StageOptions, tries = TRIES): Promise<Stage> {
  try {
    return await setUp(options);
  } catch (error) {
    const isTaken = error instanceof Error && error.message.includes('it is in use');
    if (!isTaken || tries <= 1) throw error;
    return openStage(options, tries - 1);
  }
}

async function setUp(options: StageOptions): Promise<Stage> {
  const start = instantOf(options.start);
  if (start === null) throw new Error(`"${options.start}" is no instant`);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-stage-'));
  const files = options.files ?? (options.yaml === undefined ? null : { [MAIN]: options.yaml });
  const config =
    files === null ? (options.configFile ?? '') : writeFiles(join(folder, 'config'), files);
  const clock = createSteppedClock({ start });
  const vendors = lastingVendors();
  const log: string[] = [];
  const startApp = (data: string, port: number): Promise<App> =>
    createApp({
      config,
      data,
      sandbox: true,
      sandboxPort: 0,
      openVendors: vendors.open,
      listen: { host: '127.0.0.1', port },
      clock,
      environment: options.environment ?? {},
      pid: process.pid,
      log: { level: 'warn', write: (line) => void log.push(line) },
      onBroken: (problem) => void log.push(`broken: ${problem.message}`),
    });
  const data = join(folder, 'data-0');
  const running: Running = { app: await startApp(data, 0), data };
  const tokens = new Map([['admin', running.app.firstToken ?? '']]);
  let starts = 0;
  let isClosed = false;
  async function restart(how: 'stop' | 'crash' = 'stop'): Promise<void> {
    await clock.settle();
    const before = running.app;
    if (how === 'crash') {
      starts += 1;
      running.data = join(folder, `data-${starts}`);
      cpSync(join(folder, `data-${starts - 1}`), running.data, { recursive: true });
    }
    await before.stop();
    running.app = await startApp(running.data, portOf(before.url));
    await clock.settle();
  }
  async function downUntil(moment: string): Promise<void> {
    await clock.settle();
    const { url } = running.app;
    await running.app.stop();
    await clock.advanceTo(momentOf(moment, { start: scene.start, now: clock.now() }));
    running.app = await startApp(running.data, portOf(url));
    await clock.settle();
  }
  async function close(): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    await running.app.stop();
    await vendors.close();
    const gaps = gapsIn(running.data);
    rmSync(folder, { recursive: true, force: true });
    expect(gaps).toEqual([]);
  }
  (options.atEnd ?? onTestFinished)(close);
  await clock.settle();
  const scene: Scene = { running, clock, sandbox: vendors.sandbox, tokens, start, log };
  const acting = actingOf(scene);
  const rewrite = (yaml: string): void => writeFileSync(config, yaml);
  async function reload(yaml: string): Promise<void> {
    rewrite(yaml);
    const answer = await acting.api('admin', 'POST /-/reload', {});
    if (answer.status !== 200) throw new Error(`the reload was refused: ${answer.text}`);
  }
  const moving = {
    ...movingOf(scene, watchdogOf(options, acting)),
    restart,
    downUntil,
    rewrite,
    reload,
    close,
  };
  return { ...moving, ...acting, ...seeingOf(scene) };
}

const WATCHDOG_EVERY_MS = 300_000;

/** Sends the Watchdog, where somebody expects it. */
function watchdogOf({ watchdog }: StageOptions, { alert }: Acting): (() => Promise<void>) | null {
  return watchdog === undefined ? null : () => alert({ alertname: 'Watchdog' }, watchdog);
}

interface Scene {
  readonly running: Running;
  readonly clock: SteppedClock;
  readonly sandbox: () => Sandbox;
  readonly tokens: Map<string, string>;
  readonly start: number;
  readonly log: readonly string[];
}

type Moving = Pick<
  Stage,
  'app' | 'sandbox' | 'clock' | 'log' | 'at' | 'advance' | 'fault' | 'healed'
>;

function movingOf(
  { running, clock, sandbox, start, log }: Scene,
  watchdog: (() => Promise<void>) | null,
): Moving {
  let barksAt = start + WATCHDOG_EVERY_MS;
  const goTo = async (moment: number): Promise<void> => {
    for (; watchdog !== null && barksAt <= moment; barksAt += WATCHDOG_EVERY_MS) {
      await clock.advanceTo(barksAt);
      await watchdog();
    }
    await clock.advanceTo(moment);
  };
  return {
    app: () => running.app,
    sandbox,
    clock,
    log,
    at: (moment) => goTo(momentOf(moment, { start, now: clock.now() })),
    advance: (by) => goTo(clock.now() + (typeof by === 'number' ? by : (parseDuration(by) ?? 0))),
    fault: (order) => void sandbox().setFault(order),
    healed: (target) => sandbox().clearFaults(target),
  };
}

/** A token of the person's own, made as an administrator would. */
async function tokenOf({ running, tokens }: Scene, person: string): Promise<string> {
  const known = tokens.get(person);
  if (known !== undefined) return known;
  const made = await speak(`${running.app.url}/api/v1/tokens`, {
    token: tokens.get('admin') ?? null,
    body: { owner: { kind: 'person', id: person }, scopes: ['read', 'act', 'approve'] },
  });
  const { json } = made as { readonly json: unknown };
  if (
    typeof json !== 'object' ||
    json === null ||
    !('token' in json) ||
    typeof json.token !== 'string'
  )
    throw new Error(`${person} gets no token: ${made.status} ${made.text}`);
  tokens.set(person, json.token);
  return json.token;
}

/** Where a person's phone can ring, first where we ring first. */
function phonesOf(app: App, person: string): readonly { target: string; address: string }[] {
  const one = app.engine.setup().policy.people[person];
  const known = one?.addresses ?? [];
  return known.flatMap(({ target }) => {
    const vendor = app.loaded.targets[target]?.adapter.name ?? '';
    return (one?.vendorIds[vendor] ?? []).map((address) => ({ target, address }));
  });
}

type Acting = Pick<Stage, 'deliver' | 'alert' | 'answer' | 'api' | 'act' | 'approve' | 'atVendor'>;

function actingOf(scene: Scene): Acting {
  const { running, clock, sandbox } = scene;
  const deliver: Stage['deliver'] = async (source, body, headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const proof = { 'content-type': 'application/json', ...proofOf(running.app, source, text) };
    const answer = await speak(`${running.app.url}/webhooks/${source}`, {
      method: 'POST',
      headers: { ...proof, ...headers },
      body: text,
    });
    await clock.settle();
    return answer;
  };
  const api: Stage['api'] = async (person, request, body) => {
    const token = await tokenOf(scene, person);
    const [method = '', path = ''] = request.split(' ');
    const given = body === undefined ? {} : { body };
    const answer = await speak(`${running.app.url}${path}`, { method, token, ...given });
    expect(undescribed(request, answer)).toEqual([]);
    await clock.settle();
    return answer;
  };
  const act: Stage['act'] = async (person, what, body = {}) => {
    const { verb, n } = typeof what === 'string' ? { verb: what, n: 1 } : what;
    const { id } = await incidentAt(running.app, n);
    const answer = await api(person, `POST /api/v1/incidents/${id}/${verb}`, body);
    if (answer.status >= 300) throw new Error(`${person} ${verb}: ${answer.status} ${answer.text}`);
  };
  return {
    deliver,
    alert: async (words, source = 'prometheus') => {
      const alerts: readonly AlertWords[] = Array.isArray(words) ? words : [words as AlertWords];
      const answer = await deliver(source, alertmanagerBody(...alerts));
      if (answer.status !== 202)
        throw new Error(`the alert was answered ${answer.status}: ${answer.text}`);
    },
    answer: async (person, how = {}) => {
      answerAt({ app: running.app, sandbox: sandbox() }, person, how);
      await clock.settle();
    },
    api,
    act,
    approve: async (person, n = 1) => {
      const { drafts } = await incidentAt(running.app, n);
      for (const draft of Object.values(drafts).filter(({ state }) => state === 'waiting'))
        await act(person, { verb: `posts/${draft.id}/approve`, n });
    },
    atVendor: async (target, path, { method = 'POST', headers = {}, body }) => {
      const given = body === undefined ? {} : { body };
      const answer = await speak(`${sandbox().url}/${target}${path}`, {
        method,
        headers,
        ...given,
      });
      await clock.settle();
      return answer;
    },
  };
}

interface Place {
  readonly app: App;
  readonly sandbox: Sandbox;
}

/** Throws when no phone rings there. */
function answerAt({ app, sandbox }: Place, person: string, how: Answering): void {
  const { target, at, verb = 'acknowledge', ref } = how;
  const own = phonesOf(app, person);
  const named = (at === undefined ? own : own.map((phone) => ({ ...phone, address: at }))).filter(
    (phone) => target === undefined || phone.target === target,
  );
  const refusals: string[] = [];
  for (const phone of named) {
    for (const address of new Set([phone.address, phone.address.toUpperCase()])) {
      const by = own.find((one) => one.target === phone.target)?.address ?? person;
      const order = {
        target: phone.target,
        address,
        verb,
        by,
        ...(ref === undefined ? {} : { ref }),
      };
      const result = sandbox.answer(order);
      if (result.ok) return;
      refusals.push(result.detail);
    }
  }
  throw new Error(`${person} cannot ${verb}: ${refusals.join(' ')}`);
}

async function incidentsOf(app: App): Promise<readonly Incident[]> {
  const rows = await app.reads.listIncidents({ open: null, limit: 200, before: null });
  return rows.flatMap((row) => row.state ?? []).toReversed();
}

async function incidentAt(app: App, n: number): Promise<Incident> {
  const all = await incidentsOf(app);
  const found = all[n - 1];
  if (found === undefined) throw new Error(`there is no incident ${n}; ${all.length} were opened`);
  return found;
}

type Seeing = Omit<
  Stage,
  keyof Moving | keyof Acting | 'restart' | 'downUntil' | 'rewrite' | 'reload' | 'close'
>;

function seeingOf({ running, sandbox }: Scene): Seeing {
  const truth = (): readonly TruthEntry[] => sandbox().truth();
  const happened: Stage['happened'] = async (selection) =>
    timetableOf(truth(), await incidentsOf(running.app), selection);
  return {
    truth,
    pages: (event) =>
      truth()
        .filter((entry) => entry.kind === 'page')
        .filter((entry) => event === undefined || entry.event === event),
    posts: () => truth().filter((entry) => entry.kind === 'post'),
    messages: () => truth().filter((entry) => entry.kind === 'message'),
    incidents: () => incidentsOf(running.app),
    incident: (n = 1) => incidentAt(running.app, n),
    events: async (n = 1) => {
      const { id } = await incidentAt(running.app, n);
      return (await running.app.reads.timeline(id)).map(({ event }) => event);
    },
    happened,
    rings: () => happened({ of: ['page'], events: ['rang'] }),
    timetable: async (table, selection) => expectTimetable(await happened(selection), table),
  };
}
