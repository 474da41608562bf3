/** Levels: who comes, who is told, how often, what may go public. */
import { z } from 'zod';
import { COMPONENT_STATUSES, type Level, type Notify } from '../../core/model/policy.ts';
import { type Compiling, type Entry, isKnown } from '../context.ts';
import type { Report } from '../problem.ts';
import { duration, oneOrMore, nonEmptyText } from '../words.ts';
import { below, keyOf, fileLineOf, type Spot } from '../yaml-file.ts';
import { audiencesOf, publicOf, updatesShape } from './cadences.ts';
import { channelOf, channelShape } from './channels.ts';
import { recipientsOf, spotOfItem } from './pages.ts';

const rolesShape = (description: string): z.ZodType<readonly string[] | undefined> =>
  oneOrMore(nonEmptyText('A role.'), description).optional();

export const levelShape = z
  .strictObject({
    name: nonEmptyText('Name as people read it.').optional(),
    aliases: oneOrMore(nonEmptyText('A word.'), "Other words for it in people's input.").optional(),
    criteria: nonEmptyText('When an incident is of this level, in one sentence.').optional(),
    urgency: z
      .enum(['high', 'low'])
      .meta({ description: '`high` wakes people, `low` waits for working hours at the pager.' }),
    declare: z
      .strictObject({
        by: oneOrMore(
          z.enum(['person', 'acknowledgement', 'trusted_rule']),
          'What declares an incident of this level; `[person, trusted_rule]` when left out. With `acknowledgement` whoever takes the page declares by it; with `person` alone no machine declares it.',
        ).optional(),
        or_after: duration(
          'Declare what still fires after this long; ten minutes later once somebody has acknowledged.',
        ).optional(),
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
      .meta({
        description: 'Response times; missing one is recorded, and said to the responders.',
      }),
    page: z
      .strictObject({
        triage: rolesShape('Roles paged when the incident opens.'),
        declared: rolesShape('Roles paged when it is declared.'),
        commanded: rolesShape('Roles paged when the commanding role is filled.'),
        on_request: rolesShape(
          'Roles that come only when a person pages them; lowered to this level, an incident goes on looking for them.',
        ),
      })
      .optional()
      .meta({ description: 'Roles by moment; left out: this level pages nobody.' }),
    notify: z
      .array(
        z.strictObject({
          who: oneOrMore(nonEmptyText('A name.'), 'People, groups, rotations or roles.'),
          within: duration('At the latest this long after declaration.'),
        }),
      )
      .optional()
      .meta({ description: 'Who is told once, by chat: informing is no page.' }),
    updates: updatesShape,
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
    note: channelShape('Where a level that pages nobody leaves its note.').optional(),
  })
  .meta({ description: 'One level. The map is ordered: worst first.' });

type LevelYaml = z.output<typeof levelShape>;
type LevelEntry = Entry<LevelYaml>;

/** Where a level says nothing: quiet for a quarter of an hour, then a person is asked. */
const SOAK_UNLESS_SAID = { forMs: 15 * 60_000, then: 'propose' } as const;

function rolesOf(
  compiling: Compiling,
  names: readonly string[] | undefined,
  spot: Spot,
): readonly string[] {
  const known = compiling.names.roles;
  return (names ?? []).filter((name, i) =>
    isKnown(compiling.report, { name, spot: spotOfItem(spot, i) }, { kind: 'role', names: known }),
  );
}

function notifyOf(compiling: Compiling, yaml: LevelYaml['notify'], spot: Spot): readonly Notify[] {
  return (yaml ?? []).map((each, i) => ({
    who: recipientsOf(compiling, each.who, { spot: below(spot, i, 'who'), by: 'chat' }),
    withinMs: each.within,
  }));
}

function pageOf(compiling: Compiling, yaml: LevelYaml['page'], spot: Spot): Level['page'] {
  return {
    triage: rolesOf(compiling, yaml?.triage, below(spot, 'triage')),
    declared: rolesOf(compiling, yaml?.declared, below(spot, 'declared')),
    commanded: rolesOf(compiling, yaml?.commanded, below(spot, 'commanded')),
    onRequest: rolesOf(compiling, yaml?.on_request, below(spot, 'on_request')),
  };
}

interface Standing {
  readonly yaml: LevelYaml;
  /** 0 is the worst. */
  readonly rank: number;
  /** Whether rooms can be opened at all. */
  readonly hasRooms: boolean;
}

function buildLevel(
  compiling: Compiling,
  { name: id, spot }: LevelEntry,
  { yaml, rank, hasRooms }: Standing,
): Level {
  if (yaml.declare?.by?.length === 0)
    compiling.report.error(
      below(spot, 'declare', 'by'),
      'nothing stands in it, although a person can always declare',
      'Write [person] if only people declare it, or leave it out: [person, trusted_rule].',
    );
  const page = pageOf(compiling, yaml.page, below(spot, 'page'));
  const pagesSomebody = [yaml.page?.triage, yaml.page?.declared].some(
    (roles) => (roles ?? []).length > 0,
  );
  const updates = below(spot, 'updates');
  return {
    id,
    rank,
    name: yaml.name ?? id,
    aliases: yaml.aliases ?? [],
    criteria: yaml.criteria ?? '',
    urgency: yaml.urgency,
    declare: {
      by: yaml.declare?.by ?? ['person', 'trusted_rule'],
      orAfterMs: yaml.declare?.or_after ?? null,
    },
    respond: {
      acknowledgeMs: yaml.respond?.acknowledge ?? null,
      engageMs: yaml.respond?.engage ?? null,
    },
    page,
    notify: notifyOf(compiling, yaml.notify, below(spot, 'notify')),
    public: publicOf(compiling, yaml.updates?.public, {
      spot: below(updates, 'public'),
      isTop: rank === 0,
    }),
    audiences: audiencesOf(compiling, yaml.updates, updates),
    componentsUpTo: yaml.components?.automatic_up_to ?? 'degraded_performance',
    soak:
      yaml.soak === undefined
        ? SOAK_UNLESS_SAID
        : { forMs: yaml.soak.for, then: yaml.soak.then ?? 'propose' },
    postmortemWithinMs: yaml.postmortem_within ?? null,
    room: yaml.room ?? (hasRooms && pagesSomebody),
    note: channelOf(compiling, yaml.note, below(spot, 'note')),
  };
}

function checkOneFile(levels: readonly LevelEntry[], report: Report): void {
  const [first] = levels;
  const other = levels.find((level) => level.spot.file !== first?.spot.file);
  if (first !== undefined && other !== undefined)
    report.error(
      keyOf(other.spot),
      `levels also stand in ${fileLineOf(first.spot)}, so their order is not told`,
      'Keep severities in one file: worst first.',
    );
}

/** Other words for levels in people's input, each with its level; the first level that claims a word has it. */
export function aliasesOf(levels: readonly LevelEntry[]): ReadonlyMap<string, string> {
  const words = levels.flatMap(({ name, value }) =>
    (value?.aliases ?? []).map((alias) => [alias, name] as const),
  );
  return new Map(words.toReversed());
}

/** Two levels that answer to one word leave open which was meant. */
function checkAliases({ report }: Compiling, levels: readonly LevelEntry[]): void {
  const owners = new Map(levels.map(({ name }) => [name.toLowerCase(), name]));
  for (const { name, value, spot } of levels) {
    for (const [i, alias] of (value?.aliases ?? []).entries()) {
      const owner = owners.get(alias.toLowerCase());
      if (owner !== undefined)
        report.error(
          spotOfItem(below(spot, 'aliases'), i),
          `"${alias}" already means ${owner}`,
          'Choose another word.',
        );
      owners.set(alias.toLowerCase(), owner ?? name);
    }
  }
}

/** Levels in the order of the file: worst first. A wrong level keeps its rank, so that the others have theirs. */
export function buildLevels(
  compiling: Compiling,
  entries: readonly LevelEntry[],
  hasRooms: boolean,
): readonly Level[] {
  checkOneFile(entries, compiling.report);
  checkAliases(compiling, entries);
  return entries.flatMap((entry, rank) =>
    entry.value === null
      ? []
      : [buildLevel(compiling, entry, { yaml: entry.value, rank, hasRooms })],
  );
}
