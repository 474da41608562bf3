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
  /** Null, as the body: its row is lost. */
  readonly headers: string | null;
  readonly body: Buffer | null;
}

export const INBOX_COLUMNS =
  'seq, id, origin, actor, source, delivery_id, received_at, not_before, failures, headers, body';

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
  const headers = objectOrNull<InboxRow['headers']>(record.headers ?? '{}');
  if (headers === null) note('headers');
  if (record.body === null && record.origin !== 'canary') note('body');
  return {
    id: record.id,
    origin: record.origin,
    actor,
    source: record.source,
    deliveryId: record.delivery_id,
    receivedAt: record.received_at,
    headers: headers ?? {},
    body: record.body ?? new Uint8Array(),
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
  notBefore: Instant,
  failures: number,
];

function prepareInbox({ prepare }: Connection) {
  return {
    insert: prepare<InsertRow>(
      `INSERT INTO inbox (id, origin, actor, source, delivery_id, received_at, kind, not_before, failures)
       VALUES (?, ?, ?, ?, ?, ?, 'undecided', ?, ?) ON CONFLICT DO NOTHING`,
    ),
    insertBody: prepare<[seq: number | bigint, headers: string, body: Uint8Array]>(
      'INSERT INTO inbox_bodies (seq, headers, body) VALUES (?, ?, ?)',
    ),
    byDelivery: prepare<[source: string, deliveryId: string], { readonly id: string }>(
      "SELECT id FROM inbox WHERE ifnull(source, '') = +? AND delivery_id = +? AND typeof(delivery_id) = 'text'",
    ),
    byId: prepare<[id: string], { readonly id: string; readonly kind: string }>(
      'SELECT id, kind FROM inbox WHERE id = +?',
    ),
    ready: prepare<[after: number, limit: number], Sequenced>(
      "SELECT seq FROM inbox WHERE kind = 'undecided' AND not_before <= 0 AND seq > +? ORDER BY seq LIMIT ? + 0",
    ),
    waited: prepare<[now: Instant, after: number], Sequenced>(
      "SELECT seq FROM inbox WHERE kind = 'undecided' AND not_before > 0 AND not_before <= +? AND seq > +?",
    ),
    name: prepare<[seq: number], { readonly id: string }>('SELECT id FROM inbox WHERE seq = +?'),
    row: prepare<[seq: number], InboxRecord>(
      `SELECT ${INBOX_COLUMNS} FROM inbox LEFT JOIN inbox_bodies USING (seq) WHERE seq = +?`,
    ),
    decide: prepare<[kind: string, at: Instant, disposition: string, id: string]>(
      "UPDATE inbox SET kind = ?, decided_at = ?, disposition = ? WHERE id = ? AND kind = 'undecided'",
    ),
    postpone: prepare<[notBefore: Instant, failures: number, disposition: string, id: string]>(
      "UPDATE inbox SET not_before = ?, failures = ?, disposition = ? WHERE id = ? AND kind = 'undecided'",
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
      row.notBefore,
      row.failures,
    );
    if (changes === 0) return { id: row.id, duplicateOf: originalOf(row, sql) };
    tally.newestAt = Math.max(tally.newestAt, row.receivedAt);
    // Nothing is in it; it is deleted again, and nobody would miss it.
    if (row.origin === 'canary') return { id: row.id, duplicateOf: null };
    sql.insertBody.run(lastInsertRowid, JSON.stringify(row.headers), row.body);
    tally.deliveries += 1;
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
    const json = JSON.stringify(disposition);
    const { changes } =
      disposition.kind === 'undecided'
        ? sql.postpone.run(disposition.notBefore, disposition.failures, json, id)
        : sql.decide.run(disposition.kind, at, json, id);
    if (changes === 1) return;
    const found = sql.byId.get(id);
    throw new Error(
      `inbox row ${id} ${found === undefined ? 'does not exist' : `is ${found.kind} already`}`,
    );
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
