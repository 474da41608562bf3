/** An incident for the person who was just woken: what it is, why so bad, who was rung, what is owed next. */
import type { EffectView, IncidentView, PageView } from '../read/shapes.ts';
import { timelineLines } from './timeline-text.ts';
import { harmless } from '../core/model/plain.ts';
import { awayOf, dateOf, dueOf, nameAfter, type Reading, whenOf, wrap } from './words.ts';
import { countOf } from '../lib/count.ts';

const TIMELINE_LINES = 8;
const DRAFT_LABEL = '    ';

type Sections = readonly (readonly string[])[];

/** `Title` in front of the first line, the others indented below it. */
function field(label: string, text: string): string {
  return wrap(harmless(text), { first: `${label.padEnd(10)} `, rest: ' '.repeat(11) });
}

function item(text: string): string {
  return wrap(harmless(text), { first: '  ', rest: '      ' });
}

function headOf(view: IncidentView, reading: Reading): readonly string[] {
  const level = view.level ?? 'no level yet: pending more information';
  const name = nameAfter(view.level, view.severity.name);
  const test = view.kind === 'test' ? ' - a TEST, nothing is wrong' : '';
  const lines = [
    wrap(harmless(`${view.id}  ${level}${name}  ${view.phase}${test}`), { rest: '       ' }),
    wrap(harmless(view.title)),
  ];
  if (view.description !== '' && view.description !== view.title)
    lines.push(wrap(harmless(view.description), { first: '  ', rest: '  ' }));
  lines.push('', field('Severity', severityText(view, reading)));
  for (const { at, trigger, why } of view.severity.held.slice(-3))
    lines.push(item(`${whenOf(at, reading)}: trigger "${trigger}" fired and was held: ${why}`));
  return lines;
}

function severityText({ level, severity, routing }: IncidentView, reading: Reading): string {
  const where =
    severity.where === null || severity.because.includes(severity.where)
      ? ''
      : ` (${severity.where})`;
  const rule =
    routing.rule === null || severity.because.includes(routing.rule.name)
      ? ''
      : `; routed by rule "${routing.rule.name}" (${routing.rule.where})`;
  return `${level ?? 'none'} since ${whenOf(severity.since, reading)}: ${severity.because}${where}${rule}`;
}

function timesOf(view: IncidentView, reading: Reading): readonly string[] {
  const declared =
    view.declaredAt === null
      ? 'not yet: in triage, only whoever is on call for its service is rung'
      : `${whenOf(view.declaredAt, reading)}${view.declaredBy === null ? '' : ` by ${view.declaredBy}`}`;
  const rest: readonly (readonly [string, string | null])[] = [
    ['Root cause', view.rootCauseAt],
    ['Mitigated', view.mitigatedAt],
    ['Resolved', view.resolvedAt],
  ];
  const opened = `${dateOf(view.openedAt)}, ${awayOf(view.openedAt, reading)}; first signal ${whenOf(view.firstSignalAt, reading)}`;
  const lines = [field('Opened', opened), field('Declared', declared)];
  for (const [label, at] of rest) if (at !== null) lines.push(field(label, whenOf(at, reading)));
  if (view.archived) lines.push(field('Archived', 'it can be read, and does not change any more'));
  if (view.closedAs !== null) lines.push(field('Closed as', view.closedAs.replaceAll('_', ' ')));
  return lines;
}

function subjectOf(view: IncidentView, reading: Reading): readonly string[] {
  const lines = [field('Service', `${view.service ?? 'unknown'}, team ${view.team || 'none'}`)];
  lines.push(
    field(
      'Alerts',
      `${view.alerts.firing} of ${view.alerts.total} firing, source ${view.routing.source}`,
    ),
  );
  if (view.alerts.stale > 0)
    lines.push(
      field(
        'Stale',
        `${countOf(view.alerts.stale, 'alert')} not heard of any more (silenced, inhibited or lost at the sender): counts as firing no more, and proves no end`,
      ),
    );
  if (view.alerts.held > 0)
    lines.push(
      field(
        'Held',
        `${countOf(view.alerts.held, 'alert')} told to fire again right after it cleared, by a peer that may lag: it waits for the next word, 5 min at most`,
      ),
    );
  for (const { source, count, since } of view.alerts.leftOut)
    lines.push(
      field(
        'Missing',
        `${source} leaves alerts out of its deliveries (${count} ${whenOf(since, reading)}): some may fire that do not stand here, so nothing counts as quiet`,
      ),
    );
  for (const { text, url } of view.routing.links) lines.push(field('Link', `${text}: ${url}`));
  const impact = Object.entries(view.impact).map(([measure, value]) => `${measure} ${value}`);
  if (impact.length > 0) lines.push(field('Impact', impact.join(', ')));
  const flags = Object.entries(view.flags).map(([flag, at]) => `${flag} (${whenOf(at, reading)})`);
  if (flags.length > 0) lines.push(field('Flags', flags.join(', ')));
  const accounts = view.reports.map(({ account, tier }) => `${account} (${tier})`);
  if (accounts.length > 0) lines.push(field('Customers', [...new Set(accounts)].join(', ')));
  if (view.room !== null)
    lines.push(field('Room', `#${view.room.name} on ${view.room.target}: ${view.room.state}`));
  if (view.parent !== null)
    lines.push(field('Part of', `${view.parent}, which speaks for it in public`));
  if (view.storm !== null)
    lines.push(
      field('Storm', `over ${view.storm.over}; gathers ${view.storm.children.join(', ')}`),
    );
  return lines;
}

/** Deliveries that nobody could read, as far as they are kept: an alert may be hidden in one. */
function unparsedOf({ unparsed }: IncidentView, reading: Reading): readonly string[] {
  if (unparsed.total === 0) return [];
  const lines = unparsed.list.flatMap((one) => {
    const more = one.count > 1 ? `, the first of ${one.count} that came at once` : '';
    const what =
      one.bytes === null
        ? 'not kept any more (`retention.bodies`)'
        : `${one.contentType ?? 'no content type'}, ${countOf(one.bytes, 'byte')}`;
    const told = item(`${whenOf(one.at, reading)}, ${one.source}, ${what}${more}: ${one.reason}`);
    if (one.beginning === null) return [told];
    const body = `${one.beginning}${one.isCut ? '…' : ''}`;
    return [told, wrap(harmless(body), { first: '    | ', rest: '    | ' })];
  });
  const shown = unparsed.list.reduce((sum, { count }) => sum + count, 0);
  const title = `Could not be read: ${countOf(unparsed.total, 'delivery', 'deliveries')}`;
  const last = shown < unparsed.total ? `, the last ${shown} of them here` : '';
  return [`${title}${last}`, ...lines];
}

/** `pager.trigger delivered after 2 attempts: 202 accepted`. */
function attemptText({ name, status, attempts, outcome }: EffectView): string {
  const tries = attempts === 1 ? '' : ` after ${countOf(attempts, 'attempt')}`;
  return `${name}: ${status}${tries}${outcome === null ? '' : `: ${outcome}`}`;
}

/** When what was tried in vain is tried again. */
function againText({ status, attempts, dueAt }: EffectView, reading: Reading): string {
  return status === 'pending' && attempts > 0 ? `; tried again ${dueOf(dueAt, reading)}` : '';
}

function pageState(page: PageView, reading: Reading): string {
  if (page.neverRang) return 'NEVER RANG: all alerts had cleared before a pager took it';
  if (page.state === 'open' && page.unreachableSince !== null)
    return `UNREACHABLE since ${whenOf(page.unreachableSince, reading)}: no pager has accepted it`;
  if (page.state === 'open') return 'NO ANSWER YET';
  if (page.state === 'closed' || page.acknowledgedAt === null) return page.state;
  const by = page.acknowledgedBy ?? 'somebody';
  const when = whenOf(page.acknowledgedAt, reading);
  return page.silenced
    ? `was silenced, since ${by} answered ${when}`
    : `acknowledged by ${by} ${when}`;
}

/** Whom it rings, and for what. */
function whomText(page: PageView): string {
  // A page to a person is labelled with their name, which is often their id.
  const isNamed = page.person === null || page.person.toLowerCase() === page.label.toLowerCase();
  const who = isNamed ? page.label : `${page.label} (${page.person})`;
  return `${who}${page.purposes.length === 0 ? '' : ` for ${page.purposes.join(', ')}`}`;
}

/** What is over and was answered by nobody: after hours there may be a hundred of them, one as good as the other. */
function isSpent(page: PageView): boolean {
  return page.state === 'closed' && page.acknowledgedAt === null && !page.neverRang;
}

/** Each page, and of those that are over and were alike the last one. */
function allPageLines({ pages }: IncidentView, reading: Reading): readonly string[] {
  const spent = Map.groupBy(pages.filter(isSpent), whomText);
  return pages.flatMap((page) => {
    const alike = isSpent(page) ? (spent.get(whomText(page)) ?? []) : [];
    const [first] = alike;
    if (first === undefined || alike.length === 1) return pageLines(page, reading);
    if (page !== alike.at(-1)) return [];
    const before = `the last of ${alike.length} that are closed, the first ${whenOf(first.requestedAt, reading)}`;
    return [...pageLines(page, reading), wrap(before, { first: '    ', rest: '    ' })];
  });
}

function pageLines(page: PageView, reading: Reading): readonly string[] {
  const adopted = page.adopted ? ', rang at the vendor already' : '';
  const lines = [
    item(`${whomText(page)}: ${pageState(page, reading)}`),
    wrap(
      harmless(
        `${page.id}, ${page.urgency} urgency, ${whenOf(page.requestedAt, reading)}${adopted}; ${page.because}`,
      ),
      { first: '    ', rest: '    ' },
    ),
  ];
  for (const ring of page.rings) {
    const ref = ring.ref === null ? '' : `, ${ring.ref} there`;
    const url = ring.url === null ? '' : `: ${ring.url}`;
    lines.push(
      wrap(harmless(`by ${ring.target} to ${ring.address}: ${ring.status}${ref}${url}`), {
        first: '    ',
        rest: '      ',
      }),
    );
    for (const attempt of ring.attempts)
      lines.push(wrap(harmless(attemptText(attempt)), { first: '      ', rest: '        ' }));
  }
  return lines;
}

const SOUGHT: Readonly<Record<string, string>> = {
  open: 'being paged',
  exhausted: 'NOBODY ANSWERED, all steps of the escalation were walked',
  answered: 'answered by somebody whom the configuration does not name',
  ended: 'no longer sought',
};

/** A role that nobody has. */
function soughtText(state: string, why: string | null): string {
  if (why === null) return `nobody, ${SOUGHT[state] ?? state}`;
  return state === 'answered' ? `nobody any more: ${why}` : `NOBODY: ${why}`;
}

function pagesText(view: IncidentView, reading: Reading): Sections {
  const pages = allPageLines(view, reading);
  const roles = view.roles.map(({ role, person, name, since, state, why }) => {
    const who = name === null || name === person ? (person ?? '') : `${name} (${person ?? ''})`;
    return item(
      state === 'filled'
        ? `${role}: ${who}${since === null ? '' : `, since ${whenOf(since, reading)}`}`
        : `${role}: ${soughtText(state, why)}`,
    );
  });
  const offers = view.offers.map(({ role, person, by, since }) =>
    item(`${role}: offered to ${person} by ${by}, ${whenOf(since, reading)}: NO ANSWER YET`),
  );
  return [
    ['Who was rung', ...(pages.length === 0 ? ['  nobody yet'] : pages)],
    ...(roles.length + offers.length === 0 ? [] : [['Roles', ...roles, ...offers]]),
  ];
}

function draftLines(view: IncidentView, reading: Reading): readonly string[] {
  const number = view.id;
  return view.posts
    .filter((post) => !['published', 'withdrawn'].includes(post.state))
    .flatMap((post) => {
      const components = Object.entries(post.components).map(([id, state]) => `${id} ${state}`);
      const lines = [
        item(
          `draft ${post.id} for ${post.target}, ${post.status}: ${post.state}, due ${dueOf(post.dueAt, reading)}`,
        ),
        wrap(harmless(post.body), { first: `${DRAFT_LABEL}| `, rest: `${DRAFT_LABEL}| ` }),
      ];
      if (components.length > 0) lines.push(`${DRAFT_LABEL}components: ${components.join(', ')}`);
      for (const attempt of post.attempts)
        lines.push(
          wrap(harmless(`${attemptText(attempt)}${againText(attempt, reading)}`), {
            first: DRAFT_LABEL,
            rest: '      ',
          }),
        );
      if (post.state === 'waiting')
        lines.push(
          `    publish it:  tocsin approve ${number} ${post.id}`,
          `    or not:      tocsin reject ${number} ${post.id} --reason "..."`,
        );
      return lines;
    });
}

function publicOf(view: IncidentView, reading: Reading): readonly string[] {
  const pages = view.public.map(({ target, published, url, publishedAt, promisedAt, ...page }) => {
    const lost = view.posts.find(({ id }) => id === page.mayBeThere);
    const perhaps =
      lost === undefined
        ? ''
        : `; ${lost.id} (${lost.status}) may be there, which nobody could see yet: look at the page`;
    const says = published === null ? 'says nothing yet' : `says ${published}`;
    const since = publishedAt === null ? '' : ` since ${whenOf(publishedAt, reading)}`;
    const promised =
      promisedAt === null ? '' : `; promised the next update for ${dueOf(promisedAt, reading)}`;
    const where = url === null ? '' : ` (${url})`;
    const byHand = page.byHand === null ? '' : `; close it there by hand: ${page.byHand}`;
    return item(`${target}${where} ${says}${since}${promised}${perhaps}${byHand}`);
  });
  const { neverPublic } = view.routing;
  const never = neverPublic === null ? [] : [item(`nothing is public: ${neverPublic}`)];
  const none = view.noPublicPost === null ? [] : [item(`no public post: ${view.noPublicPost}`)];
  const lines = [...never, ...none, ...pages, ...draftLines(view, reading)];
  return [
    'Public page',
    ...(lines.length === 0 ? ['  nothing published, nothing planned'] : lines),
  ];
}

function owedOf(view: IncidentView, reading: Reading): readonly string[] {
  const owed = view.owed.map(({ what, dueAt }) => item(`${dueOf(dueAt, reading)}: ${what}`));
  return ['Owed next', ...(owed.length === 0 ? ['  nothing'] : owed)];
}

function alarmsOf(view: IncidentView, reading: Reading): readonly string[] {
  if (view.alarms.length === 0) return [];
  const alarms = view.alarms.map(({ reason, since, count }) =>
    item(`${reason} (since ${whenOf(since, reading)}, sounded ${countOf(count, 'time')})`),
  );
  return ['ALARMS', ...alarms];
}

/** The answer that is awaited from whoever reads it; null: none, or it is not known to be theirs. */
function answerOf({ id, pages, offers }: IncidentView, reader: string | null): string | null {
  if (offers.some(({ person }) => person === reader)) return `tocsin accept ${id}`;
  const open = pages.filter((page) => page.state === 'open');
  if (reader === null) return open.length > 0 ? `tocsin ack ${id}` : null;
  if (open.some(({ person }) => person === reader)) return `tocsin ack ${id}`;
  if (pages.some(({ acknowledgedBy }) => acknowledgedBy === reader)) return null;
  const anybodys = open.find(({ person }) => person === null);
  return anybodys === undefined ? null : `tocsin ack ${id} ${anybodys.id} if that is your phone`;
}

/** The most useful command in this state. */
function nextOf(view: IncidentView, reader: string | null): string | null {
  const waiting = view.waiting[0];
  const answer = answerOf(view, reader);
  if (answer !== null) return answer;
  if (view.phase === 'closed') return null;
  if (view.declaredAt === null)
    return view.phase === 'resolved' ? null : `tocsin declare --incident ${view.id}`;
  if (waiting !== undefined) return `tocsin approve ${view.id} ${waiting}`;
  if (view.phase === 'investigating') return `tocsin root-cause ${view.id} "..."`;
  if (view.phase === 'identified') return `tocsin phase ${view.id} monitoring "..."`;
  return view.phase === 'monitoring' ? `tocsin resolve ${view.id}` : null;
}

/**
 * The whole text of `show`, 80 columns wide.
 * @param reader the person who reads it; null: nobody knows
 */
export function showText(view: IncidentView, reading: Reading, reader: string | null): string {
  const next = nextOf(view, reader);
  const last = view.timeline.slice(-TIMELINE_LINES);
  const more = view.timeline.length - last.length;
  const sections: Sections = [
    [...headOf(view, reading), ...timesOf(view, reading), ...subjectOf(view, reading)],
    alarmsOf(view, reading),
    unparsedOf(view, reading),
    owedOf(view, reading),
    ...pagesText(view, reading),
    publicOf(view, reading),
    [
      more > 0
        ? `Timeline (the last ${last.length}; all of it: tocsin timeline ${view.id})`
        : 'Timeline',
      ...timelineLines(last).map((line) => `  ${line}`),
    ],
    next === null ? [] : [`Next: ${next}`],
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n');
}
