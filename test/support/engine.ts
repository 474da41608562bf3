/**
 * The real engine over the real core and a real SQLite store in a temporary directory, on the stepped clock, with
 * vendors that are plain functions: each test says how they answer and reads what they were asked.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Finding, Log } from '../../src/contract/adapter.ts';
import type { AnyAdapter, OnCallPerson } from '../../src/contract/adapter.ts';
import type {
  PageFound,
  PageOrder,
  PageSought,
  PostOrder,
  PublishOrder,
} from '../../src/contract/order.ts';
import { delivered, type Outcome, type ReadResult } from '../../src/contract/outcome.ts';
import type { Alert, Observation, VendorIncident } from '../../src/core/model/alert.ts';
import { decide } from '../../src/core/deciding/decide.ts';
import { fold } from '../../src/core/model/events.ts';
import type { Incident } from '../../src/core/model/incident.ts';
import type { Actor } from '../../src/core/model/input.ts';
import type { Request } from '../../src/core/verbs/table.ts';
import { minimalAlarm, minimalIncident } from '../../src/core/opening/minimal.ts';
import type { Policy } from '../../src/core/model/policy.ts';
import { asAlert, classify, route } from '../../src/core/routing/route.ts';
import { owed, wakeUpOf } from '../../src/core/deciding/owed.ts';
import { whomToWarn } from '../../src/core/people/alarm-list.ts';
import { stillWanted } from '../../src/core/deciding/send.ts';
import type { Core } from '../../src/engine/deciding/core.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { HttpClient } from '../../src/engine/outgoing/http-client.ts';
import { readCron, type Schedule } from '../../src/lib/cron.ts';
import type { Accepted } from '../../src/engine/intake/ingest.ts';
import type { Setup } from '../../src/engine/setup.ts';
import { openOwnTroubles } from '../../src/engine/vendors/own-troubles.ts';
import type { HeartbeatSettings } from '../../src/engine/watching/heartbeat.ts';
import { createMetrics, type Metrics } from '../../src/engine/telemetry/metrics.ts';
import { createRedactor } from '../../src/engine/telemetry/redact.ts';
import { type Clock, holdForward } from '../../src/engine/clock.ts';
import { createSteppedClock, type SteppedClock } from '../../src/sandbox/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { OutboxRow, Store } from '../../src/store/store.ts';
import { policy } from './policy.ts';

/** 2026-01-05T12:00:00Z, a Monday. */
export const START = 1_767_614_400_000;
export const SECOND = 1_000;
export const MINUTE = 60_000;

export const realCore: Core = {
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

export interface Call<O = PageOrder | PublishOrder | PostOrder> {
  readonly at: number;
  readonly target: string;
  readonly method: string;
  readonly order: O;
}

/** A look at pages: one by one, or all at once. */
export interface Asked {
  readonly at: number;
  readonly target: string;
  readonly method: 'find' | 'list';
  readonly pages: readonly PageSought[];
}

/** How the vendors behave; a test replaces what it is about. */
export interface Vendors {
  page: (call: Call<PageOrder>) => Outcome | Promise<Outcome>;
  find: (asked: {
    readonly target: string;
    readonly order: PageSought;
  }) => ReadResult<PageFound> | Promise<ReadResult<PageFound>>;
  /** Absent: the pagers have no listing. */
  list?: (asked: {
    readonly target: string;
    readonly orders: readonly PageSought[];
  }) =>
    | ReadResult<readonly (PageFound | null)[]>
    | Promise<ReadResult<readonly (PageFound | null)[]>>;
  /** Absent: the pagers cannot be asked for the keys of an object. */
  keysOf?: (ref: string) => ReadResult<readonly string[]>;
  /** What a target answers that is asked whether it would work; absent: none of them can be asked. */
  examine?: (target: string) => readonly Finding[];
  publish: (call: Call<PublishOrder>) => Outcome | Promise<Outcome>;
  findPost: (
    call: Call<PublishOrder>,
  ) => ReadResult<{ found: boolean; externalRef: string | null }>;
  post: (call: Call<PostOrder>) => Outcome | Promise<Outcome>;
  poll: (from: number) => ReadResult<readonly Observation[]>;
  whoIsOn: (schedule: string) => ReadResult<readonly OnCallPerson[]>;
}

const decoder = new TextDecoder();

function observationsOf(body: Uint8Array): readonly Observation[] | null {
  try {
    const parsed: unknown = JSON.parse(decoder.decode(body));
    return Array.isArray(parsed) ? (parsed as Observation[]) : null;
  } catch {
    return null;
  }
}

interface World {
  readonly vendors: Vendors;
  readonly calls: Call[];
  readonly asked: Asked[];
  readonly now: () => number;
}

/**
 * An adapter whose source takes a JSON array of observations signed `good`, of which `x-left-out` are missing, of the
 * sender's group `x-group`, and whose parts call the vendors above.
 */
function fakeAdapter(
  name: string,
  targetOf: (config: unknown) => string,
  world: World,
): AnyAdapter {
  const { vendors, calls, asked } = world;
  const called = <O extends PageOrder | PublishOrder | PostOrder>(
    method: string,
    order: O,
    config: unknown,
  ): Call<O> => {
    const call = { at: world.now(), target: targetOf(config), method, order };
    calls.push(call);
    return call;
  };
  const looked = (
    method: Asked['method'],
    pages: readonly PageSought[],
    config: unknown,
  ): string => {
    const target = targetOf(config);
    asked.push({ at: world.now(), target, method, pages });
    return target;
  };
  const { list, keysOf } = vendors;
  const keys: Pick<NonNullable<AnyAdapter['pager']>, 'keysOf'> = keysOf === undefined
    ? {}
    : { keysOf: async (ref) => (vendors.keysOf ?? keysOf)(ref) };
  const listing: Pick<NonNullable<AnyAdapter['pager']>, 'list'> = list === undefined
    ? {}
    : { list: async (orders, io) => list({ target: looked('list', orders, io.config), orders }) };
  const { examine } = vendors;
  const doctor: Pick<AnyAdapter, 'doctor'> =
    examine === undefined
      ? {}
      : { doctor: { check: async (_subject, { config }) => examine(targetOf(config)) } };
  return {
    name,
    source: {
      config: undefined as never,
      verify: ({ headers }) =>
        headers['x-signature'] === 'good'
          ? { ok: true, deliveryId: headers['x-delivery'] ?? null }
          : { ok: false, reason: 'the signature does not match' },
      parse: ({ headers, body }) => {
        const observations = observationsOf(body);
        const truncated = Number(headers['x-left-out'] ?? 0);
        const group = headers['x-group'];
        const grouped = group === undefined ? {} : { group };
        return observations === null
          ? { ok: false, reason: 'no JSON array' }
          : { ok: true, parsed: { observations, ignored: [], truncated, ...grouped } };
      },
    },
    poll: { since: async (from) => vendors.poll(from) },
    pager: {
      address: undefined as never,
      personAddress: () => null,
      trigger: async (order, io) => vendors.page(called('trigger', order, io.config)),
      acknowledge: async (order, io) => vendors.page(called('acknowledge', order, io.config)),
      resolve: async (order, io) => vendors.page(called('resolve', order, io.config)),
      note: async (order, io) => vendors.page(called('note', order, io.config)),
      find: async (order, io) =>
        vendors.find({ target: looked('find', [order], io.config), order }),
      ...listing,
      ...keys,
    },
    onCall: { whoIsOn: async (schedule) => vendors.whoIsOn(schedule.id) },
    statusPage: {
      publish: async (order, io) => vendors.publish(called('publish', order, io.config)),
      find: async (order, io) => vendors.findPost(called('findPost', order, io.config)),
    },
    chat: { post: async (order, io) => vendors.post(called('post', order, io.config)) },
    ...doctor,
  };
}

/** A schedule in UTC. */
export function schedule(text: string): Schedule {
  const read = readCron(text);
  if (!read.ok) throw new Error(read.what);
  return { cron: read.cron, timezone: 'UTC' };
}

/** As it is unless configured. */
const RETENTION: Setup['retention'] = {
  bodiesMs: 30 * 24 * 60 * MINUTE,
  archiveMs: 90 * 24 * 60 * MINUTE,
  sweep: schedule('30 3 * * *'),
};

export function loadedFor(chosen: Policy, world: World): Setup {
  const part = (name: string, type: string): Setup['targets'][string] => ({
    name,
    adapter: fakeAdapter(type, (config) => (config as { target: string }).target, world),
    config: { target: name },
  });
  return {
    policy: chosen,
    sources: Object.fromEntries(
      Object.values(chosen.sources).map(({ name, type }) => [name, part(name, type)]),
    ),
    targets: Object.fromEntries(
      Object.entries(chosen.targets).map(([name, { type }]) => [name, part(name, type)]),
    ),
    addressSecrets: {},
    retention: RETENTION,
    backup: null,
    proof: { schedule: schedule('45 9 * * *') },
  };
}

export interface Harness {
  readonly clock: SteppedClock;
  readonly vendors: Vendors;
  readonly calls: Call[];
  readonly asked: Asked[];
  readonly logs: { readonly level: string; readonly message: string; readonly fields: object }[];
  readonly metrics: Metrics;
  /** Where its data lie. */
  readonly directory: string;
  engine: Engine;
  store: Store;
  /** Pages, posts and messages that were asked for, without read-backs. */
  sent(method?: string): Call[];
  deliver(
    source: string,
    body: readonly Partial<Observation>[] | string,
    headers?: Record<string, string>,
  ): Promise<Accepted>;
  ask(
    request: Request,
    incident?: string | null,
    more?: { key?: string; actor?: Actor },
  ): ReturnType<Engine['request']>;
  incident(id: string): Promise<Incident>;
  outbox(id: string): Promise<readonly OutboxRow[]>;
  open(): Promise<readonly Incident[]>;
  /** Lets what is under way finish; time stands still. */
  settle(): Promise<void>;
  /** The process dies without a word: nothing is finished, the store's file stays as it is. */
  crash(): Promise<void>;
  /** Changes the data behind the back of the engine, as a bad disk or a hand does. */
  spoil(sql: string): void;
  /** Rows of the data, read beside the engine. */
  peek(sql: string): readonly unknown[];
  /** As the engine is told the time. */
  engineClock(): Clock;
  /**
   * The machine is suspended: the wall clock goes on, the monotonic one and all timers stand. Or somebody sets the wall clock,
   * back where it is less than 0.
   */
  sleepFor(ms: number): void;
  /** A new process on the same data. */
  restart(change?: Partial<{ core: Core; policy: Policy }>): Promise<void>;
  end(): Promise<void>;
}

export interface HarnessOptions {
  readonly policy?: Policy;
  readonly core?: Core;
  readonly vendors?: Partial<Vendors>;
  readonly pollMs?: number;
  /** Milliseconds that pass on the monotonic clock at each look at it, so that budgets run out. */
  readonly slow?: number;
  readonly retention?: Partial<Setup['retention']>;
  readonly backup?: Setup['backup'];
  /** What the `secret:...` references of addresses stand for. */
  readonly addressSecrets?: Setup['addressSecrets'];
  /** Told when the store is broken for good. */
  readonly onBroken?: (problem: Error) => void;
  /** Who is told that alerts come through; absent: nobody. */
  readonly heartbeat?: ((clock: SteppedClock) => HeartbeatSettings) | undefined;
  /** Wraps the store, to let it fail. */
  readonly wrap?: (store: Store) => Store;
}

const silentHttp: HttpClient = {
  scoped: () => ({ send: () => Promise.reject(new Error('no request expected')) }),
  close: () => undefined,
};

export function alert(change: Partial<Alert> = {}): Alert {
  return {
    kind: 'alert',
    dedupKey: 'basket-errors',
    status: 'firing',
    title: 'Basket answers with errors',
    description: '',
    labels: { service: 'basket' },
    vendorSeverity: 'critical',
    startsAt: null,
    observedAt: null,
    links: [],
    ...change,
  };
}

export function vendorIncident(change: Partial<VendorIncident> = {}): VendorIncident {
  return {
    kind: 'vendor_incident',
    action: 'triggered',
    ref: 'Q1',
    key: null,
    title: 'Disk full',
    description: '',
    url: null,
    labels: {},
    vendorSeverity: null,
    urgency: 'high',
    service: { id: 'S1', name: 'Basket' },
    assignees: [{ id: 'p-ada', name: 'Ada', email: null }],
    by: null,
    note: null,
    mergedInto: null,
    observedAt: null,
    ...change,
  };
}

/** A started engine. */
export async function startEngine(options: HarnessOptions = {}): Promise<Harness> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-engine-'));
  const clock = createSteppedClock({ start: START });
  let looks = 0;
  const slow = options.slow ?? 0;
  let slept = 0;
  /** Of each start its own, as of each process. */
  const clockOfAStart = (): Clock => ({
    ...clock,
    ...holdForward({ now: () => clock.now() + slept, monotonic: () => clock.monotonic() }),
    monotonic: () => clock.monotonic() + slow * (looks += 1),
  });
  let engineClock = clockOfAStart();
  const calls: Call[] = [];
  const asked: Asked[] = [];
  const logs: { level: string; message: string; fields: object }[] = [];
  const line = (level: string) => (fields: object, message: string) =>
    void logs.push({ level, message, fields });
  const log: Log = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
  let serial = 0;
  const vendors: Vendors = {
    page: ({ target, order }) =>
      delivered(target === 'og' ? 'accepted' : 'confirmed', {
        externalRef: order.externalRef ?? `${target}-${(serial += 1)}`,
      }),
    find: ({ order }) => ({
      ok: true,
      data: { found: true, externalRef: order.externalRef, status: 'triggered', by: null },
    }),
    publish: ({ order }) =>
      delivered('confirmed', { externalRef: order.externalRef ?? 'public-1' }),
    findPost: ({ order }) => ({ ok: true, data: { found: false, externalRef: order.externalRef } }),
    post: () => delivered('confirmed', { externalRef: `m-${(serial += 1)}` }),
    poll: () => ({ ok: true, data: [] }),
    whoIsOn: () => ({ ok: true, data: [] }),
    ...options.vendors,
  };
  const world: World = { vendors, calls, asked, now: () => clock.now() };
  let chosen = options.policy ?? policy();
  let core = options.core ?? realCore;
  const metrics = createMetrics();
  const open = async (): Promise<Store> => {
    const store = await openSqliteStore({
      directory,
      kind: 'sandbox',
      lock: false,
      random: (n) => new Uint8Array(n),
    });
    return options.wrap?.(store) ?? store;
  };
  const path = join(directory, 'troubles.json');
  const ownTroubles = openOwnTroubles({ path, place: directory, random: (n) => new Uint8Array(n) });
  const build = (store: Store): Engine =>
    createEngine({
      store,
      setup: {
        ...loadedFor(chosen, world),
        addressSecrets: options.addressSecrets ?? {},
        retention: { ...RETENTION, ...options.retention },
        backup: options.backup ?? null,
      },
      core,
      clock: engineClock,
      ...(options.onBroken === undefined ? {} : { onBroken: options.onBroken }),
      heartbeat: options.heartbeat?.(clock),
      http: silentHttp,
      log,
      metrics,
      redactor: createRedactor(),
      ownTroubles,
      mode: 'sandbox',
      pollMs: options.pollMs ?? MINUTE,
    });
  const store = await open();
  let key = 0;
  const harness: Harness = {
    clock,
    vendors,
    calls,
    asked,
    logs,
    metrics,
    directory,
    store,
    engine: build(store),
    sent: (method) =>
      calls.filter((call) =>
        method === undefined ? !call.method.startsWith('find') : call.method === method,
      ),
    deliver: (source, body, headers = {}) =>
      harness.engine.accept({
        source,
        request: {
          path: '',
          headers: { 'x-signature': 'good', ...headers },
          body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
        },
      }),
    ask: (request, incident = null, more = {}) =>
      harness.engine.request({
        actor: more.actor ?? { kind: 'person', id: 'ada', via: 'api' },
        incident,
        request,
        idempotencyKey: more.key ?? `t/${(key += 1)}`,
        origin: 'api',
      }),
    incident: async (id) => {
      const row = await harness.store.reads.incident(id);
      if (row === null) throw new Error(`there is no ${id}`);
      if (row.state === null) throw new Error(`${id} cannot be read`);
      return row.state;
    },
    outbox: (id) => harness.store.reads.outboxOf(id),
    open: async () =>
      (await harness.store.reads.listIncidents({ open: true, limit: 1_000, before: null })).flatMap(
        (row) => row.state ?? [],
      ),
    settle: () => clock.settle(),
    crash: async () => {
      // Nothing of the old process may write any more; its timers find a closed store.
      await harness.store.close();
    },
    spoil: (sql) => {
      const db = new Database(join(directory, 'tocsin.db'));
      try {
        db.pragma('ignore_check_constraints = ON');
        db.exec(sql);
      } finally {
        db.close();
      }
    },
    peek: (sql) => {
      const db = new Database(join(directory, 'tocsin.db'), { readonly: true });
      try {
        return db.prepare(sql).all();
      } finally {
        db.close();
      }
    },
    sleepFor: (ms) => void (slept += ms),
    engineClock: () => engineClock,
    restart: async (change = {}) => {
      chosen = change.policy ?? chosen;
      core = change.core ?? core;
      harness.store = await open();
      engineClock = clockOfAStart();
      harness.engine = build(harness.store);
      await harness.engine.start();
      await clock.settle();
    },
    end: async () => {
      // Not stopped: a test may leave vendors that never answer, and the clock stands.
      await harness.store.close().catch(() => undefined);
      ownTroubles.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  clock.busy(() => harness.engine.inFlight(), 'the engine');
  await harness.engine.start();
  await clock.settle();
  return harness;
}
