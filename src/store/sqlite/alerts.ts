/** Current state per alert, and how many of them an incident has. */
import type { Instant } from '../../core/model/alert.ts';
import type { AlertCount, AlertRow } from '../store.ts';
import type { Connection } from './connection.ts';
import { objectOrNull } from './json.ts';
import type { Spoilt } from './spoilt.ts';

export interface AlertRecord {
  readonly source: string;
  readonly dedup_key: string;
  readonly status: AlertRow['status'];
  readonly starts_at: Instant | null;
  readonly observed_at: Instant;
  readonly heard_at: Instant;
  readonly sender_group: string;
  readonly cleared_at: Instant | null;
  readonly held: string | null;
  readonly incident: string;
  readonly title: string;
  readonly labels: string;
}

export const ALERT_COLUMNS =
  'source, dedup_key, status, starts_at, observed_at, heard_at, sender_group, cleared_at, held, incident, title, labels';

/** Labels that are spoilt are none until the alert is heard of again. */
export function alertRow(record: AlertRecord, spoilt: Spoilt): AlertRow {
  const labels = objectOrNull<AlertRow['labels']>(record.labels);
  if (labels === null) {
    const row = `${record.source} ${record.dedup_key}`;
    spoilt.note({ table: 'alerts', row, column: 'labels' });
  }
  return {
    source: record.source,
    dedupKey: record.dedup_key,
    status: record.status,
    startsAt: record.starts_at,
    observedAt: record.observed_at,
    heardAt: record.heard_at,
    group: record.sender_group,
    clearedAt: record.cleared_at,
    held: record.held,
    incident: record.incident,
    title: record.title,
    labels: labels ?? {},
  };
}

type UpsertAlert = [
  source: string,
  dedupKey: string,
  status: string,
  startsAt: Instant | null,
  observedAt: Instant,
  heardAt: Instant,
  group: string,
  clearedAt: Instant | null,
  held: string | null,
  incident: string,
  title: string,
  labels: string,
];

type Standing = Pick<AlertRecord, 'incident' | 'status' | 'held'>;

const NONE: AlertCount = { firing: 0, stale: 0, held: 0, total: 0 };

function prepareAlerts({ prepare }: Connection) {
  return {
    alert: prepare<[source: string, dedupKey: string], AlertRecord>(
      `SELECT ${ALERT_COLUMNS} FROM alerts WHERE source = +? AND dedup_key = +?`,
    ),
    standing: prepare<[source: string, dedupKey: string], Standing>(
      'SELECT incident, status, held FROM alerts WHERE source = +? AND dedup_key = +?',
    ),
    upsert: prepare<UpsertAlert>(
      `INSERT INTO alerts (${ALERT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (source, dedup_key) DO UPDATE SET
         status = excluded.status, starts_at = excluded.starts_at, observed_at = excluded.observed_at,
         heard_at = excluded.heard_at, sender_group = excluded.sender_group, cleared_at = excluded.cleared_at,
         held = excluded.held, incident = excluded.incident, title = excluded.title, labels = excluded.labels`,
    ),
    count: prepare<[incident: string], AlertCount>(
      'SELECT firing, stale, held, total FROM alert_counts WHERE incident = +?',
    ),
    unheard: prepare<
      [source: string, since: Instant, keysBegin: string, limit: number],
      AlertRecord
    >(
      `SELECT ${ALERT_COLUMNS} FROM alerts WHERE source = +? AND status = 'firing' AND heard_at <= +? AND instr(dedup_key, +?) = 1 ORDER BY heard_at LIMIT ? + 0`,
    ),
    unheardOf: prepare<
      [incident: string, source: string, since: Instant, keysBegin: string, limit: number],
      AlertRecord
    >(
      `SELECT ${ALERT_COLUMNS} FROM alerts INDEXED BY alerts_incident WHERE incident = +? AND source = +? AND status = 'firing' AND heard_at <= +? AND instr(dedup_key, +?) = 1 ORDER BY heard_at LIMIT ? + 0`,
    ),
    hearGroup: prepare<[at: Instant, source: string, group: string]>(
      "UPDATE alerts INDEXED BY alerts_group SET heard_at = ? WHERE source = ? AND sender_group = ? AND status = 'firing'",
    ),
    addCount: prepare<
      [incident: string, firing: number, stale: number, held: number, total: number]
    >(
      `INSERT INTO alert_counts (incident, firing, stale, held, total) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (incident) DO UPDATE SET
         firing = firing + excluded.firing, stale = stale + excluded.stale, held = held + excluded.held, total = total + excluded.total`,
    ),
  };
}

export function createAlerts(connection: Connection) {
  const sql = prepareAlerts(connection);

  const put = (rows: readonly AlertRow[]): void => {
    const changes = new Map<string, { -readonly [K in keyof AlertCount]: number }>();
    const count = ({ incident, status, held }: Standing, sign: 1 | -1): void => {
      const change = changes.get(incident) ?? { ...NONE };
      changes.set(incident, change);
      change.total += sign;
      if (status === 'firing') change.firing += sign;
      if (status === 'stale') change.stale += sign;
      if (held !== null) change.held += sign;
    };
    for (const row of rows) {
      const before = sql.standing.get(row.source, row.dedupKey);
      if (before !== undefined) count(before, -1);
      count(row, 1);
      sql.upsert.run(
        row.source,
        row.dedupKey,
        row.status,
        row.startsAt,
        row.observedAt,
        row.heardAt,
        row.group,
        row.clearedAt,
        row.held,
        row.incident,
        row.title,
        JSON.stringify(row.labels),
      );
    }
    for (const [incident, { firing, stale, held, total }] of changes)
      if (firing !== 0 || stale !== 0 || held !== 0 || total !== 0)
        sql.addCount.run(incident, firing, stale, held, total);
  };

  return {
    put,
    unheard: (query: {
      readonly source: string;
      readonly since: Instant;
      readonly limit: number;
      readonly keysBegin?: string;
      readonly incident?: string;
    }): readonly AlertRow[] => {
      const { source, since, keysBegin = '', limit, incident } = query;
      const found =
        incident === undefined
          ? sql.unheard.all(source, since, keysBegin, limit)
          : sql.unheardOf.all(incident, source, since, keysBegin, limit);
      return found.map((record) => alertRow(record, connection.spoilt));
    },
    hearGroup: ({ source, group }: Pick<AlertRow, 'source' | 'group'>, at: Instant): void =>
      void sql.hearGroup.run(at, source, group),
    /** Rows are returned under the key they were asked for. */
    find: (
      keys: readonly { readonly source: string; readonly dedupKey: string }[],
    ): readonly AlertRow[] =>
      keys.flatMap(({ source, dedupKey }) => {
        const record = sql.alert.get(source, dedupKey);
        return record === undefined
          ? []
          : [{ ...alertRow(record, connection.spoilt), source, dedupKey }];
      }),
    counts: (incidents: readonly string[]): Readonly<Record<string, AlertCount>> =>
      Object.fromEntries(incidents.map((incident) => [incident, sql.count.get(incident) ?? NONE])),
  };
}
