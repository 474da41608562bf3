/**
 * What is counted. Labels are closed lists or configured names, never ids: a metric must not grow with the incidents. What
 * people alarm on by its increase is there with 0 from the beginning, for Prometheus sees no increase in what appears as 1.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; a page is expected within milliseconds and alarming after a minute. */
const LATENCY_BUCKETS = [
  0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800,
];

/** What makes metrics of the registry, under the prefix `tocsin_`. */
function metricsOf(registry: Registry) {
  const registers = [registry];
  const counter = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Counter<L> =>
    new Counter({ name: `tocsin_${name}`, help, labelNames: [...labelNames], registers });
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Gauge<L> =>
    new Gauge({ name: `tocsin_${name}`, help, labelNames: [...labelNames], registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
  ): Histogram<L> =>
    new Histogram({
      name: `tocsin_${name}`,
      help,
      labelNames: [...labelNames],
      buckets: LATENCY_BUCKETS,
      registers,
    });
  return { counter, gauge, histogram };
}

function metricsOfJobs({
  counter,
  gauge,
}: Pick<ReturnType<typeof metricsOf>, 'counter' | 'gauge'>) {
  return {
    jobSuccess: gauge(
      'job_last_success_timestamp_seconds',
      'When the job on the calendar last succeeded; of one that never has: when it came to be',
      ['name'],
    ),
    jobFailures: counter(
      'job_failures_total',
      'Runs of the job that failed, or that died with their process',
      ['name'],
    ),
    targetProved: gauge(
      'target_proved_timestamp_seconds',
      'When the target was last asked and would have worked; of one that never has: since when it has not',
      ['target'],
    ),
    targetUntaken: gauge(
      'target_untaken_seconds',
      'For how long the target has taken nothing of what was sent to it; 0: it does, or nothing was sent',
      ['target'],
    ),
    backupBytes: gauge('backup_bytes', 'Size of the backup that was made last'),
    backupSeconds: gauge(
      'backup_seconds',
      'How long the backup that was made last took, reading it included',
    ),
  };
}

function metricsOfStore({ gauge }: Pick<ReturnType<typeof metricsOf>, 'gauge'>) {
  return {
    storedBytes: gauge(
      'store_bytes',
      'Size of the database, of its log, of the space in it that is unused, of the archive and of the ballast; and what is free on the disk',
      ['part'],
    ),
    storedRows: gauge(
      'store_rows',
      'Rows of the database; of inbox and outbox from the oldest to the newest, so at most so many',
      ['table'],
    ),
    incidents: gauge(
      'incidents',
      'Incidents that are open, closed and still in the database, and archived',
      ['state'],
    ),
  };
}

function metricsOfHeartbeat({
  counter,
  gauge,
}: Pick<ReturnType<typeof metricsOf>, 'counter' | 'gauge'>) {
  return {
    canaryAge: gauge(
      'canary_age_seconds',
      'How long ago the last canary was sent that went all the way of an alert; 0 where none is sent',
    ),
    heartbeatSuccess: gauge(
      'heartbeat_last_success_timestamp_seconds',
      'When the address last took a heartbeat; absent: not since the start',
      ['to'],
    ),
    heartbeatFailures: counter('heartbeat_failures_total', 'Heartbeats that were not taken', [
      'to',
    ]),
  };
}

/** What a decision may throw over. */
const INPUTS = [
  'webhook',
  'poll',
  'self',
  'read_back',
  'held',
  'canary',
  'api',
  'cli',
  'time',
  'wake-up',
  'outbox',
  'store',
];

function metricsOfPoison({ counter }: Pick<ReturnType<typeof metricsOf>, 'counter'>) {
  const poison = counter('poison_total', 'Inputs whose decision threw', ['input']);
  for (const input of INPUTS) poison.inc({ input }, 0);
  return { poison };
}

/** Registers every metric of the engine with the registry. */
export function createMetrics(registry: Registry = new Registry()) {
  const { counter, gauge, histogram } = metricsOf(registry);
  return {
    registry,
    ...metricsOfJobs({ counter, gauge }),
    ...metricsOfStore({ gauge }),
    ...metricsOfHeartbeat({ counter, gauge }),
    ...metricsOfPoison({ counter }),
    deliveries: counter('deliveries_total', 'Deliveries by source and what was answered', [
      'source',
      'result',
    ]),
    decisions: counter('decisions_total', 'Inbox rows by what became of them', [
      'origin',
      'disposition',
    ]),
    effects: counter('effects_total', 'Attempts at a target by how they ended', [
      'name',
      'target',
      'outcome',
      'reason',
    ]),
    pageLatency: histogram('page_latency_seconds', 'From due to accepted by the pager', ['target']),
    http: histogram('http_request_seconds', 'Requests to targets by status class or failure', [
      'target',
      'result',
    ]),
    turns: histogram('turn_seconds', 'Length of the writer’s turns, commit included'),
    intakeQueue: gauge('intake_queue', 'Rows that wait for their commit'),
    backlog: gauge('backlog', 'Inbox rows without a final disposition'),
    oldestDue: gauge('oldest_due_seconds', 'Age of the oldest due outbox row or incident'),
    ambiguous: gauge('ambiguous', 'Outbox rows whose outcome is unknown'),
    dead: gauge('dead', 'Outbox rows given up'),
    openIncidents: gauge('open_incidents', 'Open incidents'),
    unheard: gauge(
      'expected_unheard_seconds',
      'How long ago what the source expects was heard, or began to be expected',
      ['source'],
    ),
    missing: gauge(
      'missing',
      'What events of incidents ask for and of which nothing is to be seen: see `missing` in /api/v1/health',
    ),
    unreachable: gauge(
      'unreachable_pages',
      'Pages that no pager has accepted for 60 s; a hundred stands for more',
    ),
    becameUnreachable: counter(
      'unreachable_pages_total',
      'Pages that no pager had accepted after 60 s, each once',
    ),
    keptFiles: gauge(
      'kept_team_files',
      'Files of teams that were wrong at a reload and keep their last good copies',
    ),
    inFlight: gauge('in_flight', 'Requests under way at targets'),
    clockJumps: counter(
      'clock_jumps_total',
      'Times the wall clock and the monotonic clock disagreed by over 2 s',
    ),
    clockAhead: gauge(
      'clock_ahead_seconds',
      'How far time is ahead of the clock of the machine, which was set back; 0: it is not',
    ),
    lateResults: counter('late_results_total', 'Outcomes that came after their lease was lost', [
      'target',
    ]),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
