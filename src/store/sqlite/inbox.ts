/** Inputs: stored as they came, taken in order of arrival, disposed of exactly once. */
import type { Instant } from '../../core/model/alert.ts';
import type { Actor } from '../../core/model/input.ts';
import type { InboxOrigin } from '../canary-rows.ts';
import type { Disposition, InboxPut, InboxRow, Taken, TakeQuery } from '../store.ts';
import type { Connection } from './connection.ts';
import type { Spoilt } from './spoilt.ts';
import { objectOrNull } from './json.ts';

export interface InboxRecord {
  readonly seq: number;
  readonly id: string;
  readonly origin: InboxOrigin;
  readonly actor: string;
  readonly source: string | null;
  readonly delivery_id: string | null;
  readonly received_at: Instant;
  readonly not_before: Instant;
  readonly failures: number;
  readonly headers: string;
  readonly body: Buffer;
}

export const INBOX_COLUMNS = `seq, id, origin, actor, source, delivery_id, received_at,
  ifnull(not_before, 0) AS not_before, ifnull(failures, 0) AS failures, headers, body`;

/** Where those come from. */
export const INBOX = 'inbox LEFT JOIN inbox_postponed AS postponed USING (seq)';

function readActor(text: string): Actor | null {
  const actor = objectOrNull<Partial<Actor>>(text);
  return typeof actor?.kind === 'string' ? (actor as Actor) : null;
}

/** What is spoilt of it is left out: an alert is not lost because of who sent it. */
export function inboxRow(record: InboxRecord, spoilt: Spoilt): InboxRow {
  const note = (column: string): void =>
    spoilt.note({ table: 'inbox', row: String(record.seq), column });
  const actor = readActor(record.actor);
  if (actor === null) note('actor');
  const headers = objectOrNull<InboxRow['headers']>(record.headers);
  if (headers === null) note('headers');
  return {
    id: record.id,
    origin: record.origin,
    actor,
    source: record.source,
    deliveryId: record.delivery_id,
    receivedAt: record.received_at,
    headers: headers ?? {},
    body: record.body,
    notBefore: record.not_before,
    failures: record.failures,
  };
}

/** Bodies of rows that are taken at once: what one batch decides, for the rest would be read again for the next. */
const TAKE_BYTES_MAX = 1_000_000;

/** Rows that are looked at to find those. */
const LOOK_ROWS = 2_048;

interface Sequenced {
  readonly seq: number;
}

type InsertRow = [
  id: string,
  origin: string,
  actor: string,
  source: string | null,
  deliveryId: string | null,
  receivedAt: Instant,
  headers: string,
  body: Uint8Array,
];

type Postpone = [
  seq: number | bigint,
  notBefore: Instant,
  failures: number,
  isHeld: 0 | 1,
  disposition: string | null,
];

function prepareInbox({ prepare }: Connection) {
  return {
    insert: prepare<InsertRow>(
      `INSERT INTO inbox (id, origin, actor, source, delivery_id, received_at, headers, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    makeReady: prepare<[seq: number | bigint]>('INSERT INTO inbox_ready (seq) VALUES (?)'),
    postpone: prepare<Postpone>(
      'INSERT INTO inbox_postponed (seq, not_before, failures, is_held, disposition) VALUES (?, ?, ?, ?, ?)',
    ),
    decide: prepare<[seq: number, at: Instant, disposition: string]>(
      'INSERT INTO inbox_decided (seq, decided_at, disposition) VALUES (?, ?, ?)',
    ),
    takeReady: prepare<[seq: number]>('DELETE FROM inbox_ready WHERE seq = ?'),
    takePostponed: prepare<[seq: number]>('DELETE FROM inbox_postponed WHERE seq = ?'),
    byDelivery: prepare<[source: string, deliveryId: string], { readonly id: string }>(
      "SELECT id FROM inbox WHERE ifnull(source, '') = +? AND delivery_id = +? AND typeof(delivery_id) = 'text'",
    ),
    place: prepare<[id: string], Sequenced & { readonly origin: string }>(
      'SELECT seq, origin FROM inbox WHERE id = +?',
    ),
    ready: prepare<[after: number, limit: number], Sequenced>(
      'SELECT seq FROM inbox_ready WHERE seq > +? ORDER BY seq LIMIT ? + 0',
    ),
    waited: prepare<[now: Instant, after: number], Sequenced>(
      'SELECT seq FROM inbox_postponed WHERE not_before <= +? AND seq > +?',
    ),
    name: prepare<[seq: number], { readonly id: string }>('SELECT id FROM inbox WHERE seq = +?'),
    row: prepare<[seq: number], InboxRecord>(
      `SELECT ${INBOX_COLUMNS} FROM ${INBOX} WHERE seq = +?`,
    ),
  };
}

/** The row that was there first. */
function originalOf(row: InboxRow, { byDelivery }: ReturnType<typeof prepareInbox>): string {
  const first =
    row.deliveryId === null ? undefined : byDelivery.get(row.source ?? '', row.deliveryId);
  // Without one the id itself is stored already: the same row was put twice.
  return first?.id ?? row.id;
}

export function createInbox(connection: Connection) {
  const sql = prepareInbox(connection);
  const { tally } = connection;

  const putOne = (row: InboxRow): InboxPut => {
    const { changes, lastInsertRowid } = sql.insert.run(
      row.id,
      row.origin,
      JSON.stringify(row.actor),
      row.source,
      row.deliveryId,
      row.receivedAt,
      JSON.stringify(row.headers),
      row.body,
    );
    if (changes === 0) return { id: row.id, duplicateOf: originalOf(row, sql) };
    if (row.notBefore <= 0) sql.makeReady.run(lastInsertRowid);
    else {
      const isHeld = row.origin === 'held' ? 1 : 0;
      sql.postpone.run(lastInsertRowid, row.notBefore, row.failures, isHeld, null);
    }
    tally.newestAt = Math.max(tally.newestAt, row.receivedAt);
    // It is deleted again, and nobody would miss it.
    if (row.origin !== 'canary') tally.deliveries += 1;
    return { id: row.id, duplicateOf: null };
  };

  const take = ({ now, limit, after, isKnown }: TakeQuery): Taken => {
    const ready = sql.ready.all(after, LOOK_ROWS);
    const isAll = ready.length < LOOK_ROWS;
    const end = isAll ? Number.POSITIVE_INFINITY : (ready.at(-1)?.seq ?? 0);
    const waited = sql.waited.all(now, after).filter(({ seq }) => seq <= end);
    const places = [...waited, ...ready].toSorted((a, b) => a.seq - b.seq);
    const rows: InboxRow[] = [];
    let bytes = 0;
    let upTo = after;
    for (const { seq } of places) {
      if (rows.length >= limit) return { rows, upTo, isAll: false };
      const record = isKnown(sql.name.get(seq)?.id ?? '') ? undefined : sql.row.get(seq);
      bytes += record?.body?.byteLength ?? 0;
      if (rows.length > 0 && bytes > TAKE_BYTES_MAX) return { rows, upTo, isAll: false };
      if (record !== undefined) rows.push(inboxRow(record, connection.spoilt));
      upTo = seq;
    }
    return { rows, upTo, isAll };
  };

  const disposeOne = (id: string, disposition: Disposition, at: Instant): void => {
    const place = sql.place.get(id);
    if (place === undefined) throw new Error(`inbox row ${id} does not exist`);
    const { seq, origin } = place;
    const isUndecided =
      sql.takeReady.run(seq).changes === 1 || sql.takePostponed.run(seq).changes === 1;
    if (!isUndecided) throw new Error(`inbox row ${id} is decided already`);
    const json = JSON.stringify(disposition);
    if (disposition.kind !== 'undecided') return void sql.decide.run(seq, at, json);
    const isHeld = origin === 'held' && disposition.notBefore > 0 ? 1 : 0;
    sql.postpone.run(seq, disposition.notBefore, disposition.failures, isHeld, json);
  };

  return {
    put: (rows: readonly InboxRow[]): readonly InboxPut[] => rows.map(putOne),
    take,
    dispose: (
      rows: readonly {
        readonly id: string;
        readonly disposition: Disposition;
        readonly at: Instant;
      }[],
    ): void => {
      for (const { id, disposition, at } of rows) disposeOne(id, disposition, at);
    },
  };
}
