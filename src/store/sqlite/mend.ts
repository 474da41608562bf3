/**
 * Rows of incidents that a bad disk or a hand has spoilt, mended at the start. A row is a cache of its events, and says with
 * which of them it ends: one that ends otherwise, or is gone, is written anew from them; one whose name alone is wrong gets
 * its name back. What cannot be mended is named all the same, and set aside when it is met.
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

function prepareMending({ prepare }: Connection) {
  const ENDS = "e.kind = 'incident' AND e.subject = i.id";
  return {
    /** Rows that do not end as their events do. */
    astray: prepare<[], Named>(
      `SELECT id FROM incidents AS i
       WHERE archive = '' AND (NOT EXISTS (SELECT 1 FROM events AS e WHERE ${ENDS} AND e.version = i.version AND e.hash = i.head)
         OR EXISTS (SELECT 1 FROM events AS e WHERE ${ENDS} AND e.version = i.version + 1)) ORDER BY seq`,
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

/** Mends, in one transaction, what the events tell, and notes each row that is not as it was written. */
export function mendIncidents(connection: Connection): void {
  const sql = prepareMending(connection);
  const save = stateSaver(connection);
  const rebuild = (id: string): void => {
    const told = toldBy(sql.links.all(id));
    if (told?.state.id !== id || isKept(sql.row.get(id), told.state.version)) return;
    // Without a wake-up, which is derived with those that were lost.
    save({ state: told.state, wake: null }, told.head);
  };
  connection.db.transaction(() => {
    const astray = sql.astray.all().map(({ id }) => id);
    for (const id of astray) {
      connection.spoilt.note({ table: 'incidents', row: id, column: 'id, version or head' });
      rebuild(id);
    }
    for (const { id } of sql.lost.all()) {
      const head = sql.links.all(id).at(-1)?.hash ?? '';
      const isRenamed = astray.some((wrong) => sql.rename.run(id, wrong, head).changes > 0);
      if (isRenamed) continue;
      connection.spoilt.note({ table: 'incidents', row: id, column: 'the whole row' });
      rebuild(id);
    }
  })();
}
