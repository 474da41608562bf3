/** `impact`: how many are hit; triggers compare it with its value at the last level change. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';
import { type Impact, readImpact } from './read-arguments.ts';

function measuresText(impact: Impact): string {
  return Object.entries(impact)
    .map(([measure, value]) => `${measure} ${value}`)
    .join(', ');
}

export function addImpact(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'impact',
    summary: 'Report the impact: users, percent, components, regions, revenue_per_minute.',
    examples: ['tocsin impact 7 users=1200 percent=8 revenue_per_minute=300'],
  })
    .argument(
      '<measure=number...>',
      'what you know; measures not named stay as they are',
      readImpact,
    )
    .action((incident: string, impact: Impact, options: ServerOptions) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'impact'),
        body: impact,
        say: () => ({
          what: `${incident}: impact ${measuresText(impact)}.`,
          next: `tocsin show ${incident} shows whether a trigger raised the level`,
        }),
      }),
    );
}
