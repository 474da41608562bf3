/**
 * Rows of incidents that a bad disk or a hand has spoilt, mended at the start. A row is a cache of its events, and says with
 * which of them it ends: one that ends otherwise, or is gone, is written anew from them; one whose name alone is wrong gets
 * its name back. What cannot be mended is named all the same, and set aside when it is met.
 *
 * Of a large database only those are looked at that are open or owe something, and whether any row is gone: going through
 * all that is over would take longer with each year. Of those `verify` and each backup tell, and reading goes by the events.
 */
import { fold } from '../../core/model/events.ts';
import type { IncidentEvent } from '../../core/model/event.ts';
import type { Incident } from '../../core/model/incident.ts';
import { checkRecord } from '../chain.ts';
import type { Connection } from './connection.ts';
import { INCIDENT_COLUMNS, type IncidentRecord, stateOf, stateSaver } from './incidents.ts';
import { objectOrNull } from './json.ts';

interface WrittenLink {
  readonly event: string;
  readonly hash: string;
  readonly previous: string;
}

interface Named {
  readonly id: string;
}

/** Behind the newest row that is there, events are looked for under so many numbers. */
const BEHIND = 1_000;
const NUMBERED = /^inc-(\d+)$/;

function prepareMending({ prepare }: Connection) {
  const ENDS = "e.kind = 'incident' AND e.subject = i.id";
  const IS_ASTRAY = `(NOT EXISTS (SELECT 1 FROM events AS e WHERE ${ENDS} AND e.version = i.version AND e.hash = i.head)
         OR EXISTS (SELECT 1 FROM events AS e WHERE ${ENDS} AND e.version = i.version + 1))`;
  return {
    /** Rows that do not end as their events do. */
    astray: prepare<[], Named>(
      `SELECT id FROM incidents AS i WHERE archive = '' AND ${IS_ASTRAY} ORDER BY seq`,
    ),
    /** The same of those that are open or owe something. */
    astrayLive: prepare<[], Named>(
      `SELECT id FROM incidents AS i WHERE is_open = 1 AND ${IS_ASTRAY}
       UNION ALL SELECT id FROM incidents AS i WHERE is_awake = 1 AND ${IS_ASTRAY}`,
    ),
    /** Rows are never deleted, so the last one bears the number of them. */
    counted: prepare<[], { readonly rows: number; readonly last: number | null }>(
      'SELECT (SELECT count(*) FROM incidents) AS rows, (SELECT max(seq) FROM incidents) AS last',
    ),
    newest: prepare<[], Named>('SELECT id FROM incidents ORDER BY seq DESC LIMIT 1'),
    hasEvents: prepare<[id: string]>(
      "SELECT 1 FROM events WHERE kind = 'incident' AND subject = +? AND version = 1",
    ),
    /** Incidents that have events and no row. One name at a time: the events themselves are many. */
    lost: prepare<[], Named>(
      `WITH RECURSIVE subjects (id) AS (
         SELECT min(subject) FROM events WHERE kind = 'incident'
         UNION ALL SELECT (SELECT min(subject) FROM events WHERE kind = 'incident' AND subject > subjects.id)
           FROM subjects WHERE subjects.id IS NOT NULL)
       SELECT id FROM subjects WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM incidents AS i WHERE i.id = subjects.id)`,
    ),
    row: prepare<[id: string], IncidentRecord>(
      `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE id = +?`,
    ),
    links: prepare<[incident: string], WrittenLink>(
      "SELECT event, hash, previous FROM events WHERE kind = 'incident' AND subject = +? ORDER BY version",
    ),
    rename: prepare<[id: string, wrong: string, head: string]>(
      'UPDATE incidents SET id = ? WHERE id = ? AND head = ?',
    ),
  };
}

/** What the events lead to and the hash they end with; null: they are not whole. */
function toldBy(
  links: readonly WrittenLink[],
): { readonly state: Incident; readonly head: string } | null {
  const read = links.map((link) => ({ ...link, event: objectOrNull<IncidentEvent>(link.event) }));
  const head = links.at(-1)?.hash ?? '';
  const end = { version: links.length, hash: head };
  if (!checkRecord({ incident: '', end, links: read, archive: null, missing: null }).intact)
    return null;
  try {
    const state = fold(read.flatMap(({ event }) => event ?? []));
    return state === null ? null : { state, head };
  } catch {
    return null;
  }
}

/** A sound row that its events do not go beyond stays, so that `verify` shows what was taken from them or rewritten. */
function isKept(record: IncidentRecord | undefined, version: number): boolean {
  const state = record === undefined ? null : stateOf(record);
  if (state === null) return false;
  return version < state.version || (version === state.version && version === record?.version);
}

type Mending = ReturnType<typeof prepareMending>;

function isAnyLost(sql: Mending): boolean {
  const { rows, last } = sql.counted.get() ?? { rows: 0, last: 0 };
  if (rows !== (last ?? 0)) return true;
  const newest = Number(NUMBERED.exec(sql.newest.get()?.id ?? 'inc-0')?.[1] ?? Number.NaN);
  if (Number.isNaN(newest)) return true;
  const behind = Array.from({ length: BEHIND }, (_, index) => `inc-${newest + 1 + index}`);
  return behind.some((id) => sql.hasEvents.get(id) !== undefined);
}

/** What is to be mended, as far as it is looked for. */
function found(sql: Mending, isThorough: boolean) {
  const rows = (isThorough ? sql.astray : sql.astrayLive).all();
  const astray = [...new Set(rows.map(({ id }) => id))];
  const isWalked = isThorough || astray.length > 0 || isAnyLost(sql);
  return { astray, lost: isWalked ? sql.lost.all().map(({ id }) => id) : [] };
}

/**
 * Mends, in one transaction, what the events tell, and notes each row that is not as it was written.
 * @param isThorough goes through all incidents, those that are over as well
 */
export function mendIncidents(connection: Connection, isThorough: boolean): void {
  const sql = prepareMending(connection);
  const save = stateSaver(connection);
  const rebuild = (id: string): void => {
    const told = toldBy(sql.links.all(id));
    if (told?.state.id !== id || isKept(sql.row.get(id), told.state.version)) return;
    // Without a wake-up, which is derived with those that were lost.
    save({ state: told.state, wake: null }, told.head);
  };
  connection.db.transaction(() => {
    const { astray, lost } = found(sql, isThorough);
    for (const id of astray) {
      connection.spoilt.note({ table: 'incidents', row: id, column: 'id, version or head' });
      rebuild(id);
    }
    for (const id of lost) {
      const head = sql.links.all(id).at(-1)?.hash ?? '';
      const isRenamed = astray.some((wrong) => sql.rename.run(id, wrong, head).changes > 0);
      if (isRenamed) continue;
      connection.spoilt.note({ table: 'incidents', row: id, column: 'the whole row' });
      rebuild(id);
    }
  })();
}

/** What stood before a row of its stream may be lost: it would wait for that for ever. */
export function mendStreams({ prepare }: Connection): void {
  const IS_BEHIND = `EXISTS (SELECT 1 FROM outbox AS earlier
    WHERE earlier.stream = outbox.stream AND earlier.seq < outbox.seq AND earlier.settled_at IS NULL)`;
  prepare(
    `UPDATE outbox SET is_behind = ${IS_BEHIND} WHERE settled_at IS NULL AND is_behind <> ${IS_BEHIND}`,
  ).run();
}

/** So many of the newest inputs are looked at where not all are. */
const NEWEST_INPUTS = 10_000;

/**
 * Inputs of which nothing says what became of them are decided again: an alert that is decided twice is one alert.
 * @param isThorough goes through all of them
 */
export function mendInbox({ prepare, db, spoilt }: Connection, isThorough: boolean): void {
  const isIn = (table: string, seq: string): string =>
    `EXISTS (SELECT 1 FROM ${table} AS found WHERE found.seq = ${seq})`;
  const lost = prepare<[limit: number], { readonly seq: number }>(
    `SELECT seq FROM (SELECT seq FROM inbox ORDER BY id DESC LIMIT ? + 0) AS newest
     WHERE NOT ${isIn('inbox_decided', 'newest.seq')} AND NOT ${isIn('inbox_ready', 'newest.seq')}
       AND NOT ${isIn('inbox_postponed', 'newest.seq')}`,
  );
  const makeReady = prepare<[seq: number]>('INSERT INTO inbox_ready (seq) VALUES (?)');
  const withoutInput = ['inbox_ready', 'inbox_postponed'].map((table) =>
    prepare<[], { readonly seq: number }>(
      `DELETE FROM ${table} WHERE NOT ${isIn('inbox', `${table}.seq`)} RETURNING seq`,
    ),
  );
  const note = (column: string, seq: number): void =>
    spoilt.note({ table: 'inbox', row: String(seq), column });
  db.transaction(() => {
    for (const { seq } of lost.all(isThorough ? -1 : NEWEST_INPUTS)) {
      note('what became of it', seq);
      makeReady.run(seq);
    }
    for (const gone of withoutInput) for (const { seq } of gone.all()) note('the whole row', seq);
  })();
}
