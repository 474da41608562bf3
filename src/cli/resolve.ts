/** `resolve`: it is over; every page closes and the public is told. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addResolve(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'resolve',
    summary: 'Resolve an incident: closes its pages everywhere and drafts the last public post.',
    examples: ['tocsin resolve 7 "rolled back deploy 4711"'],
  })
    .argument('[text]', 'what ended it; also for the public post')
    .action((incident: string, text: string | undefined, options: ServerOptions) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'resolve'),
        body: { text },
        say: () => ({
          what: `${incident} is resolved.`,
          next: `tocsin show ${incident} shows posts that wait for approval`,
        }),
      }),
    );
}
