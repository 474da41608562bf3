/** Rows that a bad disk or a hand has spoilt. What is readable of them goes on; that they were met is remembered. */
import type { SpoiltRow } from '../store.ts';

export interface Spoilt {
  note(row: SpoiltRow): void;
  /** Those met so far, each once. */
  rows(): readonly SpoiltRow[];
}

/** Beyond this the database is lost anyway, and naming more helps nobody. */
const ROWS_MAX = 100;

export function createSpoilt(): Spoilt {
  const met = new Map<string, SpoiltRow>();
  return {
    note: (row) => {
      if (met.size < ROWS_MAX) met.set(`${row.table} ${row.row} ${row.column}`, row);
    },
    rows: () => [...met.values()],
  };
}
