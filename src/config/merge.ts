/**
 * From files to sections: each entry of each section is checked by itself, so that one wrong entry hides no other
 * problem, and knows where it stands and which team's file it came from.
 */
import type { z } from 'zod';
import { isRecord } from '../contract/json.ts';
import type { Entry, Item } from './context.ts';
import type { Report } from './problem.ts';
import {
  LISTS,
  type ListName,
  type MapName,
  MAPS,
  NEEDS_TEAM,
  ONES,
  type OneName,
  RESERVED,
  SECTION_NAMES,
  TEAM_SECTIONS,
} from './sections/table.ts';
import { parseShape, suggestion } from './shape-problems.ts';
import { nameFault } from './words.ts';
import { below, keyOf, keysAt, fileLineOf, spotOf, type YamlFile } from './yaml-file.ts';

/** One file; `team` is its `team:` key. */
export interface Fragment {
  readonly file: YamlFile;
  readonly isMain: boolean;
  readonly team: string | null;
}

type ReadBy<S extends z.ZodType> = z.output<S>;

export type Merged = { readonly [K in MapName]: readonly Entry<ReadBy<(typeof MAPS)[K]>>[] } & {
  readonly [K in ListName]: readonly Item<ReadBy<(typeof LISTS)[K]>>[];
} & { readonly [K in OneName]: readonly Item<ReadBy<(typeof ONES)[K]>>[] };

export function fragmentOf(file: YamlFile, isMain: boolean): Fragment {
  const team = isRecord(file.value) ? file.value['team'] : undefined;
  return { file, isMain, team: typeof team === 'string' ? team : null };
}

/** Whether a section that all teams share stands in the file of one team. */
function isMisplaced({ isMain, team }: Fragment, section: string): boolean {
  return team !== null && !isMain && !TEAM_SECTIONS.includes(section);
}

/** What a section of a file holds, or undefined; a section without content counts as left out. */
function sectionOf(fragment: Fragment, name: string): unknown {
  const { value } = fragment.file;
  if (isMisplaced(fragment, name)) return undefined;
  return isRecord(value) && Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined;
}

/** Reports keys that are no section, and sections that do not belong into the file. */
function checkSections(fragment: Fragment, report: Report): void {
  const { file, isMain, team } = fragment;
  if (file.value === null) return;
  if (!isRecord(file.value)) {
    report.error(
      spotOf(file),
      'the file is no map of sections',
      `Write sections such as people:, routes:, severities:.`,
    );
    return;
  }
  for (const name of Object.keys(file.value)) {
    const at = keyOf(spotOf(file, name));
    if (!SECTION_NAMES.includes(name))
      report.error(at, `unknown key "${name}"`, suggestion(name, SECTION_NAMES, 'Sections are'));
    else if (name === 'include' && !isMain)
      report.error(at, 'only the main file includes others', 'Move it there.');
    else if (team === null && NEEDS_TEAM.includes(name))
      report.error(
        at,
        `the file does not say whose ${name} these are`,
        'Write team: <name> at its top.',
      );
    else if (team !== null && isMisplaced(fragment, name))
      report.error(
        at,
        `${name} is shared by all teams and cannot stand in the file of team ${team}`,
        'Move it to the main file or to an included file without team:.',
      );
  }
}

function mapEntries<T>(
  fragments: readonly Fragment[],
  section: { readonly name: MapName; readonly schema: z.ZodType<T> },
  report: Report,
): readonly Entry<T>[] {
  const { name: sectionName, schema } = section;
  const entries = new Map<string, Entry<T>>();
  for (const fragment of fragments) {
    const value = sectionOf(fragment, sectionName);
    const spot = spotOf(fragment.file, sectionName);
    if (value === undefined) continue;
    if (!isRecord(value)) {
      report.error(
        spot,
        'must be a map from names to entries',
        `Write ${sectionName}: and below it, indented, <name>: ...`,
      );
      continue;
    }
    for (const name of keysAt(spot)) {
      const at = below(spot, name);
      const fault = nameFault(name, RESERVED[sectionName] ?? []);
      if (fault !== null) report.error(keyOf(at), fault, 'Choose another name.');
      const first = entries.get(name);
      if (first !== undefined)
        report.error(
          keyOf(at),
          `"${name}" is also defined in ${fileLineOf(first.spot)}`,
          'Keep one of the two, or rename one.',
        );
      if (fault !== null || first !== undefined) continue;
      // An entry without content is an empty one, not a wrong one: `flags: {security: }`.
      const parsed = parseShape(schema, { value: value[name] ?? {}, spot: at }, report);
      entries.set(name, { name, spot: at, value: parsed, team: fragment.team });
    }
  }
  return [...entries.values()];
}

function listItems<T>(
  fragments: readonly Fragment[],
  section: { readonly name: ListName; readonly schema: z.ZodType<T> },
  report: Report,
): readonly Item<T>[] {
  return fragments.flatMap((fragment) => {
    const value = sectionOf(fragment, section.name);
    const spot = spotOf(fragment.file, section.name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      report.error(spot, 'must be a list', 'Begin each of its items with "- ".');
      return [];
    }
    return value.map((each: unknown, i) => {
      const at = below(spot, i);
      return {
        spot: at,
        value: parseShape(section.schema, { value: each, spot: at }, report),
        team: fragment.team,
      };
    });
  });
}

/** Sections that belong to a team may stand once in each team's file; all others once. */
function once<T>(
  fragments: readonly Fragment[],
  section: { readonly name: OneName; readonly schema: z.ZodType<T> },
  report: Report,
): readonly Item<T>[] {
  const items: Item<T>[] = [];
  for (const fragment of fragments) {
    const value = sectionOf(fragment, section.name);
    if (value === undefined) continue;
    const spot = spotOf(fragment.file, section.name);
    const [first] = items;
    if (first !== undefined && !TEAM_SECTIONS.includes(section.name))
      report.error(
        keyOf(spot),
        `${section.name} also stands in ${fileLineOf(first.spot)}`,
        'Keep one of the two.',
      );
    items.push({
      spot,
      value: parseShape(section.schema, { value, spot }, report),
      team: fragment.team,
    });
  }
  return items;
}

/** The entries of every section over all files. */
export function merge(fragments: readonly Fragment[], report: Report): Merged {
  for (const fragment of fragments) checkSections(fragment, report);
  const map = <T>(name: MapName, schema: z.ZodType<T>): readonly Entry<T>[] =>
    mapEntries(fragments, { name, schema }, report);
  const list = <T>(name: ListName, schema: z.ZodType<T>): readonly Item<T>[] =>
    listItems(fragments, { name, schema }, report);
  const one = <T>(name: OneName, schema: z.ZodType<T>): readonly Item<T>[] =>
    once(fragments, { name, schema }, report);
  return {
    people: map('people', MAPS.people),
    groups: map('groups', MAPS.groups),
    sources: map('sources', MAPS.sources),
    targets: map('targets', MAPS.targets),
    severities: map('severities', MAPS.severities),
    roles: map('roles', MAPS.roles),
    rotations: map('rotations', MAPS.rotations),
    escalation_policies: map('escalation_policies', MAPS.escalation_policies),
    services: map('services', MAPS.services),
    flags: map('flags', MAPS.flags),
    routes: list('routes', LISTS.routes),
    triggers: list('triggers', LISTS.triggers),
    rules: list('rules', LISTS.rules),
    include: one('include', ONES.include),
    timezone: one('timezone', ONES.timezone),
    public_url: one('public_url', ONES.public_url),
    server: one('server', ONES.server),
    retention: one('retention', ONES.retention),
    backup: one('backup', ONES.backup),
    proof: one('proof', ONES.proof),
    presence: one('presence', ONES.presence),
    automation: one('automation', ONES.automation),
    rooms: one('rooms', ONES.rooms),
    texts: one('texts', ONES.texts),
    team: one('team', ONES.team),
    on_call: one('on_call', ONES.on_call),
    chat: one('chat', ONES.chat),
  };
}
