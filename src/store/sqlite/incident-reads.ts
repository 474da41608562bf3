/** Reads of incidents, wherever they are: in the database, or in a file of the archive. */
import type { IncidentEvent } from '../../core/model/event.ts';
import type { Incident } from '../../core/model/incident.ts';
import {
  type AlertRow,
  type IncidentRow,
  type OutboxRow,
  type Reads,
  type StoredRecord,
  StoreUnavailable,
} from '../store.ts';
import { ALERT_COLUMNS, type AlertRecord, alertRow } from './alerts.ts';
import type { LinkRecord, ReadArchive } from './archive-reads.ts';
import type { Connection } from './connection.ts';
import { INCIDENT_COLUMNS, type IncidentRecord, incidentRow } from './incidents.ts';
import { fromJson, objectOrNull } from './json.ts';
import { OUTBOX_COLUMNS, type OutboxRecord, outboxRow } from './outbox.ts';

/** Sorts behind every id that begins with the prefix. */
export const AFTER_ALL = '\u{10FFFF}';

/** Null: there is none. */
interface Named {
  readonly id: string | null;
}
interface EndRecord {
  readonly version: number;
  readonly hash: string;
  readonly archive: string;
}

function prepareLookups({ prepare }: Connection) {
  const list = (where: string) =>
    prepare<[before: number, limit: number], IncidentRecord>(
      `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE seq < +? ${where} ORDER BY seq DESC LIMIT ? + 0`,
    );
  return {
    incident: prepare<[id: string], IncidentRecord>(
      `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE id = +?`,
    ),
    byPrefix: prepare<[prefix: string, end: string], IncidentRecord>(
      `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE id >= +? AND id < +? LIMIT 2`,
    ),
    seq: prepare<[id: string], { readonly seq: number }>('SELECT seq FROM incidents WHERE id = +?'),
    all: list(''),
    open: list('AND is_open = 1'),
    over: list('AND is_open = 0'),
    timeline: prepare<[incident: string], LinkRecord>(
      "SELECT event, hash, previous FROM events WHERE kind = 'incident' AND subject = +? ORDER BY version",
    ),
    end: prepare<[id: string], EndRecord>(
      'SELECT version, head AS hash, archive FROM incidents WHERE id = +?',
    ),
    nextRow: prepare<[after: string], Named>('SELECT min(id) AS id FROM incidents WHERE id > +?'),
    nextEvents: prepare<[after: string], Named>(
      "SELECT min(subject) AS id FROM events WHERE kind = 'incident' AND subject > +?",
    ),
    outbox: prepare<[incident: string], OutboxRecord>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE incident = +? ORDER BY seq`,
    ),
    alerts: prepare<[incident: string, limit: number], AlertRecord>(
      `SELECT ${ALERT_COLUMNS} FROM alerts WHERE incident = +? ORDER BY status, source, dedup_key LIMIT ? + 0`,
    ),
  };
}

type Statements = ReturnType<typeof prepareLookups>;

/** Reads of one incident, where it is: here, or in a file of the archive. */
function createFollowing({ db }: Connection, sql: Statements, readArchive: ReadArchive) {
  // One read transaction: what moves in between would be nowhere.
  const atOnce = db.transaction(<T>(work: () => T): T => work()) as <T>(work: () => T) => T;
  const fileOf = (incident: string): string => sql.end.get(incident)?.archive ?? '';
  return {
    atOnce,
    inPlace: <T>(
      incident: string,
      ways: { here: () => T; archived: Parameters<typeof readArchive<T>>[1] },
    ): T =>
      atOnce(() => {
        const file = fileOf(incident);
        return file === '' ? ways.here() : readArchive(file, ways.archived);
      }),
    /** The rows, with the states of those that are archived, as far as their files can be read. */
    withStates: (rows: readonly IncidentRow[]): readonly IncidentRow[] => {
      const states = new Map<string, Incident | null>();
      const byFile = Map.groupBy(rows, ({ archive }) => archive);
      for (const [file, same] of byFile)
        try {
          if (file !== null)
            readArchive(file, ({ state }) => same.forEach(({ id }) => states.set(id, state(id))));
        } catch (error) {
          if (!(error instanceof StoreUnavailable)) throw error;
        }
      return rows.map((row) =>
        row.archive === null ? row : { ...row, state: states.get(row.id) ?? null },
      );
    },
  };
}

/** What is stored of an incident's events, whether it can be read or not. */
function createRecord(
  sql: Statements,
  readArchive: ReadArchive,
  { atOnce }: Pick<ReturnType<typeof createFollowing>, 'atOnce'>,
): Pick<Reads, 'record' | 'nextRecord'> {
  const linksOf = (incident: string, file: string | null): readonly LinkRecord[] =>
    file === null ? sql.timeline.all(incident) : readArchive(file, ({ links }) => links(incident));
  // A decision in between would look like a row that does not fit.
  const record = (incident: string): StoredRecord => {
    const found = sql.end.get(incident);
    const end = found === undefined ? null : { version: found.version, hash: found.hash };
    const archive = found === undefined || found.archive === '' ? null : found.archive;
    try {
      const links = linksOf(incident, archive);
      const read = links.map((link) => ({
        ...link,
        event: objectOrNull<IncidentEvent>(link.event),
      }));
      return { incident, end, archive, links: read, missing: null };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return { incident, end, archive, links: [], missing: error.message };
    }
  };
  return {
    record: async (incident) => atOnce(() => record(incident)),
    nextRecord: async (after) => {
      const ids = [sql.nextRow.get(after), sql.nextEvents.get(after)].flatMap(
        (found) => found?.id ?? [],
      );
      return ids.toSorted()[0] ?? null;
    },
  };
}

type IncidentReads = Pick<
  Reads,
  'incident' | 'listIncidents' | 'timeline' | 'record' | 'nextRecord' | 'outboxOf' | 'alertsOf'
>;

export function createIncidentReads(
  connection: Connection,
  readArchive: ReadArchive,
): IncidentReads {
  const sql = prepareLookups(connection);
  const following = createFollowing(connection, sql, readArchive);
  const { spoilt } = connection;

  const findIncident = (id: string): IncidentRecord | undefined => {
    const exact = sql.incident.get(id);
    if (exact !== undefined || id === '') return exact;
    const [only, another] = sql.byPrefix.all(id, `${id}${AFTER_ALL}`);
    return another === undefined ? only : undefined;
  };
  const listOf = (open: boolean | null) => {
    if (open === null) return sql.all;
    return open ? sql.open : sql.over;
  };
  return {
    ...createRecord(sql, readArchive, following),
    incident: async (id) =>
      following.atOnce(() => {
        const record = findIncident(id);
        if (record === undefined) return null;
        const row = incidentRow(record, spoilt);
        const { archive } = row;
        if (archive === null) return row;
        return { ...row, state: readArchive(archive, ({ state }) => state(row.id)) };
      }),
    listIncidents: async ({ open, limit, before }) => {
      const end = before === null ? Number.MAX_SAFE_INTEGER : (sql.seq.get(before)?.seq ?? 0);
      return following.atOnce(() => {
        const found = listOf(open).all(end, Math.max(0, limit));
        return following.withStates(found.map((row) => incidentRow(row, spoilt)));
      });
    },
    timeline: async (incident) =>
      following
        .inPlace(incident, {
          here: () => sql.timeline.all(incident) as readonly LinkRecord[],
          archived: ({ links }) => links(incident),
        })
        .map((link) => ({ ...link, event: fromJson<IncidentEvent>(link.event) })),
    outboxOf: async (incident) =>
      following.inPlace<readonly OutboxRow[]>(incident, {
        here: () => sql.outbox.all(incident).flatMap((record) => outboxRow(record) ?? []),
        archived: ({ outbox }) => outbox(incident),
      }),
    alertsOf: async (incident, limit) =>
      following.inPlace<readonly AlertRow[]>(incident, {
        here: () =>
          sql.alerts.all(incident, Math.max(0, limit)).map((row) => alertRow(row, spoilt)),
        archived: ({ alerts }) => alerts(incident).slice(0, Math.max(0, limit)),
      }),
  };
}
