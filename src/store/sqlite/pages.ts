/** Rings: where a vendor's key or reference leads, and which phones ring now. */
import type { Instant } from '../../core/alert.ts';
import type { PageAddress } from '../../core/policy.ts';
import type { PageRow } from '../store.ts';
import type { Connection } from './connection.ts';
import { fromJson, toFlag } from './json.ts';

export interface PageRecord extends Omit<
  PageRow,
  'acknowledged' | 'unconfirmed' | 'awaitsAnswer' | 'address'
> {
  readonly acknowledged: 0 | 1;
  readonly unconfirmed: 0 | 1;
  readonly awaits_answer: 0 | 1;
  readonly address: string;
}

const COLUMNS =
  'incident, page, target, key, ref, person, urgency, since, team, service, parent, acknowledged, state, unconfirmed, awaits_answer, address';

/** For queries that join another table. */
export const PAGE_COLUMNS = COLUMNS.split(', ')
  .map((name) => `pages.${name}`)
  .join(', ');

export function pageRow({ awaits_answer, ...record }: PageRecord): PageRow {
  return {
    ...record,
    acknowledged: record.acknowledged === 1,
    unconfirmed: record.unconfirmed === 1,
    awaitsAnswer: awaits_answer === 1,
    address: fromJson<PageAddress>(record.address),
  };
}

type UpsertPage = [
  incident: string,
  page: string,
  target: string,
  key: string,
  ref: string | null,
  person: string | null,
  urgency: string,
  since: Instant,
  team: string,
  service: string | null,
  parent: string | null,
  acknowledged: number,
  state: string,
  unconfirmed: number,
  awaitsAnswer: number,
  address: string,
];

function preparePages({ prepare }: Connection) {
  return {
    upsert: prepare<UpsertPage>(
      `INSERT INTO pages (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (incident, page, target, key) DO UPDATE SET
         ref = excluded.ref, person = excluded.person, urgency = excluded.urgency, since = excluded.since, team = excluded.team,
         service = excluded.service, parent = excluded.parent, acknowledged = excluded.acknowledged, state = excluded.state,
         unconfirmed = excluded.unconfirmed, awaits_answer = excluded.awaits_answer, address = excluded.address`,
    ),
    byKey: prepare<[target: string, key: string], PageRecord>(
      `SELECT ${COLUMNS} FROM pages WHERE target = +? AND key = +? ORDER BY since, incident, page`,
    ),
    byRef: prepare<[target: string, ref: string], PageRecord>(
      `SELECT ${COLUMNS} FROM pages WHERE target = +? AND ref = +? ORDER BY since, incident, page`,
    ),
    ringing: prepare<[since: Instant], PageRecord>(
      `SELECT ${PAGE_COLUMNS}
       FROM pages JOIN incidents ON incidents.id = pages.incident
       WHERE pages.since >= +? AND incidents.is_open = 1 ORDER BY pages.since, pages.incident, pages.page`,
    ),
    unconfirmed: prepare<[target: string], { readonly found: number }>(
      'SELECT 1 AS found FROM pages WHERE target = +? AND unconfirmed = 1 LIMIT 1',
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
    row.person,
    row.urgency,
    row.since,
    row.team,
    row.service,
    row.parent,
    toFlag(row.acknowledged),
    row.state,
    toFlag(row.unconfirmed),
    toFlag(row.awaitsAnswer),
    JSON.stringify(row.address),
  );
}

function comesBefore(a: PageRow, b: PageRow): boolean {
  if (a.since !== b.since) return a.since < b.since;
  if (a.incident !== b.incident) return a.incident < b.incident;
  return a.page < b.page;
}

/**
 * What rings, remembered from one transaction to the next: every turn that decides asks for all of it, and a storm has
 * thousands. Only this connection writes, so the memory follows each `put` and is dropped where it cannot follow.
 */
function rememberRinging(read: () => readonly PageRow[]) {
  let known: Map<string, PageRow> | null = null;
  let last: PageRow | undefined;
  const idOf = ({ incident, page, target, key }: PageRow): string =>
    JSON.stringify([incident, page, target, key]);
  const load = (): Map<string, PageRow> => {
    const rows = read();
    last = rows.at(-1);
    return new Map(rows.map((row) => [idOf(row), row]));
  };
  const forget = (): void => {
    known = null;
  };
  return {
    forget,
    put: (row: PageRow): void => {
      if (known === null) return;
      const id = idOf(row);
      const before = known.get(id);
      const isInPlace =
        before === undefined
          ? last === undefined || comesBefore(last, row)
          : before.since === row.since;
      if (!isInPlace) return forget();
      known.set(id, row);
      if (before === undefined || before === last) last = row;
    },
    since: (since: Instant): readonly PageRow[] => {
      known ??= load();
      const rows = [...known.values()];
      return since <= 0 ? rows : rows.filter((row) => row.since >= since);
    },
  };
}

export function createPages(connection: Connection) {
  const sql = preparePages(connection);
  const ringing = rememberRinging(() => sql.ringing.all(0).map(pageRow));
  connection.onRollback.push(ringing.forget);
  return {
    put: (rows: readonly PageRow[]): void => {
      for (const row of rows) {
        putPage(sql.upsert, row);
        ringing.put(row);
      }
    },
    forgetRinging: ringing.forget,
    by: ({
      target,
      key,
      ref,
    }: {
      readonly target: string;
      readonly key?: string;
      readonly ref?: string;
    }): readonly PageRow[] => {
      if (key === undefined && ref === undefined)
        throw new Error('a ring is looked up by its key or its reference');
      const found = key === undefined ? [] : sql.byKey.all(target, key);
      // The key is ours and decides; the vendor's reference is for events that do not carry it.
      return (found.length === 0 && ref !== undefined ? sql.byRef.all(target, ref) : found).map(
        pageRow,
      );
    },
    ringing: ringing.since,
    hasUnconfirmed: (target: string): boolean => sql.unconfirmed.get(target) !== undefined,
  };
}
