/** The whole compilation, in the order in which parts need each other. */
import { dirname } from 'node:path';
import type { Registry } from '../contract/adapter.ts';
import { isRecord } from '../contract/json.ts';
import type { Secret } from '../contract/secret.ts';
import type { Instant } from '../core/model/alert.ts';
import type { Policy } from '../core/model/policy.ts';
import { deepFreeze } from '../lib/freeze.ts';
import { canonicalJson, sha256 } from '../lib/hash.ts';
import { crossCheck } from './checks.ts';
import type { BuiltTarget, Compiling, Names } from './context.ts';
import type { Merged } from './merge.ts';
import type { Report } from './problem.ts';
import type { SecretStore } from './secret-values.ts';
import { buildAutomation } from './sections/automation.ts';
import { buildPolicies } from './sections/escalation.ts';
import { buildFlags } from './sections/flags.ts';
import { aliasesOf, buildLevels } from './sections/levels.ts';
import { buildGroups, buildPeople, type Contact } from './sections/people.ts';
import { presenceOf } from './sections/presence.ts';
import { buildRoles } from './sections/roles.ts';
import { buildRoom } from './sections/rooms.ts';
import { buildRotations } from './sections/rotations.ts';
import { buildRoutes } from './sections/routing.ts';
import { publicUrlOf, timezoneOf } from './sections/server.ts';
import { buildServices } from './sections/services.ts';
import { type BuiltSource, buildSources } from './sections/sources.ts';
import { buildTargets, targetPolicies } from './sections/targets.ts';
import { buildTeams } from './sections/teams.ts';
import { buildTexts } from './sections/texts.ts';
import { buildTriggers } from './sections/triggers.ts';
import { type Spot, spotOf, type YamlFile } from './yaml-file.ts';

export interface Compiled {
  readonly policy: Policy;
  readonly sources: readonly BuiltSource[];
  readonly targets: readonly BuiltTarget[];
  readonly addressSecrets: Readonly<Record<string, Secret>>;
  readonly contacts: readonly Contact[];
}

interface Compilation {
  readonly merged: Merged;
  readonly main: YamlFile;
  readonly registry: Registry;
  readonly secrets: SecretStore;
  readonly report: Report;
  readonly privateHosts: Compiling['privateHosts'];
  readonly now: Instant;
}

function checkThere({ merged, report }: Compilation, main: Spot): void {
  // A file that is a list or a text has been reported as such.
  if (main.file.value !== null && !isRecord(main.file.value)) return;
  if (merged.severities.length === 0)
    report.error(main, 'there are no levels', 'Write severities: a map of levels, worst first.');
  if (merged.routes.length === 0)
    report.error(
      main,
      'there are no routes',
      'Write routes: [{default: true, team: <name>, severity: <level>}].',
    );
  if (merged.team.length === 0)
    report.error(
      main,
      'there is no team',
      'Write team: <name> here or in a file under include:, with its services and rules.',
    );
}

function namesOf(entries: readonly { readonly name: string }[]): readonly string[] {
  return entries.map((entry) => entry.name);
}

function allNames(merged: Merged): Names {
  return {
    levels: namesOf(merged.severities),
    people: namesOf(merged.people),
    groups: namesOf(merged.groups),
    rotations: namesOf(merged.rotations),
    roles: namesOf(merged.roles),
    escalationPolicies: namesOf(merged.escalation_policies),
    services: namesOf(merged.services),
    teams: merged.team.flatMap((item) => item.value ?? []),
    flags: namesOf(merged.flags),
  };
}

function policyOf(
  compiling: Compiling,
  merged: Merged,
  main: Spot,
): {
  readonly policy: Policy;
  readonly sources: readonly BuiltSource[];
  readonly contacts: readonly Contact[];
} {
  const { people, contacts } = buildPeople(compiling, merged.people);
  const sources = buildSources(compiling, merged.sources);
  const services = buildServices(compiling, merged.services, merged.on_call);
  const automation = buildAutomation(compiling, merged.automation, main);
  const texts = buildTexts(compiling, merged.texts);
  const content = {
    levels: buildLevels(compiling, merged.severities, merged.rooms.length > 0),
    people,
    groups: buildGroups(compiling, merged.groups),
    rotations: buildRotations(compiling, merged.rotations),
    escalationPolicies: buildPolicies(compiling, merged.escalation_policies),
    roles: buildRoles(compiling, merged.roles),
    services,
    teams: buildTeams(compiling, merged),
    routes: buildRoutes(compiling, merged.routes),
    triggers: buildTriggers(compiling, merged.triggers, automation.ceiling),
    sources: Object.fromEntries(sources.map((source) => [source.name, source.policy])),
    targets: targetPolicies(compiling, sources),
    flags: buildFlags(merged.flags),
    automation,
    room: buildRoom(compiling, merged.rooms, texts),
    texts,
    presence: presenceOf(merged.presence),
    timezone: compiling.timezone,
    publicUrl: publicUrlOf(merged.public_url),
  };
  return { policy: { hash: sha256(canonicalJson(content)), ...content }, sources, contacts };
}

/** Compiles the sections. What it returns holds only if the report has no errors. */
export function compile(compilation: Compilation): Compiled {
  const { merged, registry, secrets, report, privateHosts } = compilation;
  const main = spotOf(compilation.main);
  checkThere(compilation, main);
  const known = {
    registry,
    report,
    names: allNames(merged),
    aliases: aliasesOf(merged.severities),
    secrets,
    privateHosts,
  };
  const targets = buildTargets(merged.targets, known);
  const compiling: Compiling = {
    ...known,
    targets,
    uses: [],
    unreachable: [],
    addressSecrets: {},
    now: compilation.now,
    folder: dirname(compilation.main.path),
    timezone: timezoneOf(merged.timezone),
  };
  const { policy, sources, contacts } = policyOf(compiling, merged, main);
  crossCheck({ compiling, merged, policy }, main);
  return {
    policy: deepFreeze(policy),
    sources,
    targets: [...targets.values()].filter((target) => target !== null),
    addressSecrets: compiling.addressSecrets,
    contacts,
  };
}
