/** Times, lists and lines for people: plain text that fits 80 columns. */
import { formatDuration } from '../lib/duration.ts';

export const WIDTH = 80;
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The moment at which something is read. */
export interface Reading {
  /** Epoch milliseconds. */
  readonly now: number;
  instantOf(text: string): number | null;
}

/** `2026-03-02 09:14 UTC` of an ISO 8601 text in UTC. */
export function dateOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

/** `09:14 UTC` within a day of the reading, else with the date. */
export function timeOf(iso: string, { now, instantOf }: Reading): string {
  const at = instantOf(iso);
  return at !== null && Math.abs(now - at) < DAY_MS ? `${iso.slice(11, 16)} UTC` : dateOf(iso);
}

/** Two units at most: nobody at 3 a.m. wants to know the seconds of a day. */
export function roughly(ms: number): string {
  const unit = ms >= DAY_MS ? HOUR_MS : ms >= HOUR_MS ? 60_000 : SECOND_MS;
  return formatDuration(Math.floor(ms / unit) * unit);
}

/** `in 12m`, `3m ago`, `now`. */
export function awayOf(iso: string, { now, instantOf }: Reading): string {
  const at = instantOf(iso) ?? now;
  const ms = Math.abs(at - now);
  if (ms < SECOND_MS) return 'now';
  return at > now ? `in ${roughly(ms)}` : `${roughly(ms)} ago`;
}

/** `09:14 UTC, 3m ago`. */
export function whenOf(iso: string, reading: Reading): string {
  return `${timeOf(iso, reading)}, ${awayOf(iso, reading)}`;
}

/** `09:14 UTC, in 12m` or `09:14 UTC, 3m LATE`: for what is owed. */
export function dueOf(iso: string, reading: Reading): string {
  const lateMs = reading.now - (reading.instantOf(iso) ?? reading.now);
  return lateMs < SECOND_MS
    ? whenOf(iso, reading)
    : `${timeOf(iso, reading)}, ${roughly(lateMs)} LATE`;
}

/**
 * Breaks a text at blanks so that no line is longer than 80 columns, words of more than that aside. Further lines are
 * indented as the first one's text is. Line breaks of the text stay.
 */
export function wrap(
  text: string,
  { first = '', rest = ' '.repeat(first.length), width = WIDTH } = {},
): string {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  const flush = (): void => {
    lines.push(line.trimEnd());
    line = rest;
    isEmpty = true;
  };
  for (const [index, paragraph] of text.split('\n').entries()) {
    if (index > 0) flush();
    for (const word of paragraph.split(' ')) {
      if (!isEmpty && line.length + 1 + word.length > width) flush();
      line += isEmpty ? word : ` ${word}`;
      isEmpty = false;
    }
  }
  flush();
  return lines.join('\n');
}

/** ` (Critical)` behind the id of a level; nothing where its name says no more than that. */
export function nameAfter(level: string | null, name: string | null): string {
  return name === null || name === level ? '' : ` (${name})`;
}
