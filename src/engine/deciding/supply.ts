/**
 * The rows that wait for a decision, oldest first: in memory while they fit there, else in the store; and as many of them
 * as one batch may hold, so that a turn stays short whatever was sent.
 */
import type { Disposition, InboxRow } from '../../store/store.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import type { ParsedRow } from './parsed.ts';
import { BATCH_ALERTS_MAX, isMany, type Slicing } from './slices.ts';
import type { Turn } from './turns.ts';

/** Of one batch: bounds what a turn does beyond its budget and what a rollback repeats. */
const BATCH_ROWS_MAX = 1_024;
const BATCH_BYTES_MAX = 1_000_000;
/** Rows that one turn may see of the memory: the rest is not even copied. */
const SUPPLY_ROWS_MAX = 2_048;
/** Beyond this the rows are left in the store. */
const MEMORY_ROWS_MAX = 20_000;
const MEMORY_BYTES_MAX = 64_000_000;

export interface Pending {
  readonly rows: InboxRow[];
  bytes: number;
  /** Rows of the store may be due that are not in memory. */
  store: boolean;
  /** The last turn of this stage failed although alone: one row at a time until the culprit has shown. */
  cautious: boolean;
  /** The row whose alerts are being decided slice by slice: the oldest one, before which no other is decided. */
  slicing: Slicing | null;
  /** Row id -> failures, until they are committed with the row. */
  readonly failures: Map<string, { readonly count: number; readonly error: unknown }>;
  readonly refusals: Refusals;
  readonly waiters: Map<string, ((disposition: Disposition) => void)[]>;
  /** When the first waiting row may be due. */
  dueAt: number;
}

/** Begins with the store: an earlier process may have left rows there. */
export function createPending(): Pending {
  return {
    rows: [],
    bytes: 0,
    store: true,
    cautious: false,
    slicing: null,
    failures: new Map(),
    refusals: createRefusals(),
    waiters: new Map(),
    dueAt: Number.POSITIVE_INFINITY,
  };
}

/** From here on everything is read from the store, in order, until that is drained. */
export function useStore(pending: Pending): void {
  pending.store = true;
  pending.rows.length = 0;
  pending.bytes = 0;
}

/** Takes the rows into memory, or leaves them in the store. */
export function keep(pending: Pending, rows: readonly InboxRow[]): void {
  if (rows.length === 0) return;
  if (
    pending.store ||
    pending.rows.length + rows.length > MEMORY_ROWS_MAX ||
    pending.bytes > MEMORY_BYTES_MAX
  ) {
    useStore(pending);
    return;
  }
  for (const row of rows) {
    pending.rows.push(row);
    pending.bytes += row.body.byteLength;
  }
}

/** Rows are taken from memory (what waits there, then what this turn stored) or from the store, never from both. */
export interface Supply {
  readonly fromStore: boolean;
  readonly memory: readonly InboxRow[];
  readonly limit: number;
  offset: number;
  drained: boolean;
}

/** Oldest first: the fresh rows come in only when everything before them does. */
function rowsAtHand(pending: Pending, fresh: readonly InboxRow[]): readonly InboxRow[] {
  if (pending.rows.length > SUPPLY_ROWS_MAX) return pending.rows.slice(0, SUPPLY_ROWS_MAX);
  return pending.rows.length === 0 ? fresh : [...pending.rows, ...fresh];
}

export function openSupply(pending: Pending, fresh: readonly InboxRow[]): Supply {
  return {
    fromStore: pending.store,
    memory: rowsAtHand(pending, fresh),
    limit: pending.cautious ? 1 : BATCH_ROWS_MAX,
    offset: 0,
    drained: false,
  };
}

/** As many of the rows as one batch holds, and at least one; one of many alerts is alone. What is behind is not parsed. */
function fitting(
  rows: readonly InboxRow[],
  parse: (row: InboxRow) => ParsedRow,
): readonly InboxRow[] {
  let alerts = 0;
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    bytes += row.body.byteLength;
    if (index > 0 && bytes > BATCH_BYTES_MAX) return rows.slice(0, index);
    const parsed = parse(row);
    if (isMany(parsed)) return rows.slice(0, Math.max(1, index));
    alerts += parsed.kind === 'observations' ? parsed.observations.length : 1;
    if (index > 0 && alerts > BATCH_ALERTS_MAX) return rows.slice(0, index);
  }
  return rows;
}

export async function nextRows(
  supply: Supply,
  turn: Turn,
  parse: (row: InboxRow) => ParsedRow,
): Promise<readonly InboxRow[]> {
  const { limit } = supply;
  const rows = supply.fromStore
    ? await turn.tx.takeInbox(turn.now, limit)
    : supply.memory.slice(supply.offset, supply.offset + limit);
  supply.drained = rows.length === 0;
  const some = fitting(rows, parse);
  supply.offset += some.length;
  return some;
}

/** Brings memory in step with what the turn committed. */
export function consumed(pending: Pending, supply: Supply, fresh: readonly InboxRow[]): void {
  pending.cautious = false;
  if (supply.fromStore) {
    // The fresh rows were in the store too; drained means that they are decided.
    if (supply.drained) pending.store = false;
    return;
  }
  const gone = pending.rows.splice(0, supply.offset);
  for (const row of gone) pending.bytes -= row.body.byteLength;
  keep(pending, fresh.slice(supply.offset - gone.length));
}
