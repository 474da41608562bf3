/** What becomes of a row of the inbox: what is known of it while its batch is decided, and its disposition. */
import { SELF } from '../../core/model/about-tocsin.ts';
import type { Refusal } from '../../core/model/decision.ts';
import { isHeldOf, type Word } from '../../core/routing/lateness.ts';
import type { Disposition, InboxRow } from '../../store/store.ts';
import type { Arrivals } from './gatherings.ts';
import type { ParsedRow } from './parsed.ts';

/** A row, and how many of its observations were decided before. */
export interface RowToDecide {
  readonly parsed: ParsedRow;
  readonly done: number;
}

/** What is known of one row while its batch is decided. */
export interface RowResult {
  readonly row: InboxRow;
  readonly parsed: ParsedRow;
  /** How many of its observations are decided. */
  done: number;
  readonly incidents: Set<string>;
  readonly notes: string[];
  suppressed: boolean;
  unparsed: boolean;
  refused: Refusal | null;
  /** Why it must be looked at again, and when. */
  waits: { readonly why: string; readonly until: number } | null;
}

export interface DecidedRow {
  readonly row: InboxRow;
  readonly disposition: Disposition;
  /** Alerts of it wait until then; absent: none does. */
  readonly heldUntil?: number;
}

/** The source that the row is about; what is our own is about ourselves. */
export function sourceOf(row: InboxRow): string {
  return row.origin === 'self' ? SELF : (row.source ?? SELF);
}

/** With what the alerts of the row come to be routed. */
export function wordOf({ row }: Pick<RowResult, 'row'>): Word {
  return { row: row.id, isHeld: row.origin === 'held' };
}

/** Nothing is known of the row yet, or of what is left of it. */
export function beginRow(parsed: ParsedRow, done: number): RowResult {
  return {
    row: parsed.row,
    parsed,
    done,
    incidents: new Set(),
    notes: [],
    suppressed: false,
    unparsed: false,
    refused: null,
    waits: null,
  };
}

/** Whether all that the row observes is decided. */
export function isWhole({ parsed, done }: RowResult): boolean {
  return parsed.kind !== 'observations' || done >= parsed.observations.length;
}

const NOTES_MAX = 10;

function noteOf(result: RowResult): string {
  const more = result.notes.length - NOTES_MAX;
  return result.notes.slice(0, NOTES_MAX).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function dispositionOf(result: RowResult): Disposition {
  const { parsed } = result;
  const incidents = [...result.incidents];
  const note = noteOf(result);
  if (result.waits !== null)
    return {
      kind: 'undecided',
      notBefore: result.waits.until,
      failures: result.row.failures,
      why: result.waits.why,
    };
  if (parsed.kind === 'request') {
    if (result.refused !== null) return { kind: 'refused', ...result.refused };
    return {
      kind: 'decided',
      incidents,
      note: parsed.request.type,
      answer: JSON.stringify({ incident: incidents[0] ?? null }),
    };
  }
  if (result.unparsed) return { kind: 'unparsed', incident: incidents[0] ?? '', note };
  if (incidents.length > 0) return { kind: 'decided', incidents, note, answer: null };
  return { kind: result.suppressed ? 'suppressed' : 'ignored', note };
}

/** What became of the row, and until when alerts of it wait. */
export function decidedRow({ held }: Arrivals, result: RowResult): DecidedRow {
  const { row } = result;
  const disposition = dispositionOf(result);
  const own = held.find(({ id }) => isHeldOf(id, row.id));
  return own === undefined ? { row, disposition } : { row, disposition, heldUntil: own.notBefore };
}
