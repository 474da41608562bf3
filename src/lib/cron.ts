/**
 * Cron expressions: what they say, and when they come next in a time zone. Decided in docs/adr/0023: a local time that does
 * not exist comes at the first instant after the gap, one that happens twice at its first; where every hour matches, time
 * is counted as it passes.
 */
import { Temporal } from 'temporal-polyfill';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MINUTES_A_DAY = 1_440;
/** From one 29 February to the next are eight years at most. */
const HORIZON_MS = 9 * 366 * DAY_MS;

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

const FIELDS: readonly [Field, Field, Field, Field, Field] = [
  { name: 'minute', min: 0, max: 59, names: [] },
  { name: 'hour', min: 0, max: 23, names: [] },
  { name: 'day of the month', min: 1, max: 31, names: [] },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  // 7 is Sunday as well.
  { name: 'day of the week', min: 0, max: 7, names: WEEKDAYS },
];

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** A read expression. */
export interface Cron {
  /** The five fields, nicknames written out. */
  readonly text: string;
  /** Minutes of the day at which it comes, ascending. */
  readonly minutes: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  /** Sunday is 0. */
  readonly daysOfWeek: readonly number[];
  readonly isEveryHour: boolean;
  /** Either of the two day fields is enough, for neither begins with `*`. */
  readonly isEitherDay: boolean;
}

/** When something is done, over and over. */
export interface Schedule {
  readonly cron: Cron;
  /** IANA. */
  readonly timezone: string;
}

export type CronRead =
  | { readonly ok: true; readonly cron: Cron }
  | { readonly ok: false; readonly what: string; readonly hint: string };

/** What is wrong with a field; thrown within this file only. */
class Fault extends Error {
  readonly hint: string;
  constructor(what: string, hint: string) {
    super(what);
    this.hint = hint;
  }
}

function rangeHint({ name, min, max, names }: Field): string {
  const also = names.length === 0 ? '' : `, or ${names[0]} to ${names.at(-1)}`;
  return `The ${name} is ${min} to ${max}${also}: lists (1,5), ranges (1-5) and steps (*/5, 10-20/2).`;
}

function valueOf(text: string, field: Field): number {
  const named = field.names.indexOf(text.toUpperCase());
  if (named >= 0) return named + field.min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= field.max) return value;
  throw new Fault(`"${text}" is no ${field.name}`, rangeHint(field));
}

/** One item of a list: `*`, a value or a range, each with or without a step. */
function itemOf(text: string, field: Field): readonly number[] {
  const parts = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const of = parts?.[1] ?? '';
  const step = parts?.[2] === undefined ? 1 : Number(parts[2]);
  if (parts === null || step === 0)
    throw new Fault(`"${text}" is no ${field.name}`, rangeHint(field));
  const [first = '', last, ...more] = of === '*' ? [`${field.min}`, `${field.max}`] : of.split('-');
  if (last === undefined && parts[2] !== undefined)
    throw new Fault(
      `"${text}" has a step without a range`,
      `Write ${first}-${field.max}/${step}, or */${step}.`,
    );
  const from = valueOf(first, field);
  const to = last === undefined ? from : valueOf(last, field);
  if (more.length > 0) throw new Fault(`"${text}" is no ${field.name}`, rangeHint(field));
  if (to < from)
    throw new Fault(
      `"${text}" ends before it begins`,
      `Write two ranges: ${from}-${field.max},${field.min}-${to}.`,
    );
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

/** Each once. Plain lists: a configuration is handed from one thread to another. */
function valuesOf(text: string, field: Field): readonly number[] {
  return [...new Set(text.split(',').flatMap((item) => itemOf(item, field)))];
}

function splitFields(text: string): readonly string[] {
  const given = text.trim();
  const written = given.startsWith('@') ? NICKNAMES[given.toLowerCase()] : given;
  if (written === undefined)
    throw new Fault(
      `"${given}" is no name of a schedule`,
      `Write one of ${Object.keys(NICKNAMES).join(', ')}.`,
    );
  const fields = written.split(/\s+/);
  if (fields.length === FIELDS.length) return fields;
  const hint =
    'Write five fields, minute hour day-of-month month day-of-week: "30 3 * * *" is every day at 03:30.';
  throw new Fault(
    `"${given}" has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, not five`,
    fields.length === 6 ? `${hint} There are no seconds: leave the first field out.` : hint,
  );
}

const DAYS_OF_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether no year has such a day, as 30 February. */
export function neverComes({ daysOfMonth, months, isEitherDay }: Cron): boolean {
  if (isEitherDay) return false;
  const first = Math.min(...daysOfMonth);
  return [...months].every((month) => first > (DAYS_OF_MONTHS[month - 1] ?? 0));
}

function readFields(text: string): Cron {
  const fields = splitFields(text);
  const letter = fields.find((field) => /^(?:\d{0,2}[LW]|LW|\?|\w+#\d)$/i.test(field));
  if (letter !== undefined)
    throw new Fault(
      `"${letter}" is not supported`,
      'L, W, # and ? are extensions of other crons: write days as numbers, lists, ranges and steps.',
    );
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields;
  const hours = valuesOf(hour, FIELDS[1]);
  const minutesOfHour = [...valuesOf(minute, FIELDS[0])].toSorted((a, b) => a - b);
  const ascending = [...hours].toSorted((a, b) => a - b);
  return {
    text: fields.join(' '),
    minutes: ascending.flatMap((one) => minutesOfHour.map((of) => one * 60 + of)),
    daysOfMonth: valuesOf(dayOfMonth, FIELDS[2]),
    months: valuesOf(month, FIELDS[3]),
    daysOfWeek: [...new Set(valuesOf(dayOfWeek, FIELDS[4]).map((day) => day % 7))],
    isEveryHour: hours.length === 24,
    isEitherDay: !dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*'),
  };
}

/** Reads an expression of five fields or a nickname; says what is wrong with any other. */
export function readCron(text: string): CronRead {
  try {
    return { ok: true, cron: readFields(text) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, what: error.message, hint: error.hint };
  }
}

/** Year-free calendar: month and day of a day counted from 1 January 1970, without time zones. */
function monthAndDay(days: number): { readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const dayOfEra = shifted - Math.floor(shifted / 146_097) * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - (365 * yearOfEra + leapDays);
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return { month: fromMarch < 10 ? fromMarch + 3 : fromMarch - 9, day };
}

function isItsDay(cron: Cron, days: number): boolean {
  const { month, day } = monthAndDay(days);
  if (!cron.months.includes(month)) return false;
  const isOfMonth = cron.daysOfMonth.includes(day);
  const isOfWeek = cron.daysOfWeek.includes((((days + 4) % 7) + 7) % 7);
  return cron.isEitherDay ? isOfMonth || isOfWeek : isOfMonth && isOfWeek;
}

/** The first local time from `from` on and before `until` at which it comes, both as if in UTC; null: there is none. */
function nextLocal(cron: Cron, from: number, until: number): number | null {
  for (let days = Math.floor(from / DAY_MS); days * DAY_MS < until; days += 1) {
    if (!isItsDay(cron, days)) continue;
    const least = (from - days * DAY_MS) / MINUTE_MS;
    const minute = least <= 0 ? cron.minutes[0] : cron.minutes.find((one) => one >= least);
    if (minute === undefined || minute >= MINUTES_A_DAY) continue;
    const local = days * DAY_MS + minute * MINUTE_MS;
    return local < until ? local : null;
  }
  return null;
}

/** A time during which the clocks of a zone did not change. */
interface Stretch {
  readonly offsetMs: number;
  readonly since: number | null;
  readonly until: number | null;
}

function stretchAt(at: number, timezone: string): Stretch {
  const here = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);
  // "Previous" is before the moment that is asked about, which may itself be the change.
  const since = here.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
  return {
    offsetMs: here.offsetNanoseconds / 1e6,
    since: since?.epochMilliseconds ?? null,
    until: here.getTimeZoneTransition('next')?.epochMilliseconds ?? null,
  };
}

function offsetBefore(at: number, timezone: string): number {
  const before = Temporal.Instant.fromEpochMilliseconds(at - 1).toZonedDateTimeISO(timezone);
  return before.offsetNanoseconds / 1e6;
}

/** The first local time of a stretch that has not happened before: clocks that are put back repeat some. */
function firstNewLocal({ since, offsetMs }: Stretch, timezone: string): number {
  if (since === null) return Number.NEGATIVE_INFINITY;
  return since + Math.max(offsetMs, offsetBefore(since, timezone));
}

/** Whether its local time is among those that a change of clocks left out. */
function isInGap(cron: Cron, at: number, timezone: string): boolean {
  const before = at + offsetBefore(at, timezone);
  return nextLocal(cron, before, at + stretchAt(at, timezone).offsetMs) !== null;
}

/**
 * When the expression comes next, strictly after an instant; null: never.
 * @param timezone an IANA name
 */
export function nextRun(cron: Cron, timezone: string, after: number): number | null {
  if (neverComes(cron)) return null;
  let from = after + 1;
  while (from < after + HORIZON_MS) {
    const stretch = stretchAt(from, timezone);
    const { offsetMs, since, until } = stretch;
    if (!cron.isEveryHour && from === since && isInGap(cron, from, timezone)) return from;
    const least = cron.isEveryHour ? Number.NEGATIVE_INFINITY : firstNewLocal(stretch, timezone);
    const end = Math.min(until ?? Number.POSITIVE_INFINITY, after + HORIZON_MS);
    const local = nextLocal(cron, Math.max(from + offsetMs, least), end + offsetMs);
    if (local !== null) return local - offsetMs;
    from = end;
  }
  return null;
}
