/** Reads for people, over a connection of their own: they see what is committed and never wait for a turn. */
import type { Instant } from '../../core/model/alert.ts';
import { type Lane, LANES } from '../../core/model/effect.ts';
import type { Disposition, PageRow, Reads, UnreachablePage } from '../store.ts';
import type { ReadArchive } from './archive-reads.ts';
import type { Connection } from './connection.ts';
import { INBOX, INBOX_COLUMNS, type InboxRecord, inboxRow } from './inbox.ts';
import { AFTER_ALL, createIncidentReads } from './incident-reads.ts';
import { fromJson } from './json.ts';
import { FIRST, LEASABLE, rankAfterRank } from './outbox.ts';
import { isAddressed, PAGE_COLUMNS, type PageRecord, pageRow } from './pages.ts';

interface At {
  readonly at: Instant | null;
}
interface Count {
  readonly n: number;
}
type PagesAfter = [target: string, key: string, incident: string, page: string, limit: number];
interface DisposedRecord extends InboxRecord {
  readonly disposition: string | null;
}

function prepareLookups({ prepare }: Connection) {
  return {
    // CROSS JOIN: the rings lead, in the order of their index.
    pages: prepare<PagesAfter, PageRecord>(
      `SELECT ${PAGE_COLUMNS} FROM pages CROSS JOIN incidents ON incidents.id = pages.incident
       WHERE pages.target = +? AND pages.awaits_answer = 1 AND incidents.is_open = 1
         AND (pages.key, pages.incident, pages.page) > (+?, +?, +?)
       ORDER BY pages.key, pages.incident, pages.page LIMIT ? + 0`,
    ),
    late: prepare<[target: string, since: Instant, limit: number], PageRecord>(
      `SELECT ${PAGE_COLUMNS} FROM pages WHERE target = +? AND unconfirmed = 1 AND state <> 'open' AND asked_at > +?
       ORDER BY asked_at DESC, incident, page LIMIT ? + 0`,
    ),
    told: prepare<[target: string, since: Instant, limit: number], PageRecord>(
      `SELECT ${PAGE_COLUMNS} FROM pages WHERE target = +? AND told_at > 0 AND told_at > +?
       ORDER BY told_at DESC, incident, page LIMIT ? + 0`,
    ),
    pagesOf: prepare<[incident: string], PageRecord>(
      `SELECT ${PAGE_COLUMNS} FROM pages WHERE incident = +? ORDER BY page, target, key`,
    ),
    inbox: prepare<[id: string], DisposedRecord>(
      `SELECT ${INBOX_COLUMNS}, ifnull(decided.disposition, postponed.disposition) AS disposition
       FROM ${INBOX} LEFT JOIN inbox_decided AS decided USING (seq) WHERE id = +?`,
    ),
    meta: prepare<[key: string], { readonly value: string }>(
      'SELECT value FROM meta WHERE key = +?',
    ),
    metas: prepare<[prefix: string, end: string], { readonly key: string; readonly value: string }>(
      'SELECT key, value FROM meta WHERE key >= +? AND key < +? ORDER BY key',
    ),
  };
}

function prepareHealth({ prepare }: Connection) {
  return {
    ready: prepare<[], Count>('SELECT count(*) AS n FROM inbox_ready'),
    waiting: prepare<[], Count>('SELECT count(*) AS n FROM inbox_postponed WHERE is_held = 0'),
    held: prepare<[], Count>('SELECT count(*) AS n FROM inbox_postponed WHERE is_held = 1'),
    ambiguous: prepare<[], Count>("SELECT count(*) AS n FROM outbox WHERE status = 'ambiguous'"),
    dead: prepare<[], Count>("SELECT count(*) AS n FROM outbox WHERE status = 'dead'"),
    open: prepare<[], Count>('SELECT count(*) AS n FROM incidents WHERE is_open = 1'),
    unreachable: prepare<[limit: number], UnreachablePage>(
      `SELECT incident, page, min(since) AS since FROM pages WHERE unreachable = 1
       GROUP BY incident, page ORDER BY since, incident, page LIMIT ? + 0`,
    ),
    nextWake: prepare<[], At>('SELECT min(wake_at) AS at FROM incidents WHERE is_awake = 1'),
    sendingIn: prepare<[lane: Lane], At>(
      "SELECT min(due_at) AS at FROM outbox INDEXED BY outbox_sending WHERE status = 'sending' AND lane = +?",
    ),
    nextIn: prepare<[{ readonly lane: Lane }], At>(earliestDue(`lane = +@lane AND ${FIRST}`)),
    oldestReady: prepare<[], At>(
      'SELECT received_at AS at FROM inbox WHERE seq = (SELECT min(seq) FROM inbox_ready)',
    ),
    nextWaiting: prepare<[], At>('SELECT min(not_before) AS at FROM inbox_postponed'),
  };
}

/** When the first of those rows is due, whatever its rank. */
function earliestDue(condition: string): string {
  const first = rankAfterRank(
    (isOfRank) =>
      `SELECT due_at AS at FROM outbox WHERE ${condition} AND ${isOfRank} ORDER BY due_at, seq LIMIT 1`,
  );
  return `SELECT min(at) AS at FROM (${first})`;
}

/** What comes after an instant: whatever is due at it and still there hides nothing of what is due next. */
function prepareNext({ prepare }: Connection) {
  return {
    waiting: prepare<[after: Instant], At>(
      'SELECT min(not_before) AS at FROM inbox_postponed WHERE not_before > +?',
    ),
    wake: prepare<[after: Instant], At>(
      'SELECT min(wake_at) AS at FROM incidents WHERE is_awake = 1 AND wake_at > +?',
    ),
    lease: prepare<[after: Instant], At>(
      "SELECT min(lease_until) AS at FROM outbox WHERE status = 'sending' AND lease_until > +?",
    ),
    // Also behind another row of its stream: that one may be gone by then, of which nobody tells.
    inLane: prepare<
      [{ readonly lane: Lane; readonly isBehind: 0 | 1; readonly after: Instant }],
      At
    >(earliestDue(`lane = +@lane AND is_behind = +@isBehind AND ${LEASABLE} AND due_at > +@after`)),
  };
}

/** The earliest of them, or null. */
function earliest(rows: readonly (At | undefined)[]): Instant | null {
  const times = rows.flatMap((row) => (row === undefined || row.at === null ? [] : [row.at]));
  return times.length === 0 ? null : Math.min(...times);
}

/** Of very many it is enough to know that there are. */
const UNREACHABLE_MAX = 100;

type Health = Awaited<ReturnType<Reads['health']>>;

function createHealth(connection: Connection): Pick<Reads, 'health' | 'nextDueAt'> {
  const sql = prepareHealth(connection);
  const next = prepareNext(connection);
  const count = (row: Count | undefined): number => row?.n ?? 0;
  const health = (now: Instant): Health => {
    const turns = [sql.oldestReady.get(), sql.nextWaiting.get(), sql.nextWake.get()];
    const late = (rows: readonly (At | undefined)[]): number =>
      Math.max(0, now - (earliest(rows) ?? now));
    const lateIn = (lanes: readonly Lane[]): number =>
      // A row behind another of its stream is as late as that one, which may wait for good reason.
      late([
        ...turns,
        ...lanes.flatMap((lane) => [sql.sendingIn.get(lane), sql.nextIn.get({ lane })]),
      ]);
    return {
      undecided: count(sql.ready.get()) + count(sql.waiting.get()),
      held: count(sql.held.get()),
      oldestDueMs: lateIn(LANES),
      oldestPageMs: lateIn(['page']),
      oldestTurnMs: late(turns),
      ambiguous: count(sql.ambiguous.get()),
      dead: count(sql.dead.get()),
      openIncidents: count(sql.open.get()),
      unreachable: sql.unreachable.all(UNREACHABLE_MAX),
    };
  };
  const nextDueAt = (after: Instant): Instant | null =>
    earliest([
      next.waiting.get(after),
      next.wake.get(after),
      next.lease.get(after),
      ...LANES.flatMap((lane) => [
        next.inLane.get({ lane, isBehind: 0, after }),
        next.inLane.get({ lane, isBehind: 1, after }),
      ]),
    ]);
  // One read transaction, so that all the numbers are of the same moment.
  const healthAtOnce = connection.db.transaction(health);
  const nextDueAtOnce = connection.db.transaction(nextDueAt);
  return {
    health: async (now) => healthAtOnce(now),
    nextDueAt: async (after) => nextDueAtOnce(after),
  };
}

/** The rings about which the vendor can be asked. */
function addressedBy(spoilt: Connection['spoilt']) {
  return (rows: readonly PageRecord[]): readonly PageRow[] =>
    rows.map((row) => pageRow(row, spoilt)).filter(isAddressed);
}

export function createReads(connection: Connection, readArchive: ReadArchive): Reads {
  const sql = prepareLookups(connection);
  const { spoilt } = connection;
  const addressed = addressedBy(spoilt);

  return {
    ...createHealth(connection),
    ...createIncidentReads(connection, readArchive),
    openPages: async ({ target, after, limit }) => {
      const pages: PageRow[] = [];
      let { key, incident, page } = after ?? { key: '', incident: '', page: '' };
      for (;;) {
        const wanted = Math.max(0, limit - pages.length);
        const rows = sql.pages.all(target, key, incident, page, wanted);
        pages.push(...addressed(rows));
        const last = rows.at(-1);
        // Fewer than asked for are the end: those that were left out must not look like it.
        if (last === undefined || rows.length < wanted) return pages;
        ({ key, incident, page } = last);
      }
    },
    lateRings: async ({ target, since, limit }) =>
      addressed(sql.late.all(target, since, Math.max(0, limit))),
    toldRings: async ({ target, since, limit }) =>
      addressed(sql.told.all(target, since, Math.max(0, limit))),
    pagesOf: async (incident) => sql.pagesOf.all(incident).map((row) => pageRow(row, spoilt)),
    inboxRow: async (id) => {
      const record = sql.inbox.get(id);
      if (record === undefined) return null;
      const row = inboxRow(record, spoilt);
      const disposition: Disposition =
        record.disposition === null
          ? {
              kind: 'undecided',
              notBefore: row.notBefore,
              failures: row.failures,
              why: 'not looked at yet',
            }
          : fromJson<Disposition>(record.disposition);
      return { row, disposition };
    },
    meta: async (key) => sql.meta.get(key)?.value ?? null,
    metas: async (prefix) => sql.metas.all(prefix, `${prefix}${AFTER_ALL}`),
  };
}
