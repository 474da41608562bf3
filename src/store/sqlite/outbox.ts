/**
 * Effects on their way out. A row is *unsettled* while pending, sending or ambiguous; within a stream only the
 * first unsettled row moves. `sending` is written before the request, so a row found in it later is ambiguous.
 */
import type { Reason } from '../../contract/outcome.ts';
import type { Instant } from '../../core/model/alert.ts';
import { type Effect, type Lane, LANES } from '../../core/model/effect.ts';
import type { Pausable } from '../../core/model/lookups.ts';
import type {
  LeaseQuery,
  OutboxRow,
  OutboxStatus,
  ParkedRow,
  Settlement,
  TakenRows,
  WaitingRows,
} from '../store.ts';
import type { Connection } from './connection.ts';
import { objectOrNull, toFlag } from './json.ts';

export interface OutboxRecord extends ParkedRow {
  readonly status: OutboxStatus;
  readonly is_ambiguous: 0 | 1;
  readonly attempt: number;
  readonly first_due_at: Instant;
  readonly due_at: Instant;
  readonly lease_until: Instant;
  readonly fence: number;
  readonly last_outcome: string | null;
  readonly refused: Reason | null;
  readonly effect: string;
}

export const OUTBOX_COLUMNS =
  'id, incident, target, seq, status, is_ambiguous, attempt, first_due_at, due_at, lease_until, fence, last_outcome, refused, effect';

/** As SQL, letter by letter as in the indexes: otherwise SQLite would not use them. */
export const LEASABLE = "settled_at IS NULL AND status <> 'sending'";
/** As `LEASABLE`, and the first of its stream. */
export const FIRST = `is_behind = 0 AND ${LEASABLE}`;

/** The effect, when it is the one for which the row was made. */
function readEffect({ effect, id, incident, target }: OutboxRecord): Effect | null {
  const read = objectOrNull<Effect>(effect);
  const isOurs = read?.id === id && read.incident === incident && read.target === target;
  return isOurs ? read : null;
}

/** Null: nobody can tell what was to be sent. */
export function outboxRow(record: OutboxRecord): OutboxRow | null {
  const effect = readEffect(record);
  if (effect === null) return null;
  return {
    effect,
    seq: record.seq,
    status: record.status,
    ambiguous: record.is_ambiguous === 1,
    attempt: record.attempt,
    firstDueAt: record.first_due_at,
    dueAt: record.due_at,
    leaseUntil: record.lease_until,
    fence: record.fence,
    lastOutcome: record.last_outcome,
    refused: record.refused,
  };
}

type InsertEffect = [
  id: string,
  incident: string,
  stream: string,
  lane: string,
  rank: number,
  target: string,
  firstDueAt: Instant,
  dueAt: Instant,
  effect: string,
  stream: string,
];

const REPLACED = 'a later order takes its place';

function prepareRows({ prepare }: Connection) {
  return {
    replace: prepare<[at: Instant, stream: string]>(
      `UPDATE outbox SET status = 'superseded', settled_at = ?, last_outcome = '${REPLACED}', held_by = NULL
       WHERE stream = +? AND settled_at IS NULL AND status = 'pending' AND refused IS NOT NULL`,
    ),
    insert: prepare<InsertEffect>(
      `INSERT INTO outbox (id, incident, stream, lane, rank, target, first_due_at, due_at, effect, is_behind, status, is_ambiguous, attempt, lease_until, fence)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, EXISTS (SELECT 1 FROM outbox WHERE stream = ? AND settled_at IS NULL), 'pending', 0, 0, 0, 0)`,
    ),
  };
}

/** Ranks from here on are one. */
const RANK_MAX = 4;

interface Leasing {
  readonly lane: Lane;
  readonly now: Instant;
  readonly slots: number;
}

/**
 * A query for each rank, one behind the other: of each rank the index holds what is due in order, so that nothing is walked
 * over that is not. @param of the columns and conditions of rows, ordered by `due_at, seq`
 */
export function rankAfterRank(of: (isOfRank: string) => string): string {
  const ranks = Array.from({ length: RANK_MAX + 1 }, (_, rank) => `rank = ${rank}`);
  return ranks.map((isOfRank) => `SELECT * FROM (${of(isOfRank)})`).join(' UNION ALL ');
}

/** The most urgent that are due; SQLite asks for no further rank once it has enough. */
function leasableIn(condition: string): string {
  const due = rankAfterRank(
    (isOfRank) =>
      `SELECT seq FROM outbox WHERE lane = +@lane AND ${FIRST} AND ${isOfRank} AND due_at <= +@now ${condition}
       ORDER BY due_at, seq LIMIT @slots + 0`,
  );
  return `${due} LIMIT @slots + 0`;
}

function prepareSending({ prepare }: Connection) {
  return {
    leasable: prepare<[Leasing], { readonly seq: number }>(leasableIn('')),
    leasableExcept: prepare<[Leasing & { readonly except: string }], { readonly seq: number }>(
      leasableIn('AND target NOT IN (SELECT value FROM json_each(+@except))'),
    ),
    lease: prepare<[leaseUntil: Instant, seq: number], OutboxRecord>(
      `UPDATE outbox SET status = 'sending', attempt = attempt + 1, fence = fence + 1, lease_until = ? WHERE seq = ?
       RETURNING ${OUTBOX_COLUMNS}`,
    ),
    unsettled: prepare<[incident: string], OutboxRecord>(
      `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE incident = +? AND settled_at IS NULL`,
    ),
    settle: prepare<
      [
        status: string,
        isAmbiguous: number,
        dueAt: Instant | null,
        settledAt: Instant | null,
        outcome: string,
        heldBy: Pausable | null,
        refused: Reason | null,
        id: string,
        fence: number,
      ]
    >(
      `UPDATE outbox SET status = ?, is_ambiguous = max(is_ambiguous, ?), due_at = ifnull(?, due_at), settled_at = ?, last_outcome = ?, held_by = ?, refused = ?, lease_until = 0
       WHERE id = ? AND fence = ? AND settled_at IS NULL AND status <> 'pending'`,
    ),
    // The fence is raised so that the sender whose lease ended cannot settle a row that others have taken over.
    park: prepare<[at: Instant, outcome: string, seq: number]>(
      "UPDATE outbox SET status = 'dead', settled_at = ?, last_outcome = ?, lease_until = 0 WHERE seq = ?",
    ),
    recover: prepare<[now: Instant], OutboxRecord>(
      `UPDATE outbox SET status = 'ambiguous', is_ambiguous = 1, fence = fence + 1, lease_until = 0
       WHERE status = 'sending' AND lease_until <= ? RETURNING ${OUTBOX_COLUMNS}`,
    ),
    wake: prepare<[now: Instant, id: string, now: Instant]>(
      `UPDATE outbox SET due_at = ? WHERE id = ? AND due_at > ? AND ${LEASABLE}`,
    ),
    wakeHeld: prepare<[now: Instant, heldBy: Pausable, now: Instant]>(
      `UPDATE outbox SET due_at = ? WHERE held_by = ? AND typeof(held_by) = 'text' AND settled_at IS NULL AND status = 'pending' AND due_at > ?`,
    ),
    wakePages: prepare<[now: Instant, now: Instant, target: string]>(
      `UPDATE outbox SET due_at = ? WHERE lane = 'page' AND due_at > ? AND target = ? AND held_by IS NULL AND status = 'pending' AND ${LEASABLE}`,
    ),
  };
}

type Sending = ReturnType<typeof prepareSending>;

const UNREADABLE = 'never sent on: what is stored of it cannot be read';

/** Reads rows that were taken over; those that cannot be read are given up, so that what comes behind them goes on. */
function createRead(sql: Sending) {
  return (records: readonly OutboxRecord[], now: Instant): TakenRows => {
    const parked: ParkedRow[] = [];
    const rows = records.flatMap((record) => {
      const row = outboxRow(record);
      if (row !== null) return row;
      const { seq, id, incident, target } = record;
      sql.park.run(now, UNREADABLE, seq);
      parked.push({ seq, id, incident, target });
      return [];
    });
    return { rows, parked };
  };
}

function createLease(sql: Sending, read: ReturnType<typeof createRead>) {
  const dueIn = (lane: Lane, free: number, { now, except }: LeaseQuery) => {
    // A negative LIMIT would mean all.
    if (free <= 0) return [];
    const leasing = { lane, now, slots: free };
    if (except.length === 0) return sql.leasable.all(leasing);
    return sql.leasableExcept.all({ ...leasing, except: JSON.stringify(except) });
  };
  return (query: LeaseQuery): TakenRows => {
    const leased: OutboxRecord[] = [];
    for (const lane of LANES) {
      for (const { seq } of dueIn(lane, query.slots[lane] ?? 0, query)) {
        const record = sql.lease.get(query.now + query.leaseMs, seq);
        if (record !== undefined) leased.push(record);
      }
    }
    return read(leased, query.now);
  };
}

function createSettle(sql: Sending): (settlement: Settlement) => boolean {
  return ({ id, fence, status, dueAt, outcome, heldBy, refused, at }) => {
    const goesOn = status === 'pending' || status === 'ambiguous';
    const { changes } = sql.settle.run(
      status,
      toFlag(status === 'ambiguous'),
      goesOn ? dueAt : null,
      goesOn ? null : at,
      outcome,
      heldBy,
      refused,
      id,
      fence,
    );
    return changes === 1;
  };
}

export function createOutbox(connection: Connection) {
  const rows = prepareRows(connection);
  const sending = prepareSending(connection);
  const settle = createSettle(sending);
  const read = createRead(sending);

  const addOne = (effect: Effect): void => {
    const { id, incident, stream, lane, target, dueAt } = effect;
    if (lane === 'public') rows.replace.run(dueAt, stream);
    const json = JSON.stringify(effect);
    const rank = 'rank' in effect ? Math.min(effect.rank, RANK_MAX) : 0;
    rows.insert.run(id, incident, stream, lane, rank, target, dueAt, dueAt, json, stream);
  };
  return {
    add: (effects: readonly Effect[]): void => effects.forEach(addOne),
    lease: createLease(sending, read),
    unsettled: (incident: string): readonly OutboxRow[] =>
      sending.unsettled.all(incident).flatMap((record) => outboxRow(record) ?? []),
    settle: (settlements: readonly Settlement[]): readonly boolean[] => settlements.map(settle),
    recoverSending: (now: Instant): TakenRows =>
      read(
        sending.recover.all(now).toSorted((a, b) => a.seq - b.seq),
        now,
      ),
    wake: (which: WaitingRows, now: Instant): void => {
      if ('heldBy' in which) sending.wakeHeld.run(now, which.heldBy, now);
      else if ('pagesAt' in which) sending.wakePages.run(now, now, which.pagesAt);
      else for (const id of which.ids) sending.wake.run(now, id, now);
    },
  };
}
