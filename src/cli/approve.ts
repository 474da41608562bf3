/** `approve`: a public post that waits for a person is published. */
import type { Command } from 'commander';
import type { ServerOptions } from './api.ts';
import type { Cli } from './cli.ts';
import { act, incidentCommand, incidentPath } from './incident-command.ts';

export function addApprove(program: Command, cli: Cli): void {
  incidentCommand(program, {
    name: 'approve',
    summary: 'Publish a post that waits for approval.',
    examples: ['tocsin approve 7 d1'],
  })
    .argument('<draft>', 'id of the draft (show lists those that wait)')
    .action((incident: string, draft: string, options: ServerOptions) =>
      act(cli, options, {
        method: 'POST',
        path: incidentPath(incident, 'posts', draft, 'approve'),
        body: {},
        say: () => ({
          what: `Draft ${draft} of ${incident} is approved and goes out now.`,
          next: `tocsin show ${incident} tells when it is on the page`,
        }),
      }),
    );
}
