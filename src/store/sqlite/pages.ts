/** Rings: where a vendor's key or reference leads. */
import type { Instant } from '../../core/model/alert.ts';
import type { PageAddress } from '../../core/model/policy.ts';
import type { PageRow, RingQuery } from '../store.ts';
import type { Connection } from './connection.ts';
import { objectOrNull, toFlag } from './json.ts';
import type { Spoilt } from './spoilt.ts';

export interface PageRecord extends Omit<
  PageRow,
  'askedAt' | 'unconfirmed' | 'awaitsAnswer' | 'toldAt' | 'unreachable' | 'address'
> {
  readonly asked_at: Instant;
  readonly unconfirmed: 0 | 1;
  readonly awaits_answer: 0 | 1;
  readonly told_at: Instant | null;
  readonly unreachable: 0 | 1;
  readonly address: string;
}

const COLUMNS =
  'incident, page, target, key, ref, since, asked_at, state, unconfirmed, awaits_answer, told_at, unreachable, address';

/** For queries that join another table. */
export const PAGE_COLUMNS = COLUMNS.split(', ')
  .map((name) => `pages.${name}`)
  .join(', ');

const NOWHERE: PageAddress['address'] = {};

/** Whether the vendor can be asked about it. */
export function isAddressed({ address }: PageRow): boolean {
  return address.address !== NOWHERE;
}

/** With an address that is spoilt it leads to its incident all the same; nothing is ever sent by it. */
export function pageRow(
  { asked_at, awaits_answer, told_at, ...record }: PageRecord,
  spoilt: Spoilt,
): PageRow {
  const { incident, page, target } = record;
  const address = objectOrNull<PageAddress>(record.address);
  if (address === null)
    spoilt.note({ table: 'pages', row: `${incident} ${page} ${target}`, column: 'address' });
  return {
    ...record,
    askedAt: asked_at,
    unconfirmed: record.unconfirmed === 1,
    awaitsAnswer: awaits_answer === 1,
    toldAt: told_at,
    unreachable: record.unreachable === 1,
    address: address ?? { target, address: NOWHERE, label: target },
  };
}

type UpsertPage = [
  incident: string,
  page: string,
  target: string,
  key: string,
  ref: string | null,
  since: Instant,
  askedAt: Instant,
  state: string,
  unconfirmed: number,
  awaitsAnswer: number,
  toldAt: Instant | null,
  unreachable: number,
  address: string,
];

function preparePages({ prepare }: Connection) {
  return {
    upsert: prepare<UpsertPage>(
      `INSERT INTO pages (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (incident, page, target, key) DO UPDATE SET
         ref = excluded.ref, since = excluded.since, asked_at = excluded.asked_at, state = excluded.state,
         unconfirmed = excluded.unconfirmed, awaits_answer = excluded.awaits_answer, told_at = excluded.told_at, unreachable = excluded.unreachable,
         address = excluded.address`,
    ),
    byKey: prepare<[target: string, key: string], PageRecord>(
      `SELECT ${COLUMNS} FROM pages WHERE target = +? AND key = +? ORDER BY since, incident, page`,
    ),
    newest: prepare<[target: string, key: string, state: string, limit: number], PageRecord>(
      `SELECT ${COLUMNS} FROM pages WHERE target = +? AND key = +? AND state = +?
       ORDER BY since DESC, incident DESC, page DESC LIMIT ? + 0`,
    ),
    byRef: prepare<[target: string, ref: string], PageRecord>(
      `SELECT ${COLUMNS} FROM pages WHERE target = +? AND ref = +? AND typeof(ref) = 'text' ORDER BY since, incident, page`,
    ),
    unconfirmed: prepare<[target: string, closedSince: Instant], PageRecord>(
      `SELECT ${COLUMNS} FROM pages WHERE target = +? AND unconfirmed = 1 AND (state <> 'closed' OR asked_at > +?)
       ORDER BY asked_at DESC, incident, page LIMIT 100`,
    ),
  };
}

function putPage(upsert: ReturnType<typeof preparePages>['upsert'], row: PageRow): void {
  upsert.run(
    row.incident,
    row.page,
    row.target,
    row.key,
    row.ref,
    row.since,
    row.askedAt,
    row.state,
    toFlag(row.unconfirmed),
    toFlag(row.awaitsAnswer),
    row.toldAt,
    toFlag(row.unreachable),
    JSON.stringify(row.address),
  );
}

export function createPages(connection: Connection) {
  const sql = preparePages(connection);
  const found = (query: RingQuery): readonly PageRecord[] => {
    const { target } = query;
    if ('keys' in query) return query.keys.flatMap((key) => sql.byKey.all(target, key));
    if ('newest' in query) return sql.newest.all(target, query.key, query.state, query.newest);
    if ('ref' in query) return sql.byRef.all(target, query.ref);
    return sql.unconfirmed.all(target, query.unconfirmedSince);
  };
  return {
    put: (rows: readonly PageRow[]): void => {
      for (const row of rows) putPage(sql.upsert, row);
    },
    find: (query: RingQuery): readonly PageRow[] =>
      found(query).map((row) => pageRow(row, connection.spoilt)),
  };
}
