/** Levels: order, roles by moment, cadences, approvals. */
import type {
  ApprovalMode,
  AudienceCadence,
  Cadence,
  Level,
  Notify,
  PublicCadence,
} from '../../core/model/policy.ts';
import type { z } from 'zod';
import type { AudienceYaml, level, PublicYaml } from '../shape/severities.ts';
import type { Report } from '../problem.ts';
import { below, keyOf, placeOf, type Spot } from '../yaml-file.ts';
import { type Compiling, type Entry, isKnown, targetWith } from '../context.ts';
import { sourcesOf, spotOfItem } from './pages.ts';

type LevelYaml = z.output<typeof level>;
type LevelEntry = Entry<LevelYaml>;

/** Where a level says nothing: quiet for a quarter of an hour, then a person is asked. */
const SOAK_DEFAULT = { forMs: 15 * 60_000, then: 'propose' } as const;

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
    if (word === 'none' || word === 'required') continue;
    const names = compiling.names.roles;
    if (!names.includes(word))
      isKnown(
        compiling.report,
        { name: word, spot: at },
        { kind: 'role (nor "none" or "required")', names: ['none', 'required', ...names] },
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

function publicOf(
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
      to: { kind: 'people', sources: sourcesOf(compiling, yaml.to, { spot: at, by: 'chat' }) },
    };
  const target = targetWith(compiling, { name: yaml.to.via, spot: below(at, 'via') }, 'chat');
  return {
    ...base,
    to: { kind: 'channel', target: target?.name ?? yaml.to.via, channel: yaml.to.channel },
  };
}

function audiencesOf(
  compiling: Compiling,
  yaml: LevelYaml['updates'],
  spot: Spot,
): readonly AudienceCadence[] {
  const { public: _public, ...audiences } = yaml ?? {};
  return Object.entries(audiences).map(([audience, each]) =>
    audienceOf(compiling, each, { audience, spot: below(spot, audience) }),
  );
}

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
    who: sourcesOf(compiling, each.who, { spot: below(spot, i, 'who'), by: 'chat' }),
    withinMs: each.within,
  }));
}

export interface ChannelYaml {
  readonly via: string;
  readonly channel: string;
}

/** A channel at a chat target; null when there is none. */
export function channelOf(
  compiling: Compiling,
  yaml: ChannelYaml | undefined,
  spot: Spot,
): { readonly target: string; readonly channel: string } | null {
  if (yaml === undefined) return null;
  const target = targetWith(compiling, { name: yaml.via, spot: below(spot, 'via') }, 'chat');
  return target === null ? null : { target: target.name, channel: yaml.channel };
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
      by: yaml.declare?.by ?? ['person', 'acknowledgement', 'trusted_rule'],
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
        ? SOAK_DEFAULT
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
      `levels also stand in ${placeOf(first.spot)}, so their order is not told`,
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
