/**
 * The imperative shell around the core: takes deliveries and requests in, has them decided, sends what was decided, and
 * wakes up in time. Start is recovery; there is no other start.
 */
import type { Log } from '../contract/adapter.ts';
import type { SelfKey } from '../core/model/arriving-keys.ts';
import type { Incident } from '../core/model/incident.ts';
import { type Pausable, NO_LOOKUPS, type Reload } from '../core/model/lookups.ts';
import type { Lookups } from '../core/model/lookups.ts';
import type { OtherLookups } from './deciding/claims.ts';
import type { Backup, Store, Tx } from '../store/store.ts';
import { type Auditor, createAuditor } from './watching/auditor.ts';
import { type Canary, createCanary } from './watching/canary.ts';
import { createExpectations, type Expectations } from './watching/expectations.ts';
import { createHeartbeat, type Heartbeat, type HeartbeatSettings } from './watching/heartbeat.ts';
import { type EngineHealth, engineHealth } from './health.ts';
import { type PauseAsked, type PauseResult, type Pauses, createPauses } from './pauses/pauses.ts';
import { archiveJob } from './jobs/archive.ts';
import { createJobs, type Jobs, type JobsOptions } from './jobs/jobs.ts';
import { backupJob, makeBackup, warnOfBackups } from './jobs/backup.ts';
import type { Proofs } from './jobs/proofs.ts';
import { sweepJob } from './jobs/sweep.ts';
import { createProving, type ProvingOptions } from './proving.ts';
import { createRhythm } from './rhythm.ts';
import type { Clock } from './clock.ts';
import type { Core } from './deciding/core.ts';
import { createDispatch, type Dispatch } from './dispatch/dispatch.ts';
import type { HttpClient } from './outgoing/http-client.ts';
import { type Accepted, createIngest, type Delivery, type Ingest } from './intake/ingest.ts';
import type { Setup } from './setup.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { createOnCall, type OnCall } from './vendors/on-call.ts';
import { tellRecovered } from './watching/recovered.ts';
import { endWhatTheStartEnds, standingAlerts } from './watching/self-alerts.ts';
import { isFresh, keepPolicy } from './policy/policy-in-use.ts';
import { createPoll, type Poll } from './intake/poll.ts';
import { createUnheard, type Unheard } from './deciding/unheard.ts';
import { createProcess, type Process } from './deciding/process.ts';
import { createReconcile, type Reconcile } from './vendors/reconcile.ts';
import { type Redactor, registerSecrets } from './telemetry/redact.ts';
import { submitRequest, type AskedRequest, type RequestResult } from './intake/requests.ts';
import { sayAboutTocsin } from './vendors/say.ts';
import type { SelfAlert } from './deciding/self-alert.ts';
import { storeSelfAlert } from './intake/self-row.ts';
import { createObjects, type Objects } from './vendors/objects.ts';
import { createTargets, type Targets } from './vendors/targets.ts';
import { createUntaken, type Untaken } from './vendors/untaken.ts';
import { acceptClock, beginTime } from './deciding/turning-back.ts';
import { createWaker, type Waker } from './deciding/waker.ts';
import type { OwnTroubles } from './vendors/own-troubles.ts';
import { createWarning, type Warning, type Watched, withWatchedStore } from './warning.ts';
import type { Descriptors } from './watching/troubles.ts';
import { createWorkspace } from './deciding/workspace.ts';
import { createWriter, type Writer } from './deciding/writer.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly setup: Setup;
  readonly core: Core;
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly redactor: Redactor;
  /** `sandbox`: told in `health`; what may be reached is decided by the HTTP client that is handed in. */
  readonly mode: 'live' | 'sandbox';
  /** The safety net below precise waking, in ms; 1000 when absent. */
  readonly pollMs?: number;
  /** Files and connections of the process; absent: nobody watches them. */
  readonly descriptors?: Descriptors;
  /** What rings by the direct path. */
  readonly ownTroubles: OwnTroubles;
  /** Who is told that alerts come through; absent: nobody, and no canary is sent. */
  readonly heartbeat?: HeartbeatSettings | undefined;
  /** What was wrong with the store for good: the process should end, and its next start recovers. */
  readonly onBroken?: (problem: Error) => void;
  /** Something takes effect by a new start, which is wanted now. */
  readonly onStartAnew?: (() => void) | undefined;
}

export interface Engine {
  /** Recovers what an earlier process left and begins to work. */
  start(): Promise<void>;
  /** Takes nothing more in, waits for what is under way (a send ends within 15 s), and writes it down. */
  stop(): Promise<void>;
  accept(delivery: Delivery): Promise<Accepted>;
  /** A delivery to the source was larger than is taken. */
  tooLarge(source: string): void;
  request(asked: AskedRequest): Promise<RequestResult>;
  pause(what: Pausable, asked: PauseAsked): Promise<PauseResult>;
  resume(what: Pausable, by: string): Promise<boolean>;
  /** Swaps the configuration. New decisions use it; targets that are gone stay until their rows settled. */
  reload(setup: Setup): Promise<void>;
  setup(): Setup;
  /** Writes small things of the edge (tokens) with the turn of everybody else; nothing else may write. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Goes by the clock of the machine, which was set back, from the next start on. */
  acceptClock(accepted: { readonly byMs: number; readonly person: string }): Promise<void>;
  /** Makes a backup in that folder. @throws StoreUnavailable when it cannot be made */
  backup(to: string): Promise<Backup>;
  /** An alert of Tocsin about itself. */
  selfAlert(alert: SelfAlert): void;
  /** Everything that works now and does not wait for the clock: rows, turns, sends, reads. A stepped clock waits for 0. */
  inFlight(): number;
  health(): Promise<EngineHealth>;
  /** A snapshot of what decisions look up, for `explain`. */
  lookups(): OtherLookups;
}

/** How often rows are looked for whose lease ended without an outcome. */
const LEASES_MS = 5_000;
const POLL_MS = 1_000;
/** A machine that slept this long may have missed deliveries. */
const SLEPT_MS = 60_000;

interface Parts extends Writing {
  readonly ingest: Ingest;
  readonly pauses: Pauses;
  readonly onCall: OnCall;
  readonly poll: Poll;
  readonly unheard: Unheard;
  readonly warning: Warning;
  readonly reconcile: Reconcile;
  readonly waker: Waker;
  readonly auditor: Auditor;
  readonly expectations: Expectations;
  readonly jobs: Jobs;
  readonly proofs: Proofs;
  readonly heartbeat: Heartbeat;
  readonly selfAlert: (alert: SelfAlert) => void;
  /** When the store was last asked for lost leases. */
  readonly leases: { lookedAt: number };
  readonly saying: { count: number };
}

/** What is built last but used by what is built first; nothing asks before `start`. */
interface Late {
  lookups: (now: number) => OtherLookups;
  noteDue: (at: number) => void;
}

/** What is known of this process and its database, once it has started. */
interface Instance {
  /** What is part of the keys by which vendors know what is ours. */
  own: Pick<Lookups, 'instance' | 'incarnation'>;
  startedAt: number;
  /** By which the policy came into use, also in an earlier process. */
  reloads: readonly Reload[];
  /** Counts the changes of what decisions look up. */
  revision: number;
}

/** The writer and its stages. */
interface Writing {
  readonly options: Watched<EngineOptions>;
  readonly config: { current: Setup };
  readonly instance: Instance;
  readonly late: Late;
  readonly targets: Targets;
  readonly writer: Writer;
  readonly decider: Process;
  readonly dispatch: Dispatch;
  readonly canary: Canary;
  readonly objects: Objects;
  readonly untaken: Untaken;
}

function buildWriting(options: Watched<EngineOptions>): Writing {
  const { store, core, clock, http, log, metrics, redactor } = options;
  const config = { current: options.setup };
  const instance: Instance = {
    own: { instance: '', incarnation: '' },
    startedAt: 0,
    reloads: [],
    revision: 0,
  };
  const setup = (): Setup => config.current;
  const late: Late = {
    lookups: () => NO_LOOKUPS,
    noteDue: () => undefined,
  };
  const noteDue = (at: number): void => late.noteDue(at);
  const redact = (text: string): string => redactor.redact(text);
  const targets = createTargets(options.setup);
  const writer = createWriter({
    store,
    clock,
    log,
    metrics,
    workspace: (tx, now) =>
      createWorkspace({
        tx,
        reads: store.reads,
        core,
        policy: setup().policy,
        now,
        lookups: late.lookups(now),
        basis: `${setup().policy.hash} ${instance.startedAt} ${instance.revision}`,
        onFault: (incident, error) => {
          metrics.poison.inc({ input: 'wake-up' });
          log.error({ error, incident }, 'the core threw over what an incident owes');
        },
        onUnreadable: (what, error) => {
          metrics.poison.inc({ input: 'store' });
          log.error({ error, what }, 'something that is stored cannot be read');
        },
        onUnreachable: ({ incident, page, pagers }) => {
          metrics.becameUnreachable.inc();
          log.error({ incident, page, pagers }, 'no pager has accepted a page for 60 s');
        },
      }),
  });
  const runSoon = (): void => writer.runSoon();
  const objects = createObjects({ targets, http, clock, log });
  const { askKeys } = objects;
  const decider = createProcess({ setup, core, askKeys, log, metrics, noteDue, runSoon });
  const canary = createCanary({ store, writer, clock, log, metrics });
  const untaken = createUntaken(clock);
  const sending = { clock, core, setup, targets, http, log, metrics, writer, redact, noteDue };
  const dispatch = createDispatch({ ...sending, untaken, onCanary: canary.came });
  const stages = { writer, decider, dispatch, canary };
  return { options, config, instance, late, targets, objects, untaken, ...stages };
}

/** All jobs on the calendar, what proves the targets, and what proves to others that it lives. */
function jobsOf(
  { options, config, dispatch, canary, untaken, writer: { write } }: Writing,
  telling: Pick<JobsOptions, 'selfAlert' | 'standing' | 'redact'> & Pick<ProvingOptions, 'say'>,
): Pick<Parts, 'jobs' | 'proofs' | 'heartbeat'> {
  const { store, clock, log, metrics, http } = options;
  const { isResting } = dispatch;
  const kept = { setup: () => config.current, store, clock };
  const noting = { reads: store.reads, write, clock, log, metrics, ...telling };
  const proofs = createProving({ setup: kept.setup, http, isResting, untaken, ...noting });
  const kinds = [sweepJob(kept), archiveJob(kept), backupJob({ ...kept, log, metrics })];
  const jobs = createJobs({ jobs: [...kinds, proofs.job], ...noting });
  return { jobs, proofs, heartbeat: createHeartbeat({ ...options, ...telling, canary }) };
}

/** Everything is built here, in the order in which it depends on what was built before. */
function build(given: EngineOptions): Parts {
  const options = withWatchedStore(given);
  const writing = buildWriting(options);
  const { targets, writer, late, config, instance, decider } = writing;
  const { store, core, clock, http, log, metrics, redactor } = options;
  const { reads } = store;
  const setup = (): Setup => config.current;
  const redact = (text: string): string => redactor.redact(text);
  const noteDue = (at: number): void => late.noteDue(at);
  const saying = { count: 0 };
  const selfAlert = (alert: SelfAlert): void => storeSelfAlert(alert, { writer, clock, log });
  const tell = (text: string): void => {
    saying.count += 1;
    void sayAboutTocsin(text, { setup, targets, http, clock, log }).finally(
      () => (saying.count -= 1),
    );
  };
  const ingest = createIngest({ store, writer, clock, log, metrics, setup, redact, say: tell });
  const onChange = (): void => {
    instance.revision += 1;
    writer.runSoon();
  };
  const policy = () => setup().policy;
  const pausing = { reads, writer, clock, log, say: tell, noteDue, onChange };
  const pauses = createPauses({ ...pausing, timezone: () => policy().timezone });
  const onCall = createOnCall({ policy, targets, http, reads, writer, clock, log, onChange });
  const poll = createPoll({ setup, targets, http, reads, writer, clock, log, ingest });
  const expecting = { policy, reads, writer, clock, log, metrics, ingest, offer: decider.offer };
  const { isResting, lookAgain } = writing.dispatch;
  const asking = { setup, targets, http, reads, writer, clock, log, isResting };
  const reconcile = createReconcile(asking);
  const lookups = () => ({ ...NO_LOOKUPS, ...late.lookups(clock.now()) });
  const owed = (state: Incident) =>
    core.owed(state, { policy: setup().policy, lookups: lookups() });
  const standing = (keys: readonly SelfKey[]) => standingAlerts(keys, writer);
  const audited = { store, reads, fold: core.fold, owed, lookAgain };
  const auditor = createAuditor({ ...audited, clock, log, metrics, selfAlert, standing });
  const scheduled = jobsOf(writing, { selfAlert, standing, redact, say: tell });
  const waker = createWaker({
    clock,
    log,
    pollMs: options.pollMs ?? POLL_MS,
    nextDueAt: async (after) => {
      await pauses.load();
      return reads.nextDueAt(after);
    },
    onWake: () => wake(parts),
    onJump: (jumpMs) => jumped(parts, jumpMs),
  });
  late.noteDue = (at) => waker.noteDue(at);
  late.lookups = (now) => ({
    ...instance.own,
    onCall: onCall.readings(),
    pauses: pauses.current(now),
    pagingWasPaused: pauses.pagingWasPaused(now),
    unreadSince: (ring) => reconcile.unreadSince(ring),
    reloads: instance.reloads.filter((reload) => isFresh(reload, now)),
  });
  const expectations = createExpectations(expecting);
  const readers = { onCall, poll, reconcile, auditor, expectations, ...scheduled };
  const unheard = createUnheard({ setup, reads, writer, clock, log });
  const told = { targets, late, owed, say: tell };
  const warning = createWarning({ ...options, ...scheduled, ...told, setup });
  const around = { ingest, pauses, waker, selfAlert, saying, unheard, warning };
  const parts: Parts = { ...writing, ...readers, ...around, leases: { lookedAt: 0 } };
  return parts;
}

async function wake(parts: Parts): Promise<void> {
  const now = parts.options.clock.now();
  await parts.pauses.tick();
  parts.dispatch.wake();
  parts.decider.wake(now);
  if (now - parts.leases.lookedAt >= LEASES_MS) {
    parts.leases.lookedAt = now;
    await parts.dispatch.recover(now);
  } else await parts.writer.write(async () => undefined);
}

function jumped(parts: Parts, jumpMs: number): void {
  const { options, dispatch, poll, unheard } = parts;
  options.metrics.clockJumps.inc();
  options.log.warn({ jumpMs }, 'the wall clock jumped; leases and due times are looked at again');
  parts.leases.lookedAt = Number.NEGATIVE_INFINITY;
  dispatch.wake();
  if (jumpMs <= SLEPT_MS) return;
  poll.missedSince(options.clock.now() - jumpMs);
  unheard.slept();
}

/** Keeps the configuration by its hash, that it is the one in use, and what held before. */
async function saveConfig({ instance, ...parts }: Parts, { policy }: Setup): Promise<void> {
  const { writer, config, options } = parts;
  const known = [config.current.policy, ...instance.reloads.map(({ before }) => before)];
  instance.reloads = await keepPolicy(policy, { writer, clock: options.clock, known });
}

async function start(parts: Parts): Promise<void> {
  const { options, instance, leases } = parts;
  const condition = options.store.condition();
  if (condition.kind !== 'ok') {
    const { message, hint } = condition.problem;
    options.log.error({ problem: message }, `the start found the disk full: ${hint}`);
  }
  const { reads, recovered } = options.store;
  const { writer, selfAlert } = parts;
  await beginTime({ ...options, write: writer.write });
  instance.own = {
    instance: (await reads.meta('instance')) ?? '',
    incarnation: (await reads.meta('incarnation')) ?? '',
  };
  instance.startedAt = options.clock.now();
  registerSecrets(options.redactor, options.setup);
  await parts.pauses.load();
  await parts.onCall.load();
  await saveConfig(parts, options.setup);
  leases.lookedAt = options.clock.now();
  const rows = await parts.dispatch.recover(Number.MAX_SAFE_INTEGER);
  if (rows > 0)
    options.log.warn(
      { rows },
      'the last process ended while sending; what it sent is repeated or looked up',
    );
  // Only now: a row that is leased before the recovery would be taken for one of the last process. In this order: what
  // a turn decides is leased by the same turn, and leaves with its commit.
  parts.writer.addStage(parts.decider);
  parts.writer.addStage(parts.dispatch);
  await endWhatTheStartEnds({ write: writer.write, reads, selfAlert });
  warnOfBackups(options);
  tellRecovered(recovered, { log: options.log, selfAlert });
  await parts.expectations.start();
  await parts.unheard.start();
  await parts.poll.start();
  await parts.jobs.start();
  await parts.proofs.start();
  parts.onCall.start();
  parts.reconcile.start();
  parts.waker.start();
}

function inFlight(parts: Parts): number {
  const { writer, decider, dispatch, objects, onCall, poll, reconcile, saying } = parts;
  const { rows, works, running } = writer.queued();
  return (
    rows +
    works +
    (running ? 1 : 0) +
    decider.backlog() +
    dispatch.inFlight() +
    onCall.inFlight() +
    poll.inFlight() +
    objects.inFlight() +
    reconcile.inFlight() +
    parts.warning.inFlight() +
    parts.jobs.inFlight() +
    parts.proofs.inFlight() +
    saying.count
  );
}

/** Builds the engine; nothing runs before `start`. */
export function createEngine(options: EngineOptions): Engine {
  const parts = build(options);
  const { writer, decider, ingest, pauses, config, targets } = parts;
  const { store, clock, redactor, log } = options;
  const rhythm = createRhythm(parts);
  return {
    start: async () => {
      await start(parts);
      rhythm.start();
      parts.warning.start();
      parts.heartbeat.start();
    },
    stop: async () => {
      parts.heartbeat.stop();
      rhythm.stop();
      parts.warning.stop();
      parts.waker.stop();
      parts.onCall.stop();
      parts.reconcile.stop();
      parts.proofs.stop();
      await parts.jobs.stop();
      await parts.dispatch.stop();
      await writer.stop();
      rhythm.end();
    },
    accept: (delivery) => ingest.accept(delivery),
    tooLarge: (source) => ingest.tooLarge(source),
    request: (asked) => submitRequest(asked, { writer, decider, reads: store.reads, clock }),
    pause: (what, asked) => pauses.pause(what, asked),
    resume: (what, by) => pauses.resume(what, by),
    reload: async (next) => {
      registerSecrets(redactor, next);
      await saveConfig(parts, next);
      targets.reload(next, clock.now());
      config.current = next;
      parts.onCall.refresh();
      log.info({ policy: next.policy.hash }, 'the configuration was swapped');
    },
    setup: () => config.current,
    write: (work) => writer.write((turn) => work(turn.tx)),
    acceptClock: async (accepted) => {
      await writer.write(({ tx }) => acceptClock(tx, accepted));
      options.onStartAnew?.();
    },
    backup: (to) => makeBackup(to, options),
    selfAlert: parts.selfAlert,
    inFlight: () => inFlight(parts),
    health: () => engineHealth(parts),
    lookups: () => parts.late.lookups(clock.now()),
  };
}
