/** `false-positive`: it was no incident; nothing is posted and no figures count it. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addFalsePositive(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'false-positive',
    summary: 'Close an incident that is none. In triage nothing was public, and nothing will be.',
    examples: ['tocsin false-positive 7 --reason "load test"'],
  })
    .requiredOption('--reason <reason>', 'why it is none')
    .action((incident: string, options: ServerOptions & { readonly reason: string }) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'false-positive'),
        body: { reason: options.reason },
        say: () => ({
          what: `${incident} is closed as a false positive.`,
          next: `tocsin reopen ${incident} --reason "..." if it was one after all`,
        }),
      }),
    );
}
