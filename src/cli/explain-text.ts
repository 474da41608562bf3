/** What `explain` found, as text. */
import type {
  ExplainedLevel,
  ExplainedObservation,
  ExplainedPage,
  Explanation,
} from '../read/shapes.ts';
import { formatDuration } from '../lib/duration.ts';
import { harmless } from '../core/model/plain.ts';
import { nameAfter, wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

function line(text: string, depth = 1): string {
  const first = '  '.repeat(depth);
  return wrap(harmless(text), { first, rest: `${first}  ` });
}

function levelLines(level: ExplainedLevel): readonly string[] {
  const { declaredBy, declaredAfterMs, publicWithinMs, publicApproval } = level;
  const ways = declaredBy.map((way) => way.replaceAll('_', ' '));
  if (declaredAfterMs !== null) ways.push(`still firing after ${formatDuration(declaredAfterMs)}`);
  const approval = publicApproval === 'required' ? ', after approval' : '';
  return [
    line(`level ${level.level}${nameAfter(level.level, level.name)}, ${level.urgency} urgency`),
    line(`declared by ${ways.length === 0 ? 'nobody by itself' : ways.join(', or ')}`),
    line(
      publicWithinMs === null
        ? 'nothing is posted in public'
        : `first public post ${formatDuration(publicWithinMs)} after declaration${approval}`,
    ),
  ];
}

function ringLines({ role, who, nobody }: ExplainedPage): readonly string[] {
  const name = role ?? 'whoever is on call for the service';
  if (nobody !== null) return [line(`${name}: NOBODY: ${nobody}`, 2)];
  return who.map(({ label, because, addresses }) => {
    const path = addresses.map((one) => {
      const mode = one.mode === 'live' ? '' : ` [${one.mode}: rings nobody]`;
      return `${one.target} to ${one.label}${mode}`;
    });
    return line(`${name}: ${label}, by ${path.join(', else ') || 'no pager'}; ${because}`, 2);
  });
}

function rings(heading: string, list: readonly ExplainedPage[]): readonly string[] {
  return list.length === 0 ? [] : [line(heading), ...list.flatMap(ringLines)];
}

function observationLines(one: ExplainedObservation): readonly string[] {
  const verdict = one.verdict === 'suppress' ? `SUPPRESSED: ${one.because}` : one.because;
  const rule =
    one.rule === null
      ? 'no rule of the team matches'
      : `rule "${one.rule.name}" (${one.rule.where})`;
  const others = one.tried.flatMap(({ kind, name, where, whyNot }) =>
    whyNot === null ? [] : [line(`${kind} ${name} (${where}): ${whyNot}`, 2)],
  );
  return [
    wrap(harmless(`${one.title} (${one.status}, key ${one.dedupKey})`)),
    line(verdict),
    line(`team ${one.team ?? 'none'}, service ${one.service ?? 'unknown'}, ${rule}`),
    ...(one.level === null ? [line('no level: pending more information')] : levelLines(one.level)),
    ...(one.public === 'never' && one.route !== null
      ? [line('its route keeps it from the public')]
      : []),
    ...rings('rung at once:', one.triage),
    ...rings('rung as well when it is declared:', one.declared),
    ...(others.length === 0 ? [] : [line('did not match:'), ...others]),
    ...one.notes.map((note) => line(note)),
  ];
}

/** One paragraph an alert: what it is taken for, who is rung, and why the other rules do not match. */
export function explainText(explanation: Explanation): string {
  if (!explanation.ok)
    return wrap(
      explanation.reason === 'unparsed'
        ? `The body cannot be read: ${harmless(explanation.message)}. A delivery like it is accepted all the same and joins the incident of unreadable deliveries.`
        : harmless(explanation.message),
    );
  const { observations, ignored, truncated } = explanation;
  const paragraphs = observations.map((one) => observationLines(one).join('\n'));
  for (const { what, reason } of ignored)
    paragraphs.push(wrap(harmless(`Ignored: ${what}: ${reason}`)));
  if (truncated > 0) paragraphs.push(`The sender left out ${countOf(truncated, 'alert')}.`);
  return paragraphs.length === 0
    ? 'It holds no alerts: nothing would happen.'
    : paragraphs.join('\n\n');
}
