/**
 * The sections of the configuration: one table for the loader, for "unknown key" and for the editors' schema. Any file
 * may hold any of them, except that a team's file holds its team's only.
 */
import { z } from 'zod';
import { automation, flag, trigger } from '../shape/automation.ts';
import { escalationPolicy, group, page, person, role, rotation } from '../shape/people.ts';
import { route, rule, service } from '../shape/routing.ts';
import { level } from '../shape/severities.ts';
import {
  channel,
  publicUrl,
  retention,
  rooms,
  server,
  source,
  target,
  texts,
} from '../shape/vendors.ts';
import { listOf, text, timezone } from '../words.ts';

/** Sections that are maps from names to entries. */
export const MAPS = {
  people: person,
  groups: group,
  sources: source,
  targets: target,
  severities: level,
  roles: role,
  rotations: rotation,
  escalation_policies: escalationPolicy,
  services: service,
  flags: flag,
};

/** Sections that are lists. */
export const LISTS = { routes: route, triggers: trigger, rules: rule };

/** Sections that stand once. */
export const ONES = {
  include: listOf(
    text('A path or pattern.'),
    "Further files, relative to this one's folder: paths or patterns such as `teams/*.yaml`. In the main file only.",
  ),
  timezone: timezone('Time zone in which people and the public read times; UTC when left out.'),
  public_url: publicUrl,
  server,
  retention,
  automation,
  rooms,
  texts,
  team: text("The team that this file's services and rules belong to."),
  on_call: page.meta({
    description: "Whom to page for the team's alerts that name no known service.",
    shape: 'page',
  }),
  chat: channel("The team's channel, for updates when there is no room."),
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
const STEP_WORDS = ['own', 'rotation', 'fallback', 'service.on_call'];
export const RESERVED: Readonly<Partial<Record<MapName, readonly string[]>>> = {
  people: STEP_WORDS,
  groups: STEP_WORDS,
  rotations: STEP_WORDS,
  roles: [...STEP_WORDS, 'none', 'required'],
  escalation_policies: ['vendor'],
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
