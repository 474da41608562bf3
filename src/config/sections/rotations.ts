/** Rotations: who is on call when, by turns. */
import { z } from 'zod';
import { firstHandOff } from '../../core/people/on-call.ts';
import { calendarDate } from '../../core/texts/text.ts';
import type { Rotation } from '../../core/model/policy.ts';
import type { Compiling, Entry } from '../context.ts';
import { calendarDay, nonEmptyText, timeOfDay, timezone, word } from '../words.ts';
import { below, type Spot } from '../yaml-file.ts';
import { knownPeople } from './people.ts';

const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

const shiftLength = word(
  (given) => {
    const parts = /^([1-9]\d?)([dw])$/.exec(given);
    return parts === null
      ? null
      : { count: Number(parts[1]), unit: parts[2] === 'd' ? ('day' as const) : ('week' as const) };
  },
  { what: 'is no length of a shift', hint: 'Write whole days or weeks: 1d, 1w, 2w.' },
).meta({ description: 'Length of one shift in days or weeks: `1d`, `1w`, `2w`.' });

export const rotationShape = z.strictObject({
  timezone: timezone("Time zone of the hand-off; the file's `timezone` when left out.").optional(),
  every: shiftLength,
  handoff: z
    .strictObject({
      day: z
        .enum(WEEKDAYS)
        .optional()
        .meta({ description: 'Weekday of the hand-off; for weeks only.' }),
      at: timeOfDay(
        'Wall-clock time of the hand-off, e.g. "10:00": in working hours, never at midnight.',
      ),
    })
    .meta({ description: 'When the next person takes over.' }),
  starts: calendarDay('Day of the first hand-off (or the first such weekday after it).'),
  people: z
    .array(nonEmptyText('Key of a person.'))
    .min(1, 'a rotation has at least one person')
    .meta({
      description: 'People in the order of their shifts; four or more keep on-call bearable.',
    }),
});

type RotationEntry = Entry<z.output<typeof rotationShape>>;

function buildRotation(
  compiling: Compiling,
  { name, value, spot }: RotationEntry,
): readonly Rotation[] {
  if (value === null) return [];
  const { every, handoff } = value;
  const day = below(spot, 'handoff', 'day');
  if (every.unit === 'week' && handoff.day === undefined)
    compiling.report.error(
      below(spot, 'handoff'),
      'a rotation by weeks has a weekday of hand-off',
      'Write handoff: {day: monday, at: "10:00"}.',
    );
  if (every.unit === 'day' && handoff.day !== undefined)
    compiling.report.error(
      day,
      'a rotation by days hands off every day',
      'Leave day out, or write every: 1w.',
    );
  const rotation: Rotation = {
    id: name,
    timezone: value.timezone ?? compiling.timezone,
    every,
    handoff: {
      weekday:
        handoff.day === undefined || every.unit === 'day'
          ? null
          : WEEKDAYS.indexOf(handoff.day) + 1,
      at: handoff.at,
    },
    starts: value.starts,
    people: knownPeople(compiling, value.people, below(spot, 'people')),
  };
  warnNotBegun(compiling, rotation, below(spot, 'starts'));
  return [rotation];
}

/** A mistyped year leaves a rotation empty for months, and nobody would notice before the first alert. */
function warnNotBegun({ now, report }: Compiling, rotation: Rotation, spot: Spot): void {
  const begins = firstHandOff(rotation);
  if (begins <= now) return;
  const { id, timezone, handoff } = rotation;
  report.warning(
    spot,
    `rotation ${id} begins on ${calendarDate(begins, timezone)} at ${handoff.at}: until then nobody is on call by it`,
    'Compare the year, or write a day in the past: turns are counted from it.',
  );
}

/** Who is on call when, by turns. */
export function buildRotations(
  compiling: Compiling,
  entries: readonly RotationEntry[],
): Readonly<Record<string, Rotation>> {
  const rotations = entries.flatMap((entry) => buildRotation(compiling, entry));
  return Object.fromEntries(rotations.map((rotation) => [rotation.id, rotation]));
}
