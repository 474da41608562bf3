/** The whole compilation, in the order in which parts need each other. */
import { dirname } from 'node:path';
import type { Registry } from '../../contract/adapter.ts';
import { isRecord } from '../../contract/json.ts';
import type { Secret } from '../../contract/secret.ts';
import type { Policy } from '../../core/model/policy.ts';
import { canonicalJson, sha256 } from '../../lib/hash.ts';
import type { Merged } from '../merge.ts';
import type { Report } from '../problem.ts';
import type { SecretStore } from '../secret-values.ts';
import { type Spot, spotOf, type YamlFile } from '../yaml-file.ts';
import { buildAutomation, buildFlags, buildRoom, buildTexts, buildTriggers } from './automation.ts';
import { crossCheck } from './checks.ts';
import type { BuiltTarget, Compiling } from './context.ts';
import { buildPeople, type Contact } from './people.ts';
import { buildGroups, buildPolicies, buildRoles, buildRotations } from './roles.ts';
import { buildRoutes, buildServices, buildTeams } from './routing.ts';
import { buildLevels } from './severities.ts';
import { type BuiltSource, buildSources, buildTargets, targetPolicies } from './vendors.ts';

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

function policyOf(
  compiling: Compiling,
  main: Spot,
): {
  readonly policy: Policy;
  readonly sources: readonly BuiltSource[];
  readonly contacts: readonly Contact[];
} {
  const { merged } = compiling;
  const { people, contacts } = buildPeople(compiling);
  const sources = buildSources(compiling);
  const services = buildServices(compiling);
  const automation = buildAutomation(compiling, main);
  const texts = buildTexts(compiling);
  const content = {
    levels: buildLevels(compiling),
    people,
    groups: buildGroups(compiling),
    rotations: buildRotations(compiling),
    escalationPolicies: buildPolicies(compiling),
    roles: buildRoles(compiling),
    services,
    teams: buildTeams(compiling),
    routes: buildRoutes(compiling),
    triggers: buildTriggers(compiling, automation.ceiling),
    sources: Object.fromEntries(sources.map((source) => [source.name, source.policy])),
    targets: targetPolicies(compiling),
    flags: buildFlags(compiling),
    automation,
    room: buildRoom(compiling, texts),
    texts,
    timezone: compiling.timezone,
    publicUrl: merged.public_url[0]?.value?.replace(/\/+$/, '') ?? null,
  };
  return { policy: { hash: sha256(canonicalJson(content)), ...content }, sources, contacts };
}

/** Compiles the sections. What it returns holds only if the report has no errors. */
export function compile(compilation: Compilation): Compiled {
  const { merged, registry, secrets, report } = compilation;
  const main = spotOf(compilation.main);
  checkThere(compilation, main);
  const targets = buildTargets(merged, compilation);
  const timezone = merged.timezone[0]?.value ?? 'UTC';
  const compiling: Compiling = {
    registry,
    report,
    merged,
    secrets,
    targets,
    uses: [],
    unrung: [],
    addressSecrets: {},
    folder: dirname(compilation.main.path),
    timezone,
  };
  const { policy, sources, contacts } = policyOf(compiling, main);
  crossCheck(compiling, policy, main);
  return {
    policy: deepFreeze(policy),
    sources,
    targets: [...targets.values()].filter((target) => target !== null),
    addressSecrets: compiling.addressSecrets,
    contacts,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
