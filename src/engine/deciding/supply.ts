/**
 * The rows that wait for a decision: what fits is in memory, by urgency; the rest is in the store, in order of arrival, and
 * is read into memory as there is room. What a turn adds is taken back when it is rolled back.
 */
import type { Disposition, InboxRow } from '../../store/store.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import type { ParsedRow } from './parsed.ts';
import { arranged, isHeavy, type Slicing } from './slices.ts';
import type { Turn } from './turns.ts';
import { beginRanking, isRanked, type Ranking, rankOn, ranked, type Rules } from './urgency.ts';
import { createRowsByUrgency, type RowsByUrgency } from './rows-by-urgency.ts';

/** Of one batch: what it has no time for is copied for nothing. */
export const BATCH_ROWS_MAX = 512;
/** Beyond this the rows are left in the store. */
const MEMORY_ROWS_MAX = 20_000;
const MEMORY_BYTES_MAX = 64_000_000;
/** Rows of the store that are read in one turn. */
const TAKE_ROWS_MAX = 512;
/** So few rows are decided as they came: it takes no longer, and nothing seems to happen out of order. */
const CALM_ROWS = 16;
/** Of so many batches one is of what waits for longest, whatever it is: what is not urgent gets its share of any storm. */
const BY_AGE_EVERY = 4;
/** A turn reads rows for this long at most. */
const READ_MS = 5;
/** Alerts of one row that are looked at between two looks at the clock. */
const RANKED_ALERTS = 256;

export interface Pending {
  readonly waiting: RowsByUrgency;
  /** Rows behind `waiting` that were not read yet: what they are about is not known, so none of them comes first. */
  readonly unread: InboxRow[];
  /** How far the first of them was looked at. */
  ranking: Ranking | null;
  /** There may be rows in the store that are not in memory. */
  store: boolean;
  /** How far the store was read: the place of the last row. */
  readUpTo: number;
  /** What the turn that is under way has added; null: none is. Still there at the next one, it was rolled back. */
  added: { readonly ids: Set<string>; readonly store: boolean; readonly readUpTo: number } | null;
  /** The last turn of this stage failed although alone: one row at a time until the culprit has shown. */
  cautious: boolean;
  /** By row id: those that are decided in part. */
  readonly slicing: Map<string, Slicing>;
  /** Batches that were decided, to tell when it is the turn of the oldest rows. */
  batches: number;
  /** Row id -> failures, until they are committed with the row. */
  readonly failures: Map<string, { readonly count: number; readonly error: unknown }>;
  readonly refusals: Refusals;
  readonly waiters: Map<string, ((disposition: Disposition) => void)[]>;
  /** When the first row may be due that waits in the store for its time. */
  dueAt: number;
}

/** Begins with the store: an earlier process may have left rows there. */
export function createPending(): Pending {
  return {
    waiting: createRowsByUrgency(),
    unread: [],
    ranking: null,
    store: true,
    readUpTo: 0,
    added: null,
    cautious: false,
    slicing: new Map(),
    batches: 0,
    failures: new Map(),
    refusals: createRefusals(),
    waiters: new Map(),
    dueAt: Number.POSITIVE_INFINITY,
  };
}

/** Rows of the store may be due that are not in memory: it is read from its beginning. */
export function lookInStore(pending: Pending): void {
  pending.store = true;
  pending.readUpTo = 0;
  if (pending.added !== null) pending.added = { ...pending.added, store: true, readUpTo: 0 };
}

/** Forgets all that is in memory; the store has it. */
export function useStore(pending: Pending): void {
  pending.waiting.clear();
  pending.unread.length = 0;
  pending.ranking = null;
  pending.slicing.clear();
  pending.added = null;
  lookInStore(pending);
}

/** Rows in memory that are not decided yet. */
export function backlogOf({ waiting, unread }: Pending): number {
  return waiting.count() + unread.length;
}

/** What there is room for in memory. */
function roomOf(pending: Pending) {
  const { waiting, unread } = pending;
  let rows = backlogOf(pending);
  let bytes = unread.reduce((sum, { body }) => sum + body.byteLength, waiting.bytes());
  return {
    isLeft: (): boolean => rows < MEMORY_ROWS_MAX && bytes < MEMORY_BYTES_MAX,
    take: (row: InboxRow): void => {
      rows += 1;
      bytes += row.body.byteLength;
      unread.push(row);
    },
  };
}

/** Takes committed rows into memory, or leaves them in the store. */
export function keep(pending: Pending, rows: readonly InboxRow[]): void {
  undo(pending);
  if (pending.store) return;
  const room = roomOf(pending);
  for (const row of rows) {
    if (!room.isLeft()) return lookInStore(pending);
    room.take(row);
  }
}

/** Takes back what a turn has added that was rolled back. */
export function undo(pending: Pending): void {
  const { added } = pending;
  if (added === null) return;
  for (const id of added.ids) pending.waiting.remove(id);
  const unread = pending.unread.filter(({ id }) => !added.ids.has(id));
  pending.unread.splice(0, pending.unread.length, ...unread);
  if (pending.ranking !== null && added.ids.has(pending.ranking.parsed.row.id))
    pending.ranking = null;
  pending.store = added.store;
  pending.readUpTo = added.readUpTo;
  pending.added = null;
}

/** Adds what came with the turn, and what there is room for of the store; `undo` takes it back unless the turn is committed. */
export async function fill(
  pending: Pending,
  turn: Turn,
  fresh: readonly InboxRow[],
): Promise<void> {
  undo(pending);
  const { store, readUpTo, waiting, unread } = pending;
  const ids = new Set<string>();
  pending.added = { ids, store, readUpTo };
  turn.afterCommit(() => {
    pending.added = null;
  });
  const room = roomOf(pending);
  const add = (row: InboxRow): void => {
    ids.add(row.id);
    room.take(row);
  };
  if (!store) {
    for (const row of fresh) if (room.isLeft()) add(row);
    // What is left out is behind all that is in memory.
    if (!room.isLeft()) lookInStore(pending);
  } else if (room.isLeft()) {
    const known = new Set(unread.map(({ id }) => id));
    const taken = await turn.tx.takeInbox({
      now: turn.now,
      limit: pending.cautious ? 1 : TAKE_ROWS_MAX,
      after: readUpTo,
      isKnown: (id) => waiting.has(id) || known.has(id),
    });
    for (const row of taken.rows) add(row);
    pending.readUpTo = taken.upTo;
    pending.store = !taken.isAll;
  }
}

/**
 * Reads rows in order until the time is over, so that their urgency is known.
 * @returns whether reading was enough for one turn
 */
export function readRows(
  pending: Pending,
  turn: Turn,
  how: {
    readonly parse: (row: InboxRow) => ParsedRow;
    readonly arrange: (parsed: ParsedRow) => void;
    readonly rules: Rules;
  },
): boolean {
  const { unread, waiting, added } = pending;
  const endsAt = turn.elapsedMs() + READ_MS;
  let count = 0;
  let isLong = false;
  while (count < unread.length && !isLong) {
    const row = unread[count];
    if (row === undefined) break;
    // Its sender is answered before it is read.
    if (isHeavy(row) && (count > 0 || added?.ids.has(row.id) === true)) break;
    let ranking = pending.ranking ?? beginRanking(how.parse(row), how.rules);
    isLong = isHeavy(row);
    do ranking = rankOn(ranking, RANKED_ALERTS, how.rules);
    while (!isRanked(ranking) && turn.elapsedMs() < endsAt);
    pending.ranking = isRanked(ranking) ? null : ranking;
    if (!isRanked(ranking)) break;
    how.arrange(arranged(ranking));
    waiting.put(ranked(ranking, how.rules));
    count += 1;
    if (turn.elapsedMs() >= endsAt) break;
  }
  unread.splice(0, count);
  return isLong;
}

/** What is decided next, in an order in which it may be. @param except rows that this turn has decided */
export function nextRows(
  { waiting, cautious, batches, slicing }: Pending,
  except: ReadonlySet<string>,
): readonly InboxRow[] {
  if (cautious) return waiting.byAge(1, except);
  const isCalm = waiting.count() <= CALM_ROWS && slicing.size === 0;
  const isByAge = isCalm || batches % BY_AGE_EVERY === BY_AGE_EVERY - 1;
  return isByAge
    ? waiting.byAge(BATCH_ROWS_MAX, except)
    : waiting.byUrgency(BATCH_ROWS_MAX, except);
}
