/** Levels: who comes, who is told, how often, what may go public. */
import { z } from 'zod';
import { COMPONENT_STATUSES } from '../../core/model/policy.ts';
import { duration, listOf, text } from '../words.ts';
import { channel } from './vendors.ts';

const roles = (description: string): z.ZodType<readonly string[] | undefined> =>
  listOf(text('A role.'), description).optional();

const cadence = {
  every: z
    .union([duration('Interval between posts.'), z.literal('on_change')])
    .optional()
    .meta({
      description:
        'A post at least this often, also when nothing is new; `on_change` (or nothing): only when something is.',
    }),
  slower: z
    .strictObject({
      after: duration('How long after declaration.'),
      every: duration('The interval from then on.'),
    })
    .optional()
    .meta({ description: 'A slower pace for long incidents.' }),
};

const approval = text('`none`, `required`, or the role that approves.');

const publicCadence = z
  .strictObject({
    first_within: duration('The first post is due this long after declaration.').optional(),
    ...cadence,
    approval: z
      .union([
        approval,
        z.strictObject({
          investigating: approval.optional(),
          identified: approval.optional(),
          monitoring: approval.optional(),
          resolved: approval.optional(),
          unchanged: approval
            .optional()
            .meta({ description: 'The repeat of the last status when nothing is new.' }),
          otherwise: approval
            .optional()
            .meta({ description: 'All kinds of posts that are not named.' }),
        }),
      ])
      .optional()
      .meta({
        description:
          'Who approves posts: `none`, `required` or a role; for all kinds or by kind. What is not named is `required`; the worst level always is.',
      }),
  })
  .meta({ description: 'Posts on the status pages; left out: this level is not posted.' });

const audience = z
  .strictObject({
    first_within: duration(
      'Something has reached this audience within this long after declaration, or after a level began that tells it; if not, an alarm says so until something has. Not with `at`.',
    ).optional(),
    ...cadence,
    at: z
      .literal('top_of_hour')
      .optional()
      .meta({ description: 'At the top of each hour instead of an interval.' }),
    to: z
      .union([z.literal('room'), channel('A fixed channel.'), z.array(text('A name.')).min(1)])
      .optional()
      .meta({
        description:
          "Where it goes: `room` (the incident's room or the team's channel), `{via, channel}`, or people by chat.",
      }),
  })
  .meta({ description: 'How often this audience is told; the name of the audience is yours.' });

export type PublicYaml = z.output<typeof publicCadence>;
export type AudienceYaml = z.output<typeof audience>;

export const level = z
  .strictObject({
    name: text('Name as people read it.').optional(),
    aliases: listOf(text('A word.'), "Other words for it in people's input.").optional(),
    criteria: text('When an incident is of this level, in one sentence.').optional(),
    urgency: z
      .enum(['high', 'low'])
      .meta({ description: '`high` wakes people, `low` waits for working hours at the pager.' }),
    declare: z
      .strictObject({
        by: z
          .array(z.enum(['person', 'acknowledgement', 'trusted_rule']))
          .optional()
          .meta({
            description: 'What declares an incident of this level; all three when left out.',
          }),
        or_after: duration('Declare what still fires after this long.').optional(),
      })
      .optional()
      .meta({ description: 'How triage ends: until then only the on-call of the service rings.' }),
    respond: z
      .strictObject({
        acknowledge: duration(
          'Somebody has acknowledged within this long after declaration.',
        ).optional(),
        engage: duration(
          'The commanding role is filled within this long after declaration.',
        ).optional(),
      })
      .optional()
      .meta({ description: 'Response times; missing one is recorded and alarmed.' }),
    page: z
      .strictObject({
        triage: roles('Roles paged when the incident opens.'),
        declared: roles('Roles paged when it is declared.'),
        commanded: roles('Roles paged when the commanding role is filled.'),
        on_request: roles(
          'Roles that come only when a person pages them; lowered to this level, an incident goes on looking for them.',
        ),
      })
      .optional()
      .meta({ description: 'Roles by moment; left out: this level pages nobody.' }),
    notify: z
      .array(
        z.strictObject({
          who: listOf(text('A name.'), 'People, groups, rotations or roles.'),
          within: duration('At the latest this long after declaration.'),
        }),
      )
      .optional()
      .meta({ description: 'Who is told once, by chat: informing is no page.' }),
    updates: z.object({ public: publicCadence.optional() }).catchall(audience).optional().meta({
      description:
        'Cadence by audience: `public` for the status pages, any other name for people inside.',
    }),
    components: z
      .strictObject({
        automatic_up_to: z.enum(COMPONENT_STATUSES).meta({
          description: 'The worst component state that is published without a person choosing it.',
        }),
      })
      .optional()
      .meta({ description: 'Component states on the status pages.' }),
    soak: z
      .strictObject({
        for: duration('How long it must be quiet.'),
        then: z
          .enum(['propose', 'resolve'])
          .optional()
          .meta({ description: '`propose` (a person resolves) or `resolve`.' }),
      })
      .optional()
      .meta({ description: 'Before an incident counts as over.' }),
    postmortem_within: duration('A review is due this long after resolution.').optional(),
    room: z.boolean().optional().meta({
      description:
        'Open a chat room at declaration; true when `rooms` is configured and the level pages somebody.',
    }),
    note: channel('Where a level that pages nobody leaves its note.').optional(),
  })
  .meta({ description: 'One level. The map is ordered: worst first.' });
