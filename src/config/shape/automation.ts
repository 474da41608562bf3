/** What happens by itself: its limits, the storm brake, alarms, triggers, flags. */
import { z } from 'zod';
import { page } from './people.ts';
import { channel } from './vendors.ts';
import { duration, factor, rate, text } from '../words.ts';

export const automation = z
  .strictObject({
    ceiling: text(
      'The worst level that rules and triggers may set; a worse one is a decision of a person.',
    ).optional(),
    raise_at_most: rate('Triggers raise at most so often, e.g. `1 per 15m`.').optional(),
    storm: z
      .strictObject({
        incidents: z.int().min(2).meta({ description: 'So many new incidents ...' }),
        within: duration('... within this long are a storm.'),
      })
      .optional()
      .meta({
        description:
          'When many incidents open at once, one parent gathers them: it pages once per person, and its public posts wait for a person. Left out: never gathered.',
      }),
    alarms: z
      .strictObject({
        page: page.optional().meta({
          description:
            'Whom to ring for alarms that belong to no run: a late public post, an unowned alert.',
          shape: 'page',
        }),
        chat: channel(
          'Where alarms are said, and updates that have no room and no team channel.',
        ).optional(),
        every: duration('Again this often until a person answers; 10m when left out.').optional(),
      })
      .optional()
      .meta({ description: 'What happens when nobody answers or a clock is missed.' }),
  })
  .meta({ description: 'Limits of what happens without a person.' });

export const IMPACT_MEASURES = [
  'users',
  'percent',
  'components',
  'regions',
  'revenue_per_minute',
] as const;

const least = (of: string): z.ZodOptional<z.ZodNumber> =>
  z
    .number()
    .positive()
    .meta({ description: `From so many ${of} on.` })
    .optional();

const when = z
  .strictObject({
    impact_grows: factor(
      'Reported impact has grown by this factor since the last change of level: `2x` means doubled.',
    ).optional(),
    at_least: z
      .strictObject({
        users: least('users'),
        percent: least('percent'),
        components: least('components'),
        regions: least('regions'),
        revenue_per_minute: least('units of revenue per minute'),
      })
      .optional()
      .meta({ description: 'With impact_grows: measures that count, each from this value on.' }),
    no_root_cause: z
      .record(z.string(), duration('Time since the incident entered the level.'))
      .optional()
      .meta({ description: 'Level -> time without `identified`.' }),
    customer_reports: z
      .strictObject({
        tier: text('Tier of the accounts that count; any when left out.').optional(),
        accounts: z.int().min(1).meta({ description: 'So many different accounts ...' }),
        within: duration('... within this long.'),
      })
      .optional()
      .meta({ description: 'Reports from customers.' }),
    flag: text('A flag that a person sets.').optional(),
  })
  .meta({ description: 'Exactly one of impact_grows, no_root_cause, customer_reports, flag.' });

export const trigger = z
  .strictObject({
    name: text('Name for explanations, unique.'),
    when,
    raise: z.int().min(1).optional().meta({ description: 'Raise by so many levels.' }),
    at_least: text('Raise to this level, if it is below it.').optional(),
    escalate: z
      .literal('next_step')
      .optional()
      .meta({ description: 'Page the next step of the escalation.' }),
  })
  .meta({ description: 'Raises the severity by itself; a trigger never lowers it.' });

export const flag = z
  .strictObject({
    public: z.enum(['allowed', 'never']).optional().meta({
      description: '`never`: withdraws every unsent public post and forbids further ones.',
    }),
  })
  .meta({ description: 'A mark that a person sets on an incident.' });
