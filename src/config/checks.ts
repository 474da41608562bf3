/** What can only be said about the whole: who cannot be reached, what cannot fail over, what is silent. */
import type { Level, Person, Policy } from '../core/model/policy.ts';
import type { Compiling, Use } from './context.ts';
import { checkFailover } from './failover.ts';
import { checkLoudness } from './loudness.ts';
import type { Merged } from './merge.ts';
import { checkSwallowed } from './swallowed.ts';
import { below, keyOf, type Spot } from './yaml-file.ts';

/** The whole, as it was written and as it was compiled. */
interface Whole {
  readonly compiling: Compiling;
  readonly merged: Merged;
  readonly policy: Policy;
}

interface Meant {
  readonly person: string;
  /** Where the person is named: in the group or rotation, else in the use itself. */
  readonly spot: Spot;
}

/** The people whom a use means, each blamed on the place that names them, so that a team's file answers for its own. */
function meantBy({ groups, rotations }: Merged, { recipient, spot }: Use): readonly Meant[] {
  switch (recipient.kind) {
    case 'person':
      return [{ person: recipient.person, spot }];
    case 'group': {
      const group = groups.find((entry) => entry.name === recipient.group);
      return (group?.value ?? []).map((person, i) => ({
        person,
        spot: below(group?.spot ?? spot, i),
      }));
    }
    case 'rotation': {
      const rotation = rotations.find((entry) => entry.name === recipient.rotation);
      return (rotation?.value?.people ?? []).map((person, i) => ({
        person,
        spot: below(rotation?.spot ?? spot, 'people', i),
      }));
    }
    case 'role':
    case 'service_on_call':
    case 'addresses':
    case 'schedule':
      return [];
  }
}

/** Whether a page to the person would be sent, or recorded as if it had been. */
function isPageable(person: Person, policy: Policy): boolean {
  return person.addresses.some(({ target }) => {
    const mode = policy.targets[target]?.mode;
    return mode === 'live' || mode === 'shadow';
  });
}

type Reach = 'pager' | 'chat';

/** Vendors at which people can have a contact of that kind. */
function vendorsOf(compiling: Compiling, part: Reach): string {
  const names = [...compiling.targets.values()].flatMap((target) =>
    target?.adapter[part] !== undefined && target.adapter.contact !== undefined
      ? [target.adapter.name]
      : [],
  );
  return [...new Set(names)].join(' or ');
}

/** Says that the person cannot be reached, and what is missing for it. */
function reportUnreachable(compiling: Compiling, { person: id, spot }: Meant, use: Use): void {
  const { report, unreachable } = compiling;
  const missing = use.by === 'page' ? unreachable.find((one) => one.person === id) : undefined;
  if (missing !== undefined) {
    const { target, lack } = missing;
    report.error(
      spot,
      `${id} is paged, but ${target.name} cannot ring them: ${lack.what}`,
      lack.instead,
    );
    return;
  }
  const what =
    use.by === 'page'
      ? `${id} is paged but has no address on a pager that is live or in shadow`
      : `${id} is told by chat but has no contact at a chat`;
  const key = vendorsOf(compiling, use.by === 'page' ? 'pager' : 'chat');
  report.error(
    spot,
    what,
    key === ''
      ? `Add a target that can ${use.by}, and a contact of ${id} there.`
      : `Write ${key}: <contact> at people.${id}.`,
  );
}

/** Whether a target is wrong, which was reported: nobody knows whom it would reach. */
function isTargetWrong({ targets }: Compiling): boolean {
  return [...targets.values()].includes(null);
}

function checkReachable({ compiling, merged, policy }: Whole): void {
  if (isTargetWrong(compiling)) return;
  // What a target lacks is mended once, wherever the person is named.
  const told = new Set<string>();
  for (const use of compiling.uses) {
    for (const meant of meantBy(merged, use)) {
      const person = policy.people[meant.person];
      if (person === undefined) continue;
      const isReachable =
        use.by === 'page' ? isPageable(person, policy) : Object.keys(person.chat).length > 0;
      const isUnreachable =
        use.by === 'page' && compiling.unreachable.some((one) => one.person === person.id);
      if (isReachable || (isUnreachable && told.has(person.id))) continue;
      if (isUnreachable) told.add(person.id);
      reportUnreachable(compiling, meant, use);
    }
  }
}

/** Contacts that only recognise people are fine, but whoever meant them to ring must know. */
function checkUnreachable({ compiling, merged, policy }: Whole): void {
  const { report, unreachable } = compiling;
  const targets = new Set(unreachable.map((one) => one.target));
  for (const target of targets) {
    const entry = merged.targets.find((one) => one.name === target.name);
    const mine = unreachable.filter((one) => one.target === target);
    const [first] = mine;
    // Whoever can be rung nowhere is an error of its own.
    const others = mine.filter(({ person: id }) => {
      const person = policy.people[id];
      return person !== undefined && isPageable(person, policy);
    });
    if (entry === undefined || first === undefined || others.length === 0 || target.mode === 'off')
      continue;
    report.warning(
      keyOf(entry.spot),
      `it recognises ${others.map((one) => one.person).join(', ')} but does not ring them: ${first.lack.what}`,
      first.lack.instead,
    );
  }
}

function checkPagers({ compiling, merged, policy }: Whole, main: Spot): void {
  if (isTargetWrong(compiling)) return;
  const pagers = [...compiling.targets.values()]
    .filter((target) => target !== null)
    .filter(({ adapter, mode }) => adapter.pager !== undefined && mode !== 'off');
  const pages = compiling.uses.filter(({ by }) => by === 'page');
  const rung = new Set(pages.flatMap((use) => meantBy(merged, use).map(({ person }) => person)));
  checkFailover(compiling, merged, { people: policy.people, pagers, rung });
  const [only] = pagers;
  const at =
    only === undefined
      ? main
      : keyOf(merged.targets.find((entry) => entry.name === only.name)?.spot ?? main);
  if (pagers.length === 0)
    compiling.report.warning(
      main,
      'there is no pager that is live or in shadow, so nobody can be paged',
      'Add a target such as {type: pagerduty, mode: shadow, ...}.',
    );
  else if (pagers.length === 1)
    compiling.report.warning(
      at,
      'it is the only pager: when it fails, nothing can take over',
      'Add a second pager, and contacts of the people there.',
    );
}

function pagesNobody({ page }: Level): boolean {
  return page.triage.length === 0 && page.declared.length === 0;
}

/** What is expected is told by its absence, and a level that pages nobody tells nobody's phone of it. */
function checkExpected({ compiling, merged, policy }: Whole): void {
  for (const { name, expect } of Object.values(policy.sources)) {
    const level = policy.levels.find(({ id }) => id === expect?.severity);
    const entry = merged.sources.find((one) => one.name === name);
    if (level === undefined || entry === undefined || !pagesNobody(level)) continue;
    compiling.report.warning(
      below(entry.spot, 'expect', 'severity'),
      `${level.id} pages nobody, so nobody is rung when this stays away`,
      'Write a level that pages somebody: alerts of this source may not reach Tocsin then.',
    );
  }
}

function checkLevels({ compiling, merged, policy }: Whole): void {
  const hasPage = Object.values(policy.targets).some((target) =>
    target.can.includes('statusPage.publish'),
  );
  // Also of a service that is wrong: that was reported.
  const hasComponents = merged.services.some(
    ({ value }) => value === null || Object.keys(value.components ?? {}).length > 0,
  );
  for (const level of policy.levels) {
    const entry = merged.severities.find((one) => one.name === level.id);
    if (entry === undefined) continue;
    if (pagesNobody(level) && entry.value?.note === undefined && entry.value?.page === undefined)
      compiling.report.warning(
        keyOf(entry.spot),
        'this level pages nobody and leaves no note',
        'Write page: {triage: [<role>], declared: [<role>]}, or note: {via: <target>, channel: <channel>}.',
      );
    const at = keyOf(below(entry.spot, 'updates', 'public'));
    if (level.public !== null && !hasPage)
      compiling.report.warning(
        at,
        'there is no status page to post on',
        'Add a target such as {type: statuspage, mode: draft, ...}.',
      );
    else if (level.public !== null && !hasComponents)
      compiling.report.warning(
        at,
        'no service names a component, so posts cannot say what is affected',
        'Write components: {<status page>: [{name: <name>, id: <id>}]} at the services.',
      );
  }
}

/** A step that pages the fallback of somebody who has none is passed over at once. */
function checkFallbacks({ compiling, merged, policy }: Whole): void {
  const holders = [
    ...merged.roles.map((entry) => ({
      spot: entry.spot,
      found: policy.roles[entry.name],
      written: entry.value?.fallback,
    })),
    ...merged.services.map((entry) => ({
      spot: entry.spot,
      found: policy.services[entry.name],
      written: entry.value?.fallback,
    })),
  ];
  for (const { spot, found, written } of holders) {
    if (found === undefined || found.escalation.kind !== 'policy') continue;
    // One that is written and leads to nobody was reported.
    if (found.fallback.length > 0 || (written ?? []).length > 0) continue;
    // A role that is the service's on-call takes the service's fallback.
    if ('page' in found && found.page.kind === 'service_on_call') continue;
    const name = found.escalation.policy;
    const isOwn = merged.escalation_policies.some((entry) => entry.name === name);
    const named = policy.escalationPolicies[name]?.steps.some(
      (step) => step.page.kind === 'fallback',
    );
    if (isOwn && named === true)
      compiling.report.warning(
        keyOf(spot),
        `policy ${name} pages a fallback, but there is none here`,
        'Write fallback: [<name>].',
      );
  }
}

function checkCommand({ compiling, merged, policy }: Whole): void {
  const levels = policy.levels.filter(
    (level) => level.page.commanded.length > 0 || level.respond.engageMs !== null,
  );
  // Also of a role that is wrong: that was reported.
  const commands = merged.roles.some(({ value }) => value === null || value.commands === true);
  for (const level of commands ? [] : levels) {
    const entry = merged.severities.find((one) => one.name === level.id);
    if (entry !== undefined)
      compiling.report.warning(
        keyOf(entry.spot),
        'it waits for the commanding role, but no role commands',
        'Write commands: true at the role that does.',
      );
  }
}

/** One commands at any time: of two, whoever answers last takes the command from the other. */
function checkOneCommander({ compiling, merged, policy }: Whole): void {
  for (const { id, page } of policy.levels) {
    const paged = [...new Set([...page.triage, ...page.declared, ...page.commanded])];
    const commanding = paged.filter((role) => policy.roles[role]?.commands === true);
    const entry = merged.severities.find((one) => one.name === id);
    if (commanding.length < 2 || entry === undefined) continue;
    compiling.report.warning(
      keyOf(entry.spot),
      `it pages ${commanding.join(' and ')}, which all command: whoever answers last takes the command from the other`,
      'Keep commands: true at one of them.',
    );
  }
}

/** Whoever stands in is rung when nothing is heard of the other one: somebody else, for a role in which that is missed. */
function checkStandingIn({ compiling, merged, policy }: Whole): void {
  for (const { name, spot } of merged.roles) {
    const own = policy.roles[name];
    const other = policy.roles[own?.deputizes ?? ''];
    if (own === undefined || other === undefined || other === own) continue;
    const at = below(spot, 'deputizes');
    if (!other.commands)
      compiling.report.warning(
        at,
        `${other.id} does not command, and only a commander is missed: ${name} never stands in`,
        'Name the role that commands, or leave deputizes out.',
      );
    else if (JSON.stringify(own.page) === JSON.stringify(other.page))
      compiling.report.warning(
        at,
        `${name} pages the same people as ${other.id}: they would stand in for themselves`,
        `Page somebody else for ${name}.`,
      );
  }
}

/** Without whoever commands or is paged in triage nobody deals with an incident, whatever is written. */
function checkEssential({ compiling, merged, policy }: Whole): void {
  for (const { name, value, spot } of merged.roles) {
    if (value?.essential !== false) continue;
    const isInTriage = policy.levels.some(({ page }) => page.triage.includes(name));
    if (!isInTriage && policy.roles[name]?.commands !== true) continue;
    compiling.report.warning(
      below(spot, 'essential'),
      `${name} ${isInTriage ? 'is paged in triage' : 'commands'}, and so is essential: that nobody takes it rings people`,
      'Leave essential out.',
    );
  }
}

/** An alert that names no known service rings the on-call of its team: of a team without one, who that is then is said. */
function checkTeamsOnCall({ compiling, merged, policy }: Whole): void {
  const instead =
    policy.automation.alarm.page === null
      ? 'nobody: an alarm goes round the people of its services, or everybody where it has none'
      : 'whoever automation.alarms.page names';
  for (const { value, team, spot } of merged.team) {
    // One that is written and wrong was reported.
    if (value === null || merged.on_call.some((one) => one.team === team)) continue;
    compiling.report.warning(
      spot,
      `team "${value}" has no on_call: for alerts that name no known service, service.on_call is ${instead}`,
      'Write on_call: <name or address> beside team.',
    );
  }
}

/** Reports what is wrong with the whole; `main` stands for what is missing altogether. */
export function crossCheck(whole: Whole, main: Spot): void {
  checkReachable(whole);
  checkUnreachable(whole);
  checkPagers(whole, main);
  checkLevels(whole);
  checkLoudness(whole.compiling, whole.merged, whole.policy);
  checkExpected(whole);
  checkSwallowed(whole.compiling.report, whole.merged, whole.policy);
  checkFallbacks(whole);
  checkCommand(whole);
  checkOneCommander(whole);
  checkStandingIn(whole);
  checkEssential(whole);
  checkTeamsOnCall(whole);
}
