/** `flag`: a fact that the configuration reacts to, such as a security matter. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addFlag(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'flag',
    summary:
      'Set a flag of the configuration, for example one that keeps the incident from the public.',
    examples: ['tocsin flag 7 data_integrity'],
  })
    .argument('<flag>', 'a name under `flags:` or in a trigger of the configuration')
    .action((incident: string, flag: string, options: ServerOptions) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'flags'),
        body: { flag },
        say: () => ({
          what: `${incident} carries the flag ${flag}.`,
          next: `tocsin show ${incident} shows what it changed`,
        }),
      }),
    );
}
