/**
 * Timetables: what a story says must happen, written by hand as a table of time, what, who and how, beside what really
 * happened at the vendors.
 */
import { expect } from 'vitest';
import type { Incident, Page } from '../../src/core/model/incident.ts';
import { joinPage } from '../../src/demo/join.ts';
import type { MessageEntry, PageEntry, PostEntry, TruthEntry } from '../../src/sandbox/truth.ts';

/** What of the truth a timetable speaks of. */
export interface Selection {
  /** `page` and `post` when absent; messages are many, so a story asks for them. */
  readonly of?: readonly TruthEntry['kind'][];
  /** Only what a phone does: `rang` alone leaves out who answered and what fell silent. */
  readonly events?: readonly string[];
  /** Epoch ms: only from here on. */
  readonly since?: number;
}

function pageBehind(entry: PageEntry, incidents: readonly Incident[]): Page | null {
  const isIt = (page: Page): boolean =>
    page.rings.some(
      (ring) =>
        ring.target === entry.target &&
        (ring.key === entry.key || (ring.ref !== null && ring.ref === entry.ref)),
    );
  return incidents.flatMap((each) => Object.values(each.pages)).find(isIt) ?? null;
}

/** The person whom we rang; where the vendor decides whose phone rings, its address. */
export function whoOf(entry: PageEntry, incidents: readonly Incident[]): string {
  return pageBehind(entry, incidents)?.person ?? entry.address;
}

function pageCells(entry: PageEntry, incidents: readonly Incident[]): readonly string[] {
  const { role } = joinPage(entry, incidents);
  const roles = role === null ? 'not ours' : role.split(', ').toSorted().join(', ');
  const cells = [entry.event, whoOf(entry, incidents), roles, entry.target];
  return entry.event === 'rang' || entry.event === 'repeated' ? [...cells, entry.urgency] : cells;
}

function postCells({ status, target, components }: PostEntry): readonly string[] {
  const states = Object.entries(components).map(([name, state]) => `${name} ${state}`);
  return ['posted', status, states.toSorted().join(', ') || 'no component', target];
}

function messageCells({ event, channel, target, text }: MessageEntry): readonly string[] {
  return [event, channel, target, text.split('\n')[0] ?? ''];
}

function cellsOf(entry: TruthEntry, incidents: readonly Incident[]): readonly string[] {
  if (entry.kind === 'page') return pageCells(entry, incidents);
  return entry.kind === 'post' ? postCells(entry) : messageCells(entry);
}

/** `2026-01-20T02:00:00Z` -> `02:00:00`; with its day where it is not the first one. */
function momentOf(time: string, firstDay: string): string {
  const [day = '', clock = ''] = time.slice(0, -1).split('T');
  return day === firstDay ? clock : `${day} ${clock}`;
}

/** What really happened, one line each: `02:00:00 | rang | oskar | on call | pd | high`. */
export function timetableOf(
  truth: readonly TruthEntry[],
  incidents: readonly Incident[],
  { of = ['page', 'post'], events, since = 0 }: Selection = {},
): readonly string[] {
  const firstDay = truth[0]?.time.slice(0, 10) ?? '';
  return truth
    .filter((entry) => of.includes(entry.kind) && entry.at >= since)
    .filter(
      (entry) => entry.kind === 'post' || events === undefined || events.includes(entry.event),
    )
    .map((entry) => [momentOf(entry.time, firstDay), ...cellsOf(entry, incidents)].join(' | '));
}

/** A table as people write it: one line each, cells between `|`, blanks and empty lines as they like. */
export function rowsOf(table: string): readonly string[] {
  return table
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim().replaceAll(/\s+/g, ' '))
        .join(' | '),
    )
    .filter((line) => line !== '');
}

/** What happens in one instant has no order of its own: the vendors are asked side by side. */
function byTime(rows: readonly string[]): readonly string[] {
  return rows.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
}

/** Compares what really happened with the table, in time and in full: a ring too many is a failure too. */
export function expectTimetable(actual: readonly string[], table: string): void {
  expect(byTime(actual)).toEqual(byTime(rowsOf(table)));
}
