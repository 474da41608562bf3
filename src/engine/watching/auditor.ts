/**
 * The auditor: looks at the store's health every minute, keeps the gauges, and raises a self-alert when something that
 * should be impossible lasts. A breach that is over ends its alert.
 */
import type { AboutTocsin } from '../../core/model/about-tocsin.ts';
import type { Log } from '../../contract/adapter.ts';
import type { Incident } from '../../core/model/incident.ts';
import type { Obligation } from '../../core/model/obligation.ts';
import type { SelfKey } from '../../core/model/arriving-keys.ts';
import { type ClockId, encodeClock } from '../../core/model/keys.ts';
import type {
  ArchiveTrouble,
  IncidentRow,
  Reads,
  SpoiltRow,
  Store,
  StoreSizes,
} from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { Core } from '../deciding/core.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { formatDuration } from '../../lib/duration.ts';
import { readState } from '../../store/read-state.ts';
import type { SelfAlert } from '../deciding/self-alert.ts';
import type { StandingAlert } from './self-alerts.ts';

export type StoreHealth = Awaited<ReturnType<Reads['health']>>;

export interface AuditorOptions {
  readonly reads: Pick<Reads, 'health' | 'incident' | 'listIncidents' | 'timeline'>;
  readonly fold: Core['fold'];
  readonly store: Pick<Store, 'spoilt' | 'archiveTroubles' | 'sizes'>;
  /** What the incident owes. */
  readonly owed: (state: Incident) => readonly Obligation[];
  /** Derives anew when the incidents are woken. */
  readonly lookAgain: (incidents: readonly string[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly selfAlert: (alert: SelfAlert) => void;
  /** Which of these alerts about Tocsin itself fire, also where an earlier process alerted them. */
  readonly standing: (keys: readonly SelfKey[]) => Promise<readonly StandingAlert[]>;
}

export interface Auditor {
  audit(): Promise<StoreHealth>;
}

/** What one audit looks at. */
interface Audited extends StoreHealth {
  /** How far time is ahead of the wall clock. */
  readonly aheadMs: number;
  /** What has been due for too long in the open incidents that this audit looked through, the longest first. */
  readonly overdue: readonly Late[];
  readonly spoilt: readonly SpoiltRow[];
  readonly archives: readonly ArchiveTrouble[];
}

interface Late {
  readonly incident: string;
  readonly clock: ClockId;
  readonly what: string;
  readonly ms: number;
}

interface Check {
  readonly alertname: AboutTocsin;
  readonly title: string;
  /** The sentence about the breach, or null when all is well. */
  breach(now: Audited, before: Audited | null): string | null;
  /** Audits in a row before it counts: what repairs itself within minutes is nobody's business. */
  readonly times: number;
  /** Audits in a row without it before it is over; one unless set. */
  readonly clearTimes?: number;
  /** Alerts may not be taken in, or pages not be sent: where somebody closed it and it lasts, it is said once an hour. */
  readonly isSaidAgain?: true;
}

/** Under which its alert is known. */
function keyOf({ alertname }: Check): SelfKey {
  return { kind: 'audit', check: alertname };
}

/** A page must leave within a minute; with a minute between audits, two are the least that tells. */
const OVERDUE_MS = 120_000;
const DEAD_A_MINUTE_MAX = 5;
const SAID_AGAIN_MS = 3_600_000;

function isSame(a: Late, b: Late): boolean {
  return a.incident === b.incident && a.clock === b.clock;
}

const ROWS_TOLD_MAX = 5;

function toldOf(spoilt: readonly SpoiltRow[]): string {
  const named = spoilt
    .slice(0, ROWS_TOLD_MAX)
    .map((one) => `table ${one.table}, row ${one.row} (${one.column})`);
  const more = spoilt.length - named.length;
  return `Something other than Tocsin has changed ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}. What they said is left out and everything else goes on. See in a copy of the database whether an alert is hidden there, check the disk, and restore a backup if there are many.`;
}

function toldOfArchives(archives: readonly ArchiveTrouble[]): string {
  const named = archives.map(
    ({ file, incidents, why }) =>
      `archive/${file}, to which ${incidents} ${incidents === 1 ? 'incident was' : 'incidents were'} moved: ${why}`,
  );
  return `${named.join('; ')}. Everything goes on but for what stands in there, which nobody can read. Put the file back, from where it was taken or from a backup.`;
}

function overdue(ms: number): string | null {
  return ms > OVERDUE_MS
    ? `The oldest one has been due for ${Math.round(ms / 1000)} s. See "tocsin doctor" and the log for the target that blocks it.`
    : null;
}

const CHECKS: readonly Check[] = [
  {
    alertname: 'OverdueWork',
    title: 'Deliveries, pages or incidents are overdue',
    times: 1,
    isSaidAgain: true,
    breach: (now) => overdue(now.oldestPageMs),
  },
  {
    alertname: 'OverdueMessages',
    title: 'Posts or messages are overdue',
    times: 1,
    breach: (now) => (now.oldestPageMs > OVERDUE_MS ? null : overdue(now.oldestDueMs)),
  },
  {
    alertname: 'OverdueObligation',
    title: 'An incident does not do what it owes',
    times: 1,
    isSaidAgain: true,
    // Seen twice: what one audit finds, after a start or in a busy second, is dealt with before the next.
    breach: (now, before) => {
      const late = now.overdue.find((one) => before?.overdue.some((was) => isSame(one, was)));
      return late === undefined
        ? null
        : `${late.incident} has not done what was due ${Math.round(late.ms / 1000)} s ago: ${late.what}. Take the incident over by hand and see the log.`;
    },
  },
  {
    alertname: 'UndecidedDeliveries',
    title: 'Deliveries are stored but not decided',
    times: 3,
    isSaidAgain: true,
    breach: (now, before) =>
      now.undecided > 0 && before !== null && now.undecided >= before.undecided
        ? `${now.undecided} of them wait, and they do not get fewer. See the log for errors of the rules.`
        : null,
  },
  {
    alertname: 'SpoiltRows',
    title: 'Rows of the database cannot be read',
    times: 1,
    // After a start they are met only when somebody reads them: an hour without one tells that they are gone.
    clearTimes: 60,
    breach: ({ spoilt }) => (spoilt.length === 0 ? null : toldOf(spoilt)),
  },
  {
    alertname: 'ArchiveLost',
    title: 'A file of the archive is gone or holds less than before',
    // Twice: it may be on its way from one disk to another.
    times: 2,
    breach: ({ archives }) => (archives.length === 0 ? null : toldOfArchives(archives)),
  },
  {
    alertname: 'ClockSetBack',
    title: 'The clock of the machine was set back',
    times: 1,
    breach: ({ aheadMs }) =>
      aheadMs === 0
        ? null
        : `By ${formatDuration(Math.round(aheadMs / 1000) * 1000)}. Tocsin goes on as if it had not been: nothing is late by it, and all times that it shows and promises are that much ahead of the machine. Set the clock right; or, where the machine is right now, \`tocsin clock accept\`.`,
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

/** Found late by one audit and looked at again by the next, wherever that one has got to. */
const SUSPECTS_MAX = 20;

interface AuditLook {
  readonly late: readonly Late[];
  /** Incidents that will not be woken for what they owe. */
  readonly asleep: readonly string[];
}

/** A wake-up that has come is on its way; one later than what is due was derived from nothing true. Lost ones are found with the stale. */
function isAsleep({ wake }: IncidentRow, late: readonly Late[], now: number): boolean {
  return wake !== null && late.length > 0 && wake.at > now;
}

/** What is due in the incident, by the function that wakes it. */
async function lookAt(row: IncidentRow, options: AuditorOptions): Promise<AuditLook> {
  const { owed, clock, log } = options;
  const now = clock.now();
  try {
    const late = owed(await readState(row, options)).flatMap(({ clock: key, what, dueAt }) =>
      dueAt < now ? [{ incident: row.id, clock: encodeClock(key), what, ms: now - dueAt }] : [],
    );
    return { late, asleep: isAsleep(row, late, now) ? [row.id] : [] };
  } catch (error) {
    log.error({ error, incident: row.id }, 'what an incident owes cannot be audited');
    return { late: [], asleep: isAsleep(row, [], now) ? [row.id] : [] };
  }
}

/** Asks a slice of the open incidents what they owe, and again those that were found late. */
function createLook(options: AuditorOptions): () => Promise<AuditLook> {
  const { reads } = options;
  let before: string | null = null;
  let suspects: readonly string[] = [];
  return async () => {
    const slice = await reads.listIncidents({ open: true, limit: INCIDENTS_AN_AUDIT, before });
    before = slice.length < INCIDENTS_AN_AUDIT ? null : (slice.at(-1)?.id ?? null);
    const rows = new Map(slice.map((row) => [row.id, row]));
    for (const id of suspects) {
      const row = rows.has(id) ? null : await reads.incident(id);
      if (row !== null) rows.set(id, row);
    }
    const looks = await Promise.all([...rows.values()].map((row) => lookAt(row, options)));
    const late = looks
      .flatMap((look) => look.late)
      .filter(({ ms }) => ms > OVERDUE_MS)
      .toSorted((a, b) => b.ms - a.ms);
    suspects = [...new Set(late.map(({ incident }) => incident))].slice(0, SUSPECTS_MAX);
    return { late, asleep: looks.flatMap((look) => look.asleep) };
  };
}

function show(now: Pick<Audited, 'aheadMs' | keyof StoreHealth>, metrics: Metrics): void {
  metrics.backlog.set(now.undecided);
  metrics.oldestDue.set(now.oldestDueMs / 1000);
  metrics.ambiguous.set(now.ambiguous);
  metrics.dead.set(now.dead);
  metrics.openIncidents.set(now.openIncidents);
  metrics.unreachable.set(now.unreachable.length);
  metrics.clockAhead.set(now.aheadMs / 1000);
}

function showSizes({ bytes, incidents, rows }: StoreSizes, metrics: Metrics): void {
  for (const [part, value] of Object.entries(bytes)) metrics.storedBytes.set({ part }, value);
  for (const [state, value] of Object.entries(incidents)) metrics.incidents.set({ state }, value);
  for (const [table, value] of Object.entries(rows)) metrics.storedRows.set({ table }, value);
}

/** Builds the auditor; `audit` is called once a minute. */
export function createAuditor(options: AuditorOptions): Auditor {
  const { store, clock, log, metrics, reads } = options;
  const inARow = new Map<string, number>();
  const clearInARow = new Map<string, number>();
  /** What was said and is not over, with the instant from which it is said again: while its incident is open, never. */
  const said = new Map<string, number>();
  let before: Audited | null = null;
  const lookAtIncidents = createLook(options);
  const raise = (check: Check, status: SelfAlert['status'], description: string): void => {
    if (status === 'firing') said.set(check.alertname, Infinity);
    else said.delete(check.alertname);
    log.warn({ alertname: check.alertname, status }, description);
    options.selfAlert({
      key: keyOf(check),
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
    const isDue = (said.get(check.alertname) ?? 0) <= clock.now();
    if (breach !== null && times >= check.times && isDue) raise(check, 'firing', breach);
    // The first audit of a process has nothing to compare with, and ends nothing.
    const isClear = breach === null && before !== null;
    const clear = isClear ? (clearInARow.get(check.alertname) ?? 0) + 1 : 0;
    clearInARow.set(check.alertname, clear);
    if (clear >= (check.clearTimes ?? 1) && said.has(check.alertname))
      raise(check, 'resolved', 'It is over.');
  };
  /** Whoever closed an incident before this start wanted the start to cure it: what goes on is news. */
  const sayAgainAt = (check: Check, isOpen: boolean): number => {
    if (isOpen) return Infinity;
    if (before === null) return 0;
    const known = said.get(check.alertname) ?? Infinity;
    return known === Infinity && check.isSaidAgain ? clock.now() + SAID_AGAIN_MS : known;
  };
  const seeWhatStands = async (): Promise<void> => {
    if (before !== null && said.size === 0) return;
    const standing = await options.standing(CHECKS.map(keyOf));
    for (const { key, isOpen } of standing) {
      const check = CHECKS.find(({ alertname }) => key.kind === 'audit' && key.check === alertname);
      const isMine = check !== undefined && (before === null || said.has(check.alertname));
      if (isMine) said.set(check.alertname, sayAgainAt(check, isOpen));
    }
  };
  const wakeAgain = async (incidents: readonly string[]): Promise<void> => {
    log.warn({ incidents }, 'incidents would not be woken for what they owe; that is derived anew');
    await options.lookAgain(incidents);
  };
  return {
    audit: async () => {
      const health = await reads.health(clock.now());
      const aheadMs = clock.aheadMs();
      show({ ...health, aheadMs }, metrics);
      showSizes(store.sizes(), metrics);
      const { late, asleep } = await lookAtIncidents();
      const kept = { spoilt: store.spoilt(), archives: store.archiveTroubles() };
      const audited = { ...health, ...kept, aheadMs, overdue: late };
      await seeWhatStands();
      for (const check of CHECKS) look(check, audited);
      before = audited;
      if (asleep.length > 0) await wakeAgain(asleep);
      return health;
    },
  };
}
