/**
 * Jobs on the calendar. One runs at a time. What was due while no process ran, or while the machine slept, is caught up
 * once, in the order in which it was due; what fails is tried again. Decided in docs/adr/0023.
 */
import type { Log } from '../../contract/adapter.ts';
import type { SelfKey } from '../../core/model/arriving-keys.ts';
import { nextRun, type Schedule } from '../../lib/cron.ts';
import type { Reads, Tx } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { StandingAlert } from '../watching/self-alerts.ts';
import {
  runBegun,
  runEnded,
  firstRuns,
  keptUnder,
  type KeptRuns,
  type LastRun,
  readKeptRuns,
} from './kept-runs.ts';

export interface Job {
  readonly name: string;
  /** Asked anew each time: a reload may have changed it. Null: it never comes. */
  readonly schedule: () => Schedule | null;
  /** Does it; resolves to what was done, rejects where it failed. */
  readonly run: () => Promise<string>;
}

export interface JobsOptions {
  readonly jobs: readonly Job[];
  readonly reads: Pick<Reads, 'meta'>;
  readonly write: <T>(
    work: (turn: { readonly tx: Pick<Tx, 'setMeta'> }) => Promise<T>,
  ) => Promise<T>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'jobSuccess' | 'jobFailures'>;
  readonly redact: (text: string) => string;
  readonly selfAlert: (alert: SelfAlert) => void;
  /** Which of these alerts about Tocsin itself fire. */
  readonly standing: (keys: readonly SelfKey[]) => Promise<readonly StandingAlert[]>;
}

export interface JobHealth {
  readonly name: string;
  /** The five fields and the time zone; null: it never comes. */
  readonly schedule: string | null;
  /** Null: never. */
  readonly nextAt: number | null;
  readonly isRunning: boolean;
  readonly lastRun: LastRun | null;
  /** Null: never. */
  readonly succeededAt: number | null;
  /** Failures in a row. */
  readonly failures: number;
}

export interface Jobs {
  /** Learns what earlier processes did. Call once time has begun. */
  start(): Promise<void>;
  /** Sets to work on what is due, unless one is running; does not wait for it. */
  tick(): void;
  /** Begins nothing more, and waits some seconds for the one that is running. */
  stop(): Promise<void>;
  inFlight(): number;
  all(): readonly JobHealth[];
}

const MINUTE_MS = 60_000;
/** After a start, or when the machine has slept, others come first. */
const CALM_MS = 10 * MINUTE_MS;
const RETRY_FIRST_MS = 5 * MINUTE_MS;
const RETRY_MAX_MS = 6 * 60 * MINUTE_MS;
/** From so many failures in a row on a person is told. */
const FAILURES_TOLD = 3;
/** A clock that jumped by less was set right. */
const SLEPT_MS = MINUTE_MS;
const STOP_WAITS_MS = 5_000;
const SAID_MAX = 500;

/** How long after the beginning of the last of so many failed runs it is tried again. */
export function retryAfterMs(failures: number): number {
  return Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_MAX_MS);
}

/** When it is to run, however long ago that is; null: never. */
function computeDue({ schedule }: Job, { lastDue, failures }: KeptRuns): number | null {
  const when = schedule();
  if (when === null) return null;
  if (failures > 0) return lastDue + retryAfterMs(failures);
  return nextRun(when.cron, when.timezone, lastDue);
}

function scheduleText({ schedule }: Job): string | null {
  const when = schedule();
  return when === null ? null : `${when.cron.text} ${when.timezone}`;
}

function alertKey({ name }: Job): SelfKey {
  return { kind: 'job', job: name };
}

function alertOf(job: Job, { failures, lastRun }: KeptRuns): SelfAlert {
  const isFiring = failures >= FAILURES_TOLD;
  const why =
    lastRun?.said ?? 'its process ended in the middle of it, or what it did could not be written';
  return {
    key: alertKey(job),
    alertname: 'JobFailed',
    status: isFiring ? 'firing' : 'resolved',
    title: `The job "${job.name}" fails`,
    description: isFiring
      ? `${failures} times in a row, the last time: ${why}. It is tried again, every 6 hours in the end. See the log, and "jobs" in /api/v1/health.`
      : 'It has succeeded.',
    labels: { job: job.name },
  };
}

/** Tells a person, or that it is over; nothing twice, unless somebody has closed it and it failed again. */
async function tell(job: Job, kept: KeptRuns, options: JobsOptions): Promise<void> {
  const isFiring = kept.failures >= FAILURES_TOLD;
  const [known] = await options.standing([alertKey(job)]);
  const isWanted = isFiring ? known?.isOpen !== true : known !== undefined;
  if (isWanted) options.selfAlert(alertOf(job, kept));
}

interface Ran {
  readonly ok: boolean;
  readonly said: string;
}

async function attempt(job: Job, { log, redact }: JobsOptions): Promise<Ran> {
  try {
    const said = await job.run();
    return { ok: true, said };
  } catch (error) {
    log.error({ error, job: job.name }, 'a job on the calendar failed; it is tried again');
    const said = redact(error instanceof Error ? error.message : String(error));
    return { ok: false, said: said.slice(0, SAID_MAX) };
  }
}

/** What is known of each job; every change is written before it counts. */
function createKept({ jobs, reads, write, clock, metrics }: JobsOptions) {
  const all = new Map<string, KeptRuns>();
  const of = (job: Job): KeptRuns => all.get(job.name) ?? firstRuns(clock.now());
  const put = async (job: Job, kept: KeptRuns): Promise<void> => {
    await write(({ tx }) => tx.setMeta(keptUnder(job.name), JSON.stringify(kept)));
    all.set(job.name, kept);
  };
  const load = async (job: Job): Promise<void> => {
    const label = { name: job.name };
    metrics.jobFailures.inc(label, 0);
    const read = readKeptRuns(await reads.meta(keptUnder(job.name)));
    const known = read ?? firstRuns(clock.now());
    metrics.jobSuccess.set(label, (known.succeededAt ?? known.since) / 1000);
    if (read === null) return put(job, known);
    all.set(job.name, known);
    if (known.lastRun?.result === 'unfinished') metrics.jobFailures.inc(label);
  };
  const loadAll = async (): Promise<void> => {
    for (const job of jobs) await load(job);
  };
  return { of, put, loadAll };
}

type Kept = ReturnType<typeof createKept>;

async function runOne(job: Job, kept: Kept, options: JobsOptions): Promise<void> {
  const { clock, metrics, log } = options;
  const label = { name: job.name };
  await kept.put(job, runBegun(kept.of(job), clock.now()));
  const from = clock.monotonic();
  const { ok, said } = await attempt(job, options);
  const tookMs = Math.round(clock.monotonic() - from);
  const now = clock.now();
  await kept.put(job, runEnded(kept.of(job), { now, tookMs, ok, said }));
  if (ok) metrics.jobSuccess.set(label, now / 1000);
  else metrics.jobFailures.inc(label);
  log.info({ job: job.name, ok, tookMs, said }, 'a job on the calendar has run');
  await tell(job, kept.of(job), options);
}

/** Tells whether the machine has slept since it was asked last: the clock has gone on, and the timers stood. */
function createSleepWatch(clock: Pick<Clock, 'now' | 'monotonic'>): () => boolean {
  let ahead = clock.now() - clock.monotonic();
  return () => {
    const before = ahead;
    ahead = clock.now() - clock.monotonic();
    return ahead - before > SLEPT_MS;
  };
}

/** When a job is to run, computed once for each run. */
function createDue(kept: Pick<Kept, 'of'>): (job: Job) => number | null {
  /** Looked at every 20 s, and changes once a run. */
  const dues = new Map<string, { readonly of: string; readonly at: number | null }>();
  return (job: Job): number | null => {
    const runs = kept.of(job);
    const of = `${runs.failures} ${runs.lastDue} ${scheduleText(job)}`;
    const known = dues.get(job.name);
    if (known?.of === of) return known.at;
    const at = computeDue(job, runs);
    dues.set(job.name, { of, at });
    return at;
  };
}

/** Builds the registry; nothing runs before `start`. */
export function createJobs(options: JobsOptions): Jobs {
  const { jobs, clock, log } = options;
  const kept = createKept(options);
  const hasSlept = createSleepWatch(clock);
  /** Whatever was due before is caught up, and not at once. */
  let calmSince = Number.POSITIVE_INFINITY;
  let isStopped = false;
  let running: Promise<void> | null = null;
  let current: string | null = null;
  const dueAt = createDue(kept);
  const startsAt = (job: Job): number | null => {
    const due = dueAt(job);
    return due === null ? null : Math.max(due, calmSince + CALM_MS);
  };
  /** The one that has been due for longest. */
  const nextJob = (): Job | null => {
    const now = clock.now();
    const due = jobs.flatMap((job) => {
      const at = startsAt(job);
      return at === null || at > now ? [] : [{ job, at: dueAt(job) ?? at }];
    });
    return due.toSorted((a, b) => a.at - b.at)[0]?.job ?? null;
  };
  const work = async (): Promise<void> => {
    for (let job = nextJob(); job !== null && !isStopped; job = nextJob()) {
      current = job.name;
      await runOne(job, kept, options);
      current = null;
    }
  };
  return {
    start: async () => {
      await kept.loadAll();
      for (const job of jobs) await tell(job, kept.of(job), options);
      calmSince = clock.now();
    },
    tick: () => {
      if (hasSlept()) calmSince = clock.now();
      if (running !== null || isStopped || nextJob() === null) return;
      running = work()
        .catch((error: unknown) =>
          log.error({ error, job: current }, 'a job on the calendar could not be noted'),
        )
        .finally(() => {
          running = null;
          current = null;
        });
    },
    stop: async () => {
      isStopped = true;
      if (running === null) return;
      const patience = new Promise<void>((resolve) => void clock.after(STOP_WAITS_MS, resolve));
      await Promise.race([running, patience]);
    },
    inFlight: () => (running === null ? 0 : 1),
    all: () =>
      jobs.map((job) => {
        const { lastRun, succeededAt, failures } = kept.of(job);
        return {
          name: job.name,
          schedule: scheduleText(job),
          nextAt: startsAt(job),
          isRunning: current === job.name,
          lastRun,
          succeededAt,
          failures,
        };
      }),
  };
}
