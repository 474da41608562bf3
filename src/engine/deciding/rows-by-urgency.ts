/**
 * Rows that wait for their decision in memory, by urgency and, of one urgency, in order of arrival. No row overtakes an
 * earlier one that is about the same thing: that one becomes as urgent as what waits behind it.
 */
import type { InboxRow } from '../../store/store.ts';

/** A row that was read: how urgent it is, and what it is about. */
export interface Ranked {
  readonly row: InboxRow;
  /** 0 is the most urgent. */
  readonly rank: number;
  /** Rows that have one in common stay in order. */
  readonly keys: readonly string[];
}

interface Entry extends Ranked {
  rank: number;
}

export interface RowsByUrgency {
  /** It came after all that are here. */
  put(ranked: Ranked): void;
  remove(id: string): void;
  clear(): void;
  has(id: string): boolean;
  count(): number;
  /** Of their bodies. */
  bytes(): number;
  /** Epoch ms; null: nothing waits. */
  oldestReceivedAt(): number | null;
  /** Whether anything waits that is at least so urgent. */
  hasUpTo(rank: number): boolean;
  /** At most so many, but for some; the order is one in which they may be decided. */
  byUrgency(most: number, except: ReadonlySet<string>): readonly InboxRow[];
  byAge(most: number, except: ReadonlySet<string>): readonly InboxRow[];
}

function some(
  entries: Iterable<Entry>,
  most: number,
  except: ReadonlySet<string>,
): readonly InboxRow[] {
  const found: InboxRow[] = [];
  for (const { row } of entries) {
    if (found.length >= most) break;
    if (!except.has(row.id)) found.push(row);
  }
  return found;
}

/** By rank, each in order of arrival but for what was promoted into it. */
type Lanes = Map<string, Entry>[];

function laneOf(lanes: Lanes, rank: number): Map<string, Entry> {
  const lane = lanes[rank] ?? new Map<string, Entry>();
  while (lanes.length < rank) lanes.push(new Map<string, Entry>());
  lanes[rank] = lane;
  return lane;
}

function* inOrder(lanes: Lanes): Generator<Entry, void> {
  for (const lane of lanes) yield* lane.values();
}

/** Rows about the same thing in order of arrival. The first one is decided first, and a storm is one long chain. */
interface Chain {
  entries: Entry[];
  /** So many of them are gone. */
  gone: number;
}

function waitingIn({ entries, gone }: Chain): readonly Entry[] {
  return gone === 0 ? entries : entries.slice(gone);
}

function removeFrom(chain: Chain, entry: Entry): void {
  const index = chain.entries.indexOf(entry, chain.gone);
  if (index !== chain.gone) return void chain.entries.splice(index, 1);
  chain.gone += 1;
  // Now and then, so that each row is moved once at most on average.
  if (chain.gone * 2 <= chain.entries.length) return;
  chain.entries = chain.entries.slice(chain.gone);
  chain.gone = 0;
}

/** None of a chain is less urgent than one behind it. */
function createChains(lanes: Lanes) {
  const chains = new Map<string, Chain>();
  const promote = (entry: Entry, rank: number): void => {
    if (entry.rank <= rank) return;
    // First what is before it in any of its chains.
    for (const key of entry.keys) {
      const chain = chains.get(key)?.entries ?? [];
      for (const earlier of chain.slice(chains.get(key)?.gone, chain.indexOf(entry)))
        promote(earlier, rank);
    }
    laneOf(lanes, entry.rank).delete(entry.row.id);
    entry.rank = rank;
    laneOf(lanes, rank).set(entry.row.id, entry);
  };
  return {
    add: (entry: Entry): void => {
      for (const key of entry.keys) {
        const chain = chains.get(key) ?? { entries: [], gone: 0 };
        // Whatever is last is the least urgent.
        if ((chain.entries.at(-1)?.rank ?? 0) > entry.rank)
          for (const earlier of waitingIn(chain)) promote(earlier, entry.rank);
        chain.entries.push(entry);
        chains.set(key, chain);
      }
    },
    remove: (entry: Entry): void => {
      for (const key of entry.keys) {
        const chain = chains.get(key);
        if (chain === undefined) continue;
        if (chain.entries.length - chain.gone <= 1) chains.delete(key);
        else removeFrom(chain, entry);
      }
    },
    clear: (): void => chains.clear(),
  };
}

/** Nothing waits yet. */
export function createRowsByUrgency(): RowsByUrgency {
  const rows = new Map<string, Entry>();
  const lanes: Lanes = [];
  const chains = createChains(lanes);
  let bytes = 0;
  return {
    put: ({ row, rank, keys }) => {
      if (rows.has(row.id)) return;
      const entry: Entry = { row, rank, keys: [...new Set(keys)] };
      chains.add(entry);
      rows.set(row.id, entry);
      laneOf(lanes, rank).set(row.id, entry);
      bytes += row.body.byteLength;
    },
    remove: (id) => {
      const entry = rows.get(id);
      if (entry === undefined) return;
      rows.delete(id);
      laneOf(lanes, entry.rank).delete(id);
      chains.remove(entry);
      bytes -= entry.row.body.byteLength;
    },
    clear: () => {
      rows.clear();
      lanes.length = 0;
      chains.clear();
      bytes = 0;
    },
    has: (id) => rows.has(id),
    count: () => rows.size,
    bytes: () => bytes,
    oldestReceivedAt: () => {
      for (const { row } of rows.values()) return row.receivedAt;
      return null;
    },
    hasUpTo: (rank) => lanes.slice(0, rank + 1).some((lane) => lane.size > 0),
    byUrgency: (most, except) => some(inOrder(lanes), most, except),
    byAge: (most, except) => some(rows.values(), most, except),
  };
}
