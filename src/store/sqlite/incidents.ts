/** Applies decisions: events onto the chain, the cached state, its wake-up, effects, pages and claims, all or nothing. */
import { hash } from 'node:crypto';
import Database from 'better-sqlite3';
import type { Instant } from '../../core/model/alert.ts';
import { isOver, standsForItself, type Incident } from '../../core/model/incident.ts';
import { canonicalJson } from '../../lib/hash.ts';
import { CHAIN_START, linkHash } from '../chain.ts';
import type { Change, ChangeResult, IncidentRow, Wake } from '../store.ts';
import type { Connection } from './connection.ts';
import { objectOrNull, toFlag } from './json.ts';
import type { Spoilt } from './spoilt.ts';

export interface IncidentRecord {
  readonly id: string;
  readonly version: number;
  readonly source: string;
  readonly state: string;
  readonly state_hash: string;
  readonly wake_rank: number;
  readonly wake_at: Instant;
  readonly wake_basis: string;
  readonly is_awake: 0 | 1;
  /** Empty: it is here. */
  readonly archive: string;
}

export const INCIDENT_COLUMNS =
  'id, version, source, state, state_hash, wake_rank, wake_at, wake_basis, is_awake, archive';

function hashOf(state: string): string {
  return hash('sha256', state, 'base64url');
}

/** One that is not as it was written, or is of another incident, is as good as none: the events tell it anew. */
export function stateOf({
  id,
  state,
  state_hash: written,
}: Pick<IncidentRecord, 'id' | 'state' | 'state_hash'>): Incident | null {
  const read = hashOf(state) === written ? objectOrNull<Incident>(state) : null;
  return read?.id === id ? read : null;
}

export function incidentRow(record: IncidentRecord, spoilt: Spoilt): IncidentRow {
  const { id, version, source, wake_rank: rank, wake_at: at, wake_basis: basis } = record;
  if (record.archive !== '')
    return { id, version, source, state: null, wake: null, archive: record.archive };
  const wake = record.is_awake === 1 ? { rank, at, basis } : null;
  const state = stateOf(record);
  if (state === null) spoilt.note({ table: 'incidents', row: id, column: 'state' });
  return { id, version, source, state, wake, archive: null };
}

type WakeColumns = [rank: number, at: Instant, basis: string, isAwake: number];

function wakeColumns(wake: Wake | null): WakeColumns {
  return wake === null ? [0, 0, '', 0] : [wake.rank, wake.at, wake.basis, 1];
}

/** What `apply` needs of the other tables. */
export interface Parts {
  readonly effects: {
    add(effects: Change['effects']): void;
  };
  readonly pages: {
    put(rows: Change['pages']): void;
  };
  readonly claims: {
    isTaken(change: Change): boolean;
    apply(change: Change): void;
  };
}

type UpsertIncident = [
  id: string,
  version: number,
  head: string,
  isOpen: number,
  openedAt: Instant,
  source: string,
  service: string | null,
  isStorm: number,
  isAlone: number,
  state: string,
  stateHash: string,
  ...wake: WakeColumns,
  lastEventAt: Instant,
];

type EventColumns = [
  kind: string,
  subject: string,
  version: number,
  previous: string,
  hash: string,
  event: string,
  seq: number,
];

/** Writes down the state of an incident whose events end with the hash. */
export type SaveState = (change: Pick<Change, 'state' | 'wake'>, head: string) => void;

export function stateSaver({ prepare }: Connection): SaveState {
  const upsert = prepare<UpsertIncident>(
    `INSERT INTO incidents (id, version, head, is_open, opened_at, source, service, is_storm, is_alone, state, state_hash,
       wake_rank, wake_at, wake_basis, is_awake, last_event_at, archive, is_moving)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0)
     ON CONFLICT (id) DO UPDATE SET
       version = excluded.version, head = excluded.head, is_open = excluded.is_open, opened_at = excluded.opened_at,
       source = excluded.source, service = excluded.service, is_storm = excluded.is_storm, is_alone = excluded.is_alone,
       state = excluded.state, state_hash = excluded.state_hash, wake_rank = excluded.wake_rank, wake_at = excluded.wake_at,
       wake_basis = excluded.wake_basis, is_awake = excluded.is_awake, last_event_at = excluded.last_event_at`,
  );
  return ({ state, wake }, head) => {
    const { routing } = state;
    const json = JSON.stringify(state);
    upsert.run(
      state.id,
      state.version,
      head,
      toFlag(!isOver(state)),
      state.openedAt,
      routing.source,
      routing.service,
      toFlag(state.storm !== null),
      toFlag(standsForItself(state)),
      json,
      hashOf(json),
      ...wakeColumns(wake),
      state.lastEventAt,
    );
  };
}

interface Head {
  readonly version: number;
  readonly head: string;
  readonly archive: string;
}

function prepareIncidents({ prepare }: Connection) {
  return {
    incident: prepare<[id: string], IncidentRecord>(
      `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE id = +?`,
    ),
    head: prepare<[id: string], Head>('SELECT version, head, archive FROM incidents WHERE id = +?'),
    due: prepare<[now: Instant, limit: number], { readonly id: string }>(
      'SELECT id FROM incidents WHERE is_awake = 1 AND wake_at <= +? ORDER BY wake_rank, wake_at, seq LIMIT ? + 0',
    ),
    // An open incident is always looked at again: one without a wake-up has lost it.
    stale: prepare<[basis: string, basis: string, limit: number], { readonly id: string }>(
      `SELECT id FROM incidents WHERE is_open = 1 AND is_awake = 0
       UNION ALL SELECT id FROM incidents WHERE is_awake = 1 AND wake_basis < +?
       UNION ALL SELECT id FROM incidents WHERE is_awake = 1 AND wake_basis > +? LIMIT ? + 0`,
    ),
    rearm: prepare<[...wake: WakeColumns, id: string]>(
      'UPDATE incidents SET wake_rank = ?, wake_at = ?, wake_basis = ?, is_awake = ? WHERE id = ?',
    ),
    event: prepare<EventColumns>(
      'INSERT INTO events (kind, subject, version, previous, hash, event, seq) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    mark: prepare('SAVEPOINT change'),
    keep: prepare('RELEASE change'),
    undo: prepare('ROLLBACK TO change'),
  };
}

function assertWhole(change: Change): void {
  const version = change.expectedVersion + change.events.length;
  if (change.state.version !== version || change.state.id !== change.subject.id)
    throw new Error(
      `the change of ${change.subject.id} should end at version ${version}, its state is ${change.state.id} at ${change.state.version}`,
    );
  for (const [index, event] of change.events.entries())
    if (
      event.incident !== change.subject.id ||
      event.version !== change.expectedVersion + index + 1
    )
      throw new Error(
        `event ${event.incident}/${event.version} is out of place in the change of ${change.subject.id}`,
      );
}

type Sql = ReturnType<typeof prepareIncidents>;

/** Writes down the events and the state that they lead to; returns the hashes of the events. */
function recorder(
  { prepare, tally }: Connection,
  sql: Sql,
  save: SaveState,
): (change: Change, head: string) => readonly string[] {
  const written = prepare<[], { readonly events: number }>(
    // A count that a hand has made less must not stand in the way of what comes.
    'SELECT max(events, ifnull((SELECT max(seq) FROM events), 0)) AS events FROM committed WHERE one = 1',
  );
  const append = ({ subject: { kind, id }, events }: Change, head: string): readonly string[] => {
    tally.eventsBefore ??= written.get()?.events ?? 0;
    const before = tally.eventsBefore + tally.hashes.length;
    let previous = head;
    return events.map((event, index) => {
      const json = canonicalJson(event);
      const link = linkHash(previous, json);
      sql.event.run(kind, id, event.version, previous, link, json, before + index + 1);
      previous = link;
      return link;
    });
  };
  return (change, head) => {
    const hashes = append(change, head);
    save(change, hashes.at(-1) ?? head);
    return hashes;
  };
}

export function createIncidents(connection: Connection, parts: Parts) {
  const sql = prepareIncidents(connection);
  const record = recorder(connection, sql, stateSaver(connection));

  const conflictOf = (change: Change, at: Head | undefined): ChangeResult | null => {
    const isArchived = (at?.archive ?? '') !== '';
    const isOther = (at?.version ?? 0) !== change.expectedVersion;
    if (isArchived || isOther) return { ok: false, conflict: 'version' };
    return parts.claims.isTaken(change) ? { ok: false, conflict: 'claim_taken' } : null;
  };
  const write = (change: Change, at: Head | undefined): readonly string[] => {
    const hashes = record(change, at?.head ?? CHAIN_START);
    parts.claims.apply(change);
    parts.effects.add(change.effects);
    parts.pages.put(change.pages);
    return hashes;
  };
  const count = ({ events }: Change, hashes: readonly string[]): void => {
    const { tally } = connection;
    tally.hashes.push(...hashes);
    for (const { at } of events) tally.newestAt = Math.max(tally.newestAt, at);
  };

  const applyOne = (change: Change): ChangeResult => {
    assertWhole(change);
    const at = sql.head.get(change.subject.id);
    const conflict = conflictOf(change, at);
    if (conflict !== null) return conflict;
    sql.mark.run();
    try {
      const hashes = write(change, at);
      sql.keep.run();
      count(change, hashes);
      return { ok: true };
    } catch (error) {
      if (connection.db.inTransaction) {
        sql.undo.run();
        sql.keep.run();
      }
      // The backstop: events of that version exist although the incident's row does not know them.
      if (
        error instanceof Database.SqliteError &&
        error.code === 'SQLITE_CONSTRAINT_UNIQUE' &&
        error.message.includes('events.version')
      )
        return { ok: false, conflict: 'version' };
      throw error;
    }
  };

  return {
    find: (ids: readonly string[]): readonly IncidentRow[] =>
      ids
        .map((id) => sql.incident.get(id))
        .filter((row) => row !== undefined)
        .map((row) => incidentRow(row, connection.spoilt)),
    apply: (changes: readonly Change[]): readonly ChangeResult[] => changes.map(applyOne),
    due: (now: Instant, limit: number): readonly string[] =>
      sql.due.all(now, Math.max(0, limit)).map(({ id }) => id),
    stale: (basis: string, limit: number): readonly string[] =>
      sql.stale.all(basis, basis, Math.max(0, limit)).map(({ id }) => id),
    rearm: (rows: readonly { readonly incident: string; readonly wake: Wake | null }[]): void => {
      for (const { incident, wake } of rows) sql.rearm.run(...wakeColumns(wake), incident);
    },
  };
}
