/** Teams: each has a file that says whose it is, with its rules and what holds for all of its alerts. */
import type { Team } from '../../core/model/policy.ts';
import type { Compiling, Item } from '../context.ts';
import type { Report } from '../problem.ts';
import { nameFault, nonEmptyText } from '../words.ts';
import { fileLineOf, type Spot } from '../yaml-file.ts';
import { channelOf, channelShape, type ChannelYaml } from './channels.ts';
import { pageShape, recipientOf, type PageYaml } from './pages.ts';
import { buildRules, type RuleItem } from './routing.ts';

export const teamShape = nonEmptyText("The team that this file's services and rules belong to.");

export const teamOnCallShape = pageShape.meta({
  description: "Whom to page for the team's alerts that name no known service.",
  shape: 'page',
});

export const teamChatShape = channelShape("The team's channel, for updates when there is no room.");

function checkTeams(items: readonly Item<string>[], report: Report): void {
  const files = new Map<string, Spot>();
  for (const { value, spot } of items) {
    if (value === null) continue;
    const fault = nameFault(value, []);
    if (fault !== null) report.error(spot, fault, 'Choose another name.');
    const first = files.get(value);
    if (first !== undefined)
      report.error(
        spot,
        `team "${value}" has its file already: ${fileLineOf(first)}`,
        'Keep a team in one file.',
      );
    files.set(value, spot);
  }
}

/** What the files say of teams: each item knows whose file it stands in. */
interface TeamSections {
  readonly team: readonly Item<string>[];
  readonly on_call: readonly Item<PageYaml>[];
  readonly chat: readonly Item<ChannelYaml>[];
  readonly rules: readonly RuleItem[];
}

/** Teams by name, each with its rules, and whom its alerts ring that name no known service. */
export function buildTeams(
  compiling: Compiling,
  sections: TeamSections,
): Readonly<Record<string, Team>> {
  checkTeams(sections.team, compiling.report);
  const rules = Map.groupBy(sections.rules, (item) => item.team);
  const teams = compiling.names.teams.map((id): Team => {
    const onCall = sections.on_call.find((item) => item.team === id);
    const chat = sections.chat.find((item) => item.team === id);
    return {
      id,
      rules: buildRules(compiling, rules.get(id) ?? [], id),
      onCall:
        onCall === undefined || onCall.value === null
          ? null
          : recipientOf(compiling, onCall.value, {
              spot: onCall.spot,
              vendorWalks: false,
              service: false,
            }),
      chat:
        chat === undefined || chat.value === null
          ? null
          : channelOf(compiling, chat.value, chat.spot),
    };
  });
  return Object.fromEntries(teams.map((team) => [team.id, team]));
}
