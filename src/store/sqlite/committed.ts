/**
 * Counts what was committed, in the database itself: by it a start tells a database that holds less than was answered from
 * one that is whole (see `marker.ts`).
 */
import type { Instant } from '../../core/model/alert.ts';
import type { Grown } from '../../lib/merkle.ts';
import type { Connection } from './connection.ts';
import { emptyTally } from './tally.ts';
import { decodeTree, encodeTree, growBy } from './tree.ts';

/** All that was ever committed; nothing of it ever gets less. */
export interface Committed {
  /** Transactions that changed anything. */
  readonly commits: number;
  /** Rows that the inbox took, and events of incidents. */
  readonly deliveries: number;
  readonly events: number;
  /** Number of the incident that was opened last; 0: there was none. */
  readonly incidents: number;
  /** Chain hash of the event that was written last; empty: there is none. */
  readonly head: string;
  /** The newest instant of which a delivery or an event tells; 0: there is none. */
  readonly newestAt: Instant;
}

const COLUMNS = 'commits, deliveries, events, incidents, head, newest_at AS newestAt';

/** What the database says was committed. */
export function readCommitted({ db }: Pick<Connection, 'db'>): Committed {
  const row = db.prepare<[], Committed>(`SELECT ${COLUMNS} FROM committed WHERE one = 1`).get();
  if (row === undefined) throw new Error('the database has lost its count of commits');
  return row;
}

/** The tree over the hashes of all events. */
export function readTree({ db }: Pick<Connection, 'db'>): Grown {
  const row = db
    .prepare<[], { readonly tree: string }>('SELECT tree FROM committed WHERE one = 1')
    .get();
  return decodeTree(row?.tree ?? '0');
}

export interface CommitCount {
  /** At the beginning of a transaction. */
  begin(): void;
  /** At its end, before it is committed. Null: it has changed nothing. */
  seal(): Committed | null;
}

export function createCommitCount({ prepare, tally }: Connection): CommitCount {
  const changed = prepare<[], { readonly n: number }>('SELECT total_changes() AS n');
  const add = prepare<
    [
      deliveries: number,
      events: number,
      incidents: number,
      head: string | null,
      newestAt: Instant,
      tree: string | null,
    ],
    Committed
  >(
    `UPDATE committed SET commits = commits + 1, deliveries = deliveries + ?, events = events + ?,
       incidents = max(incidents, ?), head = ifnull(?, head), newest_at = max(newest_at, ?), tree = ifnull(?, tree) WHERE one = 1 RETURNING ${COLUMNS}`,
  );
  const tree = prepare<[], { readonly tree: string }>('SELECT tree FROM committed WHERE one = 1');
  const grown = (): string | null =>
    tally.hashes.length === 0
      ? null
      : encodeTree(growBy(decodeTree(tree.get()?.tree ?? '0'), tally.hashes));
  const changes = (): number => changed.get()?.n ?? 0;
  let before = 0;
  return {
    begin: () => {
      Object.assign(tally, emptyTally());
      before = changes();
    },
    seal: () => {
      if (changes() === before) return null;
      const { deliveries, hashes, incidents, newestAt } = tally;
      const head = hashes.at(-1) ?? null;
      const row = add.get(deliveries, hashes.length, incidents, head, newestAt, grown());
      if (row === undefined) throw new Error('the database has lost its count of commits');
      return row;
    },
  };
}
