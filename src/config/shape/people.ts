/** Who there is: people, groups, rotations, escalation policies, roles; and how a page is written. */
import { z } from 'zod';
import {
  calendarDay,
  duration,
  listOf,
  text,
  timeOfDay,
  timezone,
  WEEKDAYS,
  word,
} from '../words.ts';

/**
 * Whom to page: a name (person, group, rotation, role, `service.on_call`), `{via: <target>, ...address}`, `{rotation}`,
 * `{person}`, or a list of addresses in failover order. What stands beside `via` is the adapter's; it is read later.
 */
export const page = z
  .union([z.string().min(1), z.looseObject({}), z.array(z.looseObject({})).min(1)])
  .meta({
    description:
      'Whom to page: a name, `{via: <target>, ...address}`, or a list of addresses in failover order.',
    shape: 'page',
  });

export type PageYaml = z.infer<typeof page>;

export const person = z
  .looseObject({
    name: text('Name as people read it; the key when left out.').optional(),
    email: z
      .email()
      .meta({ description: 'Recognises the person at vendors that tell e-mail addresses.' })
      .optional(),
  })
  .meta({
    description:
      'One person. Beside name and email: a contact per vendor (`pagerduty`, `slack`, ...) or per target. The first pager rings first, the next ones are the failover.',
    shape: 'person',
  });

export const group = z
  .array(text('Key of a person.'))
  .min(1, 'a group has at least one person')
  .meta({ description: 'A named list of people, all of whom are rung or told.' });

const shiftLength = word(
  (given) => {
    const parts = /^([1-9]\d?)([dw])$/.exec(given);
    return parts === null
      ? null
      : { count: Number(parts[1]), unit: parts[2] === 'd' ? ('day' as const) : ('week' as const) };
  },
  { what: 'is no length of a shift', hint: 'Write whole days or weeks: 1d, 1w, 2w.' },
).meta({ description: 'Length of one shift in days or weeks: `1d`, `1w`, `2w`.' });

export const rotation = z.strictObject({
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
  people: z.array(text('Key of a person.')).min(1, 'a rotation has at least one person').meta({
    description: 'People in the order of their shifts; four or more keep on-call bearable.',
  }),
});

export const escalationPolicy = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        page: page.meta({
          description:
            "Whom this step pages: `own` (or `rotation`: the role's or service's own page), `fallback`, `service.on_call`, or a name.",
          shape: 'page',
        }),
        wait: duration(
          'How long to wait for an acknowledgement before the next step; the last step needs none.',
        ).optional(),
      }),
    )
    .min(1, 'a policy has at least one step')
    .meta({
      description: 'Steps in order; behind the last one the alarm repeats until a person answers.',
    }),
  up_to: z.record(z.string(), z.int().min(1, 'at least the first step is walked')).optional().meta({
    description: 'Level -> number of steps that may be walked for it; a level not named: all.',
  }),
});

/** What roles and services say about a page that nobody answers. */
export const escalating = {
  escalation: text(
    'Name of an escalation policy, or `vendor`: the pager walks its own steps, Tocsin acts only when they led nowhere. Never both.',
  ).optional(),
  unanswered: z
    .strictObject({
      after: duration("How long the vendor's own steps may take."),
      page: page.meta({ description: 'Whom Tocsin pages then.', shape: 'page' }),
    })
    .optional()
    .meta({ description: 'With `escalation: vendor`: what to do when nobody answered there.' }),
  fallback: listOf(
    text('A name.'),
    'Whom the step `fallback` pages: names of people, groups, rotations or roles.',
  ).optional(),
};

export const role = z.strictObject({
  page: page.optional(),
  rotation: text('Short for `page: {rotation: ...}`.').optional(),
  ...escalating,
  never_with: listOf(
    text('A role.'),
    'Roles that the same person must not hold at once.',
  ).optional(),
  commands: z.boolean().optional().meta({
    description:
      'True for the role that commands: filling it is the moment `commanded` of a level.',
  }),
});
