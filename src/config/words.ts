/** The words of the dialect as schemas: names, durations, sizes, factors, times of day, time zones. */
import { validate } from 'node-cron';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { parseByteSize } from '../lib/byte-size.ts';
import { type Cron, neverComes, readCron } from '../lib/cron.ts';
import { parseDuration } from '../lib/duration.ts';
import { INSTEAD, type Instead } from './zod-walk.ts';

const KB = 1024;
const MB = KB * KB;

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/**
 * Why a text cannot be the name of something, or null. Names are keys of plain objects, so inherited ones are refused.
 * @param reserved words that mean something else wherever such a name may stand
 */
export function nameFault(name: string, reserved: readonly string[]): string | null {
  if (!NAME.test(name))
    return `"${name}" is no name: letters, digits, "_", "-" and ".", at most 64, beginning with a letter or digit`;
  if (name in Object.prototype || reserved.includes(name)) return `"${name}" is a reserved word`;
  return null;
}

interface Fault {
  readonly what: string;
  readonly hint: string;
  /** What a whole number above 0 is written as. */
  readonly ofNumber?: (given: number) => string;
}

/** A text that is read into something else; the schema's input stays a text, for editors. */
export function word<T>(read: (text: string) => T | null, fault: Fault): z.ZodType<T, string> {
  const number: Instead['number'] = (given) => ({
    what: `${given} ${fault.what}`,
    hint:
      Number.isInteger(given) && given > 0 ? (fault.ofNumber?.(given) ?? fault.hint) : fault.hint,
  });
  const given = z.string().register(INSTEAD, { number });
  return given.transform((text, context) => {
    const value = read(text);
    if (value !== null) return value;
    context.addIssue({
      code: 'custom',
      message: `"${text}" ${fault.what}`,
      params: { hint: fault.hint },
    });
    return z.NEVER;
  });
}

/** Milliseconds, at least one. */
export function duration(description: string): z.ZodType<number, string> {
  const read = (text: string): number | null => {
    const ms = parseDuration(text);
    return ms === 0 ? null : ms;
  };
  return word(read, {
    what: 'is no duration',
    hint: 'Write a whole number and a unit, e.g. 30s, 5m, 1h30m, 1d.',
    ofNumber: (given) => `Write ${given}s, ${given}m, ${given}h or ${given}d.`,
  }).meta({ description, examples: ['30s', '5m', '1h30m', '1d'] });
}

/** Milliseconds, or null for `never`. */
export function durationOrNever(
  description: string,
): z.ZodType<{ readonly ms: number | null }, string> {
  const read = (text: string): { readonly ms: number | null } | null => {
    if (text === 'never') return { ms: null };
    const ms = parseDuration(text);
    return ms === null || ms === 0 ? null : { ms };
  };
  return word(read, {
    what: 'is no duration',
    hint: 'Write a whole number and a unit, e.g. 30m, 3h, 1d, or never.',
    ofNumber: (given) => `Write ${given}m, ${given}h or ${given}d.`,
  }).meta({ description, examples: ['3h', '12h', 'never'] });
}

/** What a number without a unit is as a size: it was meant in bytes, unless it is too small for that. */
function sizesOf(given: number): string {
  if (given < KB) return `Write ${given}KB or ${given}MB.`;
  return given < MB
    ? `Write ${Math.round(given / KB)}KB for so many bytes.`
    : `Write ${Math.round(given / MB)}MB for so many bytes.`;
}

/** Bytes, at most so many megabytes. */
export function byteSize(description: string, mostMb: number): z.ZodType<number, string> {
  return word((text) => parseByteSize(text), {
    what: 'is no size',
    hint: 'Write e.g. 512KB or 1MB.',
    ofNumber: sizesOf,
  })
    .refine((bytes) => bytes <= mostMb * MB, {
      error: `this is more than ${mostMb}MB`,
      params: { hint: `Write ${mostMb}MB or less.` },
    })
    .meta({ description });
}

/** `2x` means twice as much. */
export function factor(description: string): z.ZodType<number, string> {
  const read = (text: string): number | null => {
    const value = Number(/^(\d{1,4}(?:\.\d{1,3})?)x$/.exec(text)?.[1] ?? Number.NaN);
    return value > 1 ? value : null;
  };
  return word(read, {
    what: 'is no factor',
    hint: 'Write a number above 1 and an x: 2x means doubled.',
    ofNumber: (given) => `Write ${Math.max(given, 2)}x.`,
  }).meta({ description });
}

export interface Rate {
  readonly count: number;
  readonly withinMs: number;
}

/** `1 per 15m`. */
export function rate(description: string): z.ZodType<Rate, string> {
  const read = (text: string): Rate | null => {
    const parts = /^(\d{1,4}) per (\S+)$/.exec(text);
    const withinMs = parts === null ? null : parseDuration(parts[2] ?? '');
    const count = Number(parts?.[1] ?? 0);
    return withinMs === null || withinMs === 0 || count === 0 ? null : { count, withinMs };
  };
  return word(read, {
    what: 'is no rate',
    hint: 'Write e.g. 1 per 15m.',
    ofNumber: (given) => `Write ${given} per 15m.`,
  }).meta({ description });
}

/** Whether the name is one of the IANA time zones (or UTC) that the clock library knows. */
function isTimezone(name: string): boolean {
  try {
    return (
      !/^[+-]/.test(name) &&
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name) !== undefined
    );
  } catch {
    return false;
  }
}

export function timezone(description: string): z.ZodType<string, string> {
  const read = (text: string): string | null => (isTimezone(text) ? text : null);
  return word(read, {
    what: 'is no time zone',
    hint: 'Write an IANA name, e.g. Europe/Berlin, America/New_York or UTC.',
  }).meta({ description });
}

/** Wall-clock time `HH:MM`. */
export function timeOfDay(description: string): z.ZodType<string, string> {
  const read = (text: string): string | null =>
    /^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : null;
  return word(read, {
    what: 'is no time of day',
    hint: 'Write hours and minutes in quotes: "09:00" to "23:59".',
  }).meta({ description });
}

/** A day of the calendar, ISO. */
export function calendarDay(description: string): z.ZodType<string, string> {
  const read = (text: string): string | null => {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
    try {
      return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString();
    } catch {
      return null;
    }
  };
  return word(read, {
    what: 'is no day of the calendar',
    hint: 'Write year, month and day: 2026-01-05.',
  }).meta({ description });
}

/** What a schedule says; null: in the time zone of the file. */
export interface CronWord {
  readonly cron: Cron;
  readonly timezone: string | null;
}

type CronYaml = string | { cron: string; timezone?: string | undefined };

/** What is wrong with an expression, ours first: it says more. Null: nothing. */
function cronFault(text: string): { readonly what: string; readonly hint: string } | null {
  const read = readCron(text);
  if (!read.ok) return read;
  if (neverComes(read.cron))
    return {
      what: `"${text}" never comes: no month of it has such a day`,
      hint: 'Write a day of the month that one of the months has: 1 to 28 are in all of them.',
    };
  return validate(read.cron.text)
    ? null
    : { what: `"${text}" is no cron expression`, hint: 'Write it with lists, ranges and steps.' };
}

const expression = z
  .string()
  .register(INSTEAD, {
    number: (given) => ({
      what: `${given} is no cron expression`,
      hint: 'Write five fields in quotes: "30 3 * * *" is every day at 03:30.',
    }),
  })
  .transform((text, context) => {
    const fault = cronFault(text);
    const read = readCron(text);
    if (fault === null && read.ok) return read.cron;
    context.addIssue({
      code: 'custom',
      message: fault?.what ?? 'this is no cron expression',
      params: { hint: fault?.hint ?? '' },
    });
    return z.NEVER;
  });

/** When something is done, over and over: five fields or a nickname, with or without a time zone of its own. */
export function cron(description: string): z.ZodType<CronWord, CronYaml> {
  const examples = ['30 3 * * *', '@daily', { cron: '0 9 * * MON', timezone: 'Europe/Berlin' }];
  const alone = expression.transform((read): CronWord => ({ cron: read, timezone: null }));
  const zoned = z
    .strictObject({
      cron: expression.meta({
        description:
          'Minute, hour, day of the month, month and day of the week, e.g. `30 3 * * *`, or a nickname such as `@daily`.',
      }),
      timezone: timezone('Time zone of the expression; that of the file when left out.').optional(),
    })
    .transform((read): CronWord => ({ cron: read.cron, timezone: read.timezone ?? null }));
  return z.union([alone, zoned]).meta({ description, examples });
}

/** A text that is not empty. */
export function nonEmptyText(description: string): z.ZodType<string, string> {
  return z.string().min(1, 'this is empty').meta({ description });
}

/** A list, for which a single item may stand alone. */
export function oneOrMore<T, I>(
  item: z.ZodType<T, I>,
  description: string,
): z.ZodType<readonly T[], I | readonly I[]> {
  const one = item.transform((value) => [value]);
  return z.union([one, z.array(item)]).meta({ description });
}
