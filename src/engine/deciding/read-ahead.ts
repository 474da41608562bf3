/**
 * What the rows of a batch need of the store, read some observations ahead: in one go for many small rows, and of a large
 * one no more than what may be decided.
 */
import { encodeSelf, objectKey } from '../../core/model/arriving-keys.ts';
import { SELF } from '../../core/model/about-tocsin.ts';
import { itemOf, readAlerts, readGroups } from './arrivals.ts';
import type { AlertItem, Arrivals } from './gatherings.ts';
import type { ParsedRow } from './parsed.ts';
import { type RowResult, type RowToDecide, sourceOf, wordOf } from './row-result.ts';
import { unparsedKeys } from './self-alert.ts';

/** Observations, and rows without any, that are read at once. */
const AHEAD = 128;

/** A part of a row. */
interface Part {
  readonly parsed: ParsedRow;
  readonly from: number;
  readonly upTo: number;
}

export interface ReadAhead {
  /** Before the next observation is routed, or the next row that has none. */
  next(): Promise<void>;
  /** The rest of the row is not routed. */
  skip(row: Pick<RowResult, 'parsed' | 'done'>): void;
}

function alertsOf({ parsed, from, upTo }: Part): AlertItem[] {
  if (parsed.kind !== 'observations') return [];
  const source = sourceOf(parsed.row);
  const came = { told: parsed.told, word: wordOf(parsed) };
  return parsed.observations
    .slice(from, upTo)
    .filter((one) => one.kind === 'alert')
    .map((alert) => itemOf(source, alert, came));
}

function keysOf({ parsed, from, upTo }: Part): { source: string; dedupKey: string }[] {
  const source = sourceOf(parsed.row);
  if (parsed.kind === 'unparsed') {
    const keys = unparsedKeys(source, parsed.row.receivedAt);
    return keys.map((key) => ({ source: SELF, dedupKey: encodeSelf(key) }));
  }
  if (parsed.kind !== 'observations') return [];
  return parsed.observations.slice(from, upTo).map((one) => ({
    source,
    dedupKey: one.kind === 'alert' ? one.dedupKey : objectKey(one.ref),
  }));
}

const sizeOf = (parsed: ParsedRow): number =>
  parsed.kind === 'observations' ? parsed.observations.length : 1;

/** Nothing is read yet. */
export function openReadAhead(arrivals: Arrivals, rows: readonly RowToDecide[]): ReadAhead {
  /** Where reading goes on. */
  let index = 0;
  let from = rows[0]?.done ?? 0;
  /** What was read and not routed. */
  let left = 0;

  const nextParts = (): readonly Part[] => {
    const parts: Part[] = [];
    while (left < AHEAD && index < rows.length) {
      const { parsed } = rows[index] ?? {};
      if (parsed === undefined) break;
      const upTo = Math.min(sizeOf(parsed), from + AHEAD - left);
      parts.push({ parsed, from, upTo });
      left += upTo - from;
      from = upTo;
      if (upTo < sizeOf(parsed)) break;
      index += 1;
      from = rows[index]?.done ?? 0;
    }
    return parts;
  };
  return {
    next: async () => {
      if (left === 0) {
        const parts = nextParts();
        await readAlerts(arrivals, parts.flatMap(keysOf));
        await readGroups(arrivals, parts.flatMap(alertsOf));
      }
      left -= 1;
    },
    skip: ({ parsed, done }) => {
      const isBeingRead = rows[index]?.parsed === parsed;
      const upTo = isBeingRead ? from : sizeOf(parsed);
      if (parsed.kind === 'observations') left -= upTo - done;
      if (!isBeingRead) return;
      index += 1;
      from = rows[index]?.done ?? 0;
    },
  };
}
