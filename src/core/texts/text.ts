/**
 * Texts: `{{name}}` substitution over a closed, flat view of finished strings. No logic, no sections, no escaping
 * (that belongs to the target): user-edited template engines are this class's recurring security hole.
 */
import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../model/alert.ts';
import type { Incident } from '../model/incident.ts';
import type { Paused } from '../model/lookups.ts';
import type { Policy } from '../model/policy.ts';
import { levelOf, roleOf } from '../model/decision.ts';
import { oneLine, withoutControls } from '../model/plain.ts';

/** Names that a public text may use: nothing internal is among them. */
export const PUBLIC_NAMES = [
  'components',
  'status',
  'next_update',
  'started',
  'duration',
  'text',
] as const;

/** Names that every other text may use. */
export const TEXT_NAMES = [
  ...PUBLIC_NAMES,
  'incident',
  'title',
  'description',
  'service',
  'team',
  'severity',
  'severity_name',
  'criteria',
  'phase',
  'because',
  'commander',
  'roles',
  'impact',
  'firing',
  'url',
  'reason',
  'slug',
  'date',
] as const;

export type TextView = Readonly<Partial<Record<(typeof TEXT_NAMES)[number], string>>>;

/** Every text and its built-in wording. An override that renders empty falls back to the built-in one. */
export const BUILT_IN_TEXTS = {
  'public.title': 'Problem with {{components}}',
  'public.investigating':
    'We are investigating a problem with {{components}}. {{text}} Next update: {{next_update}}.',
  'public.identified':
    'We have identified the cause of the problem with {{components}} and are working on a fix. {{text}} Next update: {{next_update}}.',
  'public.monitoring':
    'A fix for {{components}} is in place and we are watching the result. {{text}} Next update: {{next_update}}.',
  'public.resolved':
    'The problem with {{components}} is resolved. {{text}} It lasted {{duration}}.',
  'public.false_alarm': 'This was a false alarm: there is no problem with {{components}}. {{text}}',
  'public.unchanged':
    'We are still working on the problem with {{components}}; there is nothing new to report. Next update: {{next_update}}.',
  'page.title': '[{{severity}}] {{title}}',
  'page.body':
    '{{incident}} {{reason}}\nService: {{service}}. Why {{severity}}: {{because}}.\n{{description}}\n{{url}}',
  'update.declared':
    '{{incident}} declared {{severity}} ({{severity_name}}): {{title}}. Service {{service}}. Why: {{because}}. {{url}}',
  'update.status':
    '{{incident}} {{severity}} is {{phase}}: {{title}}. Alerts firing: {{firing}}. Impact: {{impact}}. Commander: {{commander}}. Roles: {{roles}}. {{text}}',
  'update.briefing':
    '{{incident}}: briefing. Experts and commander, please report conditions, actions and needs.',
  'notify.declared':
    '{{incident}} {{severity}} ({{severity_name}}): {{title}}. {{criteria}} {{url}}',
  'approval.asked': '{{incident}}: a public post waits for your approval ({{status}}): "{{text}}"',
  alarm: '{{incident}} ALARM: {{reason}}',
  note: '{{incident}} {{severity}}: {{title}}. Why: {{because}}. Nobody is paged at this level. {{url}}',
  'room.name': 'inc-{{date}}-{{slug}}',
  'room.topic': '{{severity}} {{phase}}: {{title}}',
} as const;

export type TextName = keyof typeof BUILT_IN_TEXTS;

/** The variables of a template, in order; used by `check`. */
export function variablesOf(template: string): readonly string[] {
  return [...template.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map((match) => match[1] ?? '');
}

/** Longest text that leaves the core, in characters; adapters cut further at their vendor's limit. */
const RENDERED_MAX = 16_000;

const NAME_BEHIND_LEVEL = ' ({{severity_name}})';

function fill(template: string, view: TextView, clean: (text: string) => string): string {
  const values: Readonly<Record<string, string | undefined>> = view;
  // A level without a name of its own is called by its id, and is not called twice.
  const hasName = view.severity_name !== view.severity;
  const words = hasName ? template : template.replaceAll(NAME_BEHIND_LEVEL, '');
  const filled = words.replaceAll(/\{\{\s*([^{}]*?)\s*\}\}/g, (_whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : '',
  );
  return clean(filled)
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .trim()
    .slice(0, RENDERED_MAX);
}

/** Shown where there is one line: on a phone, above a post, over a room. */
const OF_ONE_LINE: ReadonlySet<TextName> = new Set(['page.title', 'public.title', 'room.topic']);

/** Renders a text with the user's override, or the built-in wording when the override is missing or renders empty. */
export function render(name: TextName, policy: Policy, view: TextView): string {
  const override = policy.texts[name];
  const clean = OF_ONE_LINE.has(name) ? oneLine : withoutControls;
  const own = override === undefined ? '' : fill(override, view, clean);
  return own === '' ? fill(BUILT_IN_TEXTS[name], view, clean) : own;
}

interface WallClock {
  readonly time: string;
  readonly date: string;
}

const WALL_CLOCKS_MAX = 1_000;
const wallClocks = new Map<string, WallClock>();

/** One minute on the wall; remembered, for the same few minutes are written into many texts. */
function wallClock(at: Instant, timezone: string): WallClock {
  const minute = Math.floor(at / 60_000);
  const key = `${minute} ${timezone}`;
  const known = wallClocks.get(key);
  if (known !== undefined) return known;
  if (wallClocks.size >= WALL_CLOCKS_MAX) wallClocks.clear();
  const zoned = Temporal.Instant.fromEpochMilliseconds(minute * 60_000).toZonedDateTimeISO(
    timezone,
  );
  const zone = timezone === 'UTC' || zoned.offset === '+00:00' ? 'UTC' : `UTC${zoned.offset}`;
  const time = `${zoned.toPlainTime().toString({ smallestUnit: 'minute' })} ${zone}`;
  const fresh = { time, date: zoned.toPlainDate().toString() };
  wallClocks.set(key, fresh);
  return fresh;
}

/** `14:35 UTC`: hours and minutes in the policy's time zone, with the zone's name, since readers sit in several. */
export function clockTime(at: Instant, timezone: string): string {
  return wallClock(at, timezone).time;
}

export function calendarDate(at: Instant, timezone: string): string {
  return wallClock(at, timezone).date;
}

/** `paused until 14:35 UTC by ada`, with the day where it is another one. */
export function pausedText({ since, until, by }: Omit<Paused, 'why'>, timezone: string): string {
  const day = calendarDate(until, timezone);
  const date = day === calendarDate(since, timezone) ? '' : `${day} `;
  return `paused until ${date}${clockTime(until, timezone)} by ${by}`;
}

/** `2 h 05 min`, `12 min`, `40 s`. */
export function durationText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Lower-case words joined by hyphens, for room names; at most 40 characters. */
export function slugOf(title: string): string {
  const words = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return words.slice(0, 40).replace(/-+$/, '') || 'incident';
}

/** The words of a person as a sentence, for others follow; without any words, none. */
export function sentence(words: string): string {
  const text = words.trim();
  return text === '' || /[.!?…:;]["')\]]?$/.test(text) ? text : `${text}.`;
}

/** "Checkout, API and Search". */
export function enumerate(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function nameOf(person: string, policy: Policy): string {
  return policy.people[person]?.name ?? person;
}

/** The flat view of an incident; `extra` adds or replaces names. */
export function viewOf(
  state: Incident,
  policy: Policy,
  context: { readonly now: Instant; readonly extra?: TextView },
): TextView {
  const level = levelOf({ state, policy });
  const holder = Object.entries(state.roles).find(
    ([role]) => roleOf({ state, policy }, role)?.commands === true,
  )?.[1];
  const roles = Object.entries(state.roles).map(
    ([role, held]) => `${role} ${nameOf(held.person, policy)}`,
  );
  const impact = Object.entries(state.impact).map(
    ([measure, value]) => `${measure.replaceAll('_', ' ')} ${value}`,
  );
  return {
    incident: state.id,
    title: state.title,
    description: state.routing.description,
    service: state.routing.service ?? 'not known',
    team: state.routing.team,
    severity: level?.id ?? 'severity pending',
    severity_name: level?.name ?? 'pending more information',
    criteria: level?.criteria ?? '',
    phase: state.phase,
    because: state.levelBecause,
    commander: holder === undefined ? 'not yet' : nameOf(holder.person, policy),
    roles: roles.length === 0 ? 'none yet' : roles.join(', '),
    impact: impact.length === 0 ? 'not reported' : impact.join(', '),
    firing: String(state.alerts.firing),
    url: policy.publicUrl === null ? '' : `${policy.publicUrl}/incidents/${state.id}`,
    slug: slugOf(state.title),
    date: calendarDate(state.openedAt, policy.timezone),
    started: clockTime(state.firstSignalAt, policy.timezone),
    duration: durationText((state.resolvedAt ?? context.now) - state.firstSignalAt),
    ...context.extra,
  };
}
