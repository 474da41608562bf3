/**
 * The thread that copies incidents into the archive: reads them over a connection of its own, writes and syncs them, and
 * checks by their hashes that the file holds what the database does. It deletes nothing.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type Database from 'better-sqlite3';
import { CHAIN_START, linkHash } from '../chain.ts';
import type { Incident } from '../../core/model/incident.ts';
import type { Copied, CopyAnswer, CopyAsked, ArchiveTask } from './archive.ts';
import {
  archiveBytes,
  archiveFileFor,
  openArchiveReader,
  openArchiveWriter,
} from './archive-file.ts';
import { ALERT_COLUMNS, type AlertRecord, alertRow } from './alerts.ts';
import { type Connection, openReader } from './connection.ts';
import { databaseOf } from './directory.ts';
import { objectOrNull } from './json.ts';
import { OUTBOX_COLUMNS, type OutboxRecord, outboxRow } from './outbox.ts';

interface SourceRecord {
  readonly id: string;
  readonly version: number;
  readonly head: string;
  readonly state: string;
  readonly state_hash: string;
  readonly last_event_at: number;
}

interface EventRecord {
  readonly kind: string;
  readonly subject: string;
  readonly version: number;
  readonly previous: string;
  readonly hash: string;
  readonly event: string;
  readonly seq: number;
}

const EVENT_COLUMNS = 'kind, subject, version, previous, hash, event, seq';
const OF_INCIDENT = `SELECT ${EVENT_COLUMNS} FROM events WHERE kind = 'incident' AND subject = +? ORDER BY version`;
/** Alerts of an incident that are kept to be shown. */
const ALERTS_MAX = 50;

function prepareSource({ prepare }: Connection) {
  return {
    incident: prepare<[id: string], SourceRecord>(
      `SELECT id, version, head, state, state_hash, last_event_at FROM incidents WHERE id = +? AND archive = ''`,
    ),
    events: prepare<[incident: string], EventRecord>(OF_INCIDENT),
    outbox: prepare<[incident: string], OutboxRecord>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE incident = +? ORDER BY seq`,
    ),
    alerts: prepare<[incident: string, limit: number], AlertRecord>(
      `SELECT ${ALERT_COLUMNS} FROM alerts WHERE incident = +? ORDER BY status, source, dedup_key LIMIT ? + 0`,
    ),
  };
}

/** Writes into one file, as one commit. */
function openTarget(db: Database.Database) {
  const isThere = db.prepare<[id: string], { readonly version: number }>(
    'SELECT version FROM archived WHERE id = ?',
  );
  const put = db.prepare(
    `INSERT OR REPLACE INTO archived (id, version, head, state, state_hash, outbox, alerts) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const dropEvents = db.prepare<[id: string]>(
    "DELETE FROM events WHERE kind = 'incident' AND subject = ?",
  );
  const putEvent = db.prepare(`INSERT INTO events (${EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const count = db.prepare<[incidents: number, events: number]>(
    'UPDATE kept SET incidents = incidents + ?, events = events + ? WHERE one = 1',
  );
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  return {
    begin: () => void begin.run(),
    commit: () => void commit.run(),
    /** In place of an earlier copy, of a process that died before it could delete anything. */
    copy: (
      from: SourceRecord,
      rows: { outbox: string; alerts: string; events: Iterable<EventRecord> },
    ) => {
      const before = isThere.get(from.id);
      const dropped = dropEvents.run(from.id).changes;
      put.run(
        from.id,
        from.version,
        from.head,
        from.state,
        from.state_hash,
        rows.outbox,
        rows.alerts,
      );
      let events = 0;
      for (const one of rows.events) {
        const { kind, subject, version, previous, hash, event, seq } = one;
        putEvent.run(kind, subject, version, previous, hash, event, seq);
        events += 1;
      }
      count.run(before === undefined ? 1 : 0, events - dropped);
    },
  };
}

/** Whether the file, read over a connection of its own, holds the incident with all its events. */
function checker(db: Database.Database): (from: SourceRecord) => boolean {
  const events = db.prepare<[incident: string], EventRecord>(OF_INCIDENT);
  const state = db.prepare<[id: string], Pick<SourceRecord, 'state' | 'state_hash'>>(
    'SELECT state, state_hash FROM archived WHERE id = ?',
  );
  return (from) => {
    let [previous, version] = [CHAIN_START, 0];
    for (const one of events.iterate(from.id)) {
      version += 1;
      const isNext = one.version === version && one.previous === previous;
      if (!isNext || one.hash !== linkHash(previous, one.event)) return false;
      previous = one.hash;
    }
    const found = state.get(from.id);
    const isSame = found?.state === from.state && found.state_hash === from.state_hash;
    return isSame && version === from.version && previous === from.head;
  };
}

const task = workerData as ArchiveTask;
const source = openReader(databaseOf(task.directory));
const sql = prepareSource(source);

function copyAll(file: string, records: readonly SourceRecord[]): readonly Copied[] {
  const unreadable = new Set<string>();
  const writer = openArchiveWriter(task.directory, file, task.instance);
  try {
    const target = openTarget(writer);
    target.begin();
    for (const record of records) {
      const rows = sql.outbox.all(record.id);
      const outbox = rows.flatMap((row) => outboxRow(row) ?? []);
      // It would be left out, and deleted where it is.
      if (outbox.length < rows.length) unreadable.add(record.id);
      const alerts = sql.alerts
        .all(record.id, ALERTS_MAX)
        .map((row) => alertRow(row, source.spoilt));
      target.copy(record, {
        outbox: JSON.stringify(outbox),
        alerts: JSON.stringify(alerts),
        events: sql.events.iterate(record.id),
      });
    }
    target.commit();
  } finally {
    writer.close();
  }
  const reader = openArchiveReader(task.directory, file);
  try {
    const isWhole = checker(reader);
    const bytes = archiveBytes(task.directory, file) ?? 0;
    return records.map((record) => ({
      id: record.id,
      version: record.version,
      head: record.head,
      file,
      bytes,
      related: relatedTo(record),
      isWhole: !unreadable.has(record.id) && isWhole(record),
    }));
  } finally {
    reader.close();
  }
}

/** Incidents that the state names; of one that cannot be read nobody knows any. */
function relatedTo({ state }: SourceRecord): readonly string[] {
  const read = objectOrNull<Partial<Incident>>(state);
  return [...(read?.parent == null ? [] : [read.parent]), ...(read?.storm?.children ?? [])];
}

function answer({ ids }: CopyAsked): CopyAnswer {
  // One moment for all of them: the events are those of the rows.
  const read = source.db.transaction(() => {
    const records = ids.flatMap((id) => sql.incident.get(id) ?? []);
    const byFile = Map.groupBy(records, (record) => archiveFileFor(record.last_event_at));
    return [...byFile].flatMap(([file, same]) => copyAll(file, same));
  });
  try {
    return { ok: true, copied: read() };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (asked: CopyAsked) => parentPort?.postMessage(answer(asked)));
