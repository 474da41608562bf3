/** Cadences: how often the public and each audience inside is told, and who approves what the public reads. */
import { z } from 'zod';
import type {
  ApprovalMode,
  AudienceCadence,
  Cadence,
  PublicCadence,
} from '../../core/model/policy.ts';
import { type Compiling, isKnown, targetWith } from '../context.ts';
import { duration, nonEmptyText } from '../words.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';
import { channelShape } from './channels.ts';
import { recipientsOf } from './pages.ts';

const cadenceShape = {
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

/** Words that say how a post is approved; any other is the role that is asked. */
export const APPROVAL_WORDS: readonly string[] = ['none', 'required'];

const approvalShape = nonEmptyText('`none`, `required`, or the role that is asked to approve.');

const publicCadenceShape = z
  .strictObject({
    first_within: duration('The first post is due this long after declaration.').optional(),
    ...cadenceShape,
    approval: z
      .union([
        approvalShape,
        z.strictObject({
          investigating: approvalShape.optional(),
          identified: approvalShape.optional(),
          monitoring: approvalShape.optional(),
          resolved: approvalShape.optional(),
          unchanged: approvalShape
            .optional()
            .meta({ description: 'The repeat of the last status when nothing is new.' }),
          otherwise: approvalShape
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

const audienceShape = z
  .strictObject({
    first_within: duration(
      'Something has reached this audience within this long after declaration, or after a level began that tells it; if not, an alarm says so until something has. Not with `at`.',
    ).optional(),
    ...cadenceShape,
    at: z
      .literal('top_of_hour')
      .optional()
      .meta({ description: 'At the top of each hour instead of an interval.' }),
    to: z
      .union([
        z.literal('room'),
        channelShape('A fixed channel.'),
        z.array(nonEmptyText('A name.')).min(1),
      ])
      .optional()
      .meta({
        description:
          "Where it goes: `room` (the incident's room or the team's channel), `{via, channel}`, or people by chat.",
      }),
  })
  .meta({ description: 'How often this audience is told; the name of the audience is yours.' });

type PublicYaml = z.output<typeof publicCadenceShape>;
type AudienceYaml = z.output<typeof audienceShape>;

export const updatesShape = z
  .object({ public: publicCadenceShape.optional() })
  .catchall(audienceShape)
  .optional()
  .meta({
    description:
      'Cadence by audience: `public` for the status pages, any other name for people inside.',
  });

/** Where a cadence stands, and whether its level is the worst. */
interface At {
  readonly spot: Spot;
  readonly isTop: boolean;
}

function cadenceOf(
  yaml: Pick<PublicYaml, 'first_within' | 'every' | 'slower'>,
  topOfHour: boolean,
): Cadence {
  return {
    firstWithinMs: yaml.first_within ?? null,
    everyMs: typeof yaml.every === 'number' ? yaml.every : null,
    slower:
      yaml.slower === undefined ? null : { afterMs: yaml.slower.after, everyMs: yaml.slower.every },
    topOfHour,
  };
}

function checkCadence(
  compiling: Compiling,
  yaml: Pick<PublicYaml, 'every' | 'slower'>,
  spot: Spot,
): void {
  if (yaml.slower === undefined) return;
  const at = below(spot, 'slower');
  if (typeof yaml.every !== 'number')
    compiling.report.error(
      at,
      'there is no interval that could slow down',
      'Write every: <duration>, or leave slower out.',
    );
  else if (yaml.slower.every <= yaml.every)
    compiling.report.error(
      below(at, 'every'),
      'this is not slower than every',
      'Write a longer interval.',
    );
}

interface Approvals {
  readonly approval: PublicCadence['approval'];
  readonly by: string | null;
}

/** `none`, or anything else: a role's name means required, and that role is asked. */
function modeOf(word: string | undefined, isTop: boolean): ApprovalMode {
  return word === 'none' && !isTop ? 'none' : 'required';
}

/**
 * What is not named is required, and the worst level is required throughout: its posts are the ones that lawyers,
 * regulators and the press read.
 */
function approvalsOf(
  compiling: Compiling,
  yaml: PublicYaml['approval'],
  { spot, isTop }: At,
): Approvals {
  const byKind = typeof yaml === 'object' ? yaml : { otherwise: yaml };
  const words = Object.entries(byKind).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const spotOfWord = (kind: string): Spot => (typeof yaml === 'object' ? below(spot, kind) : spot);
  const roles = new Map<string, Spot>();
  for (const [kind, word] of words) {
    const at = spotOfWord(kind);
    if (word === 'none' && isTop)
      compiling.report.warning(
        at,
        'posts of the worst level always need approval',
        'Write required or a role; none has no effect here.',
      );
    if (APPROVAL_WORDS.includes(word)) continue;
    const names = compiling.names.roles;
    if (!names.includes(word))
      isKnown(
        compiling.report,
        { name: word, spot: at },
        { kind: 'role (nor "none" or "required")', names: [...APPROVAL_WORDS, ...names] },
      );
    else roles.set(word, at);
  }
  const [by, other] = roles.keys();
  const otherAt = other === undefined ? undefined : roles.get(other);
  if (by !== undefined && other !== undefined && otherAt !== undefined)
    compiling.report.error(
      otherAt,
      `${by} and ${other} are both to approve`,
      'Name one role per level; whoever holds it is asked.',
    );
  const mode = (kind: keyof PublicCadence['approval']): ApprovalMode =>
    modeOf(byKind[kind] ?? byKind.otherwise, isTop);
  return {
    approval: {
      investigating: mode('investigating'),
      identified: mode('identified'),
      monitoring: mode('monitoring'),
      resolved: mode('resolved'),
      unchanged: mode('unchanged'),
    },
    by: by ?? null,
  };
}

/** The posts on the status pages; null: the level is not posted. */
export function publicOf(
  compiling: Compiling,
  yaml: PublicYaml | undefined,
  { spot, isTop }: At,
): PublicCadence | null {
  if (yaml === undefined) return null;
  checkCadence(compiling, yaml, spot);
  return {
    ...cadenceOf(yaml, false),
    ...approvalsOf(compiling, yaml.approval, { spot: below(spot, 'approval'), isTop }),
  };
}

function audienceOf(
  compiling: Compiling,
  yaml: AudienceYaml,
  { audience, spot }: { readonly audience: string; readonly spot: Spot },
): AudienceCadence {
  checkCadence(compiling, yaml, spot);
  if (yaml.at !== undefined && yaml.every !== undefined)
    compiling.report.error(
      keyOf(below(spot, 'every')),
      'every and at are both given',
      'Keep one of them.',
    );
  if (yaml.at !== undefined && yaml.first_within !== undefined)
    compiling.report.error(
      keyOf(below(spot, 'first_within')),
      'what comes at the top of the hour has no first_within',
      'Leave it out, or write every: <duration> instead of at.',
    );
  const at = below(spot, 'to');
  const base = { ...cadenceOf(yaml, yaml.at === 'top_of_hour'), audience };
  if (yaml.to === undefined || yaml.to === 'room') return { ...base, to: { kind: 'room' } };
  if (Array.isArray(yaml.to))
    return {
      ...base,
      to: {
        kind: 'people',
        recipients: recipientsOf(compiling, yaml.to, { spot: at, by: 'chat' }),
      },
    };
  const target = targetWith(compiling, { name: yaml.to.via, spot: below(at, 'via') }, 'chat');
  return {
    ...base,
    to: { kind: 'channel', target: target?.name ?? yaml.to.via, channel: yaml.to.channel },
  };
}

/** How often people inside are told, one entry per audience. */
export function audiencesOf(
  compiling: Compiling,
  yaml: z.output<typeof updatesShape>,
  spot: Spot,
): readonly AudienceCadence[] {
  const { public: _public, ...audiences } = yaml ?? {};
  return Object.entries(audiences).map(([audience, each]) =>
    audienceOf(compiling, each, { audience, spot: below(spot, audience) }),
  );
}
