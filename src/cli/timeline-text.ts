/** Timelines and lists of incidents as lines of text. */
import type { IncidentSummary, Timeline, TimelineEntry } from '../read/shapes.ts';
import { harmless } from '../core/model/plain.ts';
import { awayOf, type Reading, WIDTH, wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

/** One entry a line, wrapped with room for two blanks of indentation; the date stands where the day changes. */
export function timelineLines(entries: readonly TimelineEntry[]): readonly string[] {
  let day = '';
  return entries.flatMap(({ at, actor, text }) => {
    const date = at.slice(0, 10);
    const heading = date === day ? [] : [date];
    day = date;
    const said = wrap(harmless(`${text} [${actor}]`), {
      first: `${at.slice(11, 19)}  `,
      rest: ' '.repeat(10),
      width: WIDTH - 2,
    });
    return [...heading, ...said.split('\n')];
  });
}

/** Whether what stands above is what was written. */
export function recordLine({ timeline, record }: Timeline): string {
  return wrap(
    record.intact
      ? `The record is whole: ${countOf(timeline.length, 'event')}.`
      : `THE RECORD IS NOT AS IT WAS WRITTEN: event ${record.version}: ${record.why}. Compare it with a backup; \`tocsin verify\` looks at all incidents.`,
  );
}

function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Two lines an incident: what to type, how bad, how it stands; then its title. */
export function listText(
  incidents: readonly IncidentSummary[],
  reading: Reading,
  all: boolean,
): string {
  if (incidents.length === 0)
    return all ? 'There are no incidents.' : 'Nothing is open. Closed incidents: tocsin list --all';
  const rows = incidents.map((one) => {
    const stands =
      one.closedAs === null ? one.phase : `${one.phase} (${one.closedAs.replaceAll('_', ' ')})`;
    const where = one.archived ? ', archived' : '';
    const subject = one.service ?? (one.team === '' ? null : `team ${one.team}`);
    const whose = subject === null ? '' : `, ${subject}`;
    const firing = one.firing > 0 ? `, ${countOf(one.firing, 'alert')} firing` : '';
    const test = one.kind === 'test' ? ', test' : '';
    const unreachable =
      one.unreachable > 0 ? `, ${countOf(one.unreachable, 'page')} UNREACHABLE` : '';
    const neverRang = one.neverRang > 0 ? `, ${countOf(one.neverRang, 'page')} NEVER RANG` : '';
    const facts = `${one.id.padEnd(8)} ${(one.level ?? '-').padEnd(6)} ${stands}${where}${whose}${firing}${unreachable}${neverRang}${test}, opened ${awayOf(one.openedAt, reading)}`;
    return `${wrap(harmless(facts), { rest: ' '.repeat(16) })}\n${' '.repeat(16)}${clipped(harmless(one.title).replaceAll('\n', ' '), WIDTH - 16)}`;
  });
  return rows.join('\n');
}
