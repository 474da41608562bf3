/**
 * The auditor: looks at the store's health every minute, keeps the gauges, and raises a self-alert when something that
 * should be impossible lasts. A breach that is over ends its alert.
 */
import type { Log } from '../contract/adapter.ts';
import type { Incident } from '../core/incident.ts';
import type { Obligation } from '../core/obligation.ts';
import type { Reads } from '../store/store.ts';
import type { Clock } from './clock.ts';
import type { Metrics } from './metrics.ts';
import type { SelfAlert } from './self-alert.ts';

export type StoreHealth = Awaited<ReturnType<Reads['health']>>;

export interface AuditorOptions {
  readonly reads: Pick<Reads, 'health' | 'listIncidents'>;
  /** What the incident owes. */
  readonly owed: (state: Incident) => readonly Obligation[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly selfAlert: (alert: SelfAlert) => void;
}

export interface Auditor {
  audit(): Promise<StoreHealth>;
}

/** What one audit looks at. */
interface Audited extends StoreHealth {
  /** Of the open incidents that this audit looked through: what has been due longest, and how long. */
  readonly overdue: {
    readonly incident: string;
    readonly what: string;
    readonly ms: number;
  } | null;
}

interface Check {
  readonly alertname: string;
  readonly title: string;
  /** The sentence about the breach, or null when all is well. */
  breach(now: Audited, before: Audited | null): string | null;
  /** Audits in a row before it counts: what repairs itself within minutes is nobody's business. */
  readonly times: number;
}

/** A page must leave within a minute; with a minute between audits, two are the least that tells. */
const OVERDUE_MS = 120_000;
const DEAD_A_MINUTE_MAX = 5;

const CHECKS: readonly Check[] = [
  {
    alertname: 'OverdueWork',
    title: 'Pages, posts or incidents are overdue',
    times: 1,
    breach: (now) =>
      now.oldestDueMs > OVERDUE_MS
        ? `The oldest one has been due for ${Math.round(now.oldestDueMs / 1000)} s. See "tocsin doctor" and the log for the target that blocks it.`
        : null,
  },
  {
    alertname: 'OverdueObligation',
    title: 'An incident does not do what it owes',
    times: 1,
    breach: ({ overdue }) =>
      overdue !== null && overdue.ms > OVERDUE_MS
        ? `${overdue.incident} has not done what was due ${Math.round(overdue.ms / 1000)} s ago: ${overdue.what}. Take the incident over by hand and see the log.`
        : null,
  },
  {
    alertname: 'UndecidedDeliveries',
    title: 'Deliveries are stored but not decided',
    times: 3,
    breach: (now, before) =>
      now.undecided > 0 && before !== null && now.undecided >= before.undecided
        ? `${now.undecided} of them wait, and they do not get fewer. See the log for errors of the rules.`
        : null,
  },
  {
    alertname: 'UnknownOutcomes',
    title: 'Outcomes at a target stay unknown',
    times: 5,
    breach: (now) =>
      now.ambiguous > 0
        ? `${now.ambiguous} attempts have no known outcome. The vendor does not answer; look there by hand.`
        : null,
  },
  {
    alertname: 'DeadLetters',
    title: 'Targets refuse what is sent to them',
    times: 1,
    breach: (now, before) =>
      before !== null && now.dead - before.dead >= DEAD_A_MINUTE_MAX
        ? `${now.dead - before.dead} pages, posts or messages were given up within a minute. See the log for the reasons.`
        : null,
  },
];

/** Open incidents looked through by one audit; the next one goes on behind them. */
const INCIDENTS_AN_AUDIT = 100;

/** Asks a slice of the open incidents what they owe, by the function that wakes them. */
function createLook({ reads, owed, clock }: AuditorOptions): () => Promise<Audited['overdue']> {
  let before: string | null = null;
  return async () => {
    const slice = await reads.listIncidents({ open: true, limit: INCIDENTS_AN_AUDIT, before });
    before = slice.length < INCIDENTS_AN_AUDIT ? null : (slice.at(-1)?.id ?? null);
    const now = clock.now();
    const late = slice.flatMap(({ id, state }) =>
      owed(state).map(({ what, dueAt }) => ({ incident: id, what, ms: now - dueAt })),
    );
    return late.toSorted((a, b) => b.ms - a.ms)[0] ?? null;
  };
}

/** Builds the auditor; `audit` is called once a minute. */
export function createAuditor(options: AuditorOptions): Auditor {
  const { clock, log, metrics, reads } = options;
  const inARow = new Map<string, number>();
  const firing = new Set<string>();
  let before: Audited | null = null;
  const lookAtIncidents = createLook(options);
  const raise = (check: Check, status: SelfAlert['status'], description: string): void => {
    if (status === 'firing') firing.add(check.alertname);
    else firing.delete(check.alertname);
    log.warn({ alertname: check.alertname, status }, description);
    options.selfAlert({
      key: `audit:${check.alertname}`,
      alertname: check.alertname,
      status,
      title: check.title,
      description,
    });
  };
  const look = (check: Check, audited: Audited): void => {
    const breach = check.breach(audited, before);
    const times = breach === null ? 0 : (inARow.get(check.alertname) ?? 0) + 1;
    inARow.set(check.alertname, times);
    if (breach !== null && times >= check.times && !firing.has(check.alertname))
      raise(check, 'firing', breach);
    if (breach === null && firing.has(check.alertname)) raise(check, 'resolved', 'It is over.');
  };
  return {
    audit: async () => {
      const health = await reads.health(clock.now());
      metrics.backlog.set(health.undecided);
      metrics.oldestDue.set(health.oldestDueMs / 1000);
      metrics.ambiguous.set(health.ambiguous);
      metrics.dead.set(health.dead);
      metrics.openIncidents.set(health.openIncidents);
      const audited = { ...health, overdue: await lookAtIncidents() };
      for (const check of CHECKS) look(check, audited);
      before = audited;
      return health;
    },
  };
}
