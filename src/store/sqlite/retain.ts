/** Retention: deletes what is settled and old, a window of the table at a time so that no turn waits long for it. */
import type { Instant } from '../../core/model/alert.ts';
import type { Connection } from './connection.ts';

/** Rows looked at in one transaction. */
const WINDOW_ROWS = 250;

export interface Window {
  readonly deleted: number;
  /** There is more to look at. */
  readonly more: boolean;
}

/** One table: each call looks at the next window. */
export type Sweep = () => Window;

type Seqs = [after: number, upTo: number, before: Instant];

/** The oldest row of a table and the newest; null: it has none. */
interface Ends {
  readonly first: number | null;
  readonly last: number | null;
}

/** Each by itself, for that is one look at the table. */
function endsOf(table: 'inbox' | 'outbox'): string {
  return `(SELECT min(seq) FROM ${table}) AS first, (SELECT max(seq) FROM ${table}) AS last`;
}

function prepareSweeps({ prepare }: Connection) {
  return {
    inboxEnds: prepare<[], Ends>(`SELECT ${endsOf('inbox')}`),
    decided: prepare<Seqs, { readonly seq: number }>(
      'DELETE FROM inbox_decided WHERE seq > ? AND seq <= ? AND decided_at < ? RETURNING seq',
    ),
    input: prepare<[seq: number]>('DELETE FROM inbox WHERE seq = ?'),
    outboxEnds: prepare<[], Ends>(`SELECT ${endsOf('outbox')}`),
    outbox: prepare<Seqs>(
      'DELETE FROM outbox WHERE seq > ? AND seq <= ? AND settled_at IS NOT NULL AND settled_at < ?',
    ),
    alerts: prepare<[source: string, dedupKey: string, limit: number], SweptAlert>(
      `SELECT source, dedup_key, status, observed_at, incident,
         EXISTS (SELECT 1 FROM incidents WHERE id = alerts.incident AND is_open = 1) AS is_open
       FROM alerts WHERE (source, dedup_key) > (+?, +?) ORDER BY source, dedup_key LIMIT ? + 0`,
    ),
    alert: prepare<[source: string, dedupKey: string]>(
      'DELETE FROM alerts WHERE source = ? AND dedup_key = ?',
    ),
    heard: prepare<[account: string, ref: string, about: string, limit: number], SweptWord>(
      `SELECT account, ref, about, at FROM heard
       WHERE (account, ref, about) > (+?, +?, +?) ORDER BY account, ref, about LIMIT ? + 0`,
    ),
    word: prepare<[account: string, ref: string, about: string]>(
      'DELETE FROM heard WHERE account = ? AND ref = ? AND about = ?',
    ),
    uncount: prepare<[incident: string]>(
      'UPDATE alert_counts SET total = total - 1 WHERE incident = ?',
    ),
    dropCount: prepare<[incident: string]>(
      `DELETE FROM alert_counts WHERE incident = ? AND total = 0
         AND EXISTS (SELECT 1 FROM incidents WHERE id = alert_counts.incident AND archive <> '')`,
    ),
  };
}

interface SweptAlert {
  readonly source: string;
  readonly dedup_key: string;
  readonly status: 'firing' | 'resolved';
  readonly observed_at: Instant;
  readonly incident: string;
  readonly is_open: 0 | 1;
}

interface SweptWord {
  readonly account: string;
  readonly ref: string;
  readonly about: string;
  readonly at: Instant;
}

/**
 * The sweeps of one retention: decided inbox rows, settled outbox rows, resolved alerts of incidents that are over, and
 * the words of vendors, which repeat none that is so old.
 */
export function createSweeps(connection: Connection): (before: Instant) => readonly Sweep[] {
  const sql = prepareSweeps(connection);

  const bySeq = (
    ends: () => Ends | undefined,
    sweep: (after: number, upTo: number) => number,
  ): Sweep => {
    // Not from the first row that ever was: with the years most of them are gone.
    let behind: number | null = null;
    return () => {
      const { first, last } = ends() ?? { first: null, last: null };
      const after = behind ?? (first ?? 1) - 1;
      const upTo = after + WINDOW_ROWS;
      const deleted = sweep(after, upTo);
      behind = upTo;
      return { deleted, more: (last ?? 0) > upTo };
    };
  };
  const inbox = (before: Instant, after: number, upTo: number): number => {
    const rows = sql.decided.all(after, upTo, before);
    for (const { seq } of rows) sql.input.run(seq);
    return rows.length;
  };
  const alerts = (before: Instant): Sweep => {
    let at = { source: '', dedup_key: '' };
    return () => {
      const seen = sql.alerts.all(at.source, at.dedup_key, WINDOW_ROWS);
      const old = seen.filter(
        (row) => row.status === 'resolved' && row.observed_at < before && row.is_open === 0,
      );
      for (const { source, dedup_key, incident } of old) {
        sql.alert.run(source, dedup_key);
        sql.uncount.run(incident);
        sql.dropCount.run(incident);
      }
      at = seen.at(-1) ?? at;
      return { deleted: old.length, more: seen.length === WINDOW_ROWS };
    };
  };
  const heard = (before: Instant): Sweep => {
    let last = { account: '', ref: '', about: '' };
    return () => {
      const seen = sql.heard.all(last.account, last.ref, last.about, WINDOW_ROWS);
      const old = seen.filter(({ at }) => at < before);
      for (const { account, ref, about } of old) sql.word.run(account, ref, about);
      last = seen.at(-1) ?? last;
      return { deleted: old.length, more: seen.length === WINDOW_ROWS };
    };
  };
  return (before) => [
    bySeq(
      () => sql.inboxEnds.get(),
      (after, upTo) => inbox(before, after, upTo),
    ),
    bySeq(
      () => sql.outboxEnds.get(),
      (after, upTo) => sql.outbox.run(after, upTo, before).changes,
    ),
    alerts(before),
    heard(before),
  ];
}

/** Goes through every table, a window in each transaction; returns how many rows were deleted. */
export async function sweepAll(
  sweeps: readonly Sweep[],
  {
    inTurn,
    rest,
  }: {
    readonly inTurn: <T>(work: () => T) => Promise<T>;
    /** Lets everything else come first. */
    readonly rest: () => Promise<void>;
  },
): Promise<number> {
  let deleted = 0;
  for (const sweep of sweeps) {
    let more = true;
    while (more) {
      const window = await inTurn(sweep);
      deleted += window.deleted;
      more = window.more;
      await rest();
    }
  }
  return deleted;
}
