/**
 * The sections of the configuration: one table for the loader, for "unknown key" and for the editors' schema. Any file
 * may hold any of them, except that a team's file holds its team's only.
 */
import { z } from 'zod';
import { oneOrMore, nonEmptyText } from '../words.ts';
import { automationShape } from './automation.ts';
import { backupShape } from './backup.ts';
import { APPROVAL_WORDS } from './cadences.ts';
import { escalationPolicyShape, STEP_WORDS, VENDOR_WALKS } from './escalation.ts';
import { flagShape } from './flags.ts';
import { levelShape } from './levels.ts';
import { groupShape, personShape } from './people.ts';
import { presenceShape } from './presence.ts';
import { proofShape } from './proof.ts';
import { roleShape } from './roles.ts';
import { roomsShape } from './rooms.ts';
import { rotationShape } from './rotations.ts';
import { routeShape, ruleShape } from './routing.ts';
import { publicUrlShape, retentionShape, serverShape, timezoneShape } from './server.ts';
import { serviceShape } from './services.ts';
import { sourceShape } from './sources.ts';
import { targetShape } from './targets.ts';
import { teamChatShape, teamOnCallShape, teamShape } from './teams.ts';
import { textsShape } from './texts.ts';
import { triggerShape } from './triggers.ts';

/** Sections that are maps from names to entries. */
export const MAPS = {
  people: personShape,
  groups: groupShape,
  sources: sourceShape,
  targets: targetShape,
  severities: levelShape,
  roles: roleShape,
  rotations: rotationShape,
  escalation_policies: escalationPolicyShape,
  services: serviceShape,
  flags: flagShape,
};

/** Sections that are lists. */
export const LISTS = { routes: routeShape, triggers: triggerShape, rules: ruleShape };

/** Sections that stand once. */
export const ONES = {
  include: oneOrMore(
    nonEmptyText('A path or pattern.'),
    "Further files, relative to this one's folder: paths or patterns such as `teams/*.yaml`. In the main file only.",
  ),
  timezone: timezoneShape,
  public_url: publicUrlShape,
  server: serverShape,
  retention: retentionShape,
  backup: backupShape,
  proof: proofShape,
  presence: presenceShape,
  automation: automationShape,
  rooms: roomsShape,
  texts: textsShape,
  team: teamShape,
  on_call: teamOnCallShape,
  chat: teamChatShape,
};

export type MapName = keyof typeof MAPS;
export type ListName = keyof typeof LISTS;
export type OneName = keyof typeof ONES;

export const DESCRIPTIONS: Readonly<Record<MapName | ListName, string>> = {
  people: 'Everybody who is paged, told or recognised.',
  groups: 'Named lists of people.',
  sources: 'Where alerts come from.',
  targets: 'Where pages, posts and messages go.',
  severities: 'The levels, worst first. Any scale, any names.',
  roles: 'Who does what in an incident, and who is paged for it.',
  rotations: 'Who is on call when, by turns.',
  escalation_policies:
    'What happens while nobody answers. The one named `default` is used where none is named.',
  services: 'What is owned and monitored. Belongs to the `team` of the file.',
  flags: 'Marks that a person may set on an incident.',
  routes: 'The shared list that picks the team.',
  triggers: 'What raises the severity by itself.',
  rules: "The team's rules: from alert to level and service. Belongs to the `team` of the file.",
};

/** Sections that need a `team:` in their file. */
export const NEEDS_TEAM: readonly string[] = ['services', 'rules', 'on_call', 'chat'];

/** Sections that a team's own file may hold. */
export const TEAM_SECTIONS: readonly string[] = [
  'team',
  'services',
  'rules',
  'on_call',
  'chat',
  'people',
  'groups',
  'rotations',
  'escalation_policies',
];

/** Words that mean something else where such a name may stand. */
export const RESERVED: Readonly<Partial<Record<MapName, readonly string[]>>> = {
  people: STEP_WORDS,
  groups: STEP_WORDS,
  rotations: STEP_WORDS,
  roles: [...STEP_WORDS, ...APPROVAL_WORDS],
  escalation_policies: [VENDOR_WALKS],
};

export const SECTION_NAMES: readonly string[] = [
  ...Object.keys(ONES),
  ...Object.keys(MAPS),
  ...Object.keys(LISTS),
];

/** The whole file as one schema. */
export const configFile = z.strictObject({
  ...Object.fromEntries(Object.entries(ONES).map(([name, schema]) => [name, schema.optional()])),
  ...Object.fromEntries(
    Object.entries(MAPS).map(([name, schema]) => [
      name,
      z
        .record(z.string(), schema)
        .optional()
        .meta({ description: DESCRIPTIONS[name as MapName] }),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(LISTS).map(([name, schema]) => [
      name,
      z
        .array(schema)
        .optional()
        .meta({ description: DESCRIPTIONS[name as ListName] }),
    ]),
  ),
});
