/** `severity`: a person sets the level; lowering it needs a reason and holds against all facts known then. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addSeverity(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'severity',
    summary: 'Raise or lower the level. A raise rings; lowering needs a reason.',
    examples: [
      'tocsin severity 7 LEVEL',
      'tocsin severity 7 LEVEL --reason "one region only, failover holds"',
    ],
  })
    .argument('<level>', 'a level of the configuration, or its alias')
    .option('--reason <reason>', 'why; required to lower it')
    .action(
      (incident: string, level: string, options: ServerOptions & { readonly reason?: string }) =>
        act(cli, options, {
          method: 'POST',
          path: incidentPath(incident, 'severity'),
          body: { level, reason: options.reason },
          say: () => ({
            what: `${incident} is ${level} now.`,
            next: `tocsin show ${incident} shows who is rung for it`,
          }),
        }),
    );
}
