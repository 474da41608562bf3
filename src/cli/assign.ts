/** `assign`: a role is given to a person, who need not be rung for it any more. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addAssign(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'assign',
    summary: 'Give a role to a person.',
    examples: ['tocsin assign 7 ROLE ada'],
  })
    .argument('<role>', 'a role of the configuration')
    .argument('<person>', 'a person of the configuration')
    .action((...[incident, role, person, options]: [string, string, string, ServerOptions]) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'roles'),
        body: { role, person },
        say: () => ({
          what: `${person} is ${role} of ${incident}.`,
          next: `tocsin show ${incident}`,
        }),
      }),
    );
}
