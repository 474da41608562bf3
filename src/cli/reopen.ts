/** `reopen`: it was not over. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addReopen(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'reopen',
    summary: 'Reopen an incident that was resolved or closed.',
    examples: ['tocsin reopen 7 --reason "errors are back"'],
  })
    .requiredOption('--reason <reason>', 'why')
    .action((incident: string, options: ServerOptions & { readonly reason: string }) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'reopen'),
        body: { reason: options.reason },
        say: () => ({
          what: `${incident} is open again.`,
          next: `tocsin show ${incident}`,
        }),
      }),
    );
}
